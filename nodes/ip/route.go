package ip

import (
	"net/netip"

	"dsmipsim/nodes/machine"
)

// Route says where packets for a prefix go. Without a Gateway the destination itself is
// the neighbour.
type Route struct {
	Prefix  netip.Prefix
	Iface   machine.Iface
	Gateway netip.Addr
	Learnt  bool // from an advertisement or a lease; it goes when the link does
}

// cacheLimit bounds the destination cache; when it is reached the cache starts anew.
const cacheLimit = 4096

// table holds routes by decreasing prefix length, those of equal length in the order in
// which they were added, and remembers the route of each destination.
type table struct {
	routes []Route
	cache  map[netip.Addr]int
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
	t := &s.routes
	if i, ok := t.cache[dst]; ok {
		return t.routes[i], true
	}
	for i := range t.routes {
		if t.routes[i].Prefix.Contains(dst) {
			if t.cache == nil || len(t.cache) >= cacheLimit {
				t.cache = map[netip.Addr]int{}
			}
			t.cache[dst] = i
			return t.routes[i], true
		}
	}
	return Route{}, false
}

// Routes returns a copy of all routes, most specific first.
func (s *Stack) Routes() []Route { return append([]Route(nil), s.routes.routes...) }
