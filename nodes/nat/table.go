// Package nat translates IPv4 addresses and ports as RFC 4787 tells: the Table decides,
// the Box rewrites packets at a router.
package nat

import (
	"net/netip"
	"time"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim/vtime"
)

// Behavior is how much of the remote endpoint a mapping or a filter depends on (RFC 4787
// sections 4.1 and 5).
type Behavior uint8

// Behaviors.
const (
	EndpointIndependent     Behavior = iota // as a "full cone" NAT
	AddressDependent                        // on the remote address
	AddressAndPortDependent                 // on remote address and port; with mappings, a "symmetric" NAT
)

// relevant zeroes what the behaviour does not depend on. The far end of an echo has no port.
func (b Behavior) relevant(protocol uint8, remote netip.AddrPort) netip.AddrPort {
	switch {
	case b == EndpointIndependent:
		return netip.AddrPort{}
	case b == AddressDependent || protocol == wire.ProtoICMPv4:
		return netip.AddrPortFrom(remote.Addr(), 0)
	}
	return remote
}

// Config are the options of a translator. The zero Config is that of RFC 4787's advice.
type Config struct {
	Mapping   Behavior
	Filtering Behavior

	// Time after the last outbound packet until a mapping ends. Zero stands for 300 s
	// (RFC 4787 section 4.3), 2 h 4 min (RFC 5382 section 5) and 60 s (RFC 5508 section 3.2).
	UDPTimeout  time.Duration
	TCPTimeout  time.Duration
	ICMPTimeout time.Duration

	// FirstPort is the lowest port given to a mapping whose own port is taken; 0 stands
	// for 1024.
	FirstPort uint16
}

func (c *Config) setDefaults() {
	c.UDPTimeout = orElse(c.UDPTimeout, 300*time.Second)
	c.TCPTimeout = orElse(c.TCPTimeout, 7440*time.Second)
	c.ICMPTimeout = orElse(c.ICMPTimeout, 60*time.Second)
	c.FirstPort = orElse(c.FirstPort, 1024)
}

func orElse[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// Mapping is one entry of a table. For ICMP the port is the identifier of echo requests.
type Mapping struct {
	Protocol uint8 // UDP, TCP or ICMPv4
	Inside   netip.AddrPort
	Remote   netip.AddrPort // what the mapping depends on of it, zero otherwise
	Public   uint16         // port on the public address
	Expires  vtime.Time     // unless an outbound packet comes before
}

// key finds a mapping from the inside.
type key struct {
	protocol uint8
	inside   netip.AddrPort
	remote   netip.AddrPort // reduced by Config.Mapping
}

// entry is a mapping in the table and in the order of expiry of its protocol.
type entry struct {
	key
	public     uint16
	expires    vtime.Time
	permitted  map[netip.AddrPort]bool // remotes that may send, reduced by Config.Filtering
	prev, next *entry
}

// Table is a translator's memory. Expired mappings are removed when the table is asked the
// next question about their protocol, so it holds one mapping per port at most.
type Table struct {
	cfg      Config
	inside   map[key]*entry
	protocol map[uint8]*space
}

// NewTable returns an empty table.
func NewTable(c Config) *Table {
	c.setDefaults()
	t := &Table{cfg: c, inside: map[key]*entry{}, protocol: map[uint8]*space{
		wire.ProtoUDP:    newSpace(c.UDPTimeout),
		wire.ProtoTCP:    newSpace(c.TCPTimeout),
		wire.ProtoICMPv4: newSpace(c.ICMPTimeout),
	}}
	return t
}

// ready returns the space of a protocol, free of expired mappings, or nil if the protocol
// is not translated.
func (t *Table) ready(now vtime.Time, protocol uint8) *space {
	s := t.protocol[protocol]
	if s == nil {
		return nil
	}
	for e := s.first(); e != nil && e.expires <= now; e = s.first() {
		s.remove(e)
		delete(t.inside, e.key)
	}
	return s
}

// Outbound returns the public port for a packet from inside to remote. It makes a mapping
// if there is none, refreshes it, and permits remote to send. It fails if the protocol is
// not translated or all ports are taken.
func (t *Table) Outbound(now vtime.Time, protocol uint8, inside, remote netip.AddrPort) (uint16, bool) {
	s := t.ready(now, protocol)
	if s == nil {
		return 0, false
	}
	k := key{protocol, inside, t.cfg.Mapping.relevant(protocol, remote)}
	e := t.inside[k]
	if e == nil {
		port, ok := s.pick(inside.Port(), t.cfg.FirstPort)
		if !ok {
			return 0, false
		}
		e = &entry{key: k, public: port}
		t.inside[k] = e
		s.add(e)
	}
	s.refresh(e, now)
	if t.cfg.Filtering != EndpointIndependent {
		if e.permitted == nil {
			e.permitted = map[netip.AddrPort]bool{}
		}
		e.permitted[t.cfg.Filtering.relevant(protocol, remote)] = true
	}
	return e.public, true
}

// Inbound returns the endpoint inside for a packet from remote to a public port, false if
// there is no mapping or the filter refuses remote. It refreshes nothing (RFC 4787 REQ-6).
func (t *Table) Inbound(now vtime.Time, protocol uint8, public uint16, remote netip.AddrPort) (netip.AddrPort, bool) {
	s := t.ready(now, protocol)
	if s == nil {
		return netip.AddrPort{}, false
	}
	e := s.used[public]
	if e == nil || t.cfg.Filtering != EndpointIndependent && !e.permitted[t.cfg.Filtering.relevant(protocol, remote)] {
		return netip.AddrPort{}, false
	}
	return e.key.inside, true
}

// Find returns the public port of an existing mapping without refreshing it.
func (t *Table) Find(now vtime.Time, protocol uint8, inside, remote netip.AddrPort) (uint16, bool) {
	if t.ready(now, protocol) == nil {
		return 0, false
	}
	e := t.inside[key{protocol, inside, t.cfg.Mapping.relevant(protocol, remote)}]
	if e == nil {
		return 0, false
	}
	return e.public, true
}

// Mappings returns all mappings that have not expired: UDP, TCP, ICMP, each in order of
// expiry.
func (t *Table) Mappings(now vtime.Time) []Mapping {
	var all []Mapping
	for _, protocol := range [...]uint8{wire.ProtoUDP, wire.ProtoTCP, wire.ProtoICMPv4} {
		s := t.ready(now, protocol)
		for e := s.first(); e != nil; e = s.after(e) {
			all = append(all, Mapping{e.protocol, e.inside, e.remote, e.public, e.expires})
		}
	}
	return all
}
