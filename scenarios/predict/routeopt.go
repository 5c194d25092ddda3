package predict

import (
	"time"

	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/wire"
	"dsmipsim/scenarios/plan"
	"dsmipsim/scenarios/spec"
)

// Octets of packets around a correspondent (RFC 6275 sections 6.1.3 to 6.1.8).
const (
	testInit      = wire.IPv6HeaderLen + 16
	testAnswer    = wire.IPv6HeaderLen + 24
	authorized    = wire.IPv6HeaderLen + 32 // Binding Update or Acknowledgement with an authenticator
	authorizedWay = authorized + homeAddressOrRH
)

// route is what a mobile node and a correspondent have arranged.
type route struct {
	bound   bool
	expires time.Duration
	tested  time.Duration // when the home keygen token was received
	token   bool

	careOf     *spec.Network // where the care-of token is for
	careTested time.Duration // when it was received
}

// optimise predicts the phase after a handover's registration: from the home agent's
// acknowledgement, at an instant, until the mobile node has the acknowledgement of the last
// correspondent.
//
//	[wait for a packet]  +  max(test through the home agent, test of the care-of address)  +  update  +  acknowledgement
//
// The wait is for correspondents to which nothing was sent during the handover. A home
// token of the last 210 s saves the first of the two tests. Where bindings are deleted, at
// home and on IPv4, there is only that test.
func (j *journey) optimise(n *spec.Network, from, at time.Duration) Span {
	all := Span{}
	if !j.p.Spec.Protocol.RouteOptimization {
		return all
	}
	done := map[string]bool{}
	for i := range j.p.Spec.Flows {
		f := &j.p.Spec.Flows[i]
		peer := j.peer(f)
		if peer == nil || done[peer.Name] {
			continue
		}
		done[peer.Name] = true
		s := j.optimiseWith(n, peer, from, at)
		all = latest(all, s)
	}
	return all
}

// peer returns the other end of one of the node's IPv6 flows if it does route optimization.
func (j *journey) peer(f *spec.Flow) *plan.Host {
	other := f.From
	if other == j.m.Name {
		other = f.To
	} else if f.To != j.m.Name {
		return nil
	}
	c := j.p.Spec.Correspondent(other)
	if f.Family != spec.IPv6 || c == nil || !c.MobileIPv6 {
		return nil
	}
	return j.p.Host(other)
}

func (j *journey) optimiseWith(n *spec.Network, peer *plan.Host, from, at time.Duration) Span {
	r := j.routes[peer.Name]
	if r == nil {
		r = &route{}
		j.routes[peer.Name] = r
	}
	bound := r.bound && at < r.expires
	wait, talks := j.firstPacket(peer, from, at)
	registers := n.Kind != spec.KindHome && n.Kind != spec.KindIPv4Public
	if registers && !bound && !talks || !registers && !bound {
		r.bound = false
		return Span{}
	}
	if bound {
		wait = Span{}
	}
	begun := at + wait.Mean
	tests := Span{}
	fresh := r.token && begun < r.tested+mip.MaxTokenLifetime
	if !fresh {
		tests = j.homeTest(n, peer)
		r.token, r.tested = true, begun+tests.Mean
	}
	if !registers {
		r.bound = false
		if n.Kind == spec.KindIPv4Public && !j.p.Spec.Protocol.DeregisterCNOnV4 {
			return Span{}
		}
		return wait.plus(tests).plus(j.viaHome(n, out, peer, authorized))
	}
	if r.careOf != n || begun >= r.careTested+mip.MaxTokenLifetime { // only the last care-of token is kept
		careTest := j.careTest(n, peer)
		r.careOf, r.careTested = n, begun+careTest.Mean
		tests = latest(tests, careTest)
	}
	r.bound = true
	j.renew(r, n, peer, begun+tests.Mean)
	return wait.plus(tests).plus(j.direct(n, out, peer, authorizedWay))
}

// longestWait times the mean is what an exponential wait exceeds once in 22000 times.
const longestWait = 10

// firstPacket returns how long after an instant the first packet of a conversation with the
// correspondent is seen, which begins the test: at once if the node sent one, in vain, since
// the handover began. Packets to it come at any time within their interval.
func (j *journey) firstPacket(peer *plan.Host, from, at time.Duration) (wait Span, talks bool) {
	for i := range j.p.Spec.Flows {
		f := &j.p.Spec.Flows[i]
		if j.peer(f) != peer || f.Start > at || f.Stop < at {
			continue
		}
		if f.From == j.m.Name && nextSent(f, from) <= at {
			return Span{}, true
		}
		r := rhythmOf(f)
		w := Span{0, r.interval / 2, r.interval}
		if r.random {
			w = Span{0, r.interval, longestWait * r.interval}
		}
		if !talks || w.Mean < wait.Mean {
			wait = w
		}
		talks = true
	}
	return wait, talks
}

// nextSent returns when the flow's first packet at or after an instant is sent.
func nextSent(f *spec.Flow, at time.Duration) time.Duration {
	if at <= f.Start {
		return f.Start
	}
	interval := rhythmOf(f).interval // of a random flow, about
	return f.Start + (at-f.Start+interval-1)/interval*interval
}

// renew follows a binding, made by an update sent at an instant, through its refreshes until
// the node moves on.
func (j *journey) renew(r *route, n *spec.Network, peer *plan.Host, sent time.Duration) {
	life := j.p.Spec.Protocol.BindingLifetime
	homeSent := j.acknowledged - j.registration
	for {
		for homeSent+life/100*refreshPercent <= sent {
			homeSent += life / 100 * refreshPercent
		}
		asked := min(mip.MaxRRBindingLifetime, homeSent+life-sent) / spec.BindingLifetimeUnit * spec.BindingLifetimeUnit
		r.expires = sent + asked
		next := sent + asked/100*refreshPercent
		if asked <= 0 || next >= j.until {
			return
		}
		sent = next
		if next >= r.tested+mip.MaxTokenLifetime {
			r.tested = next + j.homeTest(n, peer).Mean
			sent = r.tested
		}
		if next >= r.careTested+mip.MaxTokenLifetime {
			r.careTested = next + j.careTest(n, peer).Mean
			sent = max(sent, r.careTested)
		}
	}
}

// homeTest is the time of Home Test Init and Home Test.
func (j *journey) homeTest(n *spec.Network, peer *plan.Host) Span {
	return j.viaHome(n, out, peer, testInit).plus(j.viaHome(n, in, peer, testAnswer))
}

// careTest is the time of Care-of Test Init and Care-of Test.
func (j *journey) careTest(n *spec.Network, peer *plan.Host) Span {
	return j.direct(n, out, peer, testInit).plus(j.direct(n, in, peer, testAnswer))
}

// viaHome is how long a packet of the home address takes between the node in a network and a
// correspondent: through the tunnel, or natively at home.
func (j *journey) viaHome(n *spec.Network, h heading, peer *plan.Host, octets int) Span {
	outer := octets
	if p := j.p.Spec.Protocol; n.Kind != spec.KindHome && p.IPsec && (p.IPsecHomeTests && octets != authorized || p.IPsecPayload && octets == authorized) {
		outer = j.protected(octets) // ESP in tunnel mode around the whole packet
	}
	switch n.Kind {
	case spec.KindHome:
	case spec.KindIPv4Public:
		outer += wire.IPv4HeaderLen
	default:
		outer += wire.IPv6HeaderLen
	}
	return j.way(n, h, outer).plus(j.between(h, j.home.Name, peer.Network.Name, octets)).plus(cross(peer.Network, !h, octets+wire.EthernetLen))
}

// direct is how long a packet of the care-of address takes to or from a correspondent.
func (j *journey) direct(n *spec.Network, h heading, peer *plan.Host, octets int) Span {
	frame := octets + wire.EthernetLen
	return cross(n, h, frame).plus(j.between(h, n.Name, peer.Network.Name, octets)).plus(cross(peer.Network, !h, frame))
}
