package nd

import (
	"net/netip"
	"time"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Advertisement is what a host takes from a Router Advertisement.
type Advertisement struct {
	Iface     machine.Iface
	Router    netip.Addr // link-local address
	MAC       wire.MAC   // of the router; zero if it did not say
	Lifetime  time.Duration
	HomeAgent bool
	// Preference and AgentLifetime are those of a home agent, told by an option or else the
	// defaults (RFC 6275 section 7.4).
	Preference    uint16
	AgentLifetime time.Duration
	Interval      time.Duration // longest time between its advertisements; 0 if it did not say (RFC 6275 section 7.3)
	Prefixes      []wire.PrefixInformation
}

// solicitation is a host's search for routers on one interface.
type solicitation struct {
	timer *machine.Timer
	sent  int
}

// Solicit asks for routers at once, and again every RtrSolicitInterval up to
// MaxRtrSolicitations times until one answers (RFC 4861 section 6.3.7). A mobile node that
// has just moved need not wait before the first (RFC 6275 section 11.5.3). If none answers
// within RtrSolicitDelay after the last one, OnNoRouter is called.
func (n *Neighbours) Solicit(now vtime.Time, out machine.Iface) {
	n.solicit[out].sent = 0
	n.sendSolicitation(now, out)
}

// StopSoliciting ends the search.
func (n *Neighbours) StopSoliciting(out machine.Iface) { n.solicit[out].timer.Stop() }

func (n *Neighbours) sendSolicitation(now vtime.Time, out machine.Iface) {
	st := &n.solicit[out]
	if st.sent == MaxRtrSolicitations {
		if n.OnNoRouter != nil {
			n.OnNoRouter(now, out)
		}
		return
	}
	st.sent++
	// A tentative link-local address must not be used as the source, and without a source
	// the option must be left out (RFC 4861 section 4.1).
	src, mac := netip.IPv6Unspecified(), wire.MAC{}
	if a, ok := n.s.OnIface(out, netip.Addr.IsLinkLocalUnicast); ok {
		src, mac = a, n.s.Interface(out).MAC
	}
	n.send(out, src, wire.AllRouters, wire.MAC{}, func(b []byte) []byte {
		return wire.AppendRouterSolicitation(b, mac, src, wire.AllRouters)
	})
	wait := RtrSolicitInterval
	if st.sent == MaxRtrSolicitations {
		wait = RtrSolicitDelay
	}
	ip.After(st.timer, now, wait)
}

// handleRouterAdvertisement follows RFC 4861 sections 6.1.2 and 6.3.4: it installs the
// default route and the on-link prefixes and tells the owner.
func (n *Neighbours) handleRouterAdvertisement(now vtime.Time, m wire.ICMPv6, in ip.Info) bool {
	ra, err := m.RouterAdvertisement()
	if err != nil || !in.WireSource.IsLinkLocalUnicast() {
		return false
	}
	a := Advertisement{
		Iface: in.In, Router: in.WireSource, Lifetime: ra.RouterLifetime(), HomeAgent: ra.HomeAgent(), AgentLifetime: ra.RouterLifetime(),
	}
	if h, ok := ra.Options().HomeAgentInformation(); ok {
		a.Preference, a.AgentLifetime = h.Preference, h.Lifetime
	}
	a.MAC, _ = ra.Options().SourceLinkLayer()
	a.Interval, _ = ra.Options().AdvertisementInterval()
	for o := ra.Options(); o.Next(); {
		if p, ok := o.PrefixInformation(); ok && p.PrefixLen <= 128 && !p.Address.IsLinkLocalUnicast() && !p.Address.IsMulticast() {
			a.Prefixes = append(a.Prefixes, p)
		}
	}
	if !n.s.Forwarding { // a router does not configure itself from others' advertisements
		n.configure(now, &a)
	}
	if n.OnAdvertisement != nil {
		n.OnAdvertisement(now, a)
	}
	return true
}

// configure takes over what an advertisement offers to a host.
func (n *Neighbours) configure(_ vtime.Time, a *Advertisement) {
	if a.MAC != (wire.MAC{}) {
		n.Learn(a.Iface, a.Router, a.MAC)
	}
	for _, p := range a.Prefixes {
		if p.RouterAddress && a.MAC != (wire.MAC{}) {
			n.Learn(a.Iface, p.Address, a.MAC) // the router's global address is at the same place
		}
		if p.OnLink {
			n.install(ip.Route{Prefix: p.Prefix(), Iface: a.Iface, Learnt: true}, p.ValidLifetime > 0)
		}
	}
	if n.install(ip.Route{Prefix: anyIPv6, Iface: a.Iface, Gateway: a.Router, Learnt: true}, a.Lifetime > 0) {
		n.s.Out.Note(trace.Note{Kind: trace.RouterFound, Peer: a.Router})
	}
	if a.Lifetime > 0 {
		n.StopSoliciting(a.Iface) // a router that is no default router does not end the search (RFC 4861 section 6.3.7)
	}
}

var anyIPv6 = netip.PrefixFrom(netip.IPv6Unspecified(), 0)

// install adds a learnt route, or removes it if its lifetime is over (RFC 4861 section
// 6.3.4), and reports whether it is new.
func (n *Neighbours) install(r ip.Route, alive bool) bool {
	if !alive {
		n.s.RemoveRoutes(func(o ip.Route) bool { return o == r })
		return false
	}
	for _, o := range n.s.Routes() {
		if o == r {
			return false
		}
	}
	n.s.AddRoute(r)
	return true
}
