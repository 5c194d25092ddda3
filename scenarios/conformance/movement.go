package conformance

import (
	"net/netip"
	"time"

	"dsmipsim/nodes/wire"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/vtime"
)

// detectsMovement looks at what makes a mobile node probe for a care-of address in the network
// that it has come to: with layer 2 a solicitation of its own, without it a new prefix, the
// silence of the old router, or that the old router no longer answers.
func detectsMovement(r *Run, j *Jury) {
	noRandomDelay(r, j)
	for _, s := range r.Stays {
		m := r.Spec.MobileNode(s.Mobile.Name)
		probed := r.probes(s)
		if probed == nil || s.From == 0 {
			continue
		}
		switch m.MovementDetection {
		case spec.MovementLink:
			rs := r.first(s, func(p *Packet) bool { return p.Node == m.Name && p.IsICMP6(wire.ICMPv6RouterSolicitation) })
			j.CheckPart("hint", rs != nil && rs.Time < s.From.Add(10*time.Millisecond), probed, "solicits when the link comes up")
		case spec.MovementEager:
			ra := r.first(s, func(p *Packet) bool { return p.Link == s.Network.Name && p.IsICMP6(wire.ICMPv6RouterAdvertisement) })
			j.CheckPart("new-prefix", ra != nil && probed.Time < ra.Time.Add(10*time.Millisecond) && !r.solicited(s, probed.Time), probed, "moves with the first advertisement of a new prefix, unasked")
		case spec.MovementAdvertisementInterval:
			last, interval, _ := r.lastAdvertisement(s)
			if last == nil {
				continue
			}
			silence := time.Duration(m.MissedAdvertisements) * interval
			j.CheckPart("missed", probed.Time.Sub(last.Time) >= silence, probed, "the old router was silent for %s, not less than %s", probed.Time.Sub(last.Time), silence)
		case spec.MovementNUD, spec.MovementLazy:
			if last, _, lifetime := r.lastAdvertisement(s); last == nil || probed.Time >= last.Time.Add(lifetime) {
				continue // gone by its own account
			}
			n := r.questions(s, probed.Time)
			j.CheckPart(string(m.MovementDetection), n >= 3, probed, "asked the old router %d times, which did not answer", n)
		}
	}
}

// first returns the first packet of a stay for which ok holds, or nil.
func (r *Run) first(s *Stay, ok func(*Packet) bool) *Packet {
	for _, p := range r.Packets {
		if s.In(p.Time) && ok(p) {
			return p
		}
	}
	return nil
}

// probes returns the first duplicate address detection of an address that is not link-local.
func (r *Run) probes(s *Stay) *Packet {
	return r.first(s, func(p *Packet) bool {
		if p.Node != s.Mobile.Name || p.ICMP6 == nil || !p.Inner().Source.IsUnspecified() {
			return false
		}
		ns, err := p.ICMP6.NeighborSolicitation()
		return err == nil && s.Network.IPv6.Contains(ns.Target())
	})
}

// unaware reports whether a node without a layer-2 trigger does not know yet, as far as its
// packets tell, that it has come to the network.
func (r *Run) unaware(s *Stay, at vtime.Time) bool {
	if r.Spec.MobileNode(s.Mobile.Name).MovementDetection == spec.MovementLink {
		return false
	}
	probed := r.probes(s)
	return probed == nil || at < probed.Time
}

// solicited reports whether the node asked for routers in a stay before an instant.
func (r *Run) solicited(s *Stay, before vtime.Time) bool {
	return r.first(s, func(p *Packet) bool {
		return p.Time < before && p.Node == s.Mobile.Name && p.IsICMP6(wire.ICMPv6RouterSolicitation)
	}) != nil
}

// lastAdvertisement returns the last advertisement on the link that the node was on before,
// the interval that it promises, and for how long it wants to be a default router.
func (r *Run) lastAdvertisement(s *Stay) (last *Packet, interval, lifetime time.Duration) {
	before := r.before(s)
	if before == nil {
		return nil, 0, 0
	}
	for _, p := range r.Packets {
		if p.Time >= before.To || p.Link != before.Network.Name || p.ICMP6 == nil {
			continue
		}
		if ra, err := p.ICMP6.RouterAdvertisement(); err == nil {
			last, lifetime = p, ra.RouterLifetime()
			interval, _ = ra.Options().AdvertisementInterval()
		}
	}
	return last, interval, lifetime
}

// before returns the stay of the same node that came before.
func (r *Run) before(s *Stay) (last *Stay) {
	for _, o := range r.Stays {
		if o.Mobile == s.Mobile && o.From < s.From {
			last = o
		}
	}
	return last
}

// questions counts the unicast Neighbor Solicitations of a stay before an instant that the
// frame does not bring to anybody.
func (r *Run) questions(s *Stay, before vtime.Time) (n int) {
	asked := map[netip.Addr]int{}
	for _, p := range r.Packets {
		if !s.In(p.Time) || p.Time >= before || p.Node != s.Mobile.Name || p.ICMP6 == nil || p.Inner().Destination.IsMulticast() {
			continue
		}
		if ns, err := p.ICMP6.NeighborSolicitation(); err == nil && p.Lost {
			asked[ns.Target()]++
			n = max(n, asked[ns.Target()])
		}
	}
	return n
}
