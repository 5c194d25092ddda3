package metric

import (
	"net/netip"
	"testing"

	"dsmipsim/nodes/wire"
	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

const ms = vtime.Time(1_000_000)

// tcpPacket is an IPv6 packet with a segment of n octets of data.
func tcpPacket(sequence uint32, flags uint8, n int) []byte {
	b := make([]byte, wire.IPv6HeaderLen+wire.TCPHeaderLen+n)
	a := netip.MustParseAddr("2001:db8::1")
	wire.PutIPv6(b, wire.IPv6Fields{PayloadLen: wire.TCPHeaderLen + n, NextHeader: wire.ProtoTCP, HopLimit: 64, Source: a, Destination: a})
	s := b[wire.IPv6HeaderLen:]
	s[4], s[5], s[6], s[7] = byte(sequence>>24), byte(sequence>>16), byte(sequence>>8), byte(sequence)
	s[12], s[13] = 5<<4, flags
	return b
}

func download() *flow {
	return newFlow(result.FlowInfo{Name: "load", Kind: "tcp", From: "cn", To: "mn", MobileNode: "mn", TowardsMobile: true})
}

// feed states facts; each origin takes the next sequence number.
func feed(t *testing.T, f *flow, events ...trace.Event) {
	t.Helper()
	for i := range events {
		if err := f.record(&events[i], 0); err != nil {
			t.Fatal(err)
		}
	}
}

// What was sent before is told from the sequence numbers, each end by itself, also where they
// wrap around; a segment of which a part is new counts that part only.
func TestRetransmissions(t *testing.T) {
	f := download()
	near := ^uint32(0) - 99 // 100 octets before the wrap, SYN included
	var all []trace.Event
	for i, s := range []struct {
		node string
		seq  uint32
		fl   uint8
		n    int
	}{
		{"cn", near, wire.TCPSyn, 0}, {"mn", 5000, wire.TCPSyn | wire.TCPAck, 0},
		{"cn", near + 1, wire.TCPAck, 80}, {"cn", near + 81, wire.TCPAck, 80}, // beyond the wrap
		{"mn", 5001, wire.TCPAck, 0},
		{"cn", near + 1, wire.TCPAck, 80},   // again
		{"cn", near + 121, wire.TCPAck, 80}, // half of it again
		{"mn", 5001, wire.TCPAck, 10},
	} {
		all = append(all, trace.Event{Time: vtime.Time(i) * ms, Kind: trace.Origin, Node: s.node, Sequence: uint32(i), Octets: tcpPacket(s.seq, s.fl, s.n)},
			trace.Event{Time: vtime.Time(i)*ms + 5*ms, Kind: trace.Delivery, Node: "x", Sequence: uint32(i)})
	}
	feed(t, f, all...)
	r, err := f.result(100 * ms)
	if err != nil {
		t.Fatal(err)
	}
	if r.Segments != 5 || r.Retransmissions != 2 || r.RetransmittedOctets != 120 || r.Reordered != 0 || r.Sent != 8 || r.GoodputOctets != 0 {
		t.Errorf("%+v %+v", r, *r.Stream)
	}
	if n := len(f.samples().Packets); n != 5 {
		t.Errorf("%d samples, want those of one direction", n)
	}
	if err := f.record(&trace.Event{Kind: trace.Origin, Node: "cn", Sequence: 99, Octets: make([]byte, 60)}, 0); err == nil {
		t.Error("a packet without a segment is taken for one")
	}
	if err := f.record(&trace.Event{Kind: trace.Progress, Sequence: 1000, Count: 1}, 0); err == nil {
		t.Error("progress without a packet is believed")
	}
	voice := newFlow(result.FlowInfo{Name: "voice", Kind: "cbr"})
	if err := voice.record(&trace.Event{Kind: trace.Connected}, 0); err == nil {
		t.Error("a datagram flow has a connection")
	}
}

// Goodput lasts from the first segment until the transfer is complete, or the end of the run.
func TestGoodputAndTimes(t *testing.T) {
	f := download()
	feed(t, f,
		trace.Event{Time: 100 * ms, Kind: trace.Origin, Node: "cn", Octets: tcpPacket(0, wire.TCPSyn, 0)},
		trace.Event{Time: 110 * ms, Kind: trace.Delivery, Node: "mn"},
		trace.Event{Time: 140 * ms, Kind: trace.Connected, Born: 100 * ms},
		trace.Event{Time: 200 * ms, Kind: trace.Progress, Count: 1000}, trace.Event{Time: 200 * ms, Kind: trace.Progress, Count: 500},
		trace.Event{Time: 300 * ms, Kind: trace.Progress, Count: 1000})
	r, _ := f.result(600 * ms)
	if r.GoodputOctets != 2500 || *r.GoodputBPS != 40_000 || *r.ConnectS != 0.04 || r.TransferS != nil || r.Exchange != nil {
		t.Errorf("%+v", *r.Stream)
	}
	if p := f.samples().Progress; len(p) != 2 || p[0].Octets != 1500 {
		t.Errorf("progress %+v", p)
	}
	feed(t, f, trace.Event{Time: 350 * ms, Kind: trace.Completed, Born: 100 * ms}, trace.Event{Time: 400 * ms, Kind: trace.Aborted})
	if r, _ = f.result(600 * ms); *r.GoodputBPS != 80_000 || *r.TransferS != 0.25 || !r.Aborted {
		t.Errorf("%+v", *r.Stream)
	}
	if r, _ = download().result(600 * ms); r.Stream == nil || r.GoodputBPS != nil || r.ConnectS != nil {
		t.Errorf("%+v", *r.Stream)
	}
	pages := newFlow(result.FlowInfo{Name: "pages", Kind: "request", From: "mn", To: "cn", MobileNode: "mn"})
	feed(t, pages, trace.Event{Kind: trace.Origin, Node: "mn", Octets: tcpPacket(0, wire.TCPSyn, 0)}, trace.Event{Time: ms, Kind: trace.Delivery},
		trace.Event{Time: 30 * ms, Kind: trace.Completed, Born: 10 * ms}, trace.Event{Time: 80 * ms, Kind: trace.Completed, Born: 40 * ms, Sequence: 1})
	r, _ = pages.result(600 * ms)
	if r.Responses != 2 || r.ResponseTime.MinS != 0.02 || r.ResponseTime.MaxS != 0.04 || r.ResponseTime.MeanS != 0.03 || r.TransferS != nil {
		t.Errorf("%+v %+v", *r.Stream, *r.Exchange)
	}
}

// A stall is the longest pause that overlaps the time from one handover to the next.
func TestStall(t *testing.T) {
	s := newStream()
	for _, at := range []vtime.Time{100, 110, 500, 520, 900, 910} {
		s.record(&trace.Event{Kind: trace.Progress, Time: at * ms, Count: 1})
	}
	for _, c := range []struct {
		start, until vtime.Time
		want         string
	}{
		{105 * ms, vtime.Never, "0.39"}, // the first one, though there is one later of 0.38
		{200 * ms, 510 * ms, "0.39"},    // it began before
		{505 * ms, 600 * ms, "0.38"},    // it ends after the next handover
		{905 * ms, vtime.Never, "0.01"}, //
		{50 * ms, vtime.Never, "null"},  // nothing had come
		{910 * ms, vtime.Never, "null"}, // nothing follows
		{300 * ms, 400 * ms, "0.39"},    // it spans the whole of it
	} {
		if got := show(s.stall(c.start, c.until)); got != c.want {
			t.Errorf("from %v to %v: %s, want %s", c.start, c.until, got, c.want)
		}
	}
}

// Only what the application could read ends an interruption.
func TestInterruptionOfAStream(t *testing.T) {
	f := download()
	at := func(e trace.Event, attachment int) {
		t.Helper()
		if err := f.record(&e, attachment); err != nil {
			t.Fatal(err)
		}
	}
	segment := tcpPacket(1, wire.TCPAck, 10)
	for i, c := range []struct {
		arrives    vtime.Time
		attachment int
		brings     bool
	}{{100, 0, true}, {200, 0, false}, {900, 1, false}, {1000, 1, true}} {
		at(trace.Event{Time: (c.arrives - 50) * ms, Kind: trace.Origin, Node: "cn", Sequence: uint32(i), Octets: segment}, c.attachment)
		at(trace.Event{Time: c.arrives * ms, Kind: trace.Delivery, Node: "mn", Sequence: uint32(i)}, c.attachment)
		if c.brings {
			at(trace.Event{Time: c.arrives * ms, Kind: trace.Progress, Node: "mn", Sequence: uint32(i), Count: 10}, c.attachment)
		}
	}
	i := f.interruptions([]vtime.Time{300 * ms})[0]
	if *i.InterruptionS != 0.9 || *i.StallS != 0.9 {
		t.Errorf("interruption %v, stall %v", *i.InterruptionS, *i.StallS)
	}
}
