package recompute

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Never is an instant that was not reached.
const Never = math.MaxInt64

// Fate is the end of a test packet, as far as a capture tells.
type Fate int

// Fates.
const (
	Received   Fate = iota
	Refused         // no transmission at all: its source had no way to send it
	NoReceiver      // sent to the mobile node on a link that it was not on
	Detached        // on its way to the mobile node when that left the link
	Forgotten       // the last node that it reached did not pass it on
	UnderWay        // on a link when the run ended
)

// Packet is one test packet; of a ping, the request with its reply.
type Packet struct {
	Sequence   int   // over TCP, the end that sent it: 0 or 1
	Sent       int64 // from its octets, or of a refused one from the schedule of its flow; Never if that is unknown
	Fate       Fate
	End        int64 // received or lost; Never while under way
	Octets     int   // of the packet as it was sent; 0 if refused
	Added      int   // octets added to it until it was received
	Hops       int   // transmissions until it was received
	Attachment int   // how many handovers had started when the mobile node sent it or received it

	parts []part // that were added when it was seen last
}

// Flow is what was found of a test flow. Times are nanoseconds, means and quantiles rounded.
type Flow struct {
	Plan
	Packets    []Packet // of each sequence number from 0
	Received   int
	Duplicates int
	Reordered  int
	Added      int64 // octets added to packets wherever that happened
	Delay      *Delay
	Jitter     int64 // -1 with less than two receptions
	LongestGap int64 // the same
	Fates      [UnderWay + 1]int
	Harm       []Harm // by each handover
	Stream     *Stream

	expected int // RFC 4737 section 3.3: NextExp
}

// Delay describes the delays of the received packets.
type Delay struct{ Min, Mean, P50, P95, P99, Max int64 }

// Harm is what a handover did to a flow.
type Harm struct {
	Interruption int64 // -1 for null
	Lost         int
}

// measureFlows follows every test packet over its links.
func (s *Scenario) measureFlows(c *capture) ([]*Flow, error) {
	var flows []*Flow
	for _, p := range s.Plans {
		flows = append(flows, &Flow{Plan: p, Jitter: -1, LongestGap: -1})
	}
	media := map[stamp]int64{} // when the packets of a picture were sent, by their RTP time stamp
	for _, f := range c.frames {
		if st, ok := f.ip.stamp(); ok && st.sent >= 0 {
			media[stamp{flow: st.flow, media: st.media}] = st.sent
		}
	}
	for _, f := range c.frames {
		st, ok := f.ip.stamp()
		if !ok {
			continue
		}
		if st.flow == 0 || int(st.flow) > len(flows) {
			return nil, f.fault("a test packet of flow %d", st.flow)
		}
		flow := flows[st.flow-1]
		if st.sent < 0 {
			if st.sent, ok = media[stamp{flow: st.flow, media: st.media}]; !ok { // speech has a clock of 8 kHz
				st.sent = flow.Start + int64(st.media)*125_000
			}
		}
		if err := flow.transmission(f, st, s, c); err != nil {
			return nil, err
		}
	}
	for _, flow := range flows {
		if !flow.TCP() {
			flow.refusals()
			flow.sum()
			if err := flow.harm(s); err != nil {
				return nil, err
			}
		}
	}
	return flows, s.measureStreams(c, flows)
}

// transmission takes note of a frame with a packet of the flow. What a receiver does
// with a packet is not in the capture: whatever reaches an end of the flow counts as received.
func (x *Flow) transmission(f *frame, st stamp, s *Scenario, c *capture) error {
	for len(x.Packets) <= int(st.sequence) {
		x.Packets = append(x.Packets, Packet{Sequence: len(x.Packets), Sent: Never, Fate: Refused, End: Never})
	}
	p := &x.Packets[st.sequence]
	if p.Hops == 0 {
		p.Sent, p.Octets = st.sent, f.ip.base()
		p.Attachment = s.attachment(p.Sent)
		if s.on(f.link, p.Sent-1, p.Sent-1) && f.departure == p.Sent && p.Attachment > 0 && s.Stays[p.Attachment].Chosen == p.Sent {
			p.Attachment-- // sent in the instant of the handover, over the old link
		}
	}
	if p.Sent != st.sent || p.Octets != f.ip.base() || f.departure < p.Sent {
		return f.fault("packet %d of %s, sent at %d with %d octets, is one sent at %d with %d octets", p.Sequence, x.Name, st.sent, f.ip.base(), p.Sent, p.Octets)
	}
	added := 0
	for _, a := range f.ip.added {
		if !slices.Contains(p.parts, a) {
			added += a.octets
		}
	}
	p.parts = f.ip.added
	x.Added += int64(added)
	if p.Fate == Received && p.End <= f.departure {
		x.arrive(p, f, s, c)
		return nil
	}
	p.Hops++
	p.Added += added
	x.arrive(p, f, s, c)
	return nil
}

// arrive decides what becomes of a packet at the other end of the link.
func (x *Flow) arrive(p *Packet, f *frame, s *Scenario, c *capture) {
	fate, end := Forgotten, f.arrival
	toMobile := (x.To == s.Mobile) != f.ip.reply()
	last := x.Kind != "ping" || f.ip.reply()
	switch {
	case !f.shared:
	case toMobile && f.to == c.mobile && !s.on(f.link, f.departure, f.departure):
		fate, end = NoReceiver, f.departure
	case toMobile && f.to == c.mobile && !s.on(f.link, f.departure, f.arrival):
		fate = Detached
	case toMobile && f.to == c.mobile && last, !toMobile && f.link == s.hosts[x.host(s)] && last:
		fate = Received
	}
	if end > s.End {
		fate, end = UnderWay, Never
	}
	if p.Fate == Received {
		if fate == Received {
			x.Duplicates++
		}
		return
	}
	p.Fate, p.End = fate, end
	if fate == Received && x.To == s.Mobile && x.Kind != "ping" {
		p.Attachment = s.attachment(end)
	}
}

// host is the end of the flow that stays where it is.
func (x *Flow) host(s *Scenario) string {
	if x.To == s.Mobile {
		return x.From
	}
	return x.To
}

// refusals puts refused packets where the schedule has them: one each interval. Without a schedule
// nothing but the order is known.
func (x *Flow) refusals() {
	if x.Interval == 0 {
		return
	}
	for at := x.Start + int64(len(x.Packets))*x.Interval; at < x.Stop; at += x.Interval {
		x.Packets = append(x.Packets, Packet{Sequence: len(x.Packets), Fate: Refused, End: Never})
	}
	for i := range x.Packets {
		if p := &x.Packets[i]; p.Fate == Refused {
			p.Sent = x.Start + int64(i)*x.Interval
			p.End = p.Sent
		}
	}
}

// sum computes the measures over the receptions in their order.
func (x *Flow) sum() {
	var received []*Packet
	for i := range x.Packets {
		p := &x.Packets[i]
		x.Fates[p.Fate]++
		if p.Fate == Received {
			received = append(received, p)
		}
	}
	slices.SortStableFunc(received, func(a, b *Packet) int { return int(a.End - b.End) })
	x.Received = len(received)
	if x.Received == 0 {
		return
	}
	var delays []float64
	jitter, total := 0.0, int64(0)
	for i, p := range received {
		delay := p.End - p.Sent
		total += delay
		delays = append(delays, float64(delay))
		if p.Sequence < x.expected {
			x.Reordered++
		} else {
			x.expected = p.Sequence + 1
		}
		if i > 0 {
			before := received[i-1]
			jitter += (math.Abs(float64(delay-(before.End-before.Sent))) - jitter) / 16 // RFC 3550 section 6.4.1
			x.LongestGap = max(x.LongestGap, p.End-before.End)
		}
	}
	if len(received) > 1 {
		x.Jitter = int64(math.Round(jitter))
	}
	slices.Sort(delays)
	quantile := func(p float64) int64 { return int64(stat.Quantile(p, stat.Empirical, delays, nil)) }
	x.Delay = &Delay{Min: int64(delays[0]), Mean: int64(math.Round(float64(total) / float64(len(delays)))),
		P50: quantile(0.50), P95: quantile(0.95), P99: quantile(0.99), Max: int64(delays[len(delays)-1])}
}
