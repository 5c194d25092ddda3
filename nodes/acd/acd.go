// Package acd verifies and defends IPv4 addresses: IPv4 Address Conflict Detection
// (RFC 5227). A Detector probes for an address before its node uses it, announces it, and
// defends it for as long as the node has it.
package acd

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Constants of RFC 5227 section 1.1.
const (
	ProbeWait         = 1 * time.Second // PROBE_WAIT, the longest delay before the first probe
	ProbeNum          = 3               // PROBE_NUM
	ProbeMin          = 1 * time.Second // PROBE_MIN, between probes
	ProbeMax          = 2 * time.Second // PROBE_MAX
	AnnounceWait      = 2 * time.Second // ANNOUNCE_WAIT, after the last probe
	AnnounceNum       = 2               // ANNOUNCE_NUM
	AnnounceInterval  = 2 * time.Second // ANNOUNCE_INTERVAL
	MaxConflicts      = 10              // MAX_CONFLICTS before probing is slowed down
	RateLimitInterval = 60 * time.Second
	DefendInterval    = 10 * time.Second // DEFEND_INTERVAL
)

// state is what a Detector does with its address.
type state uint8

const (
	idle       state = iota
	probing          // verifies that nobody has the address
	announcing       // the address is used and not yet announced AnnounceNum times
	defending        // the address is used
)

// Detector watches over one IPv4 address of an Ethernet interface.
type Detector struct {
	stack *ip.Stack
	iface machine.Iface
	rand  *rand.Rand
	lost  func(now vtime.Time, a netip.Addr)
	timer *machine.Timer

	state     state
	addr      netip.Addr
	sent      int // probes or announcements
	done      func(now vtime.Time, unique bool)
	conflicts int        // since the last Reset
	began     vtime.Time // of the last probing; before the first one, Never
	defended  vtime.Time // when the last conflict was answered; Never for none
}

// New returns a Detector without an address. lost hears that an address in use has to be
// given up because somebody else insists on it; the Detector is idle by then.
func New(s *ip.Stack, iface machine.Iface, r *rand.Rand, lost func(now vtime.Time, a netip.Addr)) *Detector {
	d := &Detector{stack: s, iface: iface, rand: r, lost: lost, began: vtime.Never, defended: vtime.Never}
	d.timer = s.Timers.New(d.advance)
	return d
}

// Probe verifies that nobody on the link has or probes for the address and tells done
// (section 2.1.1). An address watched over before is forgotten.
func (d *Detector) Probe(now vtime.Time, a netip.Addr, done func(now vtime.Time, unique bool)) {
	d.state, d.addr, d.sent, d.done = probing, a, 0, done
	at := now
	if d.conflicts >= MaxConflicts && d.began != vtime.Never {
		at = max(at, d.began.Add(RateLimitInterval))
	}
	d.began = at
	d.stack.Out.Note(trace.Note{Kind: trace.DADStarted, Home: a})
	d.timer.Set(at.Add(d.uniform(ProbeWait)))
}

// Announce states that the node uses the address from now on, and defends it (sections 2.3
// and 2.4).
func (d *Detector) Announce(now vtime.Time, a netip.Addr) {
	d.state, d.addr, d.sent, d.done = announcing, a, 0, nil
	d.defended = vtime.Never
	d.advance(now)
}

// Stop forgets the address.
func (d *Detector) Stop() {
	d.timer.Stop()
	d.state, d.addr, d.done = idle, netip.Addr{}, nil
}

// Reset forgets the address and what happened on the link, which was left.
func (d *Detector) Reset() {
	d.Stop()
	d.conflicts, d.began = 0, vtime.Never
}

// Address returns the address that is announced and defended; not valid if there is none.
func (d *Detector) Address() netip.Addr {
	if d.state < announcing {
		return netip.Addr{}
	}
	return d.addr
}

// advance is the timer: the next probe or announcement is due, or a wait is over.
func (d *Detector) advance(now vtime.Time) {
	switch d.state {
	case probing:
		if d.sent == ProbeNum {
			done := d.done
			d.state, d.done = idle, nil
			d.stack.Out.Note(trace.Note{Kind: trace.DADSucceeded, Home: d.addr})
			done(now, true)
			return
		}
		d.request(netip.IPv4Unspecified())
		d.sent++
		if d.sent == ProbeNum {
			ip.After(d.timer, now, AnnounceWait)
			return
		}
		ip.After(d.timer, now, ProbeMin+d.uniform(ProbeMax-ProbeMin))
	case announcing:
		d.request(d.addr)
		d.sent++
		if d.sent == AnnounceNum {
			d.state = defending
			return
		}
		ip.After(d.timer, now, AnnounceInterval)
	}
}

// request broadcasts an ARP request for the address: a probe if it comes from nobody, an
// announcement if it comes from the address itself.
func (d *Detector) request(sender netip.Addr) {
	p := d.stack.Pool.New(packet.DefaultHeadroom, wire.ARPLen)
	wire.PutARP(p.Bytes(), wire.ARPFields{
		Operation: wire.ARPRequest, SenderMAC: d.mac(), SenderIP: sender, TargetIP: d.addr,
	})
	d.stack.Frame(d.iface, wire.Broadcast, wire.EtherTypeARP, p)
}

func (d *Detector) mac() wire.MAC { return d.stack.Interface(d.iface).MAC }

// own reports whether a hardware address is that of one of the node's interfaces: some hubs
// and access points send a node its own frames back (section 2.1.1).
func (d *Detector) own(mac wire.MAC) bool {
	for i := range d.stack.Interfaces() {
		if d.stack.Interface(machine.Iface(i)).MAC == mac {
			return true
		}
	}
	return false
}

// uniform draws from 0 to w inclusive.
func (d *Detector) uniform(w time.Duration) time.Duration {
	return time.Duration(d.rand.Int64N(int64(w) + 1))
}

// HandleARP sees every ARP packet that arrives on any of the node's interfaces.
func (d *Detector) HandleARP(now vtime.Time, in machine.Iface, a wire.ARP) {
	if in != d.iface || d.state == idle || d.own(a.SenderMAC()) {
		return
	}
	claimed := a.SenderIP() == d.addr
	switch d.state {
	case probing:
		// Two that probe for one address at the same time both give way (section 2.1.1).
		rival := a.Operation() == wire.ARPRequest && a.SenderIP().IsUnspecified() && a.TargetIP() == d.addr
		if !claimed && !rival {
			return
		}
		d.conflicts++
		done := d.done
		lost := d.addr
		d.Stop()
		d.stack.Out.Note(trace.Note{Kind: trace.DADFailed, Home: lost})
		done(now, false)
	default:
		if !claimed {
			return
		}
		d.conflicts++
		if d.defended == vtime.Never || now.Sub(d.defended) >= DefendInterval {
			d.defended = now
			d.request(d.addr) // one announcement, and no more for a while: no storms (section 2.4 b)
			return
		}
		lost := d.addr
		d.Stop()
		d.stack.Out.Note(trace.Note{Kind: trace.DADFailed, Home: lost})
		d.lost(now, lost)
	}
}
