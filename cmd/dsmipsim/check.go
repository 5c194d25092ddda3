package main

import (
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dsmipsim/reports/table"
	"dsmipsim/scenarios"
	"dsmipsim/scenarios/check"
	"dsmipsim/scenarios/spec"
)

func newCheck() *cobra.Command {
	var sets []string
	var jobs int
	var quiet, failing bool
	format := string(table.Terminal)
	c := &cobra.Command{
		Use:   "check PATH...",
		Short: "Run scenarios and judge what they expect",
		Long: `Run scenarios, each as often as [sweep] replications says, and judge every [[expect]]: what is
published, predicted and ours, what is wanted, and the verdict. A PATH is a scenario file, a
folder with such files in it or below it, or the name of a bundled scenario or folder.

Exit status: 0 if all expectations are met, 1 if one is not, 2 if a scenario is wrong or expects
nothing.`,
		Example: `  dsmipsim check validation
  dsmipsim check scenarios/ --format markdown
  dsmipsim check mine.toml --set network.campus.link.delay=20ms`,
		Args: atLeastOne("a scenario file, a folder or a bundled scenario"),
		RunE: func(c *cobra.Command, args []string) error {
			f, err := table.ParseFormat(format)
			if err != nil {
				return usage(err)
			}
			if jobs < 0 {
				return usagef("--jobs: found %d, wanted 1 or more, or 0 for one per processor", jobs)
			}
			all, err := collect(args, sets)
			if err != nil {
				return err
			}
			p := newProgress(c.ErrOrStderr(), quiet)
			p.expect(replications(all))
			judged, err := check.Run(c.Context(), all, check.Options{Jobs: jobs, Follow: func(s check.Scenario) scenarios.Progress {
				return p.follow(s.Name, s.Spec.Duration)
			}})
			p.clear()
			if err != nil {
				return err
			}
			shown := judged
			if failing {
				shown = failures(judged)
			}
			if !quiet && (len(shown) > 0 || f != table.Terminal) {
				if err := judgements(shown, f != table.Terminal).Render(c.OutOrStdout(), f); err != nil {
					return err
				}
			}
			return sentence(judged, len(all), c.ErrOrStderr())
		},
	}
	addSet(c, &sets)
	c.Flags().IntVarP(&jobs, "jobs", "j", 0, "how many replications to run at a time; 0 for one per processor")
	c.Flags().BoolVarP(&quiet, "quiet", "q", false, "no table and no progress, only what fails")
	c.Flags().BoolVar(&failing, "failing", false, "only expectations that are not met")
	c.Flags().StringVar(&format, "format", format, "how to print: "+strings.Join(table.Formats(), ", "))
	return c
}

// collect loads the scenarios that the arguments mean, and reports the mistakes of all of them.
func collect(args, sets []string) ([]check.Scenario, error) {
	var sources []source
	for _, arg := range args {
		found, err := findSources(arg)
		if err != nil {
			return nil, err
		}
		sources = append(sources, found...)
	}
	var all []check.Scenario
	var wrong []string
	for _, src := range sources {
		s, err := src.load(sets)
		switch {
		case err != nil:
			wrong = append(wrong, err.Error())
			continue
		case len(s.Expects) == 0:
			wrong = append(wrong, src.file+": expects nothing: wanted an [[expect]]")
			continue
		}
		all = append(all, check.Scenario{Name: src.name, Spec: s})
	}
	if len(wrong) > 0 {
		return nil, usagef("%s", strings.Join(wrong, "\n"))
	}
	return all, nil
}

// findSources is findSource for arguments that may be folders.
func findSources(arg string) ([]source, error) {
	info, err := os.Stat(arg)
	if err != nil || !info.IsDir() {
		if bundled := scenarios.Folder(arg); err != nil && bundled != nil {
			var all []source
			for _, e := range bundled {
				all = append(all, bundledSource(e))
			}
			return all, nil
		}
		one, err := findSource(arg)
		return []source{one}, err
	}
	var all []source
	err = filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error { // in order of names
		if err != nil || d.IsDir() || filepath.Ext(path) != ".toml" {
			return err
		}
		one, err := findSource(path)
		all = append(all, one)
		return err
	})
	if err == nil && len(all) == 0 {
		return nil, usagef("%s: found no .toml file in the folder", arg)
	}
	return all, err
}

// replications counts the runs of scenarios, and their virtual time together.
func replications(all []check.Scenario) (runs int, whole time.Duration) {
	for _, s := range all {
		runs += s.Replications()
		whole += time.Duration(s.Replications()) * s.Spec.Duration
	}
	return runs, whole
}

func failures(judged []check.Judgement) []check.Judgement {
	var failed []check.Judgement
	for _, j := range judged {
		if !j.Decision.Pass && !j.Decision.Deviates {
			failed = append(failed, j)
		}
	}
	return failed
}

// judgements is the table of all verdicts. In short, lists are cut, and sources and notes left out.
func judgements(judged []check.Judgement, long bool) *table.Table {
	t := &table.Table{Columns: []table.Column{
		{Name: "verdict"}, {Name: "id"}, {Name: "scenario"}, {Name: "about"}, {Name: "published", Number: true}, {Name: "predicted", Number: true},
		{Name: "ours", Number: true}, {Name: "wanted"}, {Name: "margin", Number: true},
	}}
	cut := func(s string) string { return s }
	if long {
		t.Columns = append(t.Columns, table.Column{Name: "source"}, table.Column{Name: "note"})
	} else {
		cut = shorten
	}
	for _, j := range judged {
		verdict := "pass"
		switch {
		case j.Decision.Deviates:
			verdict = "deviates"
		case !j.Decision.Pass:
			verdict = "FAIL"
		}
		about, wanted := scenarios.Describe(j.Expect)
		ours := shown(j.Decision.Got)
		if j.Decision.SE > 0 {
			ours += " (SE " + strconv.FormatFloat(j.Decision.SE, 'g', 3, 64) + ")"
		}
		if j.Expect.ToleranceSE > 0 {
			wanted += " +- " + shown(j.Expect.ToleranceSE) + " SE"
		}
		if j.Expect.Aggregate != "" {
			about = string(j.Expect.Aggregate) + " of " + about
		}
		m := ""
		if j.Decision.Margin != nil {
			m = shown(*j.Decision.Margin)
		}
		row := []string{verdict, j.Expect.ID, j.Scenario, about, cut(shown(j.Published())), cut(shown(j.Predicted)), cut(ours), cut(wanted), m}
		if long {
			row = append(row, j.Expect.Source, j.Decision.Note)
		}
		t.Add(row...)
	}
	return t
}

// shorten cuts a long list so that a terminal can show it.
func shorten(s string) string {
	const longest = 28
	if len(s) <= longest || strings.Count(s, ", ") < 2 {
		return s
	}
	head := s[:longest]
	return head[:strings.LastIndex(head, ", ")+2] + "..."
}

// shown writes a value for a table, numbers rounded to nanoseconds.
func shown(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(math.Round(v*1e9)/1e9, 'f', -1, 64)
	case []any:
		all := make([]string, len(v))
		for i, one := range v {
			all[i] = shown(one)
		}
		return strings.Join(all, ", ")
	}
	return fmt.Sprint(v)
}

// sentence says how the check ended, and lists what failed.
func sentence(judged []check.Judgement, files int, stderr io.Writer) error {
	failed := failures(judged)
	for _, j := range failed {
		about, wanted := scenarios.Describe(j.Expect)
		id := ""
		if j.Expect.ID != "" {
			id = " " + j.Expect.ID
		}
		got := shown(j.Decision.Got)
		if got == "" {
			got = "no value"
		}
		text := fmt.Sprintf("dsmipsim: %s%s: %s: want %s, got %s%s", j.Scenario, id, about, wanted, got, beyond(j.Decision.Margin))
		if j.Decision.Note != "" {
			text += " (" + j.Decision.Note + ")"
		}
		fmt.Fprintln(stderr, text)
		for _, line := range j.Decision.Where.Lines() {
			fmt.Fprintf(stderr, "    %s\n", line)
		}
	}
	if len(failed) > 0 {
		return &status{code: statusFailed, err: fmt.Errorf("%d of %d expectations in %d scenarios not met", len(failed), len(judged), files)}
	}
	deviating := 0
	for _, j := range judged {
		if j.Decision.Deviates {
			deviating++
		}
	}
	if deviating > 0 {
		fmt.Fprintf(stderr, "dsmipsim: %d expectations in %d scenarios are met, %d deviate as the scenarios explain\n", len(judged)-deviating, files, deviating)
		return nil
	}
	fmt.Fprintf(stderr, "dsmipsim: all %d expectations in %d scenarios are met\n", len(judged), files)
	return nil
}

// bundledSource is the source of a scenario that comes with the program.
func bundledSource(e scenarios.Entry) source {
	return source{name: e.Name, file: e.Name + ".toml (bundled)", text: e.Source, files: spec.Files{Beside: e.ReadFile, Here: readFile}}
}
