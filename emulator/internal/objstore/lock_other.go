//go:build !unix

package objstore

import "os"

// lockFile only makes the file: there is no lock that ends with the process
// without more than the standard library.
func lockFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
}

func unlockFile(f *os.File) error { return f.Close() }

// syncDir does nothing: directories cannot be synced here.
func syncDir(string) error { return nil }
