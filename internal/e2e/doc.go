// Package e2e tests the client and outside programs against the emulator, over
// the wire. It holds tests alone.
package e2e
