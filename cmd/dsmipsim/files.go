package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"dsmipsim/scenarios/spec"
)

// maxFile bounds the files that a scenario names, so that one that never ends is an error.
const maxFile = 1 << 28

// filesBeside reads what a scenario file names. If it is no regular file, such as /dev/stdin,
// the current folder stands for its own.
func filesBeside(scenario string) spec.Files {
	dir := filepath.Dir(scenario)
	if info, err := os.Stat(scenario); err == nil && !info.Mode().IsRegular() {
		dir = "."
	}
	return spec.Files{
		Here: readFile,
		Beside: func(path string) ([]byte, error) {
			path = filepath.FromSlash(path)
			if !filepath.IsAbs(path) {
				path = filepath.Join(dir, path)
			}
			return readFile(path)
		},
	}
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("found more than %d octets", maxFile)
	}
	return data, err
}
