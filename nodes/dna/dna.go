// Package dna detects attachment to an IPv4 network that a node has been in before:
// Detecting Network Attachment in IPv4 (RFC 4436). It remembers networks with their leases
// and routers, and asks the routers, by ARP and without broadcasts, whether they are there.
package dna

import (
	"slices"
	"time"

	"dsmipsim/nodes/dhcp"
	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/vtime"
)

const (
	maxNetworks      = 8 // remembered at most, the oldest one is forgotten first
	retransmissions  = 2 // of the test: "no more than twice" (section 2.1)
	retransmitAfter  = time.Second
	leastBetweenRuns = time.Second // "no more than once a second" (section 2.1)
)

// Network is what a node remembers of one.
type Network struct {
	dhcp.Held
	MAC wire.MAC // of Router; zero while it is not known
}

// Detector remembers the networks of one Ethernet interface and tests for them.
type Detector struct {
	stack     *ip.Stack
	iface     machine.Iface
	confirmed func(now vtime.Time, n Network)
	timer     *machine.Timer

	known   []Network // left ones, the last first
	present Network   // in use; without an address if there is none

	candidates []Network // being tested for
	sent       int
	started    vtime.Time // when the last test began; Never before
}

// New returns a Detector that knows no network. confirmed hears at most once for each test.
func New(s *ip.Stack, iface machine.Iface, confirmed func(now vtime.Time, n Network)) *Detector {
	d := &Detector{stack: s, iface: iface, confirmed: confirmed, started: vtime.Never}
	d.timer = s.Timers.New(d.ask)
	return d
}

// Use notes the lease that is in use from now on, or has been extended.
func (d *Detector) Use(l dhcp.Held) {
	if d.present.Address != l.Address || d.present.Router != l.Router {
		d.present.MAC = wire.MAC{}
	}
	d.present.Held = l
}

// Forget notes that the present lease is lost, and with it what was known about its address.
func (d *Detector) Forget() {
	gone := d.present
	d.present = Network{}
	d.known = slices.DeleteFunc(d.known, func(n Network) bool {
		return n.Address == gone.Address && n.Router == gone.Router && n.MAC == gone.MAC
	})
}

// Leave notes that the link is down: the present network, if there is one, is remembered.
func (d *Detector) Leave() {
	d.Stop()
	n := d.present
	if !n.Address.IsValid() {
		return
	}
	d.Forget()
	d.known = slices.Insert(d.known, 0, n)
	d.known = d.known[:min(len(d.known), maxNetworks)]
}

// Known returns the networks whose leases have not expired, the last one first.
func (d *Detector) Known(now vtime.Time) []Network {
	d.known = slices.DeleteFunc(d.known, func(n Network) bool { return n.Expires <= now })
	return d.known
}

// Start asks the routers of all known networks at once. Those whose hardware address was
// never learnt are left out (section 2.1 b).
func (d *Detector) Start(now vtime.Time) {
	d.Stop()
	if d.started != vtime.Never && now.Sub(d.started) < leastBetweenRuns {
		return
	}
	for _, n := range d.Known(now) {
		if n.Router.IsValid() && n.MAC != (wire.MAC{}) {
			d.candidates = append(d.candidates, n)
		}
	}
	if len(d.candidates) == 0 {
		return
	}
	d.started, d.sent = now, 0
	d.ask(now)
}

// Stop ends the test: somebody has answered, or the link is down.
func (d *Detector) Stop() {
	d.timer.Stop()
	d.candidates = nil
}

// ask sends the tests: unicast ARP requests (section 2.1.1).
func (d *Detector) ask(now vtime.Time) {
	if d.sent > retransmissions {
		d.Stop()
		return
	}
	d.sent++
	for _, n := range d.candidates {
		p := d.stack.Pool.New(packet.DefaultHeadroom, wire.ARPLen)
		wire.PutARP(p.Bytes(), wire.ARPFields{
			Operation: wire.ARPRequest, SenderMAC: d.stack.Interface(d.iface).MAC, SenderIP: n.Address, TargetIP: n.Router,
		})
		d.stack.Frame(d.iface, n.MAC, wire.EtherTypeARP, p)
	}
	ip.After(d.timer, now, retransmitAfter)
}

// HandleARP sees every ARP packet that arrives on any of the node's interfaces.
func (d *Detector) HandleARP(now vtime.Time, in machine.Iface, a wire.ARP) {
	if in != d.iface {
		return
	}
	if d.present.Address.IsValid() && a.SenderIP() == d.present.Router {
		d.present.MAC = a.SenderMAC()
	}
	if a.Operation() != wire.ARPReply {
		return
	}
	for _, n := range d.candidates {
		if a.SenderIP() == n.Router && a.SenderMAC() == n.MAC && n.Expires > now {
			d.Stop()
			d.Use(n.Held)
			d.present.MAC = n.MAC
			d.confirmed(now, n)
			return
		}
	}
}
