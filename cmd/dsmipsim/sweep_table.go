package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"dsmipsim/reports/quantity"
	"dsmipsim/reports/table"
	"dsmipsim/scenarios/sweep"
)

// points are what a sweep found.
type points struct {
	factors []sweep.Factor
	metrics []string
	all     []sweep.Described
}

// write prints what a sweep found: for programs one table with a row for each point and
// metric, in the units of summary.json; for people a table for each metric that is not the same in
// all runs, and what is the same in a line each.
func (p *points) write(w io.Writer, f table.Format) error {
	if f != table.Terminal && f != table.Markdown {
		return p.long().Render(w, f)
	}
	var constant []string
	first := true
	for m, path := range p.metrics {
		if same, text := p.everywhere(m); same {
			constant = append(constant, path+" "+text)
			continue
		}
		if !first {
			fmt.Fprintln(w)
		}
		first = false
		if err := p.table(m).Render(w, f); err != nil {
			return err
		}
	}
	if len(constant) == 0 {
		return nil
	}
	if !first {
		fmt.Fprintln(w)
	}
	_, err := fmt.Fprintf(w, "The same in all runs:\n  %s\n", strings.Join(constant, "\n  "))
	return err
}

// everywhere reports whether all runs of a sweep that have a value have the same, and which.
func (p *points) everywhere(metric int) (same bool, text string) {
	var value *float64
	for _, one := range p.all {
		s := one.Statistics[metric]
		switch {
		case s == nil:
			continue
		case s.Min != s.Max || value != nil && *value != s.Min:
			return false, ""
		}
		value = &s.Min
	}
	if value == nil {
		return true, "has no value"
	}
	return true, "= " + significant(value)
}

// statisticsColumns are those of a sample. Intervals have a confidence of 95 %.
var statisticsColumns = []table.Column{
	{Name: "n", Number: true}, {Name: "mean", Number: true}, {Name: "low", Number: true}, {Name: "high", Number: true},
	{Name: "median", Number: true}, {Name: "p95", Number: true}, {Name: "min", Number: true}, {Name: "max", Number: true},
}

func statisticsCells(s *sweep.Statistics, factor float64) []string {
	if s == nil {
		return append([]string{"0"}, make([]string, len(statisticsColumns)-1)...)
	}
	cells := []string{strconv.Itoa(s.N)}
	for _, v := range []*float64{&s.Mean, s.Low, s.High, &s.Median, &s.P95, &s.Min, &s.Max} {
		if v != nil {
			scaled := *v * factor
			v = &scaled
		}
		cells = append(cells, significant(v))
	}
	return cells
}

// table has a row for each point.
func (p *points) table(metric int) *table.Table {
	path := p.metrics[metric]
	q := quantity.Of(path)
	title := path
	if q.Unit != "" {
		title += " (" + q.Unit + ")"
	}
	t := &table.Table{Title: title + ": mean with its interval of 95 % confidence, quantiles", Columns: p.columns()}
	t.Columns = append(t.Columns, statisticsColumns...)
	for _, one := range p.all {
		t.Add(append(pointCells(one), statisticsCells(one.Statistics[metric], q.Factor)...)...)
	}
	return t
}

// long has a row for each point and metric.
func (p *points) long() *table.Table {
	t := &table.Table{Columns: append(p.columns(), table.Column{Name: "metric"})}
	t.Columns = append(t.Columns, statisticsColumns...)
	for _, one := range p.all {
		for m, path := range p.metrics {
			t.Add(append(append(pointCells(one), path), statisticsCells(one.Statistics[m], 1)...)...)
		}
	}
	return t
}

func (p *points) columns() []table.Column {
	columns := []table.Column{{Name: "point", Number: true}}
	for _, f := range p.factors {
		columns = append(columns, table.Column{Name: f.Name})
	}
	return columns
}

func pointCells(p sweep.Described) []string {
	cells := []string{strconv.Itoa(p.Index)}
	for _, v := range p.Values {
		cells = append(cells, quantity.Plain(v))
	}
	return cells
}
