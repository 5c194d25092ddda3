// Package ha is the home agent of Mobile IPv6 with the IPv4 extensions of
// draft-soliman-v4v6-mipv6-00: it accepts home registrations over IPv6 and, in IPv4
// tunnels, over IPv4, binds the IPv6 and the IPv4 home address of a mobile node, defends
// both on the home link, and carries packets between them and the care-of address.
package ha

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

// Mobile is what the home agent is configured with for one mobile node: the table that ties
// the IPv4 home address to the IPv6 one (draft sections 3.4 and 4).
type Mobile struct {
	HomeAddress netip.Addr
	IPv4        netip.Addr         // static IPv4 home address, or not valid
	Dynamic     bool               // may be given an IPv4 home address from the pool
	Refuse      wire.BindingStatus // every Binding Update gets this status; 0 for none
	RefuseIPv4  wire.IPv4Status    // every IPv4 home address option gets this status; 0 for none
	Seal        mip.Sealer         // protects Binding Acknowledgements; nil without IPsec
	SealPrefix  mip.Sealer         // protects Mobile Prefix Advertisements; nil without IPsec
	Tunnel      mip.Protection     // of what goes through the tunnel
}

// Config is the configuration of a home agent.
type Config struct {
	Home        machine.Iface // the interface on the home link
	Address     netip.Addr    // IPv6 address of the home agent
	IPv4        netip.Addr    // IPv4 address of the home agent
	Prefix      netip.Prefix  // IPv6 home prefix
	IPv4Prefix  netip.Prefix
	Pool        netip.Prefix // dynamic IPv4 home addresses; not valid for none
	Layout      wire.IPv4Layout
	IPsec       bool          // Binding Updates must be protected by ESP
	MaxLifetime time.Duration // longest binding granted
	TunnelMTU   int           // of IPv6 in IPv4, see mip.Tunnel
	Lease       time.Duration // of a dynamic IPv4 home address, which bounds the binding; 0 for no bound
	Advice      time.Duration // Binding Refresh Advice in acknowledgements; 0 for none
	MaxBindings int           // mobile nodes served at once; 0 for no limit
	Unverified  bool          // home addresses are bound without duplicate address detection, against RFC 6275 section 10.3.1
	Preference  uint16        // among the home agents of the link (RFC 6275 section 7.4)
	Rand        *rand.Rand    // order of home agents of equal preference
	Prefixes    *Prefixes     // what mobile nodes are told about the home prefixes; nil for nothing
	Mobiles     []Mobile
}

// Agent is a home agent on a stack, beside whatever else its node does.
type Agent struct {
	s       *ip.Stack
	nd      *nd.Neighbours
	cfg     Config
	mobiles map[netip.Addr]*Mobile
	leases  map[netip.Addr]netip.Addr // dynamic IPv4 home address by IPv6 home address
	taken   map[netip.Addr]bool       // addresses of the pool that are leased
	cache   mip.Cache
	pending map[netip.Addr]*request
	others  discovery
	told    prefixes
}

// New attaches a home agent to a stack.
func New(s *ip.Stack, n *nd.Neighbours, cfg Config) *Agent {
	a := &Agent{
		s: s, nd: n, cfg: cfg, mobiles: map[netip.Addr]*Mobile{}, leases: map[netip.Addr]netip.Addr{},
		taken: map[netip.Addr]bool{}, pending: map[netip.Addr]*request{},
	}
	for i := range cfg.Mobiles {
		a.mobiles[cfg.Mobiles[i].HomeAddress] = &cfg.Mobiles[i]
	}
	a.others.init(a)
	a.told.init(a)
	s.Mobility = a
	s.Diverter = a
	s.Handle(wire.ProtoMobility, a.handleMobility)
	s.Handle(wire.ProtoIPv6, a.decapsulate)
	s.Handle(wire.ProtoIPv4, a.decapsulate)
	s.HandleError(wire.ProtoIPv6, a.tunnelError)
	s.HandleError(wire.ProtoIPv4, a.tunnelError)
	return a
}

// CheckHomeAddress implements ip.Mobility: a home address may be named by an authenticated
// message, or by a packet from the care-of address that is bound to it (RFC 6275 section 9.3.1).
func (a *Agent) CheckHomeAddress(now vtime.Time, p *packet.Buf, in *ip.Info) trace.Reason {
	if !mip.IsCareOf(in.HomeAddress) {
		return trace.HomeAddressOption
	}
	if in.Protocol == wire.ProtoESP || in.Protocol == wire.ProtoMobility {
		return 0
	}
	if b := a.cache.Live(in.HomeAddress); b != nil && b.CareOf == in.WireSource {
		return 0
	}
	mip.SendBindingError(a.s, now, *in, wire.BindingErrorUnknownBinding)
	return trace.HomeAddressOption
}

// CheckRouting implements ip.Mobility: a home agent has no home address of its own.
func (a *Agent) CheckRouting(vtime.Time, *ip.Info) trace.Reason { return trace.RoutingHeader }

func (a *Agent) handleMobility(now vtime.Time, p *packet.Buf, in ip.Info) {
	m := mip.Receive(a.s, now, p, in)
	if m == nil {
		return
	}
	u, err := m.BindingUpdate()
	if err != nil {
		a.s.Out.Absorb(p) // nothing that a home agent reacts to
		return
	}
	if why := a.update(now, u, in); why != 0 {
		a.s.Out.Drop(p, why)
		return
	}
	a.s.Out.Absorb(p)
}

// State is a read-only copy of what a home agent knows.
type State struct {
	Bindings []mip.Binding
	Pending  int // first registrations whose duplicate address detection is under way
	Leases   int
	Agents   []Listed // the Home Agents List
}

// Snapshot returns a copy of the state.
func (a *Agent) Snapshot() State {
	return State{Bindings: a.cache.Snapshot(), Pending: len(a.pending), Leases: len(a.taken), Agents: a.others.snapshot()}
}
