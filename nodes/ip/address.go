package ip

import (
	"net/netip"

	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
)

// State is the state of an address (RFC 4862 section 2).
type State uint8

// States of an address.
const (
	Preferred  State = iota // may be used without restriction
	Tentative               // its uniqueness is being verified: packets for it are not accepted
	Receiving               // packets for it are accepted, but it is never chosen as a source
	Optimistic              // its uniqueness is being verified and it is used meanwhile (RFC 4429 section 2)
	Deprecated              // its preferred lifetime is over: a source only if there is no other (RFC 4862 section 5.5.4)
)

// Answers reports whether neighbours that ask for an address in this state get an answer.
func (s State) Answers() bool { return s == Preferred || s == Optimistic || s == Deprecated }

// Address is an address of the node.
type Address struct {
	Addr  netip.Addr
	Bits  int // length of the on-link prefix
	Iface machine.Iface
	State State
}

// AddAddress configures an address. A second call for the same address replaces the first.
func (s *Stack) AddAddress(iface machine.Iface, a netip.Addr, bits int, state State) *Address {
	s.RemoveAddress(a)
	e := &Address{Addr: a, Bits: bits, Iface: iface, State: state}
	s.addrs[a] = e
	clear(s.routes.cache)
	s.ordered = append(s.ordered, e)
	if a.Is6() && !a.Is4In6() && iface >= 0 && s.ifaces[iface].Ethernet {
		s.JoinGroup(iface, wire.SolicitedNode(a))
	}
	s.Out.Address(iface, a, true)
	return e
}

// RemoveAddress gives an address up, if the node has it.
func (s *Stack) RemoveAddress(a netip.Addr) {
	e := s.addrs[a]
	if e == nil {
		return
	}
	delete(s.addrs, a)
	clear(s.routes.cache)
	for i, o := range s.ordered {
		if o == e {
			s.ordered = append(s.ordered[:i], s.ordered[i+1:]...)
			break
		}
	}
	if a.Is6() && !a.Is4In6() && e.Iface >= 0 && s.ifaces[e.Iface].Ethernet {
		s.LeaveGroup(e.Iface, wire.SolicitedNode(a))
	}
	s.Out.Address(e.Iface, a, false)
}

// Address returns the node's address a, or nil.
func (s *Stack) Address(a netip.Addr) *Address { return s.addrs[a] }

// Addresses returns all addresses in the order in which they were configured.
func (s *Stack) Addresses() []*Address { return s.ordered }

// OnIface returns the node's first preferred address on the interface for which ok holds.
func (s *Stack) OnIface(iface machine.Iface, ok func(netip.Addr) bool) (netip.Addr, bool) {
	return s.first(iface, Preferred, ok)
}

func (s *Stack) first(iface machine.Iface, state State, ok func(netip.Addr) bool) (netip.Addr, bool) {
	for _, e := range s.ordered {
		if (e.Iface == iface || iface == anyIface) && e.State == state && ok(e.Addr) {
			return e.Addr, true
		}
	}
	return netip.Addr{}, false
}

// JoinGroup listens to a multicast group on an interface. Groups are counted, since two
// addresses may share a solicited-node group.
func (s *Stack) JoinGroup(iface machine.Iface, group netip.Addr) {
	s.groups[group]++
	s.Out.Group(iface, wire.MulticastMAC(group), true)
}

// LeaveGroup takes one JoinGroup back.
func (s *Stack) LeaveGroup(iface machine.Iface, group netip.Addr) {
	if s.groups[group]--; s.groups[group] == 0 {
		delete(s.groups, group)
	}
	s.Out.Group(iface, wire.MulticastMAC(group), false)
}

// SourceFor selects the source of a packet that the node originates towards dst through
// iface: an address of that interface in the scope of dst, else any of the node's in that
// scope; a preferred one before one that is still being verified (RFC 4429 section 3.1), and
// a deprecated one last. It is the part of RFC 6724 that matters to nodes with one address of
// a kind per link.
func (s *Stack) SourceFor(iface machine.Iface, dst netip.Addr) (netip.Addr, bool) {
	linkLocal := dst.IsLinkLocalUnicast() || dst.IsLinkLocalMulticast()
	fits := func(a netip.Addr) bool {
		return a.Is4() == dst.Is4() && !a.Is4In6() && a.IsLinkLocalUnicast() == (linkLocal && dst.Is6())
	}
	for _, on := range []machine.Iface{iface, anyIface} {
		for _, state := range []State{Preferred, Optimistic, Deprecated} {
			if a, ok := s.first(on, state, fits); ok {
				return a, ok
			}
		}
		if linkLocal && dst.Is6() {
			break // an address of another link means nothing on this one
		}
	}
	return netip.Addr{}, false
}
