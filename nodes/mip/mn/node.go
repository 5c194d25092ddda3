// Package mn is the mobile node of Mobile IPv6 with the IPv4 extensions of
// draft-soliman-v4v6-mipv6-00. It notices where it is, gets a care-of address there, binds
// its home addresses to it at the home agent, and sends and receives through tunnels while
// it is away.
//
// The draft knows three kinds of visited networks. Case A has IPv6: the care-of address is
// an IPv6 one. Case B has only public IPv4: messages to the home agent travel as IPv6 in
// IPv4 with the IPv4-mapped care-of address as source. Case C has only private IPv4 and is
// not supported.
package mn

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/nd"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Config is the configuration of a mobile node.
type Config struct {
	Interfaces  []Interface // in order of preference
	Policy      Policy      // which of several interfaces is used
	HomeAddress netip.Addr
	HomePrefix  netip.Prefix
	HomeAgent   netip.Addr
	HomeGateway netip.Addr // default router on the home link, IPv6

	IPv4Home     netip.Addr // static IPv4 home address, or not valid
	IPv4Dynamic  bool       // ask the home agent for one
	IPv4Prefix   netip.Prefix
	HomeAgent4   netip.Addr
	HomeGateway4 netip.Addr // default router on the home link, IPv4

	Layout   wire.IPv4Layout
	Seal     mip.Sealer     // protects Binding Updates; nil without IPsec
	Tunnel   mip.Protection // of what goes through the home agent
	IPsec    bool           // Binding Acknowledgements must be protected by ESP
	Lifetime time.Duration
	// FirstBindackTimeout is the wait for the first answer where the home agent has no binding;
	// 0 for mip.InitialBindackTimeoutFirstReg.
	FirstBindackTimeout time.Duration
	TunnelMTU           int           // of IPv6 in IPv4, see mip.Tunnel
	V6Wait              time.Duration // how long a Router Advertisement is awaited beside DHCP
	DHCP                DHCP
	DHCPv6              DHCPv6

	Detection     Detection
	Missed        int           // Advertisement Intervals of silence after which a router is gone
	ProbeInterval time.Duration // between the questions of Probing

	// SequentialIPv4 lets DHCP begin only when no router has answered any solicitation
	// (RFC 4861 section 6.3.7), instead of beside them with V6Wait.
	SequentialIPv4 bool

	SealPrefix mip.Sealer       // protects Mobile Prefix Solicitations; nil without IPsec
	Prefixes   *PrefixDiscovery // nil: the node asks nothing about its home prefixes

	// Discovery makes the node find its home agent. HomeAgent, HomeAgent4 and Seal are then
	// those of the one in use, at first of none.
	Discovery *Discovery

	RouteOptimization  bool       // register with correspondents too (RFC 6275 section 11.7.2)
	DeregisterCNOnV4   bool       // delete their bindings on entering an IPv4-only network (RFC 5555 section 5.1)
	NoCorrespondentAck bool       // Binding Updates to correspondents ask for no acknowledgement
	Rand               *rand.Rand // cookies and first sequence numbers of route optimization

	NoMappedAltCoA bool          // Binding Updates over IPv4 have no Alternate Care-of Address option
	Reprobe        time.Duration // after what time the IPv4 option is tried again with an agent that did not know it; 0 for never

	// ForceRegister sends Binding Updates even from a private IPv4 address, which no home
	// agent can answer: to see what becomes of them.
	ForceRegister bool
}

// Interface is one that the node moves with.
type Interface struct {
	Name   string // in facts; empty if it is the only one
	Iface  machine.Iface
	ISATAP machine.Iface // a further interface of the stack for ISATAP; Iface itself for none
	Rand   *rand.Rand    // of its DHCP client
}

// Node is a mobile node. It implements machine.Machine through its stack.
type Node struct {
	*ip.Stack
	nd  *nd.Neighbours
	cfg Config

	attachments []*attachment // in the order of Config.Interfaces
	primary     *attachment   // the one that carries the binding, or is at home
	hold        *machine.Timer

	ipv4      netip.Addr // IPv4 home address, static or assigned
	ipv4Bound bool       // the home agent has bound it
	ipv4Off   bool       // the home agent does not know the option, or refuses for good

	ipv4Failures int  // refusals without a reason since the last handover
	ipv4Instead  bool // the address was refused and another one is asked for

	reprobe *machine.Timer // to try the IPv4 option again

	update registration
	agents discovery
	home   prefixes
	routes routes
}

// New makes a mobile node on a stack. It starts detached; a link event sets it going.
func New(s *ip.Stack, n *nd.Neighbours, from *rand.Rand, cfg Config) *Node {
	m := &Node{Stack: s, nd: n, cfg: cfg, ipv4: cfg.IPv4Home}
	m.update.init(m)
	m.reprobe = s.Timers.New(m.tryIPv4Again)
	m.agents.init(m)
	m.home.init(m)
	m.routes.m = m
	m.hold = s.Timers.New(m.choose)
	for _, i := range cfg.Interfaces {
		if i.Rand == nil {
			i.Rand = from
		}
		m.attachments = append(m.attachments, newAttachment(m, i, i.Rand))
	}
	if len(m.attachments) > 1 {
		s.BySource = true
		s.HandleUDP(wire.PortDHCPv4Client, m.handleDHCP)
	}
	m.primary = m.attachments[0]
	s.Mobility = m
	s.Diverter = m
	s.OnLink(m.linkChanged)
	s.Handle(wire.ProtoMobility, m.handleMobility)
	s.HandleICMPv6(wire.ICMPv6ParameterProblem, m.parameterProblem)
	s.Handle(wire.ProtoIPv6, m.decapsulate)
	s.Handle(wire.ProtoIPv4, m.decapsulate)
	s.HandleUDP(wire.PortDHCPv6Client, m.handleDHCPv6)
	n.OnAdvertisement = m.advertised
	n.OnNoRouter = m.noRouter
	n.OnARP = m.heardARP
	n.OnInvalid = m.expired
	n.OnUnreachable = m.unreachable
	return m
}

// StartAtHome configures the node for its home link, where the interface of that number in
// Config.Interfaces is when the run begins.
func (m *Node) StartAtHome(i int) {
	m.primary = m.attachments[i]
	m.primary.at = home
}

// place returns where the node stands.
func (m *Node) place() place { return m.primary.at }

// careOf returns the primary care-of address (RFC 6275 section 3.2), IPv6 or IPv4; not valid
// while there is none.
func (m *Node) careOf() netip.Addr { return m.primary.careOf }

// HandleLink implements machine.Machine. A node that detects movements without layer 2 hears
// only that an interface comes into use.
func (m *Node) HandleLink(now vtime.Time, e machine.LinkEvent) {
	for _, a := range m.attachments {
		if a.iface != e.Iface || m.cfg.Detection == LinkTrigger {
			continue
		}
		if a.entered || !e.Up {
			return
		}
		a.entered = true
	}
	m.Stack.HandleLink(now, e)
}

// confirmed hears that the home agent has taken over the primary care-of address, or removed
// the binding.
func (m *Node) confirmed(now vtime.Time) {
	for _, a := range m.attachments {
		a.confirmed(now)
	}
}

func (m *Node) unreachable(now vtime.Time, iface machine.Iface, neighbour netip.Addr) {
	for _, a := range m.attachments {
		if a.iface == iface {
			a.unreachable(now, neighbour)
		}
	}
}

func (m *Node) linkChanged(now vtime.Time, e machine.LinkEvent) {
	for _, a := range m.attachments {
		if a.iface == e.Iface {
			a.linkChanged(now, e.Up)
		}
	}
}

func (m *Node) advertised(now vtime.Time, ra nd.Advertisement) {
	for _, a := range m.attachments {
		if a.iface == ra.Iface || a.site.Is(ra.Iface) {
			a.advertised(now, ra)
		}
	}
}

func (m *Node) noRouter(now vtime.Time, in machine.Iface) {
	for _, a := range m.attachments {
		if a.iface == in {
			a.noRouter(now)
		}
	}
}

func (m *Node) expired(now vtime.Time, iface machine.Iface, careOf netip.Addr) {
	for _, a := range m.attachments {
		if a.iface == iface {
			a.expired(now, careOf)
		}
	}
}

func (m *Node) heardARP(now vtime.Time, in machine.Iface, p wire.ARP) {
	for _, a := range m.attachments {
		a.dhcp.handleARP(now, in, p)
	}
}

// IPv4HomeAddress returns the IPv4 home address; not valid if there is none yet.
func (m *Node) IPv4HomeAddress() netip.Addr { return m.ipv4 }

// CheckHomeAddress implements ip.Mobility. A mobile node holds no bindings of others yet,
// so that only authenticated messages may name a home address.
func (m *Node) CheckHomeAddress(now vtime.Time, p *packet.Buf, in *ip.Info) trace.Reason {
	return mip.CheckHomeAddress(m.Stack, now, in)
}

// CheckRouting implements ip.Mobility: the routing header must lead from the care-of
// address to the home address (RFC 6275 section 6.4).
func (m *Node) CheckRouting(now vtime.Time, in *ip.Info) trace.Reason {
	if in.RoutingHome != m.cfg.HomeAddress || in.WireDest == m.cfg.HomeAddress {
		return trace.RoutingHeader
	}
	if c := m.routes.known(in.Source); c != nil {
		c.used = now
	}
	return 0
}

// State is a read-only copy of what a mobile node knows.
type State struct {
	Place   string
	CareOf  netip.Addr
	Entries []Entry
	IPv4    netip.Addr   // IPv4 home address, static or assigned
	Home    []HomePrefix // as the last Mobile Prefix Advertisement told
	Mapped  bool         // the IPv4-mapped care-of address is configured
}

// Entry is an entry of the Binding Update List (RFC 6275 section 11.1).
type Entry struct {
	Peer         netip.Addr
	HomeAddress  netip.Addr // an IPv4 one in mapped form (draft section 3.3)
	CareOf       netip.Addr
	Sequence     uint16
	Lifetime     time.Duration // granted, or asked for while not acknowledged
	Expires      vtime.Time    // of the last confirmed binding; Never without one
	Acknowledged bool
	Testing      bool // return routability is under way (correspondents)
}

// Snapshot returns a copy of the state.
func (m *Node) Snapshot() State {
	st := State{Place: placeNames[m.place()], CareOf: m.careOf(), IPv4: m.ipv4, Home: append([]HomePrefix(nil), m.home.known...)}
	if m.careOf().Is4() {
		st.Mapped = m.Address(mip.Mapped(m.careOf())) != nil
	}
	u := &m.update
	if !u.exists {
		st.Entries = m.routes.entries(nil)
		return st
	}
	e := Entry{
		Peer: m.cfg.HomeAgent, HomeAddress: m.cfg.HomeAddress, CareOf: u.careOf, Sequence: u.sequence,
		Lifetime: u.granted, Expires: u.expires, Acknowledged: u.acknowledged,
	}
	if !u.acknowledged {
		e.Lifetime = u.asked
	}
	if !u.expiry.Armed() {
		e.Expires = vtime.Never // no binding is confirmed that could end
	}
	st.Entries = append(st.Entries, e)
	if m.ipv4Bound {
		e.HomeAddress = mip.Mapped(m.ipv4)
		st.Entries = append(st.Entries, e)
	}
	st.Entries = m.routes.entries(st.Entries)
	return st
}
