// Package ip is the internet layer of every node, for both families: input with its
// checks, local delivery, forwarding, routes, source selection and ICMP errors. Hosts,
// routers and the mobility machines all stand on the same Stack.
package ip

import (
	"net/netip"
	"time"

	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// DefaultHopLimit is the hop limit and TTL of packets that a node originates.
const DefaultHopLimit = 64

// Virtual is the interface of addresses that belong to the node but to none of its links:
// a home address while its mobile node is away. No neighbour is answered for them.
const Virtual machine.Iface = -2

// Interface is one attachment of the stack.
type Interface struct {
	Name     string
	MAC      wire.MAC
	Ethernet bool // frames with addresses; otherwise a point-to-point link that carries IP
	MTU      int  // largest IP packet, octets
	Up       bool

	// What routers on the link or the lack of a unique address tell about IPv6: the largest
	// packet if it is less than MTU, else 0; the hop limit of what the node originates, 0 for
	// DefaultHopLimit (RFC 4861 section 6.3.2); whether IPv6 is disabled (RFC 4862 section 5.4.5).
	MTU6     int
	HopLimit uint8
	NoIPv6   bool

	// Carry transmits for an interface that is a tunnel: it takes over a packet for a
	// neighbour. Nil for links.
	Carry func(now vtime.Time, neighbour netip.Addr, p *packet.Buf)

	// Configuring accepts IPv4 packets for the DHCP client whatever their destination
	// (RFC 2131 section 4.1), since the address is not configured yet.
	Configuring bool
}

// limit returns the largest packet of a version that the interface takes.
func (i *Interface) limit(version uint8) int {
	if version == 6 && i.MTU6 > 0 {
		return min(i.MTU, i.MTU6)
	}
	return i.MTU
}

// Info is what the internet layer found out about a packet that it hands up.
type Info struct {
	In          machine.Iface
	Source      netip.Addr // as upper layers see it: the home address of a Home Address option
	Destination netip.Addr // as upper layers see it: the home address of a routing header
	WireSource  netip.Addr // in the IP header as received
	WireDest    netip.Addr
	Tunnel      netip.Addr // source of the outer header if the packet came out of a tunnel, or not valid
	HomeAddress netip.Addr // of the Home Address option, or not valid
	RoutingHome netip.Addr // of the type 2 routing header, or not valid
	Protocol    uint8
	Offset      int // of the upper-layer header in the packet
	HopLimit    uint8
	Class       uint8 // traffic class or type of service
	Secured     bool  // ESP was verified with a security association of SecuredFor
	SecuredFor  netip.Addr
}

// Handler takes over a packet of the protocol that it was registered for. The packet still
// starts at its IP header.
type Handler func(now vtime.Time, p *packet.Buf, in Info)

// Resolver finds the link-layer address of a neighbour.
type Resolver interface {
	// Resolve takes over an IP packet and transmits it to the neighbour, after address
	// resolution if that is needed.
	Resolve(now vtime.Time, out machine.Iface, neighbour netip.Addr, p *packet.Buf)
	HandleARP(now vtime.Time, in machine.Iface, p *packet.Buf)
}

// Diverter may take packets off their normal way: into tunnels, or through a translator.
type Diverter interface {
	// DivertOutput sees packets that the node itself originates.
	DivertOutput(now vtime.Time, p *packet.Buf, src, dst netip.Addr) bool
	// DivertForward sees packets that the node forwards, before the hop limit is touched.
	DivertForward(now vtime.Time, in machine.Iface, p *packet.Buf, src, dst netip.Addr) bool
}

// Mobility judges the Mobile IPv6 extension headers of packets for this node. Without one
// the node does not implement Mobile IPv6 and treats them as unknown.
type Mobility interface {
	// CheckHomeAddress judges a Home Address option (RFC 6275 section 9.3.1). If the answer
	// is not zero the packet is dropped for that reason.
	CheckHomeAddress(now vtime.Time, p *packet.Buf, in *Info) trace.Reason
	// CheckRouting judges a type 2 routing header (RFC 6275 section 6.4).
	CheckRouting(now vtime.Time, in *Info) trace.Reason
}

// Security opens ESP.
type Security interface {
	// Open verifies the ESP header at in.Offset of p and removes its trailer and integrity
	// value. It sets in.Protocol and in.Offset to what was inside, and in.Secured. If the
	// answer is not zero the packet is dropped for that reason.
	Open(now vtime.Time, p *packet.Buf, in *Info) trace.Reason
}

// Stack is the internet layer of one node. It implements machine.Machine.
type Stack struct {
	Name       string
	Forwarding bool
	BySource   bool // what the node originates leaves through the interface of its source address (the strong model of RFC 1122 section 3.3.4.2)
	Timers     machine.Timers
	Out        machine.Outbox
	Pool       *packet.Pool

	Resolver Resolver
	Diverter Diverter
	Mobility Mobility
	Security Security

	ifaces    []Interface
	addrs     map[netip.Addr]*Address
	ordered   []*Address
	routes    table
	protocols [256]Handler
	icmp6     [256]Handler
	udp       map[uint16]Handler
	listening map[uint16]bool
	groups    map[netip.Addr]int
	links     []func(vtime.Time, machine.LinkEvent)
	ends      []func(take func(*packet.Buf))
	limit     limiter
	ident     uint16 // of IPv4 packets
	fragments uint32 // identification of fragmented IPv6 packets
	partial   reassembler
	paths     paths
	errors    [256]ErrorHandler
	scratch   []byte
	tcp       bool // the upper layer speaks TCP
}

// New returns a stack without addresses or routes whose interfaces are down.
func New(name string, pool *packet.Pool, ifaces []Interface) *Stack {
	s := &Stack{
		Name: name, Pool: pool, ifaces: ifaces,
		addrs: map[netip.Addr]*Address{}, udp: map[uint16]Handler{}, listening: map[uint16]bool{},
		groups: map[netip.Addr]int{}, limit: limiter{tokens: errorBurst},
	}
	s.Handle(wire.ProtoUDP, s.handleUDP)
	s.Handle(wire.ProtoICMPv6, s.handleICMPv6)
	s.Handle(wire.ProtoICMPv4, s.handleICMPv4)
	s.OnEnd(s.partial.end)
	s.Handle(wire.ProtoNone, func(_ vtime.Time, p *packet.Buf, _ Info) { s.Out.Absorb(p) })
	return s
}

// Handle registers the handler of an IP protocol or next header.
func (s *Stack) Handle(protocol uint8, h Handler) { s.protocols[protocol] = h }

// HandleICMPv6 registers the handler of an ICMPv6 type. Checksums are already verified.
func (s *Stack) HandleICMPv6(typ uint8, h Handler) { s.icmp6[typ] = h }

// HandleUDP registers a protocol of this node on a UDP port. Checksums are already verified.
func (s *Stack) HandleUDP(port uint16, h Handler) { s.udp[port] = h }

// Listen delivers UDP datagrams for the port to the upper layer.
func (s *Stack) Listen(port uint16) { s.listening[port] = true }

// OnLink registers a function that hears of link changes, after the stack.
func (s *Stack) OnLink(f func(vtime.Time, machine.LinkEvent)) { s.links = append(s.links, f) }

// OnEnd registers a function that hands out the packets which a part of the node still
// holds when the run is over.
func (s *Stack) OnEnd(f func(take func(*packet.Buf))) { s.ends = append(s.ends, f) }

// End hands every packet that the node still holds to take.
func (s *Stack) End(take func(*packet.Buf)) {
	for _, f := range s.ends {
		f(take)
	}
}

// Interface returns the interface of that number.
func (s *Stack) Interface(i machine.Iface) *Interface { return &s.ifaces[i] }

// Interfaces returns how many interfaces there are.
func (s *Stack) Interfaces() int { return len(s.ifaces) }

// HandlePacket takes over a frame from a link, or a packet from the upper layer.
func (s *Stack) HandlePacket(now vtime.Time, in machine.Iface, p *packet.Buf) {
	switch {
	case in == machine.Local:
		s.identify(p)
		s.Output(now, p)
	case s.ifaces[in].Ethernet:
		s.ethernet(now, in, p)
	default:
		s.Input(now, in, p)
	}
}

func (s *Stack) ethernet(now vtime.Time, in machine.Iface, p *packet.Buf) {
	e, err := wire.ParseEthernet(p.Bytes())
	if err != nil {
		s.Out.Drop(p, trace.Malformed)
		return
	}
	switch e.EtherType() {
	case wire.EtherTypeIPv4, wire.EtherTypeIPv6:
		p.TrimFront(wire.EthernetLen)
		s.Input(now, in, p)
	case wire.EtherTypeARP:
		p.TrimFront(wire.EthernetLen)
		s.Resolver.HandleARP(now, in, p)
	default:
		s.Out.Drop(p, trace.UnknownProtocol)
	}
}

// HandleLink notes the change and tells those who registered with OnLink.
func (s *Stack) HandleLink(now vtime.Time, e machine.LinkEvent) {
	s.ifaces[e.Iface].Up = e.Up
	if e.Up && e.MTU > 0 {
		s.ifaces[e.Iface].MTU = e.MTU
	}
	for _, f := range s.links {
		f(now, e)
	}
}

// HandleDeadline fires the timers that are due.
func (s *Stack) HandleDeadline(now vtime.Time) { s.Timers.Run(now) }

// Deadline returns when the next timer fires.
func (s *Stack) Deadline() vtime.Time { return s.Timers.Next() }

// Poll returns the next effect.
func (s *Stack) Poll() (machine.Effect, bool) { return s.Out.Poll() }

// After arms a timer d from now.
func After(t *machine.Timer, now vtime.Time, d time.Duration) { t.Set(now.Add(d)) }
