package metric

import (
	"math"

	"dsmipsim/reports/limits"
	"dsmipsim/reports/result"
	"dsmipsim/sim/vtime"
)

// paths sums up, for each flow, what its received packets met at each network that the mobile
// node was at.
func (r *Recorder) paths() [][]result.Path {
	at := map[string][]string{} // network by attachment, of each mobile node
	for _, h := range r.tracker.All() {
		if h.Index == 1 {
			from, _ := r.setup.NetworkOf(h.From)
			at[h.Node] = []string{from}
		}
		to, _ := r.setup.NetworkOf(h.To)
		at[h.Node] = append(at[h.Node], to)
	}
	all := make([][]result.Path, len(r.flows))
	for i, f := range r.flows {
		networks := at[f.info.MobileNode]
		if len(networks) == 0 {
			link := r.tracker.Attached(f.info.MobileNode)
			name, _ := r.setup.NetworkOf(link)
			networks = []string{name}
		}
		all[i] = f.paths(networks)
	}
	return all
}

// paths sums up by network; networks are those of the attachments.
func (f *flow) paths(networks []string) []result.Path {
	type sum struct {
		hops  int64
		delay vtime.Time
		least vtime.Time
	}
	var paths []result.Path
	var sums []sum
	index := map[string]int{}
	for i := range f.packets {
		p := &f.packets[i]
		if p.received == vtime.Never || p.back {
			continue
		}
		name := networks[min(int(p.path), len(networks)-1)]
		n, known := index[name]
		if !known {
			n = len(paths)
			index[name] = n
			paths, sums = append(paths, result.Path{Network: name}), append(sums, sum{least: vtime.Never})
		}
		delay := p.received - p.born
		paths[n].Received++
		paths[n].OverheadOctets += int64(p.overhead)
		sums[n].hops += int64(p.hops)
		sums[n].delay += delay
		sums[n].least = vtime.Min(sums[n].least, delay)
	}
	for n := range paths {
		p, s := &paths[n], sums[n]
		p.HopsMean = rounded(float64(s.hops) / float64(p.Received))
		p.DelayMinS = result.At(s.least)
		p.DelayMeanS = result.SecondsOf(float64(s.delay) / float64(p.Received))
	}
	return paths
}

// throughput is received octets over the time from the first sending to the last reception.
func (f *flow) throughput(octets int64) *float64 {
	first, last := vtime.Never, vtime.Time(0)
	for i := range f.packets {
		p := &f.packets[i]
		first = vtime.Min(first, p.born)
		if p.received != vtime.Never {
			last = max(last, p.received)
		}
	}
	if octets == 0 || last <= first {
		return nil
	}
	return result.Some(rounded(float64(octets*8) / result.At(last-first)))
}

func (f *flow) limits(r *result.Flow) *result.Limits {
	variation, ok := f.delays.variation()
	if !ok {
		return nil
	}
	l := &result.Limits{LossRatio: rounded(float64(r.Lost) / float64(r.Lost+r.Received)), DelayVariationS: variation}
	if !f.info.Ping() {
		l.G114 = limits.G114(r.Delay.MeanS)
		l.Y1541Classes = limits.Y1541(r.Delay.MeanS, l.DelayVariationS, l.LossRatio)
	}
	return l
}

// rounded keeps six decimals, which do not depend on how a machine divides.
func rounded(x float64) float64 { return math.Round(x*1e6) / 1e6 }
