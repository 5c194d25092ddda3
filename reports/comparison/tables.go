package comparison

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"dsmipsim/reports/quantity"
	"dsmipsim/reports/table"
)

// Document is a comparison with what it is about, to be written.
type Document struct {
	A, B    string   // what was compared, as the user calls it
	Factors []string // names of the factors, in the order of the points' values
	Report  *Report
	Notes   []string // on the whole, such as points without a partner

	Differing bool // tables for people have only what differs, or could not be tested
}

// Write writes the document: tables for people with the notes below, CSV without them, or JSON.
func (d *Document) Write(w io.Writer, f table.Format) error {
	switch f {
	case table.CSV:
		return d.full().Render(w, f)
	case table.JSON:
		return d.json(w)
	}
	if err := d.short().Render(w, f); err != nil {
		return err
	}
	notes := slices.Clone(d.Notes)
	for i := range d.Report.Findings {
		if x := &d.Report.Findings[i]; x.Note != "" && d.shows(x) {
			notes = append(notes, strings.TrimPrefix(strings.Join(append(append([]string{}, x.Point...), x.Metric), ", ")+": "+x.Note, ", "))
		}
	}
	return writeNotes(w, f, notes)
}

// shows reports whether a finding is in the table for people.
func (d *Document) shows(f *Finding) bool { return !d.Differing || f.Verdict != NoDifference }

// brief shortens paths of factors to their ends where these tell them apart.
func brief(paths []string) []string {
	short, count := make([]string, len(paths)), map[string]int{}
	for i, path := range paths {
		short[i] = path[strings.LastIndex(path, ".")+1:]
		count[short[i]]++
	}
	for i, path := range paths {
		if count[short[i]] > 1 {
			short[i] = path
		}
	}
	return short
}

// writeNotes writes sentences below a table.
func writeNotes(w io.Writer, f table.Format, notes []string) error {
	for i, n := range notes {
		head := ""
		if f == table.Markdown {
			head = "- "
		}
		if i == 0 {
			head = "\n" + head
		}
		if _, err := fmt.Fprintln(w, head+n); err != nil {
			return err
		}
	}
	return nil
}

// short is the table for people: quantities in units that suit them, digits that count.
func (d *Document) short() *table.Table {
	t := &table.Table{Title: fmt.Sprintf("%s (A) and %s (B)", d.A, d.B)}
	for _, f := range brief(d.Factors) {
		t.Columns = append(t.Columns, table.Column{Name: f})
	}
	t.Columns = append(t.Columns, table.Column{Name: "metric"}, table.Column{Name: "unit"}, table.Column{Name: "n", Number: true},
		table.Column{Name: "mean A", Number: true}, table.Column{Name: "mean B", Number: true}, table.Column{Name: "difference", Number: true},
		table.Column{Name: percent(d.Report.Level) + " interval", Number: true}, table.Column{Name: "relative", Number: true},
		table.Column{Name: "p", Number: true}, table.Column{Name: "p (Holm)", Number: true}, table.Column{Name: "effect", Number: true},
		table.Column{Name: "test"}, table.Column{Name: "verdict"})
	for i := range d.Report.Findings {
		f := &d.Report.Findings[i]
		if !d.shows(f) {
			continue
		}
		q := shownAs(f.Metric)
		n := strconv.Itoa(f.NA)
		if f.NA != f.NB {
			n += ", " + strconv.Itoa(f.NB)
		}
		row := append(append([]string{}, f.Point...), f.Metric, q.Unit, n, q.show(f.MeanA), q.show(f.MeanB))
		if e := f.Difference; e == nil {
			row = append(row, none, none)
		} else if math.IsNaN(e.Low) || f.P == nil {
			row = append(row, signed(q.show(&e.Value)), none)
		} else {
			row = append(row, signed(q.show(&e.Value)), q.show(&e.Low)+" .. "+q.show(&e.High))
		}
		relative := none
		if f.Relative != nil {
			relative = signed(percent(*f.Relative))
		}
		test := f.Test
		if test == "" {
			test = none
		}
		verdict := string(f.Verdict)
		if f.Verdict == Worse && !f.Beyond {
			verdict += ", tolerated"
		}
		t.Add(append(row, relative, probability(f.P), probability(f.Corrected), effect(f), test, verdict)...)
	}
	return t
}

// full is the table for programs: in the units of summary.json, all digits, empty cells where
// there is no value.
func (d *Document) full() *table.Table {
	t := &table.Table{}
	for _, name := range append(append([]string{}, d.Factors...), "metric", "test", "n_a", "n_b", "mean_a", "mean_b", "difference", "low", "high",
		"relative", "p", "p_holm", "effect", "effect_name", "verdict", "beyond_tolerance", "note") {
		t.Columns = append(t.Columns, table.Column{Name: name})
	}
	for i := range d.Report.Findings {
		f := &d.Report.Findings[i]
		row := append(append([]string{}, f.Point...), f.Metric, f.Test, strconv.Itoa(f.NA), strconv.Itoa(f.NB), exact(f.MeanA), exact(f.MeanB))
		if e := f.Difference; e != nil && f.P != nil {
			row = append(row, exact(&e.Value), exact(&e.Low), exact(&e.High))
		} else if e != nil {
			row = append(row, exact(&e.Value), "", "")
		} else {
			row = append(row, "", "", "")
		}
		t.Add(append(row, exact(f.Relative), exact(f.P), exact(f.Corrected), exact(f.Effect), f.EffectName, string(f.Verdict),
			strconv.FormatBool(f.Beyond), f.Note)...)
	}
	return t
}

// Format names the layout of the JSON.
const Format = "dsmipsim/comparison/1"

// number is a value as JSON has it: infinite ones and those that are none are null.
func number(v *float64) *float64 {
	if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return nil
	}
	return v
}

func (d *Document) json(w io.Writer) error {
	type finding struct {
		Point      map[string]string `json:"point"`
		Metric     string            `json:"metric"`
		Test       string            `json:"test"`
		NA         int               `json:"n_a"`
		NB         int               `json:"n_b"`
		MeanA      *float64          `json:"mean_a"`
		MeanB      *float64          `json:"mean_b"`
		Difference *float64          `json:"difference"`
		Low        *float64          `json:"low"`
		High       *float64          `json:"high"`
		Relative   *float64          `json:"relative"`
		P          *float64          `json:"p"`
		Corrected  *float64          `json:"p_holm"`
		Effect     *float64          `json:"effect"` // null, too, where nothing varies
		EffectName string            `json:"effect_name"`
		Verdict    Verdict           `json:"verdict"`
		Beyond     bool              `json:"beyond_tolerance"`
		Note       string            `json:"note"`
	}
	all := struct {
		Format   string    `json:"format"`
		A        string    `json:"a"`
		B        string    `json:"b"`
		Level    float64   `json:"level"`
		Tests    int       `json:"tests"`
		Findings []finding `json:"findings"`
		Notes    []string  `json:"notes"`
	}{Format, d.A, d.B, d.Report.Level, d.Report.Tested, []finding{}, append([]string{}, d.Notes...)}
	for _, f := range d.Report.Findings {
		x := finding{Point: map[string]string{}, Metric: f.Metric, Test: f.Test, NA: f.NA, NB: f.NB, MeanA: f.MeanA, MeanB: f.MeanB,
			Relative: number(f.Relative), P: f.P, Corrected: f.Corrected, Effect: number(f.Effect), EffectName: f.EffectName,
			Verdict: f.Verdict, Beyond: f.Beyond, Note: f.Note}
		for i, name := range d.Factors {
			x.Point[name] = f.Point[i]
		}
		if e := f.Difference; e != nil {
			x.Difference = &e.Value
			if f.P != nil {
				x.Low, x.High = number(&e.Low), number(&e.High)
			}
		}
		all.Findings = append(all.Findings, x)
	}
	return encode(w, all)
}

func encode(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false) // "home->ipv6" stays readable
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// none stands for a value that does not exist.
const none = "-"

// unit is the unit in which people are shown a metric.
type unit quantity.Quantity

func shownAs(metric string) unit {
	if strings.HasSuffix(metric, HasValue) {
		return unit{Unit: "%", Factor: 100}
	}
	return unit(quantity.Of(metric))
}

func (u unit) show(v *float64) string {
	if v == nil {
		return none
	}
	return digits(float64(*v * u.Factor))
}

// digits writes a number with five digits that count.
func digits(v float64) string {
	if v == 0 || math.IsInf(v, 0) {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	decimals := min(max(4-int(math.Floor(math.Log10(math.Abs(v)))), 0), 6)
	text := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	if text == "-0" || text == "0" {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	return text
}

func signed(text string) string {
	if strings.HasPrefix(text, "-") || text == "0" || text == "0 %" {
		return text
	}
	return "+" + text
}

func percent(v float64) string { return digits(math.Round(v*1e5)/1e3) + " %" }

func probability(p *float64) string {
	switch {
	case p == nil:
		return none
	case *p < 1e-4:
		return "< 0.0001"
	}
	return strconv.FormatFloat(*p, 'f', 4, 64)
}

func effect(f *Finding) string {
	switch {
	case f.Effect == nil:
		return none
	case math.IsInf(*f.Effect, 0):
		return "nothing varies"
	}
	return strconv.FormatFloat(*f.Effect, 'f', 2, 64)
}

func exact(v *float64) string {
	if v == nil || math.IsNaN(*v) {
		return ""
	}
	return strconv.FormatFloat(*v, 'g', -1, 64)
}
