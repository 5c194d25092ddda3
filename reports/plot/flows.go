package plot

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"gonum.org/v1/plot/vg/draw"

	"dsmipsim/reports/limits"
	"dsmipsim/reports/result"
)

// delaysByFlow collects the delays of the received packets in seconds, by flow, of many flows
// all together.
func delaysByFlow(runs []Run) []group {
	many := len(flowNames(runs))*len(runs) > rowsMost
	return grouped(runs, func(r Run, add func(string, float64)) {
		for _, s := range r.Samples {
			name := s.Flow.Name
			if many {
				name = "all flows"
			}
			if s.Flow.Ping() {
				name += " (RTT)"
			}
			for _, p := range s.Packets {
				if p.Fate == result.Received {
					add(name, float64(p.End-p.Sent)/1e9)
				}
			}
		}
	})
}

const noReception = "No flow of these runs had a packet received, so there is no delay."

// delays are those of the packets of each flow.
func delays(what string, runs []Run) measured {
	m := measured{title: title(what, runs), quantity: "delay", counted: "packets", groups: delaysByFlow(runs), empty: noReception}
	m.name = func(g group) string { return runs[g.run].of(g.kind, runs) }
	for _, r := range runs {
		if oneWay(r.Samples) {
			m.limits = limits.OneWayDelay
		}
	}
	return m
}

// oneWay reports whether a flow has one-way delays, to which limits apply.
func oneWay(all []result.FlowSamples) bool {
	return slices.ContainsFunc(all, func(s result.FlowSamples) bool { return !s.Flow.Ping() })
}

// DelayCDF draws the empirical distribution of the packets' delay of each flow.
func DelayCDF(runs []Run) *Figure {
	m := delays("Distribution of delay", runs)
	return m.cdf()
}

// DelayBoxes draws a box plot of the packets' delay for each flow and run.
func DelayBoxes(runs []Run) *Figure {
	m := delays("Delay of packets", runs)
	return m.boxes()
}

// bins is how many intervals a run is divided into to count what was received, about.
const bins = 100

// binWidth is the width of the intervals: a round number, at least 100 ms.
func binWidth(end float64) time.Duration {
	step, _ := ticks(bins).step(end)
	return max(time.Duration(math.Round(step*1e9)), 100*time.Millisecond)
}

// receipts are the octets that reached the receiving end of a flow, and when.
func receipts(s *result.FlowSamples) []result.Progress {
	if s.Flow.TCP() {
		return s.Progress
	}
	var all []result.Progress
	for _, p := range s.Packets {
		if p.Fate == result.Received {
			all = append(all, result.Progress{At: p.End, Octets: int(p.Octets)})
		}
	}
	return all
}

// Throughput draws the rate at which octets reached the receiving application of each flow.
func Throughput(r Run) *Figure {
	f := &Figure{Title: "Throughput over time: " + r.Name}
	end := runLength(r.Result)
	bin := binWidth(end)
	l := &lines{xLabel: "time (s)", xMax: end, run: r.Result}
	most := 0.0
	for i := range r.Samples {
		received := receipts(&r.Samples[i])
		if len(received) == 0 {
			continue
		}
		rates := make([]float64, int(math.Ceil(float64(end/bin.Seconds()))))
		for _, x := range received {
			if k := int(time.Duration(x.At) / bin); k < len(rates) {
				// The last interval may end with the run.
				rates[k] += float64(x.Octets) * 8 / min(bin.Seconds(), end-float64(float64(k)*bin.Seconds()))
			}
		}
		s := series{name: r.Samples[i].Flow.Name, style: curveStroke(i), steps: true}
		for k, rate := range rates {
			most = max(most, rate)
			s.points = append(s.points, point{float64(k) * bin.Seconds(), rate})
		}
		s.points = append(s.points, point{end, rates[len(rates)-1]})
		l.series = append(l.series, s)
	}
	if len(l.series) == 0 {
		f.Empty = "No flow of the run had anything received."
		return f
	}
	u := unit(most, rateUnits)
	for i := range l.series {
		for k := range l.series[i].points {
			l.series[i].points[k].y /= u.factor
		}
	}
	l.yMax = most / u.factor * 1.08
	l.yLabel = "throughput (" + u.name + ")"
	l.note = fmt.Sprintf("Octets of IP packets, over TCP those of the application, counted over %g s.", bin.Seconds())
	f.body = l
	return f
}

// LossBars draws the share of each flow's packets that was lost, by reason.
func LossBars(runs []Run) *Figure {
	f := &Figure{Title: title("Lost packets", runs)}
	flows := flowNames(runs)
	var reasons []string
	for _, run := range runs {
		for i := range run.Result.Flows {
			for _, reason := range run.Result.Flows[i].Drops.Reasons() {
				if !slices.Contains(reasons, reason) {
					reasons = append(reasons, reason)
				}
			}
		}
	}
	if len(flows) == 0 {
		f.Empty = "These runs have no flow whose losses could be shown."
		return f
	}
	slices.Sort(reasons)
	b := &rows{xLabel: "lost packets (% of sent)"}
	for n, name := range flows {
		for _, run := range runs {
			for i := range run.Result.Flows {
				if x := &run.Result.Flows[i]; x.Name == name {
					b.rows = append(b.rows, lossRow(x, reasons, run.of(name, runs), n))
				}
			}
		}
	}
	for i, reason := range reasons {
		b.parts = append(b.parts, entry{name: spaced(reason), sign: fillSign(i)})
	}
	f.body = b
	return f
}

func lossRow(x *result.Flow, reasons []string, name string, group int) row {
	r := row{name: name, group: group, text: fmt.Sprintf("%d of %d", x.Lost, x.Sent)}
	for i, reason := range reasons {
		if n := x.Drops[reason]; n > 0 && x.Sent > 0 {
			r.parts = append(r.parts, part{float64(n) * 100 / float64(x.Sent), i})
		}
	}
	return r
}

// spaced writes the name of a reason in words.
func spaced(name string) string {
	r := []rune(name)
	for i := range r {
		if r[i] == '_' {
			r[i] = ' '
		}
	}
	return string(r)
}

// SignallingBars draws the signalling octets that all links carried, by message.
func SignallingBars(runs []Run) *Figure {
	f := &Figure{Title: title("Signalling on all links", runs)}
	type key struct{ class, name string }
	var keys []key
	most := int64(0)
	for _, run := range runs {
		for _, m := range run.Result.Signalling.Messages {
			if k := (key{m.Class, m.Type}); !slices.Contains(keys, k) {
				keys = append(keys, k)
			}
			most = max(most, m.OctetHops)
		}
	}
	if len(keys) == 0 {
		f.Empty = "These runs have no signalling."
		return f
	}
	classes := []string{"mobility", "discovery", "address", "resolution"}
	slices.SortStableFunc(keys, func(a, b key) int { return slices.Index(classes, a.class) - slices.Index(classes, b.class) })
	u := unit(float64(most), octetUnits)
	b := &rows{xLabel: "octets, counted on every link they cross (" + u.name + ")"}
	if u.factor == 1 {
		b.xLabel = "octets, counted on every link they cross"
	}
	for n, k := range keys {
		for i, run := range runs {
			for _, m := range run.Result.Signalling.Messages {
				if m.Class == k.class && m.Type == k.name {
					r := row{name: run.of(k.name, runs), group: n, text: packets(m.Packets) + ", " + octets(m.OctetHops),
						parts: []part{{float64(m.OctetHops) / u.factor, slices.Index(classes, k.class)}}}
					if len(runs) > 1 {
						r.parts[0].fill = i
					} else {
						r.group = r.parts[0].fill
					}
					b.rows = append(b.rows, r)
				}
			}
		}
	}
	if len(runs) > 1 {
		for i, run := range runs {
			b.parts = append(b.parts, entry{name: run.Name, sign: fillSign(i)})
		}
	} else {
		for i, class := range classes {
			if slices.ContainsFunc(keys, func(k key) bool { return k.class == class }) {
				b.parts = append(b.parts, entry{name: class, sign: fillSign(i)})
			}
		}
	}
	f.body = b
	return f
}

func packets(n int) string {
	if n == 1 {
		return "1 packet"
	}
	return strconv.Itoa(n) + " packets"
}

// octets writes a number of octets.
func octets(n int64) string {
	u := unit(float64(n), octetUnits)
	return digitsOf(float64(n)/u.factor, u.factor) + " " + u.name
}

// digitsOf writes whole octets as they are.
func digitsOf(v, factor float64) string {
	if factor == 1 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return digits(v)
}

// predictedSign is the sign of a predicted value.
func predictedSign(c draw.Canvas) { predicted(c, c.Center().X, c.Center().Y, 3) }
