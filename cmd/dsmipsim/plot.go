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
	"dsmipsim/reports/plot"
	"dsmipsim/reports/saved"
	"dsmipsim/reports/table"
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
		Short: "Draw figures of one run or of several",
		Long: `Draw figures of runs from the directories that run -o DIR wrote. Without --kind every kind of
figure is drawn that has something to show; --list tells which there are. Several directories are
compared, each under its own name.

With --x KEY and --y METRIC the figure is a curve instead: METRIC, a path into summary.json as
[[expect]] has it, against KEY, a key of the runs' scenarios as --set takes it. Runs with the same
value of KEY are replications, which give the mean and a band of 95 % confidence. --by KEY draws a
curve for each value of another key.

The files are called after their kind and go to DIR/plots, or to plots for several directories.
Delays, interruptions and ratings are shown with published limits of ITU-T, ITU-R and 3GPP that are
near the data; --limits all shows the others, too, and --limits none shows the data alone.

Colours can be told apart with any kind of colour vision, and all that they tell is also told by
line styles, markers or hatches.`,
		Example: `  dsmipsim plot out
  dsmipsim plot out --kind phases,handover-cdf --format pdf --style column
  dsmipsim plot standard rfc-literal -o compared --style slide
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
	c.Flags().StringVar(&f.factor.x, "x", "", "draw a curve against this `KEY` of the scenarios")
	c.Flags().StringVar(&f.factor.y, "y", "", "the `METRIC` of the curve, as handovers[].latency_s.mean")
	c.Flags().StringVar(&f.factor.by, "by", "", "one curve for each value of this `KEY`")
	for name, values := range map[string][]string{"kind": kindNames(), "format": {"png", "svg", "pdf"}, "style": styleNames(), "limits": {"near", "all", "none"}} {
		_ = c.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)) // it is there
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
	kinds.Add(curveName, "a metric against a key of the scenarios, with a band of confidence", "--x, --y and several runs")
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
	if err := f.factor.check(f.kinds); err != nil {
		return err
	}
	var runs []plot.Run
	for _, dir := range dirs {
		r, err := saved.Open(dir)
		if err != nil {
			return usagef("plot: %w", err)
		}
		runs = append(runs, r)
	}
	distinct(runs, dirs)

	var pictures []picture
	if f.factor.x != "" {
		fig, err := f.factor.figure(dirs, runs)
		if err != nil {
			return err
		}
		pictures = []picture{{curveName, fig}}
	} else {
		pictures = f.pictures(kinds, runs, stderr)
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

// distinct gives runs of the same name the path of their directory instead.
func distinct(runs []plot.Run, dirs []string) {
	count := map[string]int{}
	for _, r := range runs {
		count[r.Name]++
	}
	for i := range runs {
		if count[runs[i].Name] > 1 {
			runs[i].Name = filepath.ToSlash(filepath.Clean(dirs[i]))
		}
	}
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
		all = append(all, picture{name, fig})
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
