package plot

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image"
	"image/png"
	"io"
	"maps"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"

	"dsmipsim/reports/internal/sample"
	"dsmipsim/reports/result"
	"dsmipsim/sim/vtime"
)

// usual is the invented run.
func usual(name string) Run {
	r := Run{Name: name, Result: sample.Result(), Samples: sample.Samples()}
	for i := range 8 {
		q := Occupancy{Link: fmt.Sprintf("link%d", i), Node: "a-router", BinS: 0.5, Frames: map[int]float64{}}
		for k := i; k < 80; k += i + 1 {
			q.Frames[k] = float64((k*k)%(9+i)) / 4
		}
		r.Queues = append(r.Queues, q)
	}
	for i := range r.Samples {
		for k := range r.Samples[i].Packets {
			r.Samples[i].Packets[k].Octets = int32(208 - 20*i)
		}
	}
	call := &r.Result.Flows[0]
	call.Voice = &result.Voice{Model: "cole-rosenbluth", Codec: "G.729A with VAD", R: 60.1, MOS: 3.1, NetworkS: 0.02, PlayoutS: 0.06, MouthToEarS: 0.105, LossPercent: 2, BurstR: 1.5, Late: 7}
	r.Result.Handovers[0].Flows[0].Stall = &result.Stall{StallS: result.Some(2.4)}
	r.Result.Attribution = []result.Attribution{{MobileNode: "mn", Index: 1, From: "home", To: "campus", LatencyS: result.Some(2.131),
		Costs: []result.Cost{{Cause: "address verification", CostS: result.Some(1)}, {Cause: "attachment", CostS: result.Some(-0.01)}, {Cause: "no effect"}}}}
	return r
}

// crowded is a run with more of everything than a figure has room for, and long names.
func crowded() Run {
	r := Run{Name: "a-scenario-with-a-name-that-somebody-thought-should-tell-everything-about-it", Result: sample.Result()}
	res := r.Result
	res.Flows, res.Handovers, res.Signalling.Messages = nil, nil, nil
	kinds := []string{"home->ipv6", "ipv6->ipv4-private", "ipv4-private->dual-stack", "dual-stack->isatap", "isatap->ipv4-public"}
	for i := range 60 {
		name := fmt.Sprintf("flow-of-the-mobile-node-number-%d-to-the-correspondent", i)
		drops := result.Drops{}
		for k := range 9 {
			drops[fmt.Sprintf("a_reason_with_a_long_name_%d", k)] = (i*7 + k*5) % 13
		}
		res.Flows = append(res.Flows, result.Flow{Name: name, Sent: 200, SentOctets: 40000, Received: 100, Reordered: i, Duplicates: 60 - i, OverheadOctets: int64(i * 1000), Lost: drops.Total(), Drops: drops,
			Voice: &result.Voice{Model: "full", Codec: "AMR 12.2", R: 90 - float64(i*3), MOS: 4.3 - float64(i)*0.055, PlayoutS: 0.06, NetworkS: 0.001, MouthToEarS: 0.1 + float64(i)*0.01, LossPercent: float64(i), BurstR: 2, Late: i},
			Paths: []result.Path{{Network: "a-network-with-a-long-name", DelayMinS: 0.02 * float64(i+1), DirectDelayS: result.Some(0.02), DelayStretch: result.Some(float64(i + 1)), HopStretch: result.Some(1.5)}}})
		res.Bindings = append(res.Bindings, result.Binding{Node: "a-home-agent-with-a-long-name", Home: fmt.Sprintf("2001:db8:100:1234:5678:9abc:def0:%d", i), CareOf: fmt.Sprintf("2001:db8:a:1234:5678:9abc:def0:%d", i), FromS: float64(i) * 0.5})
		res.Attribution = append(res.Attribution, result.Attribution{From: "a-network-with-a-long-name", To: fmt.Sprint("another-network-", i),
			Costs: []result.Cost{{Cause: "verification of addresses with a long name", CostS: result.Some(float64(i))}}})
		res.Signalling.Messages = append(res.Signalling.Messages, result.Message{
			Class: []string{"mobility", "discovery", "address", "resolution"}[i%4], Type: fmt.Sprintf("a rather long message name %d", i),
			Packets: i * 1000, Octets: int64(i * 100000), OctetHops: int64(i*i) * 1000000})
		s := result.FlowSamples{Flow: result.FlowInfo{Name: name}}
		for k := range 100 {
			sent := vtime.Time(k) * vtime.Time(400*time.Millisecond)
			s.Packets = append(s.Packets, result.Sample{Fate: result.Received, Octets: 200, Sent: sent, End: sent.Add(time.Duration(k*i%37+1) * time.Millisecond)})
		}
		r.Samples = append(r.Samples, s)
		res.Handovers = append(res.Handovers, result.Handover{
			MobileNode: "mn", Index: i + 1, From: "a-network-with-a-long-name", To: "another-network", Kind: kinds[i%5] + strings.Repeat("x", i/5),
			StartS: float64(i) * 0.6, LatencyS: result.Some(float64(i) * 0.05),
			Phases:    result.Phases{L2S: float64(i) * 0.01, DetectS: float64(i) * 0.02, AddressS: float64(i) * 0.02, RouteOptimizationS: 0.1},
			Predicted: &result.Prediction{LatencyS: float64(i) * 0.051},
			Flows:     []result.Interruption{{Flow: name, InterruptionS: result.Some(float64(i) * 0.06), Stall: &result.Stall{StallS: result.Some(float64(i) * 0.07)}}}})
		r.Queues = append(r.Queues, Occupancy{Link: "a-link-between-two-places", Node: name, BinS: 1, Frames: map[int]float64{i % 40: float64(i * 100)}})
	}
	return r
}

// figures are all kinds of figures of one run, of several, of a crowded one and of an empty one.
func figures() map[string]*Figure {
	all := map[string]*Figure{}
	empty := Run{Name: "empty", Result: &result.Result{}}
	for _, k := range Kinds() {
		all[k.Name+"-usual"] = k.Make([]Run{usual("sample")})
		all[k.Name+"-crowded"] = k.Make([]Run{crowded()})
		all[k.Name+"-empty"] = k.Make([]Run{empty})
		if !k.Single {
			all[k.Name+"-three"] = k.Make([]Run{usual("standard"), usual("rfc-literal"), usual("a third run with a longer name")})
			all[k.Name+"-both"] = k.Make([]Run{crowded(), usual("sample")})
		}
	}
	for _, which := range []Limits{AllLimits, NoLimits} {
		for _, kind := range []string{"delay", "delay-cdf", "delay-boxes", "handover-boxes", "interruption", "rating", "calls"} {
			k, _ := FindKind(kind)
			for name, run := range map[string]Run{"usual": usual("sample"), "crowded": crowded()} {
				fig := k.Make([]Run{run})
				fig.Limits = which
				all[kind+"-"+name+"-limits-"+string(which)] = fig
			}
		}
	}
	axes := Axes{Title: "Handover latency against the interval of advertisements", X: "router_advertisement.interval (ms)", Y: "handover latency (s)", Note: "Bands: 95 % confidence of the mean of 30 runs."}
	curves := make([]Curve, 3)
	for i := range curves {
		curves[i].Name = []string{"to campus", "to cell", "to a network with a rather long name"}[i]
		for x := range 6 {
			mean := 0.2 + float64(x*(i+1))*0.11
			curves[i].Points = append(curves[i].Points, CurvePoint{X: float64(x * 200), Mean: mean, Low: mean - 0.05*float64(x), High: mean + 0.06*float64(x)})
		}
	}
	single := func(curves []Curve) []Panel { return []Panel{{Curves: curves}} }
	all["factor-usual"] = Factor(axes, single(curves), 0)
	all["factor-one"] = Factor(axes, single([]Curve{{Points: []CurvePoint{{X: 5, Mean: 3, Low: 3, High: 3}}}}), 0)
	all["factor-empty"] = Factor(axes, nil, 0)
	words := axes
	words.Values = []string{"standard", "rfc-literal", "a profile whose name is long", "30 to 70 ms", "y", "z"}
	byWords := make([]Curve, len(curves))
	for i := range curves {
		byWords[i].Name = curves[i].Name
		for k, p := range curves[i].Points {
			p.X, p.Predicted = float64(k), result.Some(p.Mean*1.1)
			byWords[i].Points = append(byWords[i].Points, p)
		}
	}
	all["factor-words"] = Factor(words, single(byWords), 0)
	log := axes
	log.LogX, log.LogY = true, true
	all["factor-log"] = Factor(log, single(curves), 0) // whose points at 0 have no place, and whose bands go below 0
	facets := []Panel{{"warm", curves}, {"cold", curves[:2]}, {"a server that takes its time", curves[1:]}, {"none at all", nil}, {"five", curves}}
	all["multiples-usual"] = Factor(axes, facets, 0)
	all["multiples-grid"] = Factor(log, append(facets, facets[0]), 3)
	facets[1].Curves = byWords
	all["multiples-words"] = Factor(words, []Panel{{"warm", byWords}, {"cold", byWords[:1]}}, 0)
	return all
}

// Every kind of figure, in every style: nothing touches the border, no two texts overlap, the
// legend is outside the data, a picture without data says so, and the same input gives the same
// octets.
func TestFigures(t *testing.T) {
	again := figures()
	i := 0
	for _, name := range slices.Sorted(maps.Keys(again)) {
		fig := again[name]
		for _, s := range Styles() {
			i++
			t.Run(name+"-"+s.Name, func(t *testing.T) {
				layout(t, fig, s)
				if strings.HasSuffix(name, "-empty") != (fig.Empty != "") {
					t.Errorf("empty: %q", fig.Empty)
				}
				// Drawing pixels takes long: each figure in one of the styles.
				if (i%len(Styles()) != 0 || strings.Contains(name, "-limits-")) && os.Getenv("DSMIPSIM_LOOK") == "" {
					return
				}
				img, err := png.Decode(bytes.NewReader(write(t, fig, PNG, s)))
				if err != nil {
					t.Fatal(err)
				}
				border(t, img)
				if s.Name == "slide" && img.Bounds().Size() != image.Pt(1920, 1080) {
					t.Errorf("a slide of %v", img.Bounds().Size())
				}
			})
		}
		i++ // the next figure in another style
	}
}

// The same run gives the same octets in every format, whatever was drawn in between.
func TestSameOctetsEachTime(t *testing.T) {
	for _, k := range Kinds() {
		for _, f := range []Format{SVG, PNG, PDF} {
			if !bytes.Equal(write(t, k.Make([]Run{usual("sample")}), f, Paper), write(t, k.Make([]Run{usual("sample")}), f, Paper)) {
				t.Errorf("two %s pictures of %s differ", f, k.Name)
			}
		}
	}
}

// border wants the outermost pixels white.
func border(t *testing.T, img image.Image) {
	t.Helper()
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if y > b.Min.Y+1 && y < b.Max.Y-2 && x == b.Min.X+2 {
				x = b.Max.X - 2
			}
			if r, g, b, _ := img.At(x, y).RGBA(); r+g+b != 3*0xffff {
				t.Fatalf("ink at (%d, %d), on the border", x, y)
			}
		}
	}
}

// textBox is where a text stands.
type textBox struct {
	text string
	vg.Rectangle
}

// layout records what a figure draws, and wants its texts on the page, apart from each other and
// from the data.
func layout(t *testing.T, fig *Figure, s Style) {
	t.Helper()
	width, height := s.width/vg.Length(s.scale), s.height/vg.Length(s.scale)
	if height == 0 {
		height = fig.height(width)
	}
	var rec recorder.Canvas
	fig.draw(draw.NewCanvas(&rec, width, height))
	texts := textBoxes(rec.Actions)
	for i, a := range texts {
		if a.Min.X < 0 || a.Min.Y < 0 || a.Max.X > width || a.Max.Y > height {
			t.Errorf("%q is cut: %v on a page of %v by %v", a.text, a.Rectangle, width, height)
		}
		for _, b := range texts[:i] {
			if a.Min.X < b.Max.X && b.Min.X < a.Max.X && a.Min.Y < b.Max.Y && b.Min.Y < a.Max.Y {
				t.Errorf("%q and %q overlap: %v, %v", b.text, a.text, b.Rectangle, a.Rectangle)
			}
		}
	}
	if fig.Empty != "" && len(texts) < 2 {
		t.Error("nothing tells why the figure is empty")
	}
}

// textBoxes follows the transformations of a recording: texts are upright or turned by a right
// angle.
func textBoxes(actions []recorder.Action) (boxes []textBox) {
	type state struct {
		origin vg.Point
		turned bool
	}
	var at state
	var stack []state
	for _, a := range actions {
		switch a := a.(type) {
		case *recorder.Push:
			stack = append(stack, at)
		case *recorder.Pop:
			at, stack = stack[len(stack)-1], stack[:len(stack)-1]
		case *recorder.Rotate:
			at.turned = a.Angle != 0
		case *recorder.Translate:
			at.origin = at.origin.Add(a.Point)
		case *recorder.FillString:
			face := label(a.Size, draw.XLeft, draw.YBottom)
			e := face.FontExtents()
			w := face.Width(a.String)
			b := vg.Rectangle{Min: vg.Point{X: a.Point.X, Y: a.Point.Y - e.Descent/2}, Max: vg.Point{X: a.Point.X + w, Y: a.Point.Y + e.Ascent*0.75}}
			if at.turned {
				b.Min, b.Max = vg.Point{X: -b.Max.Y, Y: b.Min.X}, vg.Point{X: -b.Min.Y, Y: b.Max.X}
			}
			boxes = append(boxes, textBox{a.String, vg.Rectangle{Min: b.Min.Add(at.origin), Max: b.Max.Add(at.origin)}})
		}
	}
	return boxes
}

// A rate is over what there is of the last interval; many intervals of queues make one.
func TestIntervals(t *testing.T) {
	r := Run{Name: "r", Result: &result.Result{DurationS: 10.05}, Samples: []result.FlowSamples{{Flow: result.FlowInfo{Name: "f"}}}}
	for i := range 1005 {
		at := vtime.Time(i) * vtime.Time(10*time.Millisecond)
		r.Samples[0].Packets = append(r.Samples[0].Packets, result.Sample{Fate: result.Received, Octets: 125, Sent: at, End: at})
	}
	s := Throughput(r).body.(*lines).series[0]
	for _, p := range s.points {
		if math.Abs(p.y-100) > 1e-9 {
			t.Errorf("%v kb/s at %v s, want 100", p.y, p.x)
		}
	}
	q := Occupancy{BinS: 0.001, Frames: map[int]float64{}}
	for i := range 10050 {
		q.Frames[i] = float64(i % 11)
	}
	r.Queues = []Occupancy{q}
	l := Queues(r).body.(*lines)
	if got, note := l.series[0].points[0].y, l.note; len(l.series[0].points) > queueBins || math.Abs(got-5) > 1e-9 || note != "Means over intervals of 0.011 s." {
		t.Errorf("%d points, the first %v, %s", len(l.series[0].points), got, note)
	}
}

// A legend without room drops the last of what it explains, never what is kept.
func TestLegendKeeps(t *testing.T) {
	l := make(legend, 5).with(entry{name: "limit"}, entry{name: "shade"})
	var names []string
	for _, e := range l.cut(5) {
		names = append(names, e.name)
	}
	if got := strings.Join(names, "|"); got != "||and 3 more|limit|shade" {
		t.Errorf("got %s", got)
	}
	if n := len(l.cut(2)); n != 2 {
		t.Errorf("%d entries in the room for 2", n)
	}
}

// Letters of the font's code page are text, one octet each; outlines stand for the others.
func TestLettersInPDF(t *testing.T) {
	drawing := func(title string) (texts string, curves int) {
		file := write(t, &Figure{Title: title, Empty: "-"}, PDF, Paper)
		for _, m := range regexp.MustCompile(`(?s)stream\n(.*?)\nendstream`).FindAllSubmatch(file, -1) {
			z, err := zlib.NewReader(bytes.NewReader(m[1]))
			if err != nil {
				continue
			}
			content, err := io.ReadAll(z)
			if err != nil || !bytes.Contains(content, []byte(")Tj")) {
				continue
			}
			for _, x := range regexp.MustCompile(`(?s)\((.*?)\) ?Tj`).FindAllSubmatch(content, -1) {
				texts += string(x[1]) + "|"
			}
			return texts, bytes.Count(content, []byte(" c\n")) + bytes.Count(content, []byte(" v\n"))
		}
		t.Fatal("nothing is written")
		return "", 0
	}
	if texts, curves := drawing("2 × 3 … 4"); texts != "2 \xd7 3 \x85 4|-|" || curves != 0 {
		t.Errorf("found %q, %d curves", texts, curves)
	}
	if texts, curves := drawing("home → жук"); texts != "home | |-|" || curves < 8 {
		t.Errorf("found %q, %d curves", texts, curves)
	}
}

// Hatches and colours tell the parts of bars apart.
func TestHatchesDiffer(t *testing.T) {
	seen := map[string]bool{}
	for i := range len(palette) * hatchKinds {
		var rec recorder.Canvas
		hatched(draw.NewCanvas(&rec, 50, 50), rectangleOf(0, 0, 30, 10), i)
		var calls []string
		for _, a := range rec.Actions {
			calls = append(calls, a.Call())
		}
		if text := strings.Join(calls, "\n"); seen[text] {
			t.Errorf("fill %d looks like an earlier one", i)
		} else {
			seen[text] = true
		}
	}
}

func rectangleOf(x0, y0, x1, y1 vg.Length) vg.Rectangle {
	return vg.Rectangle{Min: vg.Point{X: x0, Y: y0}, Max: vg.Point{X: x1, Y: y1}}
}
