package plot

import (
	"bytes"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/plot/vg"

	"dsmipsim/reports/internal/sample"
	"dsmipsim/reports/result"
	"dsmipsim/sim/vtime"
)

func render(t *testing.T, f Format, r *result.Result, s []result.FlowSamples) []byte {
	t.Helper()
	return write(t, Delay(Run{Name: r.Scenario, Result: r, Samples: s}), f, Paper)
}

func write(t *testing.T, fig *Figure, f Format, s Style) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := fig.Write(&b, f, s); err != nil {
		t.Fatal(err)
	}
	// DSMIPSIM_LOOK=DIR keeps the pictures for whoever wants to look at them.
	if dir := os.Getenv("DSMIPSIM_LOOK"); dir != "" {
		name := strings.ReplaceAll(t.Name(), "/", "-") + "." + string(f)
		if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func TestPicture(t *testing.T) {
	img, err := png.Decode(bytes.NewReader(render(t, PNG, sample.Result(), sample.Samples())))
	if err != nil {
		t.Fatal(err)
	}
	if w := img.Bounds().Dx(); w != 1400 {
		t.Errorf("width %d, want 7 in at 200 dpi", w)
	}
	text := string(render(t, SVG, sample.Result(), sample.Samples()))
	// In the order in which they are drawn: title, legend, axes, networks above.
	var words []string
	for _, m := range regexp.MustCompile(`>([^<>\n]+)</text>`).FindAllStringSubmatch(text, -1) {
		words = append(words, m[1])
	}
	got := strings.Join(words, "|")
	want := "Delay over time: sample|voice6|voice4|handover|no binding|one-way delay (ms)|0|5|10|15|20|25|30|35|time (s)|0|5|10|15|20|25|30|35|40|lost|home|campus|cafe|home"
	if got != want {
		t.Errorf("texts\n%s\nwant\n%s", got, want)
	}
	if strings.Count(text, svgFonts) != len(words) || strings.Contains(text, "Liberation Serif") {
		t.Error("texts are not in Liberation Sans")
	}
}

// TestFlowsOfEqualDelayAreAllVisible looks for the colours of both in the upper panel.
func TestFlowsOfEqualDelayAreAllVisible(t *testing.T) {
	for _, packets := range []int{100, 1000} { // dots, lines
		s := make([]result.FlowSamples, 2)
		for i := range packets {
			sent := vtime.Time(i) * vtime.Time(10*time.Second) / vtime.Time(packets)
			for k := range s {
				s[k].Packets = append(s[k].Packets, result.Sample{Fate: result.Received, Sent: sent, End: sent.Add(20 * time.Millisecond)})
			}
		}
		img, err := png.Decode(bytes.NewReader(render(t, PNG, &result.Result{DurationS: 10}, s)))
		if err != nil {
			t.Fatal(err)
		}
		seen := map[color.Color]int{}
		for x := range 1100 {
			for y := range 500 {
				seen[color.RGBAModel.Convert(img.At(x, y))]++
			}
		}
		if seen[palette[0]] < 500 || seen[palette[1]] < 500 {
			t.Errorf("%d packets: %d and %d pixels of the flows' colours", packets, seen[palette[0]], seen[palette[1]])
		}
	}
}

// TestPoorRuns draws runs that have little or nothing to show.
func TestPoorRuns(t *testing.T) {
	one := result.FlowSamples{Flow: result.FlowInfo{Name: "p", Kind: "ping"}, Packets: []result.Sample{
		{Fate: result.Received, Sent: vtime.Time(time.Second), End: vtime.Time(1100 * time.Millisecond)}}}
	lost := result.FlowSamples{Flow: result.FlowInfo{Name: "l"}, Packets: []result.Sample{{Fate: result.Lost, Sent: 5, End: 6}}}
	cases := map[string]struct {
		r *result.Result
		s []result.FlowSamples
	}{
		"nothing":  {&result.Result{}, nil},
		"one":      {&result.Result{DurationS: 2}, []result.FlowSamples{one}},
		"all lost": {&result.Result{DurationS: 2}, []result.FlowSamples{lost}},
	}
	for _, name := range []string{"nothing", "one", "all lost"} {
		t.Run(name, func(t *testing.T) {
			render(t, SVG, cases[name].r, cases[name].s)
			render(t, PNG, cases[name].r, cases[name].s)
		})
	}
}

// TestLongFlowsAreThinned keeps pictures small without hiding an outlier.
func TestLongFlowsAreThinned(t *testing.T) {
	s := result.FlowSamples{Flow: result.FlowInfo{Name: "long"}}
	for i := range 100_000 {
		sent := vtime.Time(i) * vtime.Time(time.Millisecond)
		delay := 10*time.Millisecond + time.Duration(i%7)*time.Microsecond
		if i == 54_321 {
			delay = 80 * time.Millisecond
		}
		s.Packets = append(s.Packets, result.Sample{Sequence: uint32(i), Fate: result.Received, Sent: sent, End: sent.Add(delay)})
	}
	tr := newTrack(s, 0, 100)
	if n := len(tr.pieces[0]); len(tr.pieces) != 1 || n > 4*columns {
		t.Errorf("%d pieces, the first of %d points", len(tr.pieces), n)
	}
	seen := false
	for i, p := range tr.pieces[0] {
		if i > 0 && p == tr.pieces[0][i-1] {
			t.Fatalf("point %d is there twice", i)
		}
		seen = seen || p == point{54.321, 80}
	}
	if !seen || len(tr.delays) != 100_000 {
		t.Errorf("outlier drawn: %v; %d delays", seen, len(tr.delays))
	}
}

func TestStraightenKeepsWhatIsVisible(t *testing.T) {
	line := []vg.Point{{X: 0, Y: 5}, {X: 1, Y: 5}, {X: 2, Y: 5.01}, {X: 3, Y: 9}, {X: 4, Y: 5}, {X: 5, Y: 5}, {X: 6, Y: 5}}
	want := []vg.Point{{X: 0, Y: 5}, {X: 2, Y: 5.01}, {X: 3, Y: 9}, {X: 4, Y: 5}, {X: 6, Y: 5}}
	if got := straighten(line); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		most      ticks
		low, high float64
		want      string
	}{
		{10, 0, 100, "0 10 20 30 40 50 60 70 80 90 100"},
		{10, 0, 0.3, "0.00 0.05 0.10 0.15 0.20 0.25 0.30"},
		{6, 0, 37.9, "0 10 20 30"},
		{10, 0, 0.7, "0.0 0.1 0.2 0.3 0.4 0.5 0.6 0.7"},
		{6, 0, 1, "0.0 0.2 0.4 0.6 0.8 1.0"},
		{6, 3, 9.9, "4 6 8"},
	} {
		var labels []string
		for _, tick := range c.most.Ticks(c.low, c.high) {
			labels = append(labels, tick.Label)
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("%v to %v: got %s, want %s", c.low, c.high, got, c.want)
		}
	}
}

func TestStays(t *testing.T) {
	got := stays(sample.Result(), 40)
	want := []stay{
		{network: "home", end: 10},
		{network: "campus", start: 10, settled: 12.131, end: 20},
		{network: "cafe", start: 20, settled: 21.0505, end: 27, unbound: true},
		{network: "home", start: 27, settled: 27.115, end: 40},
	}
	if len(got) != len(want) {
		t.Fatalf("got %+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("stay %d: got %+v, want %+v", i, got[i], want[i])
		}
	}
}

func TestUnknownFormat(t *testing.T) {
	if _, err := ParseFormat("eps"); err == nil {
		t.Error("eps was accepted")
	}
	if err := Delay(Run{Result: &result.Result{}}).Write(&bytes.Buffer{}, "eps", Paper); err == nil {
		t.Error("eps was written")
	}
	if _, err := FindStyle("poster"); err == nil {
		t.Error("a style called poster was found")
	}
}

// A faint colour is as light in PDF as on the screen: its parts are not multiplied by its opacity.
func TestFaintInPDF(t *testing.T) {
	c := faint(palette[1])
	if r, g, b, a := (straight(color.NRGBA64Model.Convert(c).(color.NRGBA64))).RGBA(); r>>8 != 0xd5 || g>>8 != 0x5e || b>>8 != 0 || a>>8 != 0x38 {
		t.Errorf("%x %x %x %x", r, g, b, a)
	}
}
