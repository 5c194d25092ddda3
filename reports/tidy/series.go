package tidy

import (
	"io"
	"math"
	"strconv"
	"time"

	"dsmipsim/reports/result"
	"dsmipsim/sim/vtime"
)

// Throughput writes, for each flow, one row per interval from its first packet to the end of
// the run: the packets received in that time and their IP octets as they were sent.
func Throughput(w io.Writer, r *result.Result, samples []result.FlowSamples, bin time.Duration) error {
	t := newTable(w, throughputColumns)
	end := time.Duration(math.Round(r.DurationS * 1e9))
	for i := range samples {
		s := &samples[i]
		if len(s.Packets) == 0 {
			continue
		}
		first := time.Duration(s.Packets[0].Sent) / bin
		type sum struct{ packets, octets int }
		sums := make([]sum, max(0, int((end+bin-1)/bin-first)))
		for _, p := range s.Packets {
			if n := int(time.Duration(p.End)/bin - first); p.Fate == result.Received && n < len(sums) {
				sums[n].packets++
				sums[n].octets += int(p.Octets)
			}
		}
		for n, one := range sums {
			at := (first + time.Duration(n)) * bin
			bps := math.Round(float64(one.octets*8) / bin.Seconds())
			t.write(s.Flow.Name, number(result.Seconds(at)), strconv.Itoa(one.packets), strconv.Itoa(one.octets), number(bps))
		}
	}
	return t.done()
}

// Delays writes one row per test packet, in the order of the flows and of sending.
func Delays(w io.Writer, samples []result.FlowSamples) error {
	t := newTable(w, delayColumns)
	for i := range samples {
		for _, p := range samples[i].Packets {
			delay, reason := "", ""
			switch p.Fate {
			case result.Received:
				delay = number(result.At(p.End - p.Sent))
			case result.Lost:
				reason = p.Reason.String()
			}
			t.write(samples[i].Flow.Name, strconv.FormatUint(uint64(p.Sequence), 10), number(result.At(p.Sent)), p.Fate.String(), delay, reason,
				strconv.Itoa(int(p.Octets)), strconv.Itoa(int(p.Overhead)), strconv.Itoa(int(p.Hops)), strconv.Itoa(int(p.Attachment)))
		}
	}
	return t.done()
}

// Queues writes one row per transmitter and interval during which a frame waited there: the
// mean number of frames and octets that waited, and how many frames began to wait.
func Queues(w io.Writer, queues []result.QueueSamples, bin time.Duration) error {
	t := newTable(w, queueColumns)
	width := vtime.Time(bin)
	for _, q := range queues {
		type sum struct {
			time     int64   // frame-nanoseconds
			octets   float64 // octet-nanoseconds
			arrivals int
		}
		sums := map[vtime.Time]*sum{}
		last := vtime.Time(0)
		at := func(n vtime.Time) *sum {
			if sums[n] == nil {
				sums[n] = &sum{}
			}
			last = max(last, n)
			return sums[n]
		}
		for _, s := range q.Stays {
			at(s.From/width).arrivals++
			for n := s.From / width; n*width < s.Until; n++ {
				part := min(s.Until, (n+1)*width) - max(s.From, n*width)
				one := at(n)
				one.time += int64(part)
				one.octets += float64(float64(s.Octets) * float64(part))
			}
		}
		for n := vtime.Time(0); n <= last && len(q.Stays) > 0; n++ { // by number, so that the map's order does not show
			if one := sums[n]; one != nil {
				t.write(q.Link, q.Node, number(result.At(n*width)), number(rounded(float64(one.time)/float64(width))),
					number(rounded(one.octets/float64(width))), strconv.Itoa(one.arrivals))
			}
		}
	}
	return t.done()
}

// rounded keeps nine decimals.
func rounded(x float64) float64 { return math.Round(x*1e9) / 1e9 }
