// Package router is the router's side of Neighbor Discovery: Router Advertisements, on a
// schedule and on request.
package router

import (
	"cmp"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/nd"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Range is an interval of time from which a delay is drawn uniformly.
type Range struct{ Min, Max time.Duration }

// Draw returns a value of the range; a range without width draws nothing.
func (r Range) Draw(from *rand.Rand) time.Duration {
	if r.Max <= r.Min {
		return r.Min
	}
	return r.Min + time.Duration(from.Int64N(int64(r.Max-r.Min)+1))
}

// Config says what and how often a router advertises on a link.
type Config struct {
	Interval       Range                  // MinRtrAdvInterval to MaxRtrAdvInterval (RFC 4861 section 6.2.1, RFC 6275 section 7.5)
	SolicitedDelay Range                  // before the answer to a solicitation, 0 to MAX_RA_DELAY_TIME (RFC 4861 section 6.2.6)
	MinDelay       time.Duration          // MinDelayBetweenRAs (RFC 6275 section 7.5)
	HomeAgent      bool                   // the H flag
	Preference     uint16                 // of a home agent (RFC 6275 section 7.4)
	NotDefault     bool                   // a home agent that is no default router
	Lifetime       time.Duration          // AdvDefaultLifetime, whole seconds
	NoInterval     bool                   // leaves the Advertisement Interval option out
	Unicast        bool                   // answers who solicits from an address to itself alone (RFC 4861 section 6.2.6)
	HopLimit       uint8                  // AdvCurHopLimit; 0 for unspecified
	Reachable      time.Duration          // AdvReachableTime; 0 for unspecified
	Retrans        time.Duration          // AdvRetransTimer; 0 for unspecified
	MTU            uint32                 // AdvLinkMTU, octets; 0 for no option
	Managed        bool                   // the M flag
	OtherConfig    bool                   // the O flag
	Prefix         wire.PrefixInformation // advertised with its lifetimes
	Change         *Change                // of the prefix, or nil
}

// Change is a renumbering: at an instant the prefix gets other lifetimes, which run down from
// then on, and another prefix may come beside it (RFC 4861 section 6.2.7).
type Change struct {
	At               vtime.Time
	Valid, Preferred time.Duration
	New              wire.PrefixInformation // without a length for none
}

// Prefixes returns what is advertised at an instant.
func (c *Config) Prefixes(now vtime.Time) []wire.PrefixInformation {
	old := c.Prefix
	if c.Change == nil || now < c.Change.At {
		return []wire.PrefixInformation{old}
	}
	left := func(d time.Duration) time.Duration { return max(0, c.Change.At.Add(d).Sub(now)) }
	old.ValidLifetime, old.PreferredLifetime = left(c.Change.Valid), left(c.Change.Preferred)
	all := []wire.PrefixInformation{old}
	if c.Change.New.PrefixLen > 0 {
		all = append(all, c.Change.New)
	}
	return all
}

// Initial advertisements come at most this far apart (MAX_INITIAL_RTR_ADVERT_INTERVAL and
// MAX_INITIAL_RTR_ADVERTISEMENTS of RFC 4861 section 10).
const (
	maxInitialInterval = 16 * time.Second
	maxInitial         = 3
)

// shortInterval is the interval below which the Advertisement Interval option promises
// 20 ms more than MaxRtrAdvInterval (RFC 6275 section 7.3).
const (
	shortInterval = 200 * time.Millisecond
	intervalSlack = 20 * time.Millisecond
)

// Advertiser sends the Router Advertisements of one interface.
type Advertiser struct {
	s           *ip.Stack
	n           *nd.Neighbours
	iface       machine.Iface
	rand        *rand.Rand
	cfg         Config
	unsolicited *machine.Timer
	solicited   *machine.Timer
	last        vtime.Time // when the last one to all nodes was sent
	sent        int
	answers     []answer // to single hosts, in order of time
	answer      *machine.Timer
}

// answer is an advertisement for one host that waits for its random delay.
type answer struct {
	at vtime.Time
	to netip.Addr
}

// Advertise starts to send Router Advertisements on the interface. The first one comes
// after one interval. It returns the Advertiser, which answers the stack's Router
// Solicitations for that interface.
func Advertise(now vtime.Time, s *ip.Stack, n *nd.Neighbours, iface machine.Iface, from *rand.Rand, cfg Config) *Advertiser {
	a := &Advertiser{s: s, n: n, iface: iface, rand: from, cfg: cfg, last: -1}
	a.answer = s.Timers.New(a.answerDue)
	a.unsolicited = s.Timers.New(a.send)
	a.solicited = s.Timers.New(a.send)
	s.JoinGroup(iface, wire.AllRouters)
	s.HandleICMPv6(wire.ICMPv6RouterSolicitation, a.handleSolicitation)
	a.schedule(now)
	return a
}

func (a *Advertiser) schedule(now vtime.Time) {
	d := a.cfg.Interval.Draw(a.rand)
	if a.sent < maxInitial {
		d = min(d, maxInitialInterval)
	}
	ip.After(a.unsolicited, now, d)
}

// send multicasts an advertisement; it also counts as the scheduled one.
func (a *Advertiser) send(now vtime.Time) {
	a.last = now
	a.sent++
	a.s.Multicast(a.iface, wire.AllNodes, a.compose(now, wire.AllNodes))
	a.schedule(now)
}

// compose makes the advertisement of the moment.
func (a *Advertiser) compose(now vtime.Time, to netip.Addr) *packet.Buf {
	ifc := a.s.Interface(a.iface)
	src := wire.LinkLocal(ifc.MAC)
	f := wire.RouterAdvertisementFields{
		CurHopLimit: a.cfg.HopLimit, HomeAgent: a.cfg.HomeAgent, Managed: a.cfg.Managed, OtherConfig: a.cfg.OtherConfig,
		RouterLifetime: a.cfg.Lifetime, ReachableTime: a.cfg.Reachable, RetransTimer: a.cfg.Retrans,
		SourceLinkLayer: ifc.MAC, MTU: a.cfg.MTU, Prefixes: a.cfg.Prefixes(now),
	}
	if !a.cfg.NoInterval {
		f.AdvertisementInterval = a.cfg.Interval.Max
		if f.AdvertisementInterval < shortInterval {
			f.AdvertisementInterval += intervalSlack
		}
	}
	if a.cfg.Preference != 0 || a.cfg.NotDefault { // with default values the option is left out
		f.HomeAgentInformation = &wire.HomeAgentInformation{Preference: a.cfg.Preference, Lifetime: max(f.RouterLifetime, time.Second)}
	}
	if a.cfg.NotDefault {
		f.RouterLifetime = 0
	}
	p := a.s.Compose(func(b []byte) []byte { return wire.AppendRouterAdvertisement(b, f, src, to) })
	a.s.Push6(p, src, to, wire.ProtoICMPv6, 0, wire.NDHopLimit)
	return p
}

// handleSolicitation follows RFC 4861 section 6.2.6: the answer is multicast after a short
// random delay, not sooner than MinDelay after the last one, and not at all if an
// advertisement is due before that anyway. An answer to one host alone is delayed too, but
// keeps no distance.
func (a *Advertiser) handleSolicitation(now vtime.Time, p *packet.Buf, in ip.Info) {
	rs, err := wire.ICMPv6(p.Bytes()[in.Offset:]).RouterSolicitation()
	if err != nil || in.HopLimit != wire.NDHopLimit || in.In != a.iface || in.Tunnel.IsValid() {
		a.s.Out.Drop(p, trace.Malformed)
		return
	}
	mac, hasMAC := rs.Options().SourceLinkLayer()
	if hasMAC && in.WireSource.IsUnspecified() {
		a.s.Out.Drop(p, trace.Malformed)
		return
	}
	a.s.Out.Absorb(p)
	a.n.HeardSolicitation(now, a.iface, in.WireSource, mac)
	if a.cfg.Unicast && !in.WireSource.IsUnspecified() {
		a.answerAlone(now, in.WireSource)
		return
	}
	from := now
	if a.last >= 0 && now < a.last.Add(a.cfg.MinDelay) {
		from = a.last.Add(a.cfg.MinDelay)
	}
	at := from.Add(a.cfg.SolicitedDelay.Draw(a.rand))
	if at < a.unsolicited.At() && (!a.solicited.Armed() || at < a.solicited.At()) {
		a.solicited.Set(at)
	}
}

// answerAlone schedules an answer to one host, unless it is about to get one.
func (a *Advertiser) answerAlone(now vtime.Time, to netip.Addr) {
	at := now.Add(a.cfg.SolicitedDelay.Draw(a.rand))
	for _, w := range a.answers {
		if w.to == to {
			return
		}
	}
	a.answers = append(a.answers, answer{at, to})
	slices.SortStableFunc(a.answers, func(x, y answer) int { return cmp.Compare(x.at, y.at) })
	a.answer.Set(a.answers[0].at)
}

// answerDue sends the answers whose time has come.
func (a *Advertiser) answerDue(now vtime.Time) {
	for len(a.answers) > 0 && a.answers[0].at <= now {
		to := a.answers[0].to
		a.answers = append(a.answers[:0], a.answers[1:]...)
		a.n.Resolve(now, a.iface, to, a.compose(now, to))
	}
	if len(a.answers) > 0 {
		a.answer.Set(a.answers[0].at)
	}
}
