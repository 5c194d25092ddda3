package recompute

import (
	"encoding/binary"
	"net/netip"
)

// Binding is the time that a node had one care-of address for the mobile node.
type Binding struct {
	Node        string // "" for the home agent
	CareOf      string
	From, Until int64 // Until is Never if the binding was there at the end
	Updates     int
}

// followBindings pairs updates with what shows that they were accepted. At the home agent that is when its
// acknowledgement leaves, since it verifies addresses before; a deletion is accepted as it arrives, and so
// is whatever a correspondent accepts.
func (s *Scenario) followBindings(c *capture) (all []Binding) {
	type update struct {
		careOf   string
		deletes  bool
		sequence uint16
		arrival  int64
	}
	last := map[netip.Addr]update{} // by the peer
	var agent netip.Addr
	answered := map[uint16]bool{} // sequence numbers of the home agent's acknowledgements
	accept := func(node string, u update, at int64) {
		i := len(all) - 1
		for ; i >= 0 && all[i].Node != node; i-- {
		}
		if i >= 0 && all[i].Until == Never {
			if !u.deletes && all[i].CareOf == u.careOf {
				all[i].Updates++
				return
			}
			all[i].Until = at
		}
		if !u.deletes {
			all = append(all, Binding{node, u.careOf, at, Never, 1})
		}
	}
	for _, f := range c.frames {
		switch kind := f.ip.mobility(); {
		case kind == bindingUpdate:
			peer := f.ip.destination
			if !agent.IsValid() {
				agent = peer
			}
			u := update{f.ip.source.Unmap().String(), binary.BigEndian.Uint16(f.ip.upper[10:]) == 0, binary.BigEndian.Uint16(f.ip.upper[6:]), f.arrival}
			last[peer] = u
			for node, network := range s.hosts { // one of them has a binding at most, here
				if peer != agent && network == f.link && s.mobility[node] {
					accept(node, u, f.arrival)
				}
			}
		case kind == bindingAck && f.ip.source == agent && f.ip.upper[6] < 128:
			sequence := binary.BigEndian.Uint16(f.ip.upper[8:])
			if u := last[agent]; u.sequence == sequence && !answered[sequence] {
				answered[sequence] = true
				at := f.departure
				if u.deletes {
					at = u.arrival
				}
				accept("", u, at)
			}
		}
	}
	return all
}
