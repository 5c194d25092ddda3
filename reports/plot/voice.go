package plot

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"dsmipsim/reports/limits"
	"dsmipsim/reports/result"
	"dsmipsim/reports/voice"
	"dsmipsim/sim/vtime"
)

const noCall = "These runs have no call of which the listener heard anything."

// ratingOf returns the model and codec of a rated call; false if the call has none that is known.
func ratingOf(v *result.Voice) (m voice.Model, e voice.Equipment, ok bool) {
	m, ok = voice.Named(v.Model)
	all := voice.Codecs()
	i := slices.IndexFunc(all, func(e voice.Equipment) bool { return e.Name == v.Codec })
	if !ok || i < 0 {
		return nil, e, false
	}
	return m, all[i], true
}

// RatingBars draws the rating R of each call by the E-model, and what takes it from its base.
func RatingBars(runs []Run) *Figure {
	f := &Figure{Title: title("Rating of calls", runs)}
	b := &rows{xLabel: "rating R (E-model, G.107)", bounds: bounds{quantity: limits.Rating, scale: func(r float64) float64 { return r }}}
	b.parts = legend{{name: "rating R", sign: fillSign(0)}, {name: "delay: Id", sign: fillSign(1)}, {name: "codec: Ie", sign: fillSign(2)}, {name: "loss: Ie-eff − Ie", sign: fillSign(3)}}
	number := apart()
	below := false
	for _, name := range flowNames(runs) {
		for _, run := range runs {
			for i := range run.Result.Flows {
				x := &run.Result.Flows[i]
				if x.Name != name || x.Voice == nil {
					continue
				}
				r := ratingRow(x.Voice)
				r.name, r.group = run.of(name, runs), number(name)
				below = below || x.Voice.R < 0
				b.rows = append(b.rows, r)
			}
		}
	}
	if len(b.rows) == 0 {
		f.Empty = noCall
		return f
	}
	b.note = "R = base − Id − Ie-eff; the bars end at the base, R without delay and loss and with a transparent codec."
	if below {
		b.note += " Loss beyond R = 0 is not drawn."
	}
	f.body = b
	return f
}

func ratingRow(v *result.Voice) row {
	r := row{text: fmt.Sprintf("MOS %.2f, R %.1f", v.MOS, v.R), parts: []part{{v.R, 0}}}
	m, e, ok := ratingOf(v)
	if !ok {
		return r
	}
	t := m.Split(e, float64(v.MouthToEarS*1e3), v.LossPercent, v.BurstR)
	left := t.Base // of the bar
	for i, p := range []float64{max(v.R, 0), t.Delay, t.Codec, t.Loss} {
		p = min(p, left)
		left -= p
		r.parts = append(r.parts[:i], part{p, i})
	}
	return r
}

// callBins is how many intervals a run is divided into to rate its calls, about.
const callBins = 50

// Opinion draws the mean opinion score of each call over time.
func Opinion(r Run) *Figure {
	f := &Figure{Title: "Calls over time: " + r.Name}
	end := runLength(r.Result)
	step, _ := ticks(callBins).step(end)
	bin := max(time.Duration(math.Round(step*1e9)), time.Second)
	l := &lines{xLabel: "time (s)", yLabel: "estimated opinion (MOS)", xMax: end, yMin: 1, yMax: 4.55, greatest: 4.5, run: r.Result,
		bounds: bounds{quantity: limits.Rating, unit: "MOS", scale: voice.MOS}}
	for i := range r.Result.Flows {
		x := &r.Result.Flows[i]
		k := slices.IndexFunc(r.Samples, func(s result.FlowSamples) bool { return s.Flow.Name == x.Name })
		if x.Voice == nil || k < 0 {
			continue
		}
		if m, e, ok := ratingOf(x.Voice); ok {
			l.series = append(l.series, series{name: x.Name, style: curveStroke(len(l.series)), steps: true, points: opinions(x.Voice, m, e, r.Samples[k].Packets, bin, end)})
		}
	}
	if len(l.series) == 0 {
		f.Empty = noCall
		return f
	}
	l.note = fmt.Sprintf("By the E-model over intervals of %g s, playout delay as over the whole call; no line where nothing was sent.", bin.Seconds())
	f.body = l
	return f
}

// opinions rates the packets that were sent in each interval.
func opinions(v *result.Voice, m voice.Model, e voice.Equipment, packets []result.Sample, bin time.Duration, end float64) (points []point) {
	network, playout := seconds(v.NetworkS), seconds(v.PlayoutS)
	for from := time.Duration(0); from.Seconds() < end; from += bin {
		var delays []time.Duration
		for len(packets) > 0 && packets[0].Sent < vtime.Time(from+bin) {
			switch p := packets[0]; p.Fate {
			case result.Received:
				delays = append(delays, p.End.Sub(p.Sent))
			case result.Lost:
				delays = append(delays, voice.Lost)
			}
			packets = packets[1:]
		}
		at := point{from.Seconds(), math.NaN()}
		if len(delays) > 0 {
			call := voice.Played(delays, network, playout)
			at.y = voice.MOS(m(e, float64(v.MouthToEarS*1e3), call.Loss, call.BurstR))
		}
		points = append(points, at)
	}
	return append(points, point{end, points[len(points)-1].y})
}

func seconds(s float64) time.Duration { return time.Duration(math.Round(s * 1e9)) }

// flowNames lists the flows of all runs in the order in which they come.
func flowNames(runs []Run) (names []string) {
	for _, run := range runs {
		for i := range run.Result.Flows {
			if n := run.Result.Flows[i].Name; !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	return names
}

// DisorderBars draws which share of a flow's received packets came reordered, twice, or, of a
// call, too late to be played.
func DisorderBars(runs []Run) *Figure {
	f := &Figure{Title: title("Reordered, duplicated and late packets", runs)}
	b := &rows{xLabel: "packets (% of received)", note: "Reordered by RFC 4737; late: after the turn of a call's packet in the playout buffer. Only flows that have some."}
	number := apart()
	for _, name := range flowNames(runs) {
		for _, run := range runs {
			for i := range run.Result.Flows {
				x := &run.Result.Flows[i]
				if x.Name != name || x.Received == 0 {
					continue
				}
				counts := []int{x.Reordered, x.Duplicates, 0}
				if x.Voice != nil {
					counts[2] = x.Voice.Late
				}
				for k, n := range counts {
					if n > 0 {
						b.rows = append(b.rows, row{name: run.of(name, runs) + ": " + disorders[k], group: number(name),
							text: fmt.Sprintf("%d of %d", n, x.Received), parts: []part{{float64(n) * 100 / float64(x.Received), k}}})
					}
				}
			}
		}
	}
	if len(b.rows) == 0 {
		f.Empty = "No packet of these runs came reordered, twice, or too late."
		return f
	}
	for k, what := range disorders {
		if slices.ContainsFunc(b.rows, func(r row) bool { return strings.HasSuffix(r.name, ": "+what) }) {
			b.parts = append(b.parts, entry{name: what, sign: fillSign(k)})
		}
	}
	f.body = b
	return f
}

var disorders = []string{"reordered", "duplicated", "late"}
