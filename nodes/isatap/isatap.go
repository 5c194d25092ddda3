// Package isatap connects dual-stack nodes of an IPv4 site to IPv6 with automatic tunnels
// (RFC 5214): the site is one link whose link-layer addresses are IPv4 addresses, so that
// the interface identifier of a node tells where to tunnel.
package isatap

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// MTU is the largest IPv6 packet of an ISATAP interface over links of 1500 octets.
const MTU = 1500 - wire.IPv4HeaderLen

// InterfaceID forms the interface identifier of an IPv4 address: 00-00-5E-FE and the
// address. The u bit is set for an address that is globally unique (RFC 5214 section 6.1).
func InterfaceID(a netip.Addr, unique bool) [8]byte {
	id := [8]byte{0, 0, 0x5e, 0xfe}
	if unique {
		id[0] = 0x02
	}
	b := a.As4()
	copy(id[4:], b[:])
	return id
}

var linkLocalPrefix = netip.MustParsePrefix("fe80::/64")

// LinkLocal returns the link-local ISATAP address of an IPv4 address.
func LinkLocal(a netip.Addr, unique bool) netip.Addr {
	return wire.FromPrefix(linkLocalPrefix, InterfaceID(a, unique))
}

// Embedded returns the IPv4 address in the interface identifier of an ISATAP address.
func Embedded(a netip.Addr) (netip.Addr, bool) {
	b := a.As16()
	if b[8]&^0x02 != 0 || b[9] != 0 || b[10] != 0x5e || b[11] != 0xfe || !a.Is6() {
		return netip.Addr{}, false
	}
	return netip.AddrFrom4([4]byte(b[12:])), true
}

// Interface is the ISATAP interface of a node, with one locator. It needs an interface of
// the stack that is neither Ethernet nor up. A nil Interface stands for a node without one:
// it is down for ever.
type Interface struct {
	s       *ip.Stack
	index   machine.Iface
	local   netip.Addr   // locator: IPv4 address; not valid while the interface is down
	own     netip.Addr   // link-local address
	routers []netip.Addr // Potential Router List; empty at a router

	search *machine.Timer
	sent   int

	// Failed is called when no router of the list has answered. It may be nil.
	Failed func(now vtime.Time)
}

// New attaches an ISATAP interface to a stack, down.
func New(s *ip.Stack, index machine.Iface) *Interface {
	i := &Interface{s: s, index: index}
	ifc := s.Interface(index)
	ifc.Ethernet, ifc.MTU, ifc.Carry = false, MTU, i.carry
	i.search = s.Timers.New(i.solicit)
	return i
}

// Up gives the interface its locator and, at a host, the Potential Router List. It
// configures the link-local address; no duplicate address detection is needed, since the
// IPv4 address is unique within the site.
func (i *Interface) Up(local netip.Addr, unique bool, routers []netip.Addr) {
	i.local, i.routers = local, routers
	i.own = LinkLocal(local, unique)
	i.s.Interface(i.index).Up = true
	i.s.AddAddress(i.index, i.own, 64, ip.Preferred)
}

// Down takes the locator away and forgets what was learnt over the interface.
func (i *Interface) Down() {
	if i == nil || !i.local.IsValid() {
		return
	}
	i.search.Stop()
	i.s.Interface(i.index).Up = false
	i.s.RemoveAddress(i.own)
	i.s.RemoveRoutes(func(r ip.Route) bool { return r.Iface == i.index && r.Learnt })
	i.local, i.own, i.routers = netip.Addr{}, netip.Addr{}, nil
}

// Is reports whether the interface has that number within the stack.
func (i *Interface) Is(iface machine.Iface) bool { return i != nil && i.index == iface }

// Local returns the locator, not valid while the interface is down.
func (i *Interface) Local() netip.Addr {
	if i == nil {
		return netip.Addr{}
	}
	return i.local
}

// Configure gives the interface an address of a prefix: its interface identifier is that of
// the locator.
func (i *Interface) Configure(prefix netip.Prefix, unique bool) netip.Addr {
	a := wire.FromPrefix(prefix, InterfaceID(i.local, unique))
	i.s.AddAddress(i.index, a, prefix.Bits(), ip.Preferred)
	return a
}

// carry tunnels a packet to the neighbour whose IPv4 address its own address embeds.
func (i *Interface) carry(now vtime.Time, neighbour netip.Addr, p *packet.Buf) {
	to, ok := Embedded(neighbour)
	if !ok || !i.local.IsValid() {
		i.s.Out.Drop(p, trace.NoRoute)
		return
	}
	i.s.Push4(p, i.local, to, wire.ProtoIPv6, wire.IPv6(p.Bytes()).TrafficClass(), ip.DefaultHopLimit)
	p.CountOverhead(wire.IPv4HeaderLen)
	i.s.Originate(now, p, to)
}

// Accepts reports whether a protocol 41 packet belongs to the interface: it is addressed to
// the locator, and its IPv4 source is right for the IPv6 one (RFC 5214 section 7.3).
func (i *Interface) Accepts(p *packet.Buf, in ip.Info) bool {
	if i == nil || !i.local.IsValid() || in.WireDest != i.local || in.Protocol != wire.ProtoIPv6 {
		return false
	}
	src, _, ok := ip.Endpoints(p.Bytes()[in.Offset:])
	if !ok || !src.Is6() || src.Is4In6() {
		return false
	}
	if slices.Contains(i.routers, in.WireSource) {
		return true
	}
	e, ok := Embedded(src)
	return ok && e == in.WireSource && !isAdvertisement(p.Bytes()[in.Offset:])
}

// isAdvertisement reports whether the packet is a Router Advertisement, which only a router
// of the list may send (RFC 5214 section 8.3.3).
func isAdvertisement(b []byte) bool {
	h, err := wire.ParseIPv6(b)
	return err == nil && h.NextHeader() == wire.ProtoICMPv6 && len(h.Payload()) > 0 && h.Payload()[0] == wire.ICMPv6RouterAdvertisement
}

// Receive takes a packet that Accepts has judged out of its tunnel.
func (i *Interface) Receive(now vtime.Time, p *packet.Buf, in ip.Info) {
	p.TrimFront(in.Offset)
	i.s.Input(now, i.index, p)
}

// maxSolicitations and the interval between them are those of RFC 4861 section 10.
const maxSolicitations = 3

// Solicit asks the routers of the list for an advertisement, each directly (RFC 5214
// section 8.3.4), until Stop.
func (i *Interface) Solicit(now vtime.Time) {
	i.sent = 0
	i.solicit(now)
}

// Stop ends Solicit.
func (i *Interface) Stop() { i.search.Stop() }

// Searching reports whether routers are being asked.
func (i *Interface) Searching() bool { return i != nil && i.search.Armed() }

func (i *Interface) solicit(now vtime.Time) {
	if i.sent == maxSolicitations {
		if i.Failed != nil {
			i.Failed(now)
		}
		return
	}
	i.sent++
	for _, r := range i.routers {
		to := LinkLocal(r, false)
		p := i.s.Compose(func(b []byte) []byte { return wire.AppendRouterSolicitation(b, wire.MAC{}, i.own, to) })
		i.s.Push6(p, i.own, to, wire.ProtoICMPv6, 0, discoveryHopLimit)
		i.carry(now, to, p)
	}
	ip.After(i.search, now, solicitInterval)
}

// Config says what a router advertises, and when.
type Config struct {
	DelayMin, DelayMax time.Duration // before the answer to a solicitation (RFC 4861 section 6.2.6)
	Fields             wire.RouterAdvertisementFields
}

// Router is the advertising ISATAP interface of a router.
type Router struct {
	*Interface
	cfg     Config
	rand    *rand.Rand
	waiting []answer
	timer   *machine.Timer
}

// answer is an advertisement that waits for its random delay.
type answer struct {
	at vtime.Time
	to netip.Addr
}

// Advertise makes a router answer solicitations on its ISATAP interface. There are no
// unsolicited advertisements: the link has no multicast.
func Advertise(i *Interface, from *rand.Rand, cfg Config) *Router {
	r := &Router{Interface: i, cfg: cfg, rand: from}
	r.timer = i.s.Timers.New(r.due)
	i.s.HandleICMPv6(wire.ICMPv6RouterSolicitation, r.handleSolicitation)
	i.s.Handle(wire.ProtoIPv6, func(now vtime.Time, p *packet.Buf, in ip.Info) {
		if !i.Accepts(p, in) {
			i.s.Out.Drop(p, trace.TunnelSource)
			return
		}
		i.Receive(now, p, in)
	})
	return r
}

// handleSolicitation follows RFC 4861 section 6.2.6, except that the answer goes directly
// to the node that asked (RFC 5214 section 8.2).
func (r *Router) handleSolicitation(now vtime.Time, p *packet.Buf, in ip.Info) {
	_, err := wire.ICMPv6(p.Bytes()[in.Offset:]).RouterSolicitation()
	if _, ok := Embedded(in.WireSource); err != nil || !ok || in.In != r.index || in.HopLimit != discoveryHopLimit {
		r.s.Out.Drop(p, trace.Malformed)
		return
	}
	r.s.Out.Absorb(p)
	for _, w := range r.waiting {
		if w.to == in.WireSource {
			return // is about to be answered
		}
	}
	r.waiting = append(r.waiting, answer{now.Add(r.delay()), in.WireSource})
	r.due(now)
}

// delay draws the time before an answer; where nothing is left to chance it draws nothing.
func (r *Router) delay() time.Duration {
	if r.cfg.DelayMax <= r.cfg.DelayMin {
		return r.cfg.DelayMin
	}
	return r.cfg.DelayMin + time.Duration(r.rand.Int64N(int64(r.cfg.DelayMax-r.cfg.DelayMin)+1))
}

// due sends the advertisements whose time has come.
func (r *Router) due(now vtime.Time) {
	kept, next := r.waiting[:0], vtime.Never
	for _, w := range r.waiting {
		if w.at > now {
			kept, next = append(kept, w), vtime.Min(next, w.at)
			continue
		}
		a := r.s.Compose(func(b []byte) []byte { return wire.AppendRouterAdvertisement(b, r.cfg.Fields, r.own, w.to) })
		r.s.Push6(a, r.own, w.to, wire.ProtoICMPv6, 0, discoveryHopLimit)
		r.carry(now, w.to, a)
	}
	r.waiting = kept
	r.timer.Set(next)
}
