package nd

import (
	"net/netip"
	"time"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
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
	Managed       bool          // the M flag: addresses by DHCPv6
	OtherConfig   bool          // the O flag: other information by DHCPv6
	HopLimit      uint8         // CurHopLimit; 0 if it did not say
	Reachable     time.Duration // ReachableTime; 0 if it did not say
	Retrans       time.Duration // RetransTimer; 0 if it did not say
	MTU           uint32        // of the link, octets; 0 if it did not say
	Interval      time.Duration // longest time between its advertisements; 0 if it did not say (RFC 6275 section 7.3)
	Prefixes      []wire.PrefixInformation
}

// handleRouterAdvertisement follows RFC 4861 sections 6.1.2 and 6.3.4: it installs the
// default route and the on-link prefixes and tells the owner.
func (n *Neighbours) handleRouterAdvertisement(now vtime.Time, m wire.ICMPv6, in ip.Info) bool {
	ra, err := m.RouterAdvertisement()
	if err != nil || !in.WireSource.IsLinkLocalUnicast() {
		return false
	}
	if n.cfg.LinkLocalFirst && n.verifyingLinkLocal(in.In) {
		return true
	}
	a := Advertisement{
		Iface: in.In, Router: in.WireSource, Lifetime: ra.RouterLifetime(), HomeAgent: ra.HomeAgent(), AgentLifetime: ra.RouterLifetime(),
		Managed: ra.Managed(), OtherConfig: ra.OtherConfig(), HopLimit: ra.CurHopLimit(), Reachable: ra.ReachableTime(), Retrans: ra.RetransTimer(),
	}
	if h, ok := ra.Options().HomeAgentInformation(); ok {
		a.Preference, a.AgentLifetime = h.Preference, h.Lifetime
	}
	a.MAC, _ = ra.Options().SourceLinkLayer()
	a.MTU, _ = ra.Options().MTU()
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
