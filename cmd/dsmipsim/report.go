package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"dsmipsim/reports"
	"dsmipsim/reports/html"
	"dsmipsim/reports/result"
	"dsmipsim/scenarios"
)

func newReport() *cobra.Command {
	out := ""
	c := &cobra.Command{
		Use:   "report DIR",
		Short: "Make the HTML report of a run's directory again",
		Long: `Make the HTML report from what ` + "`dsmipsim run -o DIR`" + ` has written: one file that a browser
shows without network, with the delays over time, every signalling message, a map that plays
the run back, phases and tables. It has the same octets as the report.html that the run wrote.
An output of - is standard output.`,
		Example: "  dsmipsim report out\n  dsmipsim report out -o for-the-paper.html",
		Args:    exactly(1, "one directory of a run"),
		RunE: func(c *cobra.Command, args []string) error {
			if c.Flags().Changed("out") && out == "" {
				return usagef("found an empty name for -o, wanted a file")
			}
			page, err := pageOf(args[0])
			if err != nil {
				return err
			}
			return deliver(page, args[0], out, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	c.Flags().StringVarP(&out, "out", "o", "", "write the report into `FILE` instead of report.html in the directory")
	return c
}

// pageOf makes the report of a directory.
func pageOf(dir string) ([]byte, error) {
	r, err := resultIn(dir)
	if err != nil {
		return nil, usagef("%s holds no run of dsmipsim: %w", dir, err)
	}
	src, err := findSource(filepath.Join(dir, "scenario.toml"))
	if err != nil {
		return nil, err
	}
	s, err := src.load(nil)
	if err != nil {
		return nil, err
	}
	setup, err := scenarios.Setup(r.Scenario, s)
	if err != nil {
		return nil, err
	}
	var page bytes.Buffer
	err = html.Write(&page, html.Input{Result: r, Setup: setup, Dissection: scenarios.Dissection(s), Files: os.DirFS(dir)})
	if err != nil {
		return nil, usagef("%s: %w", dir, err)
	}
	return page.Bytes(), nil
}

func resultIn(dir string) (*result.Result, error) {
	f, err := os.Open(filepath.Join(dir, "summary.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("found no summary.json")
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return result.Read(f)
}

// deliver writes the whole page or, if that fails, leaves what was there.
func deliver(page []byte, dir, out string, stdout, stderr io.Writer) error {
	if out == "-" {
		_, err := stdout.Write(page)
		return err
	}
	if out == "" {
		out = filepath.Join(dir, "report.html")
	}
	if err := reports.Replace(out, page); err != nil {
		return usage(err)
	}
	fmt.Fprintf(stderr, "dsmipsim: the report is in %s\n", out)
	return nil
}
