package metric

import (
	"fmt"
	"sort"

	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// flow follows the packets of one test flow.
//
// For a ping, a packet is the request together with its reply: it is received when the reply
// reaches the originator, and its delay is the round trip. Receptions beyond a packet's first
// are duplicates and enter no other measure.
type flow struct {
	info      result.FlowInfo
	packets   []packet // in order of sequence
	delays    delays
	octets    int64
	overhead  int64
	reordered int
	next      [2]uint64 // RFC 4737 NextExp, for each direction: one more than the greatest sequence received
	repeated  int
	stream    *stream // nil unless the flow is over TCP
}

// packet is what is known of one test packet. Attachments of the mobile node are numbered by
// how many handovers had started.
type packet struct {
	sequence uint32
	born     vtime.Time
	received vtime.Time // Never if it was not
	dropped  vtime.Time // first drop; Never
	path     int32      // attachment over which it went or came
	lostIn   int32      // attachment during which it was dropped
	reason   trace.Reason
	held     bool
	back     bool // over TCP, of the end that did not open the connection
	old      bool // seen last on the old link of a handover between two that were up
	idle     bool // over TCP, it brought no octets that the application could read
	octets   int32
	overhead int32
	hops     int32
}

func newFlow(info result.FlowInfo) *flow {
	f := &flow{info: info}
	if info.TCP() {
		f.stream = newStream()
	}
	return f
}

// record takes note of a fact of the flow, stated during the given attachment.
func (f *flow) record(e *trace.Event, attachment int) error {
	switch e.Kind {
	case trace.Origin:
		return f.origin(e, attachment)
	case trace.Transmission:
		if p := f.find(e.Sequence); p != nil && p.received == vtime.Never {
			p.hops++
		}
		return nil
	case trace.Turn, trace.Delivery, trace.Drop, trace.Held:
	case trace.Connected, trace.Progress, trace.Completed, trace.Aborted:
		return f.application(e)
	default:
		return nil
	}
	p := f.find(e.Sequence)
	if p == nil {
		return fmt.Errorf("%v of sequence %d at %s, which was never sent", e.Kind, e.Sequence, e.Node)
	}
	f.overhead += int64(e.Overhead)
	if p.received == vtime.Never {
		p.overhead += int32(e.Overhead)
	}
	switch e.Kind {
	case trace.Turn:
		if f.info.TowardsMobile {
			p.path = int32(attachment)
		}
	case trace.Delivery:
		f.delivery(p, e, attachment)
	case trace.Drop:
		if p.dropped == vtime.Never {
			p.dropped, p.lostIn, p.reason = e.Time, int32(attachment), e.Reason
		}
	case trace.Held:
		p.held = true
	}
	return nil
}

func (f *flow) origin(e *trace.Event, attachment int) error {
	if n := len(f.packets); n > 0 && e.Sequence <= f.packets[n-1].sequence {
		return fmt.Errorf("sequence %d sent after %d", e.Sequence, f.packets[n-1].sequence)
	}
	p := packet{sequence: e.Sequence, born: e.Time, received: vtime.Never, dropped: vtime.Never,
		path: int32(attachment), octets: int32(len(e.Octets))}
	f.octets += int64(len(e.Octets))
	if f.stream != nil {
		p.back, p.idle = e.Node != f.info.From, true
		if err := f.stream.sent(e, p.back); err != nil {
			return err
		}
	}
	f.packets = append(f.packets, p)
	return nil
}

func (f *flow) delivery(p *packet, e *trace.Event, attachment int) {
	if f.info.Ping() && f.info.From != "" && e.Node != f.info.From {
		return // the request at its destination; Turn tells of it
	}
	if p.received != vtime.Never {
		f.repeated++
		return
	}
	p.received = e.Time
	if f.info.TowardsMobile != p.back && !f.info.Ping() {
		p.path = int32(attachment)
	}
	next := &f.next[0]
	if p.back {
		next = &f.next[1]
	} else {
		f.delays.receive(p.born, e.Time)
	}
	if uint64(e.Sequence) < *next {
		f.reordered++
	} else {
		*next = uint64(e.Sequence) + 1
	}
}

// application takes note of what a flow's application states.
func (f *flow) application(e *trace.Event) error {
	if f.stream == nil {
		return fmt.Errorf("%v at %s, which is a fact of TCP", e.Kind, e.Node)
	}
	if e.Kind == trace.Progress {
		p := f.find(e.Sequence)
		if p == nil || p.received == vtime.Never {
			return fmt.Errorf("%v with sequence %d at %s, which was not received", e.Kind, e.Sequence, e.Node)
		}
		p.idle = false
	}
	f.stream.record(e)
	return nil
}

// find returns the packet with the sequence number, or nil. Numbers are dense unless a
// source skips some, so the first guess is nearly always right.
func (f *flow) find(sequence uint32) *packet {
	if len(f.packets) == 0 || sequence < f.packets[0].sequence {
		return nil
	}
	i := int(sequence - f.packets[0].sequence)
	if i >= len(f.packets) || f.packets[i].sequence != sequence {
		i = sort.Search(len(f.packets), func(i int) bool { return f.packets[i].sequence >= sequence })
		if i == len(f.packets) || f.packets[i].sequence != sequence {
			return nil
		}
	}
	return &f.packets[i]
}

// fate settles contradictory ends (of copies or fragments): received before lost before held.
func (p *packet) fate() result.Fate {
	switch {
	case p.received != vtime.Never:
		return result.Received
	case p.dropped != vtime.Never:
		return result.Lost
	case p.held:
		return result.InFlight
	}
	return result.Unaccounted
}

func (f *flow) result(end vtime.Time) (result.Flow, error) {
	r := result.Flow{
		Name: f.info.Name, Kind: f.info.Kind, Family: f.info.Family, From: f.info.From, To: f.info.To,
		Sent: len(f.packets), SentOctets: f.octets, OverheadOctets: f.overhead,
		Duplicates: f.repeated, Reordered: f.reordered, Drops: result.Drops{},
	}
	r.Delay, r.JitterS, r.LongestGapS = f.delays.result()
	if f.stream != nil && len(f.packets) > 0 {
		r.Stream = f.stream.result(f.info, f.packets[0].born, end)
	} else if f.stream != nil {
		r.Stream = f.stream.result(f.info, end, end)
	}
	var missing *packet
	for i := range f.packets {
		p := &f.packets[i]
		switch p.fate() {
		case result.Received:
			r.Received++
			r.ReceivedOctets += int64(p.octets)
		case result.Lost:
			r.Lost++
			r.Drops[p.reason.String()]++
		case result.InFlight:
			r.InFlight++
		default:
			if missing == nil {
				missing = p
			}
		}
	}
	if missing != nil {
		return r, fmt.Errorf("sent %d, but received %d + lost %d + in flight %d: sequence %d, sent at %v, is unaccounted for",
			r.Sent, r.Received, r.Lost, r.InFlight, missing.sequence, missing.born)
	}
	r.ThroughputBPS = f.throughput(r.ReceivedOctets)
	r.Limits = f.limits(&r)
	return r, nil
}

func (f *flow) samples() result.FlowSamples {
	s := result.FlowSamples{Flow: f.info, Packets: make([]result.Sample, 0, len(f.packets))}
	for i := range f.packets {
		p := &f.packets[i]
		if p.back {
			continue
		}
		one := result.Sample{Sequence: p.sequence, Fate: p.fate(), Sent: p.born, End: vtime.Never,
			Octets: p.octets, Overhead: p.overhead, Hops: p.hops, Attachment: p.path}
		switch one.Fate {
		case result.Received:
			one.End = p.received
		case result.Lost:
			one.End, one.Reason = p.dropped, p.reason
		}
		s.Packets = append(s.Packets, one)
	}
	if f.stream != nil {
		s.Progress = f.stream.progress
	}
	return s
}
