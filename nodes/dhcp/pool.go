package dhcp

import (
	"net/netip"
	"time"

	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/vtime"
)

// binding ties an address of the pool to a client. It outlasts the lease, so that a client
// that comes back gets the same address, until another client has no other choice.
type binding struct {
	mac    wire.MAC
	addr   netip.Addr
	leased bool       // granted, not only offered
	free   bool       // neither offered nor leased at present
	since  vtime.Time // when it became free
	expiry *machine.Timer
}

// hold keeps the address for its client until d from now.
func (b *binding) hold(now vtime.Time, d time.Duration, leased bool) {
	b.free, b.leased = false, leased
	if d >= Infinite {
		b.expiry.Stop()
		return
	}
	b.expiry.Set(now.Add(d))
}

func (b *binding) release(now vtime.Time) {
	b.expiry.Stop()
	b.free, b.leased, b.since = true, false, now
}

// pool holds the addresses that a server may give away.
type pool struct {
	first, last netip.Addr
	excluded    map[netip.Addr]bool
	timers      *machine.Timers
	byMAC       map[wire.MAC]*binding
	byAddr      map[netip.Addr]*binding
}

func (l *pool) contains(a netip.Addr) bool {
	return a.Is4() && l.first.Compare(a) <= 0 && a.Compare(l.last) <= 0 && !l.excluded[a]
}

// find returns the client's binding, creating or taking over one if there is none, or nil
// if all addresses are held by others (RFC 2131 section 4.3.1).
func (l *pool) find(now vtime.Time, mac wire.MAC, wish netip.Addr) *binding {
	if b := l.byMAC[mac]; b != nil {
		return b
	}
	if l.contains(wish) && l.byAddr[wish] == nil {
		return l.bind(mac, wish)
	}
	var oldest *binding
	for a := l.first; a.IsValid() && a.Compare(l.last) <= 0; a = a.Next() {
		if l.excluded[a] {
			continue
		}
		b := l.byAddr[a]
		if b == nil {
			return l.bind(mac, a)
		}
		if b.free && (oldest == nil || b.since < oldest.since) {
			oldest = b
		}
	}
	if oldest == nil {
		return nil
	}
	l.forget(oldest)
	return l.bind(mac, oldest.addr)
}

func (l *pool) bind(mac wire.MAC, a netip.Addr) *binding {
	b := &binding{mac: mac, addr: a, free: true}
	b.expiry = l.timers.New(b.release)
	l.byMAC[mac], l.byAddr[a] = b, b
	return b
}

func (l *pool) forget(b *binding) {
	b.expiry.Stop()
	delete(l.byMAC, b.mac)
	delete(l.byAddr, b.addr)
}

// clear forgets all clients.
func (l *pool) clear() {
	for _, b := range l.byAddr {
		b.expiry.Stop()
	}
	clear(l.byMAC)
	clear(l.byAddr)
}

// Leases returns how many addresses of the server are offered or leased at present, and how many
// clients it remembers, those included whose leases are over.
func (v *Server) Leases() (held, known int) {
	for _, b := range v.pool.byAddr {
		if !b.free {
			held++
		}
	}
	return held, len(v.pool.byAddr)
}
