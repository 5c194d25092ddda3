package nodes_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"dsmipsim/nodes"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
	"dsmipsim/topology"
)

// script is a machine that notes what goes in and puts out what it is told to.
type script struct {
	machine.Outbox
	heard    []string
	deadline vtime.Time
	onPacket func(now vtime.Time, in machine.Iface, p *packet.Buf)
	keeps    []*packet.Buf
}

func (s *script) note(format string, args ...any) {
	s.heard = append(s.heard, fmt.Sprintf(format, args...))
}

func (s *script) HandlePacket(now vtime.Time, in machine.Iface, p *packet.Buf) {
	s.note("%d packet %d from %d", now, p.Tag().Sequence, in)
	s.onPacket(now, in, p)
}

func (s *script) HandleLink(now vtime.Time, e machine.LinkEvent) {
	s.note("%d link %d %v", now, e.Iface, e.Up)
}

func (s *script) HandleDeadline(now vtime.Time) {
	s.note("%d deadline", now)
	s.deadline = vtime.Never
}

func (s *script) Deadline() vtime.Time { return s.deadline }

func (s *script) End(take func(*packet.Buf)) {
	for _, p := range s.keeps {
		take(p)
	}
	s.keeps = nil
}

// facts notes everything.
type facts struct{ all []string }

func (f *facts) Record(e *trace.Event) {
	s := fmt.Sprintf("%d %s %v", e.Time, e.Node, e.Kind)
	switch e.Kind {
	case trace.Milestone:
		s += fmt.Sprintf(" %v %v", e.Note.Kind, e.Note.Home)
	case trace.Drop:
		s += fmt.Sprintf(" %d.%d %v", e.Flow, e.Sequence, e.Reason)
	default:
		s += fmt.Sprintf(" %d.%d %s", e.Flow, e.Sequence, e.Link)
	}
	f.all = append(f.all, s)
}

type upper struct{ got []string }

func (u *upper) Deliver(now vtime.Time, e machine.Effect) {
	u.got = append(u.got, fmt.Sprintf("%d %d octets of %d from %v to %v", now, e.Packet.Len(), e.Protocol, e.Source, e.Destination))
}

func expect(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %s\nwant %s", what, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

// A host carries out each effect of its machine, in order, and wakes it at its deadline.
func TestHostCarriesOutEffects(t *testing.T) {
	f, u := &facts{}, &upper{}
	loop := sim.New("host", 1, 0)
	net := topology.New(loop, &packet.Pool{}, f)
	h := nodes.NewHost(net, "h")
	h.Upper = u
	first, second := h.AddPort("eth0"), h.AddPort("eth1")
	if first.MAC == second.MAC || first.MAC != nodes.HardwareAddress("h", "eth0") || first.MAC.IsMulticast() || first.MAC[0]&2 == 0 {
		t.Errorf("hardware addresses %v and %v", first.MAC, second.MAC)
	}
	lan := net.Shared("lan", topology.Both(topology.Channel{Delay: 10}))
	first.Attach(lan) // before there is a machine
	a := netip.MustParseAddr("2001:db8::1")
	group := wire.MAC{0x33, 0x33, 0, 0, 0, 1}
	m := &script{deadline: 100}
	m.Address(0, a, true)
	m.onPacket = func(now vtime.Time, in machine.Iface, p *packet.Buf) {
		switch seq := p.Tag().Sequence; {
		case in == 0: // came over the link
			p.TrimFront(wire.EthernetLen)
			m.Deliver(p, 17, a, a.Next())
		case seq == 1: // to the link, to whoever joined
			wire.PutEthernet(p.Prepend(wire.EthernetLen), group, second.MAC, 0x88b5)
			m.Send(1, p)
		case seq == 2:
			m.Turn(p)
			m.Drop(p, trace.NoRoute)
		case seq == 3: // of no flow
			m.Turn(p)
			m.Absorb(p)
		case seq == 4:
			m.keeps = append(m.keeps, p)
			m.deadline = 50
		case seq == 5:
			m.Group(0, group, true)
			m.Address(0, a, false)
			m.Note(trace.Note{Kind: trace.DADStarted, Home: a.Next()})
			m.Absorb(p)
		case seq == 6:
			m.Group(0, group, false)
			m.Absorb(p)
		}
	}
	h.Run(m)
	second.Attach(lan)
	send := func(flow, seq uint32) {
		p := net.Pool.New(100, 8)
		p.SetTag(packet.Tag{Flow: flow, Sequence: seq})
		h.Send(p)
	}
	send(1, 5)
	send(1, 1)
	send(1, 2)
	send(0, 3)
	send(1, 4)
	loop.Run(60)
	send(0, 6)
	send(1, 1)
	loop.Run(200)
	second.Detach()
	h.End()
	net.HoldAll()

	expect(t, "the machine heard", m.heard, "0 link 1 true", "0 packet 5 from -1", "0 packet 1 from -1", "0 packet 2 from -1",
		"0 packet 3 from -1", "0 packet 4 from -1", "10 packet 1 from 0", "50 deadline", "60 packet 6 from -1", "60 packet 1 from -1", "200 link 1 false")
	expect(t, "facts", f.all, "0 h milestone address_added 2001:db8::1", "0 h milestone address_removed 2001:db8::1", "0 h milestone dad_started 2001:db8::2",
		"0 h transmission 1.1 lan", "0 h turn 1.2 ", "0 h drop 1.2 no_route", "60 h transmission 1.1 lan", "200 h held 1.4 ")
	expect(t, "the application got", u.got, "10 8 octets of 17 from 2001:db8::1 to 2001:db8::2")
	if e := net.Ended(); net.Pool.Made() != e.Sum() || net.Pool.Live() != 0 || e != (topology.Ended{Delivered: 1, Dropped: 1, Absorbed: 4, Held: 1}) {
		t.Errorf("%d made, ended %+v, %d live", net.Pool.Made(), e, net.Pool.Live())
	}
	if loop.Pending() != 0 {
		t.Errorf("%d events left after End", loop.Pending())
	}
}

// A host without applications ends what is delivered to it.
func TestHostWithoutApplications(t *testing.T) {
	net := topology.New(sim.New("host", 1, 0), &packet.Pool{}, trace.Discard)
	h := nodes.NewHost(net, "h")
	m := &script{deadline: vtime.Never}
	m.onPacket = func(_ vtime.Time, _ machine.Iface, p *packet.Buf) {
		m.Deliver(p, 17, netip.Addr{}, netip.Addr{})
	}
	h.Run(m)
	h.Send(net.Pool.New(0, 8))
	if e := net.Ended(); e.Delivered != 1 || net.Pool.Live() != 0 {
		t.Errorf("ended %+v, %d live", e, net.Pool.Live())
	}
}

// A machine that is told of a link after its deadline has moved wakes at the new one only.
func TestDeadlineMoves(t *testing.T) {
	net := topology.New(sim.New("host", 1, 0), &packet.Pool{}, trace.Discard)
	h := nodes.NewHost(net, "h")
	p := h.AddPort("eth0")
	m := &script{deadline: 100}
	h.Run(m)
	m.deadline = 300
	lan := net.Shared("lan", topology.Params{})
	p.Attach(lan)
	net.Loop.Run(200)
	m.deadline = 250
	p.Detach()
	net.Loop.Run(300)
	m.deadline = 400
	p.Attach(lan)
	m.deadline = vtime.Never
	p.Detach()
	net.Loop.Run(1000)
	expect(t, "the machine heard", m.heard, "0 link 0 true", "200 link 0 false", "250 deadline", "300 link 0 true", "300 link 0 false")
}
