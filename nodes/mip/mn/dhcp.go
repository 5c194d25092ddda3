package mn

import (
	"math/rand/v2"
	"net/netip"

	"dsmipsim/nodes/acd"
	"dsmipsim/nodes/dhcp"
	"dsmipsim/nodes/dna"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// KnownNetwork says what a mobile node does with the leases of networks that it has left.
type KnownNetwork uint8

const (
	Discover KnownNetwork = iota // nothing: every network is a new one
	Reboot                       // it asks for the last one again (RFC 2131 section 3.2)
	Detect                       // and asks the routers of all of them whether they are there (RFC 4436)
)

// DHCP is how a mobile node gets IPv4 addresses.
type DHCP struct {
	dhcp.Config  // but for the Verifier
	KnownNetwork KnownNetwork
	Conflicts    *rand.Rand // for address conflict detection (RFC 5227); nil for none
	Relinquish   bool       // leases in use that are not needed any longer are given back
}

// addressing4 is the part of an attachment that gets IPv4 addresses.
type addressing4 struct {
	client    *dhcp.Client
	conflicts *acd.Detector // nil without address conflict detection
	networks  *dna.Detector // nil without memory
}

func newAddressing4(a *attachment, from *rand.Rand) addressing4 {
	cfg := a.m.cfg.DHCP
	var d addressing4
	if cfg.Conflicts != nil {
		d.conflicts = acd.New(a.m.Stack, a.iface, cfg.Conflicts, a.conflict)
		cfg.Verifier = d.conflicts
	}
	if cfg.KnownNetwork != Discover {
		d.networks = dna.New(a.m.Stack, a.iface, a.recognised)
	}
	d.client = dhcp.NewClient(a.m.Stack, a.iface, from, cfg.Config, dhcp.Events{Bound: a.bound, Lost: a.lost})
	return d
}

// startDHCP begins to look for an IPv4 address on a new link.
func (a *attachment) startDHCP(now vtime.Time) {
	d := &a.dhcp
	if d.networks == nil || len(d.networks.Known(now)) == 0 {
		d.client.Start(now)
		return
	}
	last := d.networks.Known(now)[0].Held
	if a.m.cfg.DHCP.KnownNetwork == Detect {
		d.networks.Start(now)
	}
	d.client.Reboot(now, last)
}

// linkDown ends everything and remembers the network.
func (d *addressing4) linkDown(now vtime.Time) {
	d.client.Stop(now)
	if d.conflicts != nil {
		d.conflicts.Reset()
	}
	if d.networks != nil {
		d.networks.Leave()
	}
}

// stop gives up the lease, and the search for one, on a link that is up.
func (d *addressing4) stop(now vtime.Time, release bool) {
	if d.conflicts != nil {
		d.conflicts.Stop()
	}
	if d.networks != nil {
		d.networks.Stop()
		if release {
			d.networks.Forget()
		}
	}
	if release {
		d.client.Relinquish(now)
		return
	}
	d.client.Stop(now)
}

// keep notes the lease that is in use.
func (d *addressing4) keep() {
	if l, ok := d.client.Held(); ok && d.networks != nil {
		d.networks.Stop()
		d.networks.Use(l)
	}
}

// forget notes that the lease is lost.
func (d *addressing4) forget() {
	if d.conflicts != nil {
		d.conflicts.Stop()
	}
	if d.networks != nil {
		d.networks.Forget()
	}
}

// announce tells the link about an address that is used from now on (RFC 5227 section 2.3).
func (d *addressing4) announce(now vtime.Time, l netip.Addr) {
	if d.conflicts != nil && d.conflicts.Address() != l {
		d.conflicts.Announce(now, l)
	}
}

func (d *addressing4) handleARP(now vtime.Time, in machine.Iface, p wire.ARP) {
	if d.conflicts != nil {
		d.conflicts.HandleARP(now, in, p)
	}
	if d.networks != nil {
		d.networks.HandleARP(now, in, p)
	}
}

// recognised hears that the router of a known network is there. With that its hardware
// address is known too.
func (a *attachment) recognised(now vtime.Time, n dna.Network) {
	a.m.nd.Learn(now, a.iface, n.Router, n.MAC)
	a.dhcp.client.Confirm(now, n.Held)
}

// conflict hears that somebody else insists on the address of the lease: it is given up, and
// the server is told (RFC 5227 section 2.4).
func (a *attachment) conflict(now vtime.Time, _ netip.Addr) {
	l, ok := a.dhcp.client.Held()
	if !ok {
		return
	}
	a.dhcp.client.Decline(now)
	a.lost(now, l.Lease)
}

// noRouter hears that no router has answered any solicitation: the network has no IPv6, and
// if that was awaited, DHCP begins now.
func (a *attachment) noRouter(now vtime.Time) {
	if !a.m.cfg.SequentialIPv4 || a.at != detecting && !a.searching || a.noIPv6 {
		return
	}
	a.noIPv6 = true
	if !a.searching { // else the old network is not given up yet
		a.note(trace.MovementDetected, netip.Addr{})
	}
	a.startDHCP(now)
}
