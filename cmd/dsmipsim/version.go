package main

import (
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// build is what the binary knows about its own making.
type build struct {
	Version  string // of the module
	Revision string // of the source, "unknown" outside a checkout
	Modified bool   // the checkout had changes that no revision holds
	Go       string
}

func readBuild() build {
	b := build{Version: "unknown", Revision: "unknown", Go: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if info.Main.Version != "" {
		b.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version, the source revision and the Go version",
		Example: "  dsmipsim version",
		Args:    exactly(0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			b := readBuild()
			modified := ""
			if b.Modified {
				modified = ", modified"
			}
			_, err := fmt.Fprintf(c.OutOrStdout(), "dsmipsim %s (revision %s%s, %s, %s/%s)\n",
				b.Version, b.Revision, modified, b.Go, runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

// programIdentity tells the program that is running from others: by the identifier that Go's linker
// puts into programs of the ELF format, which ends with a hash of what is in them, or else by the
// SHA-256 of its file, which takes longer.
func programIdentity() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	if f, err := elf.Open(path); err == nil {
		defer f.Close()
		const header = 16 // of an ELF note: three sizes, and the name "Go"
		if note := f.Section(".note.go.buildid"); note != nil {
			if id, err := note.Data(); err == nil && len(id) > header {
				return string(bytes.TrimRight(id[header:], "\x00")), nil
			}
		}
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
