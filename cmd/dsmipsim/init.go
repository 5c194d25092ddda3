package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"
)

//go:embed init.toml
var starter []byte

func newInit() *cobra.Command {
	return &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a commented scenario to start from",
		Long: `Write a small scenario that runs, with comments on what can be changed, into FILE, or else into
scenario.toml. It asks nothing and replaces nothing. A FILE of - is standard output.`,
		Example: "  dsmipsim init\n  dsmipsim init mine.toml && dsmipsim run mine.toml",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				return wanted(c, args, "at most one file")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			name := "scenario.toml"
			if len(args) == 1 {
				name = args[0]
			}
			if name == "-" {
				_, err := c.OutOrStdout().Write(starter)
				return err
			}
			if name == "" {
				return usagef("init: found an empty name, wanted a file")
			}
			if err := writeNew(name, starter); err != nil {
				return err
			}
			_, err := fmt.Fprintf(c.OutOrStdout(), "%s is written; `dsmipsim run %s` runs it\n", name, name)
			return err
		},
	}
}

// writeNew writes a file that must not be there yet.
func writeNew(name string, text []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return usagef("%s: found a file, wanted a name that is free", name)
	}
	if err != nil {
		return usagef("scenario: %w", err)
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(name) // half of it is of no use
	}
	return err
}
