package curve

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"dsmipsim/reports/plot"
	"dsmipsim/reports/quantity"
)

// replicated are observations of one place.
func replicated(o Observation, values ...float64) (all []Observation) {
	for _, o.Y = range values {
		all = append(all, o)
	}
	return all
}

func layout() Layout {
	return Layout{Title: "Latency", X: Key{Name: "delay"}, By: Key{Name: "DHCP"}, Quantity: quantity.Of("handovers.latency_s"), Center: Mean, Level: 0.95}
}

func TestCSV(t *testing.T) {
	all := slices.Concat(
		replicated(Observation{X: `"5ms"`, By: `"warm"`}, 1, 2, 3),
		replicated(Observation{X: `"50ms"`, By: `"warm"`}, 4),
		replicated(Observation{X: `"5ms"`, By: `["1s", "10s"]`}, 2, 2),
		replicated(Observation{X: `"5ms"`, By: `"warm"`, Predicted: true}, 2.5, 1.5),
		replicated(Observation{X: `"9ms"`, By: `"warm"`, Predicted: true}, 7), // nothing was measured there
	)
	// The interval of 1, 2, 3: scipy.stats.t.interval(.95, 2, loc=2, scale=1/3**.5)
	want := `x,by,facet,n,mean,low,high,predicted
5ms,warm,,3,2,-0.4841377118,4.484137712,2
50ms,warm,,1,4,,,
5ms,1-10s,,2,2,2,2,
`
	if got := string(New(layout(), all).CSV()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	l := layout()
	l.Center, l.Facet, l.Row = Median, Key{Name: "a"}, Key{Name: "b"}
	// Of six values the median lies between the least and the greatest with 96.9 %, of five it
	// cannot be told.
	all = append(replicated(Observation{X: "1", Facet: "f", Row: "r"}, 6, 5, 4, 3, 2, 1), replicated(Observation{X: "2", Facet: "f", Row: "r"}, 5, 1, 2, 3, 4)...)
	want = `x,by,facet,row,n,median,low,high
1,,f,r,6,3,1,6
2,,f,r,5,3,,
`
	if got := string(New(l, all).CSV()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAxis(t *testing.T) {
	for _, c := range []struct {
		values    []string
		label     string
		names     string
		positions []float64
	}{
		{[]string{`"5ms"`, `"0.25s"`}, "delay (ms)", "", []float64{5, 250}},
		{[]string{`"5ms"`, `"2s"`}, "delay (s)", "", []float64{0.005, 2}},
		{[]string{`"10Mbps"`, `"500kbps"`}, "delay (Mb/s)", "", []float64{10, 0.5}},
		{[]string{"0.1", "3"}, "delay", "", []float64{0.1, 3}},
		{[]string{`"10Mbps"`, `"5ms"`}, "delay", "10Mbps 5ms", []float64{0, 1}},
		{[]string{`["30ms", "70ms"]`, `"warm"`}, "delay", "30-70ms warm", []float64{0, 1}},
	} {
		var all []Observation
		for _, v := range c.values {
			all = append(all, Observation{X: v})
		}
		a := New(layout(), all).axis()
		var got []float64
		for _, v := range c.values {
			got = append(got, a.position[v])
		}
		if a.label != c.label || strings.Join(a.names, " ") != c.names || !slices.Equal(got, c.positions) {
			t.Errorf("%v: label %q, names %v, at %v", c.values, a.label, a.names, got)
		}
	}
}

func TestLogarithmic(t *testing.T) {
	for text, want := range map[string]bool{"1 10 100": true, "1 49 30": false, "0 10 100": false, "1 100": false, "1 10 x": false, "-1 -10 -100": false} {
		if got := Logarithmic(strings.Fields(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// Curves and panels come in the order that a key gives, and the small print says how many runs
// there were.
func TestFigure(t *testing.T) {
	l := layout()
	l.By.Values, l.Facet = []string{"b", "a"}, Key{Name: "RTT"}
	l.Notes = []string{"Loss: 0."}
	var all []Observation
	for _, facet := range []string{`"1ms"`, `"2ms"`} {
		for _, by := range []string{"a", "b"} {
			all = append(all, replicated(Observation{X: `"5ms"`, By: by, Facet: facet}, 5, 4, 3)...)
			all = append(all, replicated(Observation{X: `"6ms"`, By: by, Facet: facet}, 5, 4)...)
		}
	}
	var b bytes.Buffer
	if err := New(l, all).Figure().Write(&b, plot.SVG, plot.Paper); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, want := range []string{">DHCP<", ">RTT = 1ms<", ">RTT = 2ms<", ">handover latency (s)<", ">delay (ms)<", "Means of 2 to 3 runs; bands: 95 % confidence (Student&#39;s t). Loss: 0."} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing", want)
		}
	}
	if a, b := strings.Index(text, ">a<"), strings.Index(text, ">b<"); a < b || b < 0 {
		t.Errorf("curve a at %d and b at %d, wanted b before a", a, b)
	}
	if New(l, nil).Figure().Empty == "" {
		t.Error("a figure of nothing is not empty")
	}
}
