package ha

import (
	"cmp"
	"math/rand/v2"
	"net/netip"
	"slices"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/nd"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// replyLimit is how many addresses a Home Agent Address Discovery Reply has room for within
// the minimum IPv6 MTU (RFC 6275 section 10.5.1): behind the IPv6 header and 8 octets.
const replyLimit = (1280 - wire.IPv6HeaderLen - 8) / 16

// Listed is an entry of the Home Agents List (RFC 6275 section 10.1): another home agent on
// the home link.
type Listed struct {
	LinkLocal  netip.Addr
	Addresses  []netip.Addr // global ones
	Preference uint16
	Expires    vtime.Time

	timer *machine.Timer
}

// discovery lets mobile nodes find the home agents of this link (RFC 6275 section 10.5).
type discovery struct {
	a      *Agent
	agents []*Listed // in the order in which they were first heard
}

func (d *discovery) init(a *Agent) {
	d.a = a
	a.nd.OnAdvertisement = d.heard
	a.s.HandleICMPv6(wire.ICMPv6HomeAgentRequest, d.request)
	// Other home agents have the address too: it is no source, and nobody's duplicate.
	a.s.AddAddress(a.cfg.Home, mip.HomeAgentsAnycast(a.cfg.Prefix), a.cfg.Prefix.Bits(), ip.Receiving)
}

// heard keeps the list up to date with the Router Advertisements of others (RFC 6275
// section 10.5.1).
func (d *discovery) heard(now vtime.Time, ra nd.Advertisement) {
	if ra.Iface != d.a.cfg.Home {
		return
	}
	if !ra.HomeAgent || ra.AgentLifetime == 0 {
		d.remove(ra.Router)
		return
	}
	e := d.entry(ra.Router)
	e.Preference, e.Expires = ra.Preference, now.Add(ra.AgentLifetime)
	e.timer.Set(e.Expires)
	for _, p := range ra.Prefixes {
		whole := p.RouterAddress && p.Address != p.Prefix().Addr() // else it is a prefix after all
		if whole && mip.IsCareOf(p.Address) && d.a.cfg.Prefix.Contains(p.Address) && !slices.Contains(e.Addresses, p.Address) {
			e.Addresses = append(e.Addresses, p.Address)
		}
	}
}

func (d *discovery) entry(link netip.Addr) *Listed {
	for _, e := range d.agents {
		if e.LinkLocal == link {
			return e
		}
	}
	e := &Listed{LinkLocal: link}
	e.timer = d.a.s.Timers.New(func(vtime.Time) { d.remove(link) })
	d.agents = append(d.agents, e)
	return e
}

func (d *discovery) remove(link netip.Addr) {
	d.agents = slices.DeleteFunc(d.agents, func(e *Listed) bool {
		if e.LinkLocal == link {
			e.timer.Stop()
		}
		return e.LinkLocal == link
	})
}

// request answers a Home Agent Address Discovery Request with the agents of this link. The
// exchange is not protected: what a forger gains is a list of addresses.
func (d *discovery) request(now vtime.Time, p *packet.Buf, in ip.Info) {
	a := d.a
	m, err := wire.ICMPv6(p.Bytes()[in.Offset:]).HomeAgentRequest()
	if err != nil || in.WireDest != mip.HomeAgentsAnycast(a.cfg.Prefix) || !mip.IsCareOf(in.Source) {
		a.s.Out.Drop(p, trace.MobilityRejected)
		return
	}
	id, to := m.Identifier(), in.Source
	a.s.Out.Absorb(p)
	reply := a.s.Compose(func(b []byte) []byte {
		return wire.AppendHomeAgentReply(b, id, d.list(), a.cfg.Address, to)
	})
	a.s.Push6(reply, a.cfg.Address, to, wire.ProtoICMPv6, 0, ip.DefaultHopLimit)
	a.s.Output(now, reply)
}

// list returns the addresses of the home agents, this one included, by decreasing
// preference; equals are in a new random order each time, and so are the addresses of one
// agent.
func (d *discovery) list() []netip.Addr {
	all := []Listed{{Addresses: []netip.Addr{d.a.cfg.Address}, Preference: d.a.cfg.Preference}}
	for _, e := range d.agents {
		all = append(all, Listed{Addresses: slices.Clone(e.Addresses), Preference: e.Preference})
	}
	shuffle(d.a.cfg.Rand, all)
	slices.SortStableFunc(all, func(x, y Listed) int { return cmp.Compare(y.Preference, x.Preference) })
	var addresses []netip.Addr
	for _, e := range all {
		shuffle(d.a.cfg.Rand, e.Addresses)
		addresses = append(addresses, e.Addresses...)
	}
	return addresses[:min(len(addresses), replyLimit)]
}

// shuffle draws nothing where there is nothing to choose.
func shuffle[T any](from *rand.Rand, s []T) {
	if len(s) > 1 {
		from.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
	}
}

// snapshot returns a copy of the list.
func (d *discovery) snapshot() []Listed {
	all := make([]Listed, len(d.agents))
	for i, e := range d.agents {
		all[i] = *e
		all[i].timer, all[i].Addresses = nil, slices.Clone(e.Addresses)
	}
	return all
}
