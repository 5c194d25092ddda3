package mn

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"dsmipsim/nodes/dhcp"
	"dsmipsim/nodes/dhcp6"
	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/isatap"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// place is where an interface stands in getting connected.
type place uint8

const (
	detached    place = iota // no link
	detecting                // link up, the network not yet known
	configuring              // duplicate address detection of the care-of address
	away                     // a care-of address is in use
	unsupported              // no binding is possible from here
	onHomeLink               // on the home link, while another interface carries the binding
	returning                // at home, deregistration not yet confirmed
	home                     // at home without a binding
)

var placeNames = [...]string{"detached", "detecting", "configuring", "away", "unsupported", "on home link", "returning", "home"}

// attachment is one interface of a mobile node with what the node knows of the network there
// and has configured for it.
type attachment struct {
	m     *Node
	name  string // in facts; empty if it is the only one
	iface machine.Iface
	dhcp  addressing4
	dhcp6 *dhcp6.Client
	site  *isatap.Interface // to the IPv6 routers of an IPv4 site

	at        place
	since     vtime.Time // when it became usable
	given     bool       // the care-of address is given up, though the link is there
	candidate netip.Addr // care-of address under duplicate address detection
	careOf    netip.Addr // in use, IPv6 or IPv4; not valid while there is none
	lease     dhcp.Lease // from this network's DHCP server, if it came before it was needed
	leased    bool
	noIPv6    bool         // V6Wait is over
	taken     netip.Prefix // where this network has somebody with the address that would be ours
	managed   bool         // addresses are handed out by DHCPv6
	v6Wait    *machine.Timer

	previous netip.Addr     // care-of address that the one in use has replaced on the same link
	release  *machine.Timer // gives it up

	// Of movement detection without layer 2; see detection.go.
	entered   bool           // the interface has been on a link
	router    router         // the default router
	heard     []router       // all that were heard lately
	searching bool           // the router is taken to be gone, and another is looked for
	silence   *machine.Timer // it has been silent for too long
	probe     *machine.Timer // it is to be asked whether it is still there
}

func newAttachment(m *Node, i Interface, from *rand.Rand) *attachment {
	a := &attachment{m: m, name: i.Name, iface: i.Iface}
	a.v6Wait = m.Timers.New(a.concludeIPv4)
	if i.ISATAP != i.Iface {
		a.site = isatap.New(m.Stack, i.ISATAP)
		a.site.Failed = a.concludeSite
	}
	a.release = m.Timers.New(func(vtime.Time) { a.endPrevious() })
	a.silence = m.Timers.New(a.gone)
	a.probe = m.Timers.New(a.probeDue)
	a.dhcp = newAddressing4(a, from)
	a.dhcp6 = dhcp6.NewClient(m.Stack, i.Iface, m.cfg.DHCPv6.Rand, m.cfg.DHCPv6.Config, dhcp6.Events{Bound: a.leased6, Lost: a.lost6})
	m.JoinGroup(i.Iface, wire.AllNodes)
	return a
}

// linkChanged reacts to layer 2. On a new link everything is tried at once: a Router
// Solicitation, duplicate address detection of the link-local address, and DHCP unless it is
// to come later (RFC 6275 section 11.5.1; a link-layer trigger stands for movement
// detection).
func (a *attachment) linkChanged(now vtime.Time, up bool) {
	if !up {
		a.leave(now)
		a.reconsider(now)
		return
	}
	a.startLinkLocal(now)
	if a.m.cfg.Detection == Probing {
		ip.After(a.probe, now, a.m.cfg.ProbeInterval)
	}
	if a.at == home {
		a.router = router{address: a.m.cfg.HomeGateway, prefixes: []netip.Prefix{a.m.cfg.HomePrefix}}
		a.configureHome()
		a.m.nd.Solicit(now, a.iface)
		return
	}
	a.search(now)
}

// search looks for what the network offers.
func (a *attachment) search(now vtime.Time) {
	a.at = detecting
	a.m.nd.Solicit(now, a.iface)
	if a.m.cfg.SequentialIPv4 {
		return // see noRouter
	}
	a.startDHCP(now)
	ip.After(a.v6Wait, now, a.m.cfg.V6Wait)
}

// leave forgets the network that the interface was attached to. The home addresses stay,
// bound to no link.
func (a *attachment) leave(now vtime.Time) {
	m := a.m
	a.at = detached
	a.v6Wait.Stop()
	a.dhcp.linkDown(now)
	a.dhcp6.Stop()
	a.quit()
	a.stopWatching()
	m.RemoveAddress(wire.LinkLocal(a.mac()))
	a.leased, a.noIPv6, a.managed, a.taken = false, false, false, netip.Prefix{}
	if a == m.primary {
		m.homeAddresses(ip.Virtual)
	}
	m.RemoveRoutes(func(r ip.Route) bool { return r.Learnt && r.Iface == a.iface })
}

// quit ends what is under way from here, and the use of the care-of addresses.
func (a *attachment) quit() {
	if a == a.m.primary {
		a.m.pause()
	}
	a.dropCareOf()
	a.endPrevious()
	a.site.Down()
}

// abandon gives up what was configured for the network, on a link that layer 2 says nothing
// about.
func (a *attachment) abandon() {
	a.stopCandidate()
	a.dhcp6.Stop()
	a.managed = false
	a.quit()
	a.m.homeAddresses(ip.Virtual)
	a.m.RemoveRoutes(func(r ip.Route) bool { return r.Learnt && r.Iface == a.iface })
	a.at = detecting
}

// note states a milestone about a care-of address.
func (a *attachment) note(kind trace.NoteKind, careOf netip.Addr) {
	a.m.Out.Note(trace.Note{Kind: kind, Home: a.m.cfg.HomeAddress, CareOf: careOf, Interface: a.name})
}

func (a *attachment) mac() wire.MAC { return a.m.Interface(a.iface).MAC }

// dropCareOf gives up the care-of address and the one that was about to become it.
func (a *attachment) dropCareOf() {
	if a.candidate.IsValid() {
		a.m.RemoveAddress(a.candidate)
		a.candidate = netip.Addr{}
	}
	a.endCareOf()
}

// endCareOf gives up the care-of address in use.
func (a *attachment) endCareOf() {
	if a.careOf.Is4() {
		a.m.RemoveAddress(mip.Mapped(a.careOf))
	}
	a.m.RemoveAddress(a.careOf)
	a.careOf = netip.Addr{}
}

// stopCandidate ends the verification of an address that was to become the care-of address.
func (a *attachment) stopCandidate() {
	if a.candidate.Is6() {
		a.m.nd.StopProbe(a.iface, a.candidate)
	}
	if a.candidate.IsValid() {
		a.m.RemoveAddress(a.candidate)
		a.candidate = netip.Addr{}
	}
}

// retire keeps the care-of address as a further one on the same link, where packets are still
// accepted, until the home agent knows the next one (RFC 6275 section 11.5.4).
func (a *attachment) retire() {
	a.endPrevious()
	if a.careOf.Is4() {
		a.m.RemoveAddress(mip.Mapped(a.careOf))
	}
	a.previous, a.careOf = a.careOf, netip.Addr{}
}

// underWay is for how long a packet to the previous care-of address may still be on its way
// when the home agent has confirmed the next one.
const underWay = time.Second

// confirmed hears that the home agent sends to the next care-of address, or none, by now.
func (a *attachment) confirmed(now vtime.Time) {
	if a.previous.IsValid() {
		ip.After(a.release, now, underWay)
	}
}

// endPrevious gives the previous care-of address up.
func (a *attachment) endPrevious() {
	a.release.Stop()
	if a.previous.IsValid() {
		a.m.RemoveAddress(a.previous)
		a.previous = netip.Addr{}
	}
}

func (a *attachment) startLinkLocal(now vtime.Time) {
	a.m.nd.Autoconfigure(now, a.iface, wire.LinkLocal(a.mac()), 64, func(now vtime.Time, unique bool) {
		if !unique {
			a.loseIPv6(now)
			return
		}
		a.startDHCPv6(now)
	})
}

// loseIPv6 is called when somebody else on the link has the link-local address, which
// disables IPv6 on the interface (RFC 4862 section 5.4.5): what is left is IPv4.
func (a *attachment) loseIPv6(now vtime.Time) {
	if a.candidate.Is6() {
		a.m.nd.StopProbe(a.iface, a.candidate)
	}
	if a.candidate.Is6() || a.careOf.Is6() {
		a.dropCareOf()
		a.disturbed(now)
	}
	later := a.m.cfg.SequentialIPv4
	if a.at == configuring || a.at == away && !a.careOf.IsValid() {
		a.at = detecting
		if !later {
			a.startDHCP(now)
		}
	}
	switch {
	case a.at != detecting || a.noIPv6:
	case later:
		a.noRouter(now)
	default:
		a.v6Wait.Stop()
		a.concludeIPv4(now)
	}
}

// expired hears that the lifetime of a care-of address is over, which has been removed: the
// node looks for another one (RFC 6275 section 11.5.3).
func (a *attachment) expired(now vtime.Time, careOf netip.Addr) {
	if a.candidate == careOf {
		a.candidate = netip.Addr{}
	} else if a.careOf != careOf {
		return
	}
	a.disturbed(now)
	a.endCareOf()
	a.search(now)
	a.reconsider(now)
}

// use begins to use a care-of address: for the binding, if no better interface has one.
func (a *attachment) use(now vtime.Time, careOf netip.Addr) {
	a.at, a.since = away, now
	a.careOf = careOf
	a.note(trace.CareOfAddressReady, careOf)
	if a == a.m.primary {
		a.m.begin(now)
	}
	a.reconsider(now)
}
