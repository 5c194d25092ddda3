package slurm

import (
	"bytes"
	"os"
	"path/filepath"
)

// Install copies a program into the folder of the sweep, where the nodes find it: the tasks, those
// that are submitted late included, run what submitted them, even if that has been built anew or
// was not on a file system that the nodes share.
func Install(dir, program string) error {
	at := Program(dir)
	octets, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	// A program that runs elsewhere is better left alone, if it is the same.
	if there, err := os.ReadFile(at); err == nil && bytes.Equal(there, octets) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(at), 0o777); err != nil {
		return err
	}
	if err := replace(at, octets); err != nil {
		return err
	}
	return os.Chmod(at, 0o755)
}

// Program is where Install puts it.
func Program(dir string) string { return filepath.Join(dir, Folder, "dsmipsim") }
