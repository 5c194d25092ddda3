package mn

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// PrefixDiscovery lets a mobile node learn about its home prefixes while it is away.
type PrefixDiscovery struct {
	Rand *rand.Rand // identifiers
	// OverIPv4 sends solicitations from IPv4-only networks too, which the draft allows and
	// warns about (section 2.1).
	OverIPv4 bool
}

// HomePrefix is what the node was told about a prefix of its home link.
type HomePrefix struct {
	Prefix           netip.Prefix
	Valid, Preferred vtime.Time // until when
}

// prefixes is mobile prefix discovery at the mobile node (RFC 6275 sections 11.4.2 and
// 11.4.3). New home addresses are not configured: they would need policies and security
// associations that nobody has agreed on.
type prefixes struct {
	m          *Node
	known      []HomePrefix // of the last advertisement
	identifier uint16
	waiting    bool // for the advertisement of that identifier
	sent       int
	interval   time.Duration
	timer      *machine.Timer // retransmission
	renewal    *machine.Timer // the home prefix is near its end
}

func (x *prefixes) init(m *Node) {
	x.m = m
	x.timer = m.Timers.New(x.again)
	x.renewal = m.Timers.New(x.solicit)
	if m.cfg.Prefixes != nil {
		m.HandleICMPv6(wire.ICMPv6PrefixAdvertisement, x.advertisement)
	}
}

// pause ends an exchange with the network in which it began.
func (x *prefixes) pause() {
	x.timer.Stop()
	x.waiting = false
}

// registered is called when the home agent has accepted a registration. Status 1 says that
// the home prefix is deprecated: solicit before the next Binding Update (RFC 6275 section
// 11.7.3, row B-25).
func (x *prefixes) registered(now vtime.Time, status wire.BindingStatus) {
	if status == wire.BindingAcceptedPrefix {
		x.solicit(now)
	}
}

// possible reports whether a solicitation can be sent from here.
func (x *prefixes) possible() bool {
	m := x.m
	return m.cfg.Prefixes != nil && m.place() == away && m.update.bound &&
		(m.careOf().Is6() || m.careOf().Is4() && m.cfg.Prefixes.OverIPv4)
}

// solicit begins an exchange, unless one is under way.
func (x *prefixes) solicit(now vtime.Time) {
	if x.waiting || !x.possible() {
		return
	}
	x.identifier = uint16(x.m.cfg.Prefixes.Rand.Uint32())
	x.waiting, x.sent, x.interval = true, 0, mip.InitialSolicitTimer
	x.ask(now)
}

// ask sends the solicitation. From an IPv4 network it goes through the reverse tunnel like
// anything else that the home address sends: the IPv4-mapped care-of address is for Binding
// Updates alone (draft section 3.4).
func (x *prefixes) ask(now vtime.Time) {
	m := x.m
	e := mip.Envelope{Source: m.careOf(), Destination: m.cfg.HomeAgent, HomeAddress: m.cfg.HomeAddress, Seal: m.cfg.SealPrefix}
	if m.careOf().Is4() {
		e.Source, e.HomeAddress = m.cfg.HomeAddress, netip.Addr{}
	}
	p := mip.ComposeICMPv6(m.Stack, e, func(b []byte, src, dst netip.Addr) []byte {
		return wire.AppendPrefixSolicitation(b, x.identifier, src, dst)
	})
	if m.careOf().Is4() {
		m.reverse(now, p)
	} else {
		m.Originate(now, p, e.Destination)
	}
	x.sent++
	ip.After(x.timer, now, x.interval)
}

// again repeats the solicitation after twice the time, as often as the home agent would
// repeat its advertisement.
func (x *prefixes) again(now vtime.Time) {
	if x.sent > mip.PrefixAdvRetries {
		x.waiting = false
		return
	}
	x.interval *= 2
	x.ask(now)
}

// advertisement judges a Mobile Prefix Advertisement (row B-41): it must be from the home
// agent, with a routing header to the home address, protected if anything is, and the answer
// to the last solicitation. An unsolicited one only causes a solicitation.
func (x *prefixes) advertisement(now vtime.Time, p *packet.Buf, in ip.Info) {
	m := x.m
	if m.cfg.IPsec && !(in.Secured && in.SecuredFor == m.cfg.HomeAddress) {
		m.Out.Drop(p, trace.SecurityRequired)
		return
	}
	a, err := wire.ICMPv6(p.Bytes()[in.Offset:]).PrefixAdvertisement()
	tunnelled := m.cfg.Prefixes.OverIPv4 && in.Tunnel.Is4() // where no routing header leads
	if err != nil || in.Source != m.cfg.HomeAgent || !x.possible() || in.RoutingHome != m.cfg.HomeAddress && !tunnelled {
		m.Out.Drop(p, trace.MobilityRejected)
		return
	}
	if !x.waiting || a.Identifier() != x.identifier {
		m.Out.Drop(p, trace.MobilityRejected)
		x.solicit(now)
		return
	}
	x.pause()
	x.learn(now, a.Options())
	m.Out.Absorb(p)
	x.adapt(now)
}

// learn replaces what is known by the prefixes of an advertisement.
func (x *prefixes) learn(now vtime.Time, o wire.NDOptions) {
	x.known = nil
	for o.Next() {
		if p, ok := o.PrefixInformation(); ok && p.PrefixLen <= 128 && p.PreferredLifetime <= p.ValidLifetime {
			x.known = append(x.known, HomePrefix{p.Prefix(), now.Add(p.ValidLifetime), now.Add(p.PreferredLifetime)})
		}
	}
}

// renewPercent is the part of a home prefix's valid lifetime after which news is asked for.
const renewPercent = 90

// lifetimeGrain is by how much a binding may seem to outlive the prefix that bounds it: both
// lifetimes are rounded, and a message has been under way.
const lifetimeGrain = 4 * time.Second

// adapt follows the lifetime of the home prefix: a binding that would outlive it is made
// anew, and before it ends the home agent is asked again.
func (x *prefixes) adapt(now vtime.Time) {
	m := x.m
	x.renewal.Stop()
	for _, k := range x.known {
		if k.Prefix != m.cfg.HomePrefix {
			continue
		}
		if m.update.expires > k.Valid.Add(lifetimeGrain) {
			m.update.register(now)
		}
		if wait := k.Valid.Sub(now) / 100 * renewPercent; k.Valid.Sub(now)-wait > mip.InitialSolicitTimer {
			ip.After(x.renewal, now, wait)
		}
	}
}
