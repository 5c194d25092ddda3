package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"dsmipsim/reports"
)

// effectiveScenario is the file beside a manifest that holds what was run.
const effectiveScenario = "scenario.toml"

func newRerun(command []string) *cobra.Command {
	f := runFlags{command: command}
	c := &cobra.Command{
		Use:   "rerun MANIFEST",
		Short: "Run again what a manifest tells of, and compare the fingerprints",
		Long: `Run the scenario.toml beside a manifest.json, or in the directory given, and compare the
fingerprints with those of the manifest: trajectory (every fact), wire (every transmission) and
result (summary.json).

The exit status is 1 if one of them differs. Another version of the program may measure more:
then only the result differs.`,
		Example: `  dsmipsim run roaming -o out
  dsmipsim rerun out/manifest.json`,
		Args: exactly(1, "one manifest.json"),
		RunE: func(c *cobra.Command, args []string) error {
			return f.rerun(c.Context(), args[0], c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	c.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "print nothing but errors")
	c.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "tell more on standard error")
	return c
}

// readManifest reads a manifest; of a directory, the one in it.
func readManifest(arg string) (m reports.Manifest, dir string, err error) {
	if info, statErr := os.Stat(arg); statErr == nil && info.IsDir() {
		arg = filepath.Join(arg, "manifest.json")
	}
	text, err := readFile(arg)
	if err != nil {
		return m, "", usagef("manifest: %w", err)
	}
	if err := json.Unmarshal(text, &m); err != nil || m.Format != reports.ManifestFormat {
		return m, "", usagef("%s: found no manifest of format %q", arg, reports.ManifestFormat)
	}
	return m, filepath.Dir(arg), nil
}

func (f *runFlags) rerun(ctx context.Context, arg string, stdout, stderr io.Writer) error {
	m, dir, err := readManifest(arg)
	if err != nil {
		return err
	}
	if m.Kind == reports.KindSweep {
		return usagef("%s: found the manifest of a sweep, wanted that of a run; `dsmipsim sweep %s -o DIR` sweeps again", arg, filepath.Join(dir, effectiveScenario))
	}
	f.replication = m.Replication
	file := filepath.Join(dir, effectiveScenario)
	if _, err := os.Stat(file); err != nil {
		return usagef("%s: wanted the effective scenario beside the manifest: %w", file, err)
	}
	src, err := findSource(file)
	if err != nil {
		return err
	}
	s, err := src.load(nil)
	if err != nil {
		return err
	}
	o, err := f.simulate(ctx, src, s, nil, stderr)
	if err != nil {
		return err
	}
	if m.Attribute {
		if err := f.attributed(ctx, src, s, o.Result, stderr); err != nil {
			return err
		}
	}
	differ := 0
	for _, p := range []struct{ name, was, is string }{
		{"trajectory", m.Fingerprint.Trajectory, o.Result.Fingerprint.Trajectory},
		{"wire", m.Fingerprint.Wire, o.Result.Fingerprint.Wire},
		{"result", m.Fingerprint.Result, o.Result.Fingerprint.Result},
	} {
		verdict := "same"
		if p.was != p.is {
			verdict = fmt.Sprintf("differs: the manifest has %s", p.was)
			differ++
		}
		if !f.quiet {
			fmt.Fprintf(stdout, "%-10s %s %s\n", p.name, p.is, verdict)
		}
	}
	if differ == 0 {
		return nil
	}
	here := provenance(f.command, o.Result)
	return &status{code: statusFailed, err: fmt.Errorf("%d of 3 fingerprints differ; the manifest is of version %s (%s), this program is %s (%s)",
		differ, m.Version, m.Revision, here.Version, here.Revision)}
}
