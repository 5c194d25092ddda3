package ip

import (
	"net/netip"
	"time"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim/vtime"
)

// PathMTUTimeout is how long a path MTU that was learnt counts. Then the path is tried anew
// (RFC 1981 section 5.3, RFC 1191 section 6.3).
const PathMTUTimeout = 10 * time.Minute

// ipv4MinimumMTU is what every IPv4 link carries without fragmentation (RFC 791 section 3.2).
const ipv4MinimumMTU = 68

// pathLimit bounds how many path MTUs a node remembers.
const pathLimit = 1024

// paths holds the path MTUs that a node has learnt, in the order in which it did.
type paths struct {
	byDst map[netip.Addr]learnt
	order []netip.Addr
}

type learnt struct {
	mtu   int
	until vtime.Time
}

func (t *paths) get(now vtime.Time, dst netip.Addr) (int, bool) {
	if len(t.byDst) == 0 {
		return 0, false
	}
	l, ok := t.byDst[dst]
	if ok && l.until <= now {
		t.forget(dst)
		return 0, false
	}
	return l.mtu, ok
}

func (t *paths) put(now vtime.Time, dst netip.Addr, mtu int) {
	t.forget(dst)
	if len(t.order) == pathLimit {
		t.forget(t.order[0])
	}
	if t.byDst == nil {
		t.byDst = map[netip.Addr]learnt{}
	}
	t.byDst[dst] = learnt{mtu, now.Add(PathMTUTimeout)}
	t.order = append(t.order, dst)
}

func (t *paths) forget(dst netip.Addr) {
	if _, ok := t.byDst[dst]; !ok {
		return
	}
	delete(t.byDst, dst)
	for i, a := range t.order {
		if a == dst {
			t.order = append(t.order[:i], t.order[i+1:]...)
			return
		}
	}
}

// LearntMTU returns what ICMP errors have told about the path to a destination.
func (s *Stack) LearntMTU(now vtime.Time, dst netip.Addr) (int, bool) { return s.paths.get(now, dst) }

// ForgetPath forgets what was learnt about the path to a destination: it has changed.
func (s *Stack) ForgetPath(dst netip.Addr) { s.paths.forget(dst) }

// PathMTU returns the largest packet that is believed to reach a destination whole: the MTU
// of the first link, or less if something was learnt (RFC 1981, RFC 1191). Without a route
// it returns the least MTU of the family, which is never wrong.
func (s *Stack) PathMTU(now vtime.Time, dst netip.Addr) int {
	if r := s.route(dst); r != nil && r.Iface >= 0 {
		return s.routeMTU(now, r, dst)
	}
	if mtu, ok := s.paths.get(now, dst); ok {
		return mtu
	}
	return leastMTU(dst)
}

func (s *Stack) routeMTU(now vtime.Time, r *Route, dst netip.Addr) int {
	version := uint8(4)
	if dst.Is6() {
		version = 6
	}
	mtu := s.ifaces[r.Iface].limit(version)
	if l, ok := s.paths.get(now, dst); ok {
		mtu = min(mtu, l)
	}
	return mtu
}

// learn takes a smaller path MTU to heart. A larger one is no news that an error could bring
// (RFC 1981 section 4).
func (s *Stack) learn(now vtime.Time, dst netip.Addr, mtu int) {
	mtu = max(mtu, leastMTU(dst))
	if mtu < s.PathMTU(now, dst) {
		s.paths.put(now, dst, mtu)
	}
}

func leastMTU(dst netip.Addr) int {
	if dst.Is4() {
		return ipv4MinimumMTU
	}
	return wire.IPv6MinimumMTU
}

// plateaus are the MTUs to try, one after the other, when a router from before RFC 1191
// does not tell its own (section 7.1 there).
var plateaus = [...]int{32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296}

func plateauBelow(octets int) int {
	for _, p := range plateaus {
		if p < octets {
			return p
		}
	}
	return ipv4MinimumMTU
}
