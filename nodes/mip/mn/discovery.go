package mn

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// HomeAgent is what a mobile node shares with one home agent of its home link.
type HomeAgent struct {
	Address netip.Addr
	IPv4    netip.Addr // not valid if it has none; discovery finds IPv6 addresses only
	Seal    mip.Sealer // of Binding Updates; nil without IPsec
	Tunnel  mip.Protection

	SealPrefix mip.Sealer // of Mobile Prefix Solicitations; nil without IPsec
}

// Discovery lets a mobile node find its home agent (RFC 6275 section 11.4.1). Nil: Config
// names it.
type Discovery struct {
	Known []HomeAgent // those with which the node has something in common; with IPsec no other will do
	Rand  *rand.Rand  // identifiers
}

// discovery is dynamic home agent address discovery, and the attempts with what it found.
type discovery struct {
	m          *Node
	identifier uint16
	sent       int // requests
	interval   time.Duration
	timer      *machine.Timer
	agents     []netip.Addr // of the last reply, in its order, without those that refused
	at         int          // which of them is tried
	confirmed  bool         // it has accepted a registration
}

func (d *discovery) init(m *Node) {
	d.m = m
	d.timer = m.Timers.New(d.again)
	if m.cfg.Discovery != nil {
		m.HandleICMPv6(wire.ICMPv6HomeAgentReply, d.reply)
	}
}

func (d *discovery) pause() { d.timer.Stop() }

// ready reports whether there is a home agent to register with. If not, it begins to look
// for one. A home agent that has once accepted is asked first.
func (d *discovery) ready(now vtime.Time) bool {
	if d.m.cfg.Discovery == nil || d.m.cfg.HomeAgent.IsValid() {
		return true
	}
	d.begin(now)
	return false
}

// begin sends the first request. That happens in networks with IPv6 only: in one without,
// the draft recommends against it (section 2.1), and the request would have to travel in a
// tunnel to a home agent that is not known.
func (d *discovery) begin(now vtime.Time) {
	d.identifier = uint16(d.m.cfg.Discovery.Rand.Uint32())
	d.sent, d.interval = 0, mip.InitialDHAADTimeout
	d.ask(now)
}

func (d *discovery) ask(now vtime.Time) {
	m := d.m
	to := mip.HomeAgentsAnycast(m.cfg.HomePrefix)
	p := m.Compose(func(b []byte) []byte { return wire.AppendHomeAgentRequest(b, d.identifier, m.careOf(), to) })
	m.Push6(p, m.careOf(), to, wire.ProtoICMPv6, 0, ip.DefaultHopLimit)
	m.Originate(now, p, to)
	d.sent++
	ip.After(d.timer, now, d.interval)
}

// again repeats the same request after twice the time.
func (d *discovery) again(now vtime.Time) {
	if d.sent > mip.DHAADRetries {
		d.fail()
		return
	}
	d.interval *= 2
	d.ask(now)
}

// fail ends the search: without a home agent there is no binding. The next care-of address
// begins another one.
func (d *discovery) fail() {
	m := d.m
	m.Out.Note(trace.Note{Kind: trace.UnsupportedNetwork, Home: m.cfg.HomeAddress, CareOf: m.careOf()})
}

// reply takes the addresses that a Home Agent Address Discovery Reply lists. An empty list
// stands for the agent that sent it (RFC 6275 section 6.6 has at least one, RFC 3775's
// home agents left themselves out).
func (d *discovery) reply(now vtime.Time, p *packet.Buf, in ip.Info) {
	m := d.m
	r, err := wire.ICMPv6(p.Bytes()[in.Offset:]).HomeAgentReply()
	if err != nil || !d.timer.Armed() || r.Identifier() != d.identifier || in.WireDest != m.careOf() || !mip.IsCareOf(in.Source) {
		m.Out.Drop(p, trace.MobilityRejected)
		return
	}
	var agents []netip.Addr
	for i := range r.Agents() {
		if a := r.Agent(i); d.usable(a) && !slices.Contains(agents, a) {
			agents = append(agents, a)
		}
	}
	if r.Agents() == 0 && d.usable(in.Source) {
		agents = append(agents, in.Source)
	}
	m.Out.Absorb(p)
	d.timer.Stop()
	d.agents, d.at = agents, 0
	if len(agents) == 0 {
		d.fail()
		return
	}
	d.try(now)
}

// usable reports whether a registration with the address can succeed.
func (d *discovery) usable(a netip.Addr) bool {
	return mip.IsCareOf(a) && a != mip.HomeAgentsAnycast(d.m.cfg.HomePrefix) && (!d.m.cfg.IPsec || d.known(a).Seal != nil)
}

// known returns what the node has in common with the home agent of that address.
func (d *discovery) known(a netip.Addr) HomeAgent {
	for _, k := range d.m.cfg.Discovery.Known {
		if k.Address == a {
			return k
		}
	}
	return HomeAgent{Address: a}
}

// try registers with the home agent whose turn it is.
func (d *discovery) try(now vtime.Time) {
	m := d.m
	k := d.known(d.agents[d.at])
	if m.cfg.HomeAgent != k.Address {
		m.update.forget() // what was bound elsewhere expires there
		m.ipv4Off, m.ipv4Instead, m.ipv4Failures = false, false, 0
	}
	m.cfg.HomeAgent, m.cfg.HomeAgent4 = k.Address, k.IPv4
	m.cfg.Seal, m.cfg.SealPrefix, m.cfg.Tunnel = k.Seal, k.SealPrefix, k.Tunnel
	d.confirmed = false
	m.Out.Note(trace.Note{Kind: trace.HomeAgentChosen, Home: m.cfg.HomeAddress, CareOf: m.careOf(), Peer: k.Address})
	m.update.register(now)
}

// accepted notes that the home agent serves this node.
func (d *discovery) accepted() { d.confirmed = true }

// silent is called when a Binding Update has not been answered in time, and reports whether
// somebody else is asked now. A home agent that has never answered gives way after one
// attempt, which lasted InitialBindackTimeoutFirstReg; one that has served, when
// retransmissions have reached their greatest interval.
func (d *discovery) silent(now vtime.Time) bool {
	m := d.m
	switch {
	case m.cfg.Discovery == nil || !m.careOf().IsValid() || m.update.asked == 0:
		return false
	case d.confirmed && m.update.interval < mip.MaxBindackTimeout:
		return false
	case m.careOf().Is4():
		return false // of the others no IPv4 address was discovered
	case d.at+1 < len(d.agents):
		d.at++
		d.try(now)
		return true
	}
	d.search(now)
	return true
}

// refused is called when the home agent has refused the registration, and reports whether
// somebody else is asked now. Who refuses is not asked again before the next discovery.
func (d *discovery) refused(now vtime.Time) bool {
	m := d.m
	if m.cfg.Discovery == nil || !m.careOf().Is6() || m.update.asked == 0 {
		return false
	}
	d.agents = slices.DeleteFunc(d.agents, func(a netip.Addr) bool { return a == m.cfg.HomeAgent })
	if d.at < len(d.agents) {
		d.try(now)
		return true
	}
	d.forget()
	d.fail()
	return true
}

// search looks for home agents anew: those of the last reply are of no use.
func (d *discovery) search(now vtime.Time) {
	d.forget()
	d.begin(now)
}

func (d *discovery) forget() {
	m := d.m
	m.update.forget()
	m.cfg.HomeAgent, m.cfg.HomeAgent4 = netip.Addr{}, netip.Addr{}
	m.cfg.Seal, m.cfg.SealPrefix, m.cfg.Tunnel = nil, nil, mip.Protection{}
	d.agents, d.at, d.confirmed = nil, 0, false
}
