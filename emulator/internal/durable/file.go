// Package durable writes and removes files so that they are whole, old or new,
// after a process or machine stopped at any moment.
package durable

import (
	"errors"
	"os"
	"path/filepath"
)

// Suffix is the end of the names of files under way; whoever owns a folder may
// remove what a stopped process left of them.
const Suffix = ".tmp"

// WriteFile makes or replaces a file, readable by its owner alone. When it returns
// nil, the file lasts; after an error the old one stands.
func WriteFile(path string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*"+Suffix)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	return sync(filepath.Dir(path))
}

// Remove removes a file for good. One that is not there is no error.
func Remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return sync(filepath.Dir(path))
}

// sync makes what happened to a folder's entries last.
func sync(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
