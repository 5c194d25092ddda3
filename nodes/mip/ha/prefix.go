package ha

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

// Prefixes is what a home agent tells mobile nodes about the prefixes of the home link.
type Prefixes struct {
	List     func(now vtime.Time) []wire.PrefixInformation // as in its Router Advertisements
	Change   vtime.Time                                    // when they change otherwise than by the passage of time, or Never
	OverIPv4 bool                                          // also to mobile nodes in IPv4-only networks (draft section 2.1)
	Rand     *rand.Rand                                    // delays of unsolicited advertisements
}

// prefixes is mobile prefix discovery at the home agent (RFC 6275 section 10.6).
type prefixes struct {
	a      *Agent
	change *machine.Timer
	of     map[netip.Addr]*delivery // by home address
}

// delivery is the advertisements to one mobile node.
type delivery struct {
	home       netip.Addr
	last       vtime.Time // when the last one was sent, plus 1: zero is never
	answer     *machine.Timer
	solicited  mip.Envelope
	identifier uint16

	unsolicited *machine.Timer
	sent        int
	interval    time.Duration
}

func (x *prefixes) init(a *Agent) {
	x.a, x.of = a, map[netip.Addr]*delivery{}
	c := a.cfg.Prefixes
	if c == nil {
		return
	}
	a.s.HandleICMPv6(wire.ICMPv6PrefixSolicitation, x.solicitation)
	x.change = a.s.Timers.New(x.changed)
	x.change.Set(c.Change)
}

// forEver is the lifetime of a prefix that nobody told otherwise about.
const forEver = time.Duration(1<<63 - 1)

// judge returns the status of a successful registration: that of a deprecated home prefix
// asks for prefix discovery (RFC 6275 section 10.3.1). No binding outlives the prefix
// (section 10.6.4).
func (x *prefixes) judge(now vtime.Time) (wire.BindingStatus, time.Duration) {
	if x.a.cfg.Prefixes == nil {
		return wire.BindingAccepted, forEver
	}
	for _, p := range x.a.cfg.Prefixes.List(now) {
		if p.Prefix() != x.a.cfg.Prefix {
			continue
		}
		valid := p.ValidLifetime.Truncate(bindingUnit)
		if p.PreferredLifetime < time.Second { // as it is written in an advertisement
			return wire.BindingAcceptedPrefix, valid
		}
		return wire.BindingAccepted, valid
	}
	return wire.BindingAccepted, forEver
}

// bindingUnit is the unit of lifetimes in a Binding Acknowledgement.
const bindingUnit = 4 * time.Second

func (x *prefixes) delivery(home netip.Addr) *delivery {
	d := x.of[home]
	if d == nil {
		d = &delivery{home: home}
		d.answer = x.a.s.Timers.New(func(now vtime.Time) { x.send(now, d, d.solicited, d.identifier) })
		d.unsolicited = x.a.s.Timers.New(func(now vtime.Time) { x.unsolicited(now, d) })
		x.of[home] = d
	}
	return d
}

// solicitation answers a Mobile Prefix Solicitation right away, but no more than one a
// second to the same mobile node. It also confirms what was sent unsolicited.
func (x *prefixes) solicitation(now vtime.Time, p *packet.Buf, in ip.Info) {
	a := x.a
	if a.cfg.IPsec && !(in.Secured && in.SecuredFor == in.Source) {
		a.s.Out.Drop(p, trace.SecurityRequired)
		return
	}
	m, err := wire.ICMPv6(p.Bytes()[in.Offset:]).PrefixSolicitation()
	mobile, b := a.mobiles[in.Source], a.cache.Live(in.Source)
	tunnelled := a.cfg.Prefixes.OverIPv4 && in.Tunnel.Is4() && b != nil && b.CareOf == in.Tunnel
	if err != nil || mobile == nil || in.Destination != a.cfg.Address || !in.HomeAddress.IsValid() && !tunnelled {
		a.s.Out.Drop(p, trace.MobilityRejected)
		return
	}
	d := x.delivery(in.Source)
	d.identifier = m.Identifier()
	d.solicited = mip.Envelope{Source: a.cfg.Address, Destination: in.WireSource, RoutingHome: in.HomeAddress, Seal: mobile.SealPrefix}
	a.s.Out.Absorb(p)
	d.unsolicited.Stop()
	if at := (d.last - 1).Add(mip.MinMobPfxAdvGap); d.last > 0 && at > now {
		d.answer.Set(at)
		return
	}
	x.send(now, d, d.solicited, d.identifier)
}

func (x *prefixes) send(now vtime.Time, d *delivery, e mip.Envelope, id uint16) {
	d.last = now + 1
	f := wire.PrefixAdvertisementFields{Identifier: id, Prefixes: x.a.cfg.Prefixes.List(now)}
	p := mip.ComposeICMPv6(x.a.s, e, func(b []byte, src, dst netip.Addr) []byte {
		return wire.AppendPrefixAdvertisement(b, f, src, dst)
	})
	if e.RoutingHome.IsValid() {
		x.a.s.Originate(now, p, e.Target())
		return
	}
	x.a.s.Output(now, p) // through the tunnel, as everything for a mobile node in an IPv4 network
}

// changed schedules advertisements to all mobile nodes that are away (RFC 6275 section
// 10.6.2). One that deprecates their address is not put off; others are spread at random.
func (x *prefixes) changed(now vtime.Time) {
	status, _ := x.judge(now)
	for _, b := range x.a.cache.Snapshot() {
		if b.Deleted || !b.Home || b.HomeAddress != b.Owner {
			continue
		}
		d := x.delivery(b.HomeAddress)
		d.sent, d.interval = 0, mip.PrefixAdvTimeout
		delay := time.Duration(0)
		if status == wire.BindingAccepted {
			delay = x.delay(now)
		}
		ip.After(d.unsolicited, now, delay)
	}
}

// delay draws RAND_ADV_DELAY.
func (x *prefixes) delay(now vtime.Time) time.Duration {
	most := mip.MaxMobPfxAdvInterval
	for _, p := range x.a.cfg.Prefixes.List(now) {
		if p.Prefix() == x.a.cfg.Prefix {
			most = min(most, p.PreferredLifetime)
		}
	}
	span := most - mip.MinMobPfxAdvInterval
	if span < 0 {
		span = -span
	}
	return mip.MinMobPfxAdvInterval + time.Duration(x.a.cfg.Prefixes.Rand.Int64N(int64(span)+1))
}

// unsolicited sends an advertisement and repeats it until a solicitation confirms it, at
// most PrefixAdvRetries times and never longer than the binding lasts.
func (x *prefixes) unsolicited(now vtime.Time, d *delivery) {
	b := x.a.cache.Live(d.home)
	if b == nil || b.CareOf.Is4() && !x.a.cfg.Prefixes.OverIPv4 {
		return
	}
	e := mip.Envelope{Source: x.a.cfg.Address, Destination: d.home, Seal: x.a.mobiles[d.home].SealPrefix}
	if b.CareOf.Is6() {
		e.Destination, e.RoutingHome = b.CareOf, d.home
	}
	x.send(now, d, e, 0)
	if d.sent++; d.sent <= mip.PrefixAdvRetries {
		ip.After(d.unsolicited, now, d.interval)
		d.interval *= 2
	}
}
