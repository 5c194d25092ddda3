package ip

import (
	"encoding/binary"
	"math/bits"
	"net/netip"

	"dsmipsim/nodes/machine"
	"dsmipsim/sim/packet"
)

// Route says where packets for a prefix go. Without a Gateway the destination itself is
// the neighbour.
type Route struct {
	Prefix  netip.Prefix
	Iface   machine.Iface
	Gateway netip.Addr
	Learnt  bool // from an advertisement or a lease; it goes when the link does
}

// table holds routes by decreasing prefix length, those of equal length in the order in
// which they were added, and remembers what became of recent destinations.
type table struct {
	routes []Route
	cache  []destination
}

// destination is what the stack knows about packets for an address: the address is its
// own, or a route leads there. The cache of destinations is direct-mapped: each has one
// place, given by its hash, and displaces who was there.
type destination struct {
	addr  netip.Addr
	own   *Address
	route int // number of the route counted from 1, or 0
}

// Sizes of the destination cache, powers of two. It grows when two destinations meet.
const (
	cacheStart = 16
	cacheLimit = 4096
)

// lookup returns the cached destination, which is valid until an address or route changes.
func (s *Stack) lookup(dst netip.Addr) *destination {
	t := &s.routes
	if len(t.cache) > 0 {
		d := t.place(dst)
		if d.addr == dst {
			return d
		}
		if d.addr.IsValid() && len(t.cache) < cacheLimit {
			t.cache = make([]destination, 4*len(t.cache))
		}
	} else {
		t.cache = make([]destination, cacheStart)
	}
	d := t.place(dst)
	*d = destination{addr: dst, own: s.addrs[dst], route: t.match(dst)}
	return d
}

func (t *table) place(dst netip.Addr) *destination {
	a := dst.As16()
	h := binary.NativeEndian.Uint64(a[:8]) ^ bits.RotateLeft64(binary.NativeEndian.Uint64(a[8:]), 32)
	h *= 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio: the upper bits are well mixed
	return &t.cache[h>>32&uint64(len(t.cache)-1)]
}

// match returns the number of the longest matching route, counted from 1, or 0.
func (t *table) match(dst netip.Addr) int {
	for i := range t.routes {
		if t.routes[i].Prefix.Contains(dst) {
			return i + 1
		}
	}
	return 0
}

// AddRoute adds a route. Of two routes to the same prefix the first one counts.
func (s *Stack) AddRoute(r Route) {
	t := &s.routes
	i := 0
	for i < len(t.routes) && t.routes[i].Prefix.Bits() >= r.Prefix.Bits() {
		i++
	}
	t.routes = append(t.routes, Route{})
	copy(t.routes[i+1:], t.routes[i:])
	t.routes[i] = r
	clear(t.cache)
}

// RemoveRoutes removes all routes that match.
func (s *Stack) RemoveRoutes(match func(Route) bool) {
	t := &s.routes
	kept := t.routes[:0]
	for _, r := range t.routes {
		if !match(r) {
			kept = append(kept, r)
		}
	}
	t.routes = kept
	clear(t.cache)
}

// Route returns the longest matching route.
func (s *Stack) Route(dst netip.Addr) (Route, bool) {
	if r := s.route(dst); r != nil {
		return *r, true
	}
	return Route{}, false
}

// route is Route without the copy. The result is valid until a route changes.
func (s *Stack) route(dst netip.Addr) *Route {
	if d := s.lookup(dst); d.route > 0 {
		return &s.routes.routes[d.route-1]
	}
	return nil
}

// routeFrom returns the route for a packet on the interface of its source address, or
// otherwise if that has none.
func (s *Stack) routeFrom(p *packet.Buf, dst netip.Addr, otherwise *Route) *Route {
	src, _, _ := Endpoints(p.Bytes())
	a := s.addrs[src]
	if a == nil || a.Iface < 0 || otherwise != nil && otherwise.Iface == a.Iface {
		return otherwise
	}
	for i := range s.routes.routes {
		if r := &s.routes.routes[i]; r.Iface == a.Iface && r.Prefix.Contains(dst) {
			return r
		}
	}
	return otherwise
}

// Routes returns a copy of all routes, most specific first.
func (s *Stack) Routes() []Route { return append([]Route(nil), s.routes.routes...) }
