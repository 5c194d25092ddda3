package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"dsmipsim/reports"
	"dsmipsim/reports/curve"
	"dsmipsim/reports/plot"
	"dsmipsim/reports/saved"
	"dsmipsim/reports/table"
	"dsmipsim/scenarios/spec"
	"dsmipsim/scenarios/sweep"
)

// plotFlags are the flags of `plot`.
type plotFlags struct {
	kinds   []string
	formats []string
	style   string
	out     string
	title   string
	titled  bool // the flag was given
	list    bool
	quiet   bool
	limits  string
	factor  factorFlags
}

func newPlot() *cobra.Command {
	f := plotFlags{formats: []string{string(plot.PNG)}, style: plot.Paper.Name, limits: string(plot.NearLimits)}
	c := &cobra.Command{
		Use:   "plot DIR...",
		Short: "Draw figures of runs and of sweeps",
		Long: `Draw figures of runs from the directories that run -o DIR wrote. Without --kind every kind of
figure is drawn that has something to show; --list tells which there are. Several directories are
compared, each under its own name.

Of a sweep each quantity among its metrics is drawn against one of its factors, with a curve for each
metric and panels for the other factors. --x KEY, --y METRIC, --by KEY and --facet KEY choose: the
factor of the axis, the metric, a path into summary.json as [[expect]] has it, the key with a curve
for each value, and the key with a panel for each value; a second --facet makes rows of panels.
--where KEY=VALUE keeps a part. A KEY is a factor, by its path or its name; or handovers.from,
handovers.to, handovers.kind, handovers.mobile_node, flows.name, flows.kind or flows.family, to tell
apart what one run has several of; or metric, or directory.

The curves are means, or with --center median medians, with bands of 95 % confidence; --predicted
adds what closed formulas give for handovers. An axis of numbers that span decades is logarithmic
unless --log says otherwise. The data go beside each figure as CSV.

Single runs give curves in the same way with --x and --y: runs with the same value of KEY, which is
any key of their scenarios as --set takes it, are replications.

The files are called after their kind and go to DIR/plots, or to plots for several directories.
Delays, interruptions and ratings are shown with published limits of ITU-T, ITU-R and 3GPP that are
near the data; --limits all shows the others, too, and --limits none shows the data alone.

Colours can be told apart with any kind of colour vision, and all that they tell is also told by
line styles, markers or hatches.`,
		Example: `  dsmipsim plot out
  dsmipsim plot out --kind phases,handover-cdf --format pdf --style column
  dsmipsim plot standard rfc-literal -o compared --style slide
  dsmipsim plot delay --y 'handovers[].latency_s.mean' --by handovers.from --facet handovers.to --predicted
  dsmipsim plot ra-*/ --x network.campus.link.delay --y 'handovers[to=campus].latency_s.mean'`,
		Args: func(c *cobra.Command, args []string) error {
			if f.list {
				return exactly(0, "")(c, args)
			}
			return atLeastOne("the directory of a run or more")(c, args)
		},
		RunE: func(c *cobra.Command, args []string) error {
			f.titled = c.Flags().Changed("title")
			if f.list {
				return listPlots(c.OutOrStdout())
			}
			return f.run(args, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	c.Flags().StringSliceVar(&f.kinds, "kind", nil, "draw only these `KINDS`")
	c.Flags().StringSliceVar(&f.formats, "format", f.formats, "write `FORMATS`: png, svg, pdf")
	c.Flags().StringVar(&f.style, "style", f.style, "size of figure and type: "+strings.Join(styleNames(), ", "))
	c.Flags().StringVar(&f.limits, "limits", f.limits, "show published limits: near, all, none")
	c.Flags().StringVarP(&f.out, "out", "o", "", "write into `DIR`")
	c.Flags().StringVar(&f.title, "title", "", "`TEXT` above the figures instead of their own, empty for none")
	c.Flags().BoolVar(&f.list, "list", false, "list the kinds of figures with what they need, and the styles")
	c.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "do not tell what was written, and what had nothing to show")
	c.Flags().StringVar(&f.factor.x, "x", "", "draw curves against this `KEY`")
	c.Flags().StringArrayVar(&f.factor.y, "y", nil, "the `METRIC` of the curves, as handovers[].latency_s.mean; several are drawn together")
	c.Flags().StringVar(&f.factor.by, "by", "", "one curve for each value of this `KEY`")
	c.Flags().StringArrayVar(&f.factor.facets, "facet", nil, "one panel for each value of this `KEY`; a second one makes rows")
	c.Flags().StringArrayVar(&f.factor.where, "where", nil, "only what has this value of a key, as `KEY=VALUE`; may be given again")
	c.Flags().StringVar(&f.factor.center, "center", string(curve.Mean), "what the curves run through: mean, or median with an interval between order statistics")
	c.Flags().StringSliceVar(&f.factor.log, "log", nil, "logarithmic `AXES`: x, y, or none")
	c.Flags().BoolVar(&f.factor.predicted, "predicted", false, "what closed formulas give for handovers beside the curves")
	for name, values := range map[string][]string{"kind": kindNames(), "format": {"png", "svg", "pdf"}, "style": styleNames(), "limits": {"near", "all", "none"}, "center": {string(curve.Mean), string(curve.Median)}, "log": {"x", "y", "none"}} {
		_ = c.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)) // it is there
	}
	for _, name := range []string{"by", "facet", "where"} { // the library completes no long flags of one letter
		_ = c.RegisterFlagCompletionFunc(name, completeKey) // it is there
	}
	return c
}

func kindNames() (names []string) {
	for _, k := range plot.Kinds() {
		names = append(names, k.Name)
	}
	return names
}

func styleNames() (names []string) {
	for _, s := range plot.Styles() {
		names = append(names, s.Name)
	}
	return names
}

func listPlots(w io.Writer) error {
	kinds := &table.Table{Title: "Kinds of figures", Columns: []table.Column{{Name: "kind"}, {Name: "what it shows"}, {Name: "what it needs"}}}
	for _, k := range plot.Kinds() {
		kinds.Add(k.Name, k.About, k.Needs)
	}
	kinds.Add(curveName, "metrics against a factor or another key, with bands of confidence", "a sweep, or several runs with --x and --y")
	styles := &table.Table{Title: "Styles", Columns: []table.Column{{Name: "style"}, {Name: "what it is"}}}
	for _, s := range plot.Styles() {
		styles.Add(s.Name, s.About)
	}
	if err := kinds.Render(w, table.Terminal); err != nil {
		return err
	}
	fmt.Fprintln(w)
	return styles.Render(w, table.Terminal)
}

// picture is a figure and the name of its files.
type picture struct {
	name string
	*plot.Figure
	data []byte // of the figure as CSV; nil for none
}

func (f *plotFlags) run(dirs []string, stdout, stderr io.Writer) error {
	style, err := plot.FindStyle(f.style)
	if err != nil {
		return usage(err)
	}
	var formats []plot.Format
	for _, name := range f.formats {
		format, err := plot.ParseFormat(name)
		if err != nil {
			return usage(err)
		}
		formats = append(formats, format)
	}
	limits, err := plot.ParseLimits(f.limits)
	if err != nil {
		return usage(err)
	}
	kinds, err := f.selected()
	if err != nil {
		return err
	}
	curves, err := f.corpus(dirs)
	if err != nil {
		return err
	}
	var pictures []picture
	if f.factor.given() || isSweep(curves) {
		if pictures, err = f.factor.figures(curves); err != nil {
			return err
		}
	} else {
		pictures = f.pictures(kinds, curves.(*singles).all, stderr)
	}
	for _, p := range pictures {
		p.Limits = limits
		if f.titled {
			p.Title = f.title
		}
	}
	out := f.out
	if out == "" {
		out = "plots"
		if len(dirs) == 1 {
			out = filepath.Join(dirs[0], "plots")
		}
	}
	return f.write(out, pictures, formats, style, stdout)
}

// corpus opens the directories: sweeps or single runs.
func (f *plotFlags) corpus(dirs []string) (corpus, error) {
	n := 0
	for _, dir := range dirs {
		if sweep.IsSweep(dir) || sweep.Unfinished(dir) { // which opening it tells
			n++
		}
	}
	if n > 0 && n < len(dirs) {
		return nil, usagef("plot: %d of %d directories are sweeps; wanted sweeps or single runs", n, len(dirs))
	}
	if err := f.factor.check(f.kinds, n > 0); err != nil {
		return nil, err
	}
	if n > 0 {
		return openSweeps(dirs)
	}
	s := &singles{dirs: dirs, known: map[int][]spec.Explained{}}
	for _, dir := range dirs {
		r, err := saved.Open(dir)
		if err != nil {
			return nil, usagef("plot: %w", err)
		}
		s.all = append(s.all, r)
	}
	distinct(s.all, dirs)
	return s, nil
}

func isSweep(c corpus) bool {
	_, ok := c.(*sweeps)
	return ok
}

// selected returns the kinds that were asked for, all if none was.
func (f *plotFlags) selected() ([]plot.Kind, error) {
	if len(f.kinds) == 0 {
		return plot.Kinds(), nil
	}
	names := kindNames()
	var kinds []plot.Kind
	for _, name := range f.kinds {
		k, ok := plot.FindKind(name)
		if !ok {
			return nil, usagef("found kind %q, wanted one of %s%s", name, strings.Join(names, ", "), didYouMean(name, names))
		}
		kinds = append(kinds, k)
	}
	return kinds, nil
}

// pictures makes the figures. Those that nobody asked for by name are left out when they have
// nothing to show.
func (f *plotFlags) pictures(kinds []plot.Kind, runs []plot.Run, stderr io.Writer) (all []picture) {
	var left []string
	add := func(name string, fig *plot.Figure) {
		if fig.Empty != "" && len(f.kinds) == 0 {
			left = append(left, name)
			return
		}
		if fig.Empty != "" && !f.quiet {
			fmt.Fprintf(stderr, "dsmipsim: %s: %s\n", name, fig.Empty)
		}
		all = append(all, picture{name: name, Figure: fig})
	}
	for _, k := range kinds {
		if !k.Single || len(runs) == 1 {
			add(k.Name, k.Make(runs))
			continue
		}
		for _, r := range runs {
			add(k.Name+"-"+strings.ReplaceAll(r.Name, "/", "-"), k.Make([]plot.Run{r}))
		}
	}
	if len(left) > 0 && !f.quiet {
		fmt.Fprintf(stderr, "dsmipsim: nothing to show, as --kind tells: %s\n", strings.Join(left, ", "))
	}
	return all
}

// write draws everything before it writes anything, so that an error leaves nothing behind.
func (f *plotFlags) write(dir string, pictures []picture, formats []plot.Format, s plot.Style, stdout io.Writer) error {
	type file struct {
		path string
		data []byte
	}
	var files []file
	for _, p := range pictures {
		for _, format := range formats {
			var b bytes.Buffer
			if err := p.Write(&b, format, s); err != nil {
				return err
			}
			files = append(files, file{filepath.Join(dir, p.name+"."+string(format)), b.Bytes()})
		}
		if p.data != nil {
			files = append(files, file{filepath.Join(dir, p.name+".csv"), p.data})
		}
	}
	if len(files) == 0 {
		return nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return usagef("plot: %w", err)
	}
	for _, x := range files {
		if err := reports.Replace(x.path, x.data); err != nil {
			return err
		}
		if !f.quiet {
			fmt.Fprintln(stdout, x.path)
		}
	}
	return nil
}
