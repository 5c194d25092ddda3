package main

import (
	"cmp"
	"html"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dsmipsim/cmd/dsmipsim/internal/recompute"
)

// svgText is a text of an SVG picture.
type svgText struct {
	y    float64 // grows upwards
	text string
}

var svgPattern = regexp.MustCompile(`(?s)<text x="[^"]*" y="([^"]*)"[^>]*>([^<]*)</text>`)

func texts(picture string) (all []svgText) {
	for _, m := range svgPattern.FindAllStringSubmatch(picture, -1) {
		y, _ := strconv.ParseFloat(m[1], 64)
		all = append(all, svgText{-y, html.UnescapeString(m[2])})
	}
	return all
}

// beside returns those of texts that match, from top to bottom.
func beside(all []svgText, pattern string) (found []string) {
	re := regexp.MustCompile("^" + pattern + "$")
	var rows []svgText
	for _, x := range all {
		if re.MatchString(x.text) {
			rows = append(rows, x)
		}
	}
	slices.SortStableFunc(rows, func(a, b svgText) int {
		if a.y > b.y {
			return -1
		}
		return 1
	})
	for _, x := range rows {
		found = append(found, x.text)
	}
	return found
}

// plots compares the numbers in the pictures.
func (o *outputs) plots(t *testing.T) {
	// Losses: a row for each flow, in order.
	var want []string
	for _, f := range o.flowRows() {
		want = append(want, f["lost"]+" of "+f["sent"])
	}
	if got := beside(texts(string(o.read(t, "plots/loss.svg"))), `\d+ of \d+`); !slices.Equal(got, want) {
		t.Errorf("loss.svg has %q, by the capture %q", got, want)
	}

	// Signalling: a row for each message, by class.
	pattern := `(\d+) packets?, ([\d.]+) (octets|kB|MB)`
	re := regexp.MustCompile(pattern)
	got := beside(texts(string(o.read(t, "plots/signalling.svg"))), pattern)
	var messages []*recompute.Message
	for _, class := range []string{"mobility", "discovery", "address", "resolution"} {
		for _, m := range o.judge.Messages {
			if m.Class == class {
				messages = append(messages, m)
			}
		}
	}
	if len(got) != len(messages) {
		t.Fatalf("signalling.svg has %q, the capture %d messages", got, len(messages))
	}
	for i, m := range messages {
		x := re.FindStringSubmatch(got[i])
		octets := big.NewRat(int64(m.Crossing), map[string]int64{"octets": 1, "kB": 1000, "MB": 1_000_000}[x[3]])
		if x[1] != digits(m.Packets) || x[2] != shortest(octets, x[2]) {
			t.Errorf("signalling.svg has %q for %s, by the capture %d packets, %d octets", got[i], m.Type, m.Packets, m.Crossing)
		}
	}

	o.phases(t)
	o.dots(t, string(o.read(t, "plots/delay.svg")))
}

// phases compares the picture of phases: a row for each kind of handover that ended in a binding, with
// the mean latency.
func (o *outputs) phases(t *testing.T) {
	rows := readCSV(t, string(o.read(t, "handovers.csv")))
	var kinds []string
	latencies := map[string][]*big.Rat{}
	for i, h := range o.judge.Handover {
		if h.Silent {
			return // its latency is not in the capture
		}
		if kind := rows[i]["kind"]; h.Accepted != recompute.Never {
			if latencies[kind] == nil {
				kinds = append(kinds, kind)
			}
			latencies[kind] = append(latencies[kind], big.NewRat(h.Accepted-h.Start, 1e9))
		}
	}
	pattern := `([\d.]+) (s|ms), n = (\d+)`
	re := regexp.MustCompile(pattern)
	got := beside(texts(string(o.read(t, "plots/phases.svg"))), pattern)
	if len(got) != len(kinds) {
		t.Fatalf("phases.svg has %q, wanted a row for each of %q", got, kinds)
	}
	for i, kind := range kinds {
		x := re.FindStringSubmatch(got[i])
		mean := new(big.Rat)
		for _, l := range latencies[kind] {
			mean.Add(mean, l)
		}
		mean.Mul(mean, big.NewRat(map[string]int64{"s": 1, "ms": 1000}[x[2]], int64(len(latencies[kind]))))
		if x[3] != digits(len(latencies[kind])) || x[1] != shortest(mean, x[1]) {
			t.Errorf("phases.svg has %q for %s, by the capture %s", got[i], kind, mean.FloatString(9))
		}
	}
}

// signPattern is a closed shape: its outline and its colour.
var signPattern = regexp.MustCompile(`<path d="(M[^"]*Z)" style="(?:fill:none;stroke|fill):(#\w+)[;"]`)

// signs returns the places of the signs in a picture, by flow: each flow has its colour, and the legend, which
// is drawn first, has the flows in their order. A place is that of the first corner; of a flow with dots and other
// signs, the dots are more.
func signs(picture string) (flows [][][2]float64) {
	var colours []string
	widths := map[string]map[string][][2]float64{} // places by colour and width: the sign in the legend is larger
	for _, m := range signPattern.FindAllStringSubmatch(picture, -1) {
		numbers := strings.FieldsFunc(m[1], func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
		x, _ := strconv.ParseFloat(numbers[0], 64)
		y, _ := strconv.ParseFloat(numbers[1], 64)
		left, right := x, x
		if _, arc, ok := strings.Cut(m[1], "A"); ok {
			radius, _, _ := strings.Cut(arc, ",")
			r, _ := strconv.ParseFloat(radius, 64)
			left = x - 2*r
		} else {
			for i := 2; i < len(numbers); i += 2 {
				corner, _ := strconv.ParseFloat(numbers[i], 64)
				left, right = min(left, corner), max(right, corner)
			}
		}
		if right-left > 6 {
			continue // a shade
		}
		colour, width := m[2], strconv.FormatFloat(right-left, 'f', 1, 64)
		if widths[colour] == nil {
			colours, widths[colour] = append(colours, colour), map[string][][2]float64{}
		}
		if at := [2]float64{x, y}; !slices.Contains(widths[colour][width], at) { // drawn again where they hide each other
			widths[colour][width] = append(widths[colour][width], at)
		}
	}
	for _, colour := range colours {
		var most [][2]float64
		for _, places := range widths[colour] {
			if len(places) > len(most) {
				most = places
			}
		}
		flows = append(flows, most)
	}
	return flows
}

// dots compares each dot of the delay plot. Flows of few packets have dots, and of those that send less often
// than there are columns none is left out.
func (o *outputs) dots(t *testing.T, picture string) {
	const few, columns = 400, 1500
	drawn := signs(picture)
	for n, f := range o.judge.Flows {
		if len(f.Packets) > few || f.Interval*columns < o.judge.Scenario.End {
			continue
		}
		var all, want [][2]float64
		if n < len(drawn) {
			all = drawn[n]
		}
		for _, p := range f.Packets {
			if p.Fate == recompute.Received {
				want = append(want, [2]float64{float64(p.Sent), float64(p.End - p.Sent)})
			}
		}
		if len(all) != len(want) {
			t.Errorf("delay.svg has %d dots of %s, by the capture %d", len(all), f.Name, len(want))
			continue
		}
		for axis := range 2 { // the scales of the axes from the least and the greatest value
			less := func(a, b [2]float64) int { return cmp.Compare(a[axis], b[axis]) }
			scale := (slices.MaxFunc(all, less)[axis] - slices.MinFunc(all, less)[axis]) / (slices.MaxFunc(want, less)[axis] - slices.MinFunc(want, less)[axis])
			zero := slices.MinFunc(all, less)[axis] - scale*slices.MinFunc(want, less)[axis]
			for i := range all {
				if got := zero + scale*want[i][axis]; math.Abs(all[i][axis]-got) > 0.02 { // two decimals are written
					t.Errorf("delay.svg has dot %d of %s at %v, by the capture at %.2f of axis %d", i+1, f.Name, all[i], got, axis)
				}
			}
		}
	}
}
