package sweep

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/stat"

	"dsmipsim/reports"
	"dsmipsim/reports/quantity"
	"dsmipsim/reports/statistics"
)

// Level is the confidence of all intervals of the exports.
const Level = 0.95

// summary is the content of sweep.json.
type summary struct {
	Format   string         `json:"format"`
	Scenario string         `json:"scenario"`
	Mode     string         `json:"mode"`
	Seed     int64          `json:"seed"`
	Factors  []Factor       `json:"factors"`
	Metrics  []string       `json:"metrics"`
	Points   []pointSummary `json:"points"`
}

// pointSummary is what the runs of a point say together.
type pointSummary struct {
	Point
	Failed  int                    `json:"failed"`
	Metrics map[string]*Statistics `json:"metrics"` // by path; null if no run has a value
}

// Statistics describe what a metric is over the replications of a point. Intervals have the
// confidence Level; they are null where there are too few values.
type Statistics struct {
	N          int      `json:"n"` // runs that have a value
	Mean       float64  `json:"mean"`
	Low        *float64 `json:"low"` // of the mean, by Student's t distribution
	High       *float64 `json:"high"`
	SD         *float64 `json:"sd"`     // standard deviation of the sample
	Median     float64  `json:"median"` // quantiles are values that occurred
	MedianLow  *float64 `json:"median_low"`
	MedianHigh *float64 `json:"median_high"`
	P95        float64  `json:"p95"`
	P95Low     *float64 `json:"p95_low"`
	P95High    *float64 `json:"p95_high"`
	Min        float64  `json:"min"`
	Max        float64  `json:"max"`
}

// Describe returns the statistics of a sample, nil for an empty one.
func Describe(x []float64) *Statistics {
	if len(x) == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(x))
	s := &Statistics{
		N: len(x), Mean: stat.Mean(x, nil), Min: sorted[0], Max: sorted[len(sorted)-1],
		Median: stat.Quantile(0.5, stat.Empirical, sorted, nil), P95: stat.Quantile(0.95, stat.Empirical, sorted, nil),
	}
	if e, err := statistics.Mean(x, Level); err == nil {
		s.Mean, s.Low, s.High, s.SD = e.Value, &e.Low, &e.High, &e.SD
	}
	if e, err := statistics.Median(x, Level); err == nil {
		s.MedianLow, s.MedianHigh = &e.Low, &e.High
	}
	if e, err := statistics.Quantile(x, 0.95, Level); err == nil {
		s.P95Low, s.P95High = &e.Low, &e.High
	}
	return s
}

// observed is a run as the exports show it.
type observed struct {
	problem string     // why it failed
	values  []*float64 // of the metrics
}

// exports are the artefacts of a sweep apart from the store.
type exports struct {
	summary summary
	runs    [][]observed // by point and replication
}

// summarize fills in what the runs say together.
func (e *exports) summarize() {
	for i := range e.summary.Points {
		p := &e.summary.Points[i]
		p.Metrics = map[string]*Statistics{}
		for _, run := range e.runs[i] {
			if run.problem != "" {
				p.Failed++
			}
		}
		for m, path := range e.summary.Metrics {
			var x []float64
			for _, run := range e.runs[i] {
				if run.problem == "" && run.values[m] != nil {
					x = append(x, *run.values[m])
				}
			}
			p.Metrics[path] = Describe(x)
		}
	}
}

// write writes sweep.json, runs.csv and points.csv into a directory, and returns the first.
func (e *exports) write(dir string) ([]byte, error) {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false) // "home->ipv6" stays readable
	enc.SetIndent("", "  ")
	if err := enc.Encode(e.summary); err != nil {
		return nil, fmt.Errorf("%s: %w", summaryFile, err)
	}
	for _, f := range []struct {
		name string
		text []byte
	}{{runsFile, e.runsCSV()}, {pointsFile, e.pointsCSV()}, {summaryFile, text.Bytes()}} {
		if err := reports.Replace(filepath.Join(dir, f.name), f.text); err != nil {
			return nil, err
		}
	}
	return text.Bytes(), nil
}

// runsCSV has one row per run.
func (e *exports) runsCSV() []byte {
	columns, cells := e.factors()
	head := append([]string{"point"}, columns...)
	head = append(head, "replication", "status", "error")
	t := newTable(append(head, e.summary.Metrics...)...)
	for i := range e.summary.Points {
		for r, run := range e.runs[i] {
			row := append([]string{strconv.Itoa(i)}, cells[i]...)
			status := "ok"
			if run.problem != "" {
				status = "failed"
			}
			row = append(row, strconv.Itoa(r), status, run.problem)
			for m := range e.summary.Metrics {
				if run.problem != "" {
					row = append(row, "")
					continue
				}
				row = append(row, optional(run.values[m]))
			}
			t.write(row...)
		}
	}
	return t.text()
}

// pointsCSV has one row per point and metric.
func (e *exports) pointsCSV() []byte {
	columns, cells := e.factors()
	head := append([]string{"point"}, columns...)
	t := newTable(append(head, "metric", "replications", "failed", "n", "mean", "low", "high", "sd",
		"median", "median_low", "median_high", "p95", "p95_low", "p95_high", "min", "max")...)
	for i, p := range e.summary.Points {
		for _, path := range e.summary.Metrics {
			row := append([]string{strconv.Itoa(i)}, cells[i]...)
			row = append(row, path, strconv.Itoa(p.Replications), strconv.Itoa(p.Failed))
			s := p.Metrics[path]
			if s == nil {
				t.write(append(append(row, "0"), make([]string, 12)...)...)
				continue
			}
			t.write(append(row, strconv.Itoa(s.N), number(s.Mean), optional(s.Low), optional(s.High), optional(s.SD),
				number(s.Median), optional(s.MedianLow), optional(s.MedianHigh), number(s.P95), optional(s.P95Low), optional(s.P95High),
				number(s.Min), number(s.Max))...)
		}
	}
	return t.text()
}

// factors returns the columns of the factors and, by point, what stands in them: the value as
// people write it, and where all values of a factor have one unit a column with numbers, too.
func (e *exports) factors() (columns []string, cells [][]string) {
	cells = make([][]string, len(e.summary.Points))
	for i, f := range e.summary.Factors {
		_, _, unit, _ := quantity.Span(f.Values)
		columns = append(columns, f.Name)
		if unit != "" {
			columns = append(columns, f.Name+unitSuffixes[unit])
		}
		for k, p := range e.summary.Points {
			cells[k] = append(cells[k], quantity.Plain(p.Values[i]))
			if unit != "" {
				v, _, _ := quantity.Parse(p.Values[i])
				cells[k] = append(cells[k], number(v))
			}
		}
	}
	return columns, cells
}

// unitSuffixes end the name of a column with numbers.
var unitSuffixes = map[string]string{"s": "_s", "b/s": "_bps", "octets": "_octets"}

// table is a CSV table in memory, where writing cannot fail.
type table struct {
	b bytes.Buffer
	w *csv.Writer
}

func newTable(columns ...string) *table {
	t := &table{}
	t.w = csv.NewWriter(&t.b)
	t.write(columns...)
	return t
}

func (t *table) write(cells ...string) { _ = t.w.Write(cells) }

func (t *table) text() []byte {
	t.w.Flush()
	return t.b.Bytes()
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func optional(v *float64) string {
	if v == nil {
		return ""
	}
	return number(*v)
}
