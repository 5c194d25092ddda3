package main

import (
	"os"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func newMan() *cobra.Command {
	return &cobra.Command{
		Use:   "man DIR",
		Short: "Write manual pages, one per command",
		Long: `Write manual pages into a folder, one per command. The date in them is that of the source
revision, so that equal sources give equal pages.`,
		Example: "  dsmipsim man ~/.local/share/man/man1 && man dsmipsim-run",
		Args:    exactly(1, "a folder"),
		RunE: func(c *cobra.Command, args []string) error {
			if args[0] == "" {
				return usagef("man: found an empty name, wanted a folder")
			}
			if info, err := os.Stat(args[0]); err == nil && !info.IsDir() {
				return usagef("%s: found a file, wanted a folder", args[0])
			}
			if err := os.MkdirAll(args[0], 0o777); err != nil {
				return usagef("man: %w", err)
			}
			date := revisionTime()
			return doc.GenManTree(c.Root(), &doc.GenManHeader{Section: "1", Date: &date, Source: "dsmipsim", Manual: "dsmipsim"}, args[0])
		},
	}
}

// revisionTime is when the source was committed, or 1970 if the program does not know.
func revisionTime() time.Time {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if t, err := time.Parse(time.RFC3339, s.Value); s.Key == "vcs.time" && err == nil {
				return t.UTC()
			}
		}
	}
	return time.Unix(0, 0).UTC()
}
