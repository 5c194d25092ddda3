package nat

import (
	"net/netip"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Mapping is one entry of a table. For ICMP the port is the identifier of echo requests.
type Mapping struct {
	Protocol uint8 // UDP, TCP or ICMPv4
	Inside   netip.AddrPort
	Remote   netip.AddrPort // what the mapping depends on of it, zero otherwise
	Public   uint16         // port on the public address
	Expires  vtime.Time     // unless a packet refreshes it before
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
	public      uint16
	static      bool // a Forward
	expires     vtime.Time
	permitted   map[netip.AddrPort]bool       // remotes that may send, reduced by Config.Filtering
	connections map[netip.AddrPort]connection // of TCP, that are not over
	established int                           // among them
	prev, next  *entry
}

// Table is a translator's memory. Expired mappings are removed when the table is asked the
// next question about their protocol, so it holds one mapping per port at most.
type Table struct {
	cfg      Config
	inside   map[key]*entry
	protocol map[uint8]*space
	mappings int // that are no Forwards
}

// NewTable returns a table without mappings but those configured.
func NewTable(c Config) *Table {
	c.setDefaults()
	t := &Table{cfg: c, inside: map[key]*entry{}, protocol: map[uint8]*space{
		wire.ProtoUDP:    newSpace(c.UDPTimeout, c.UDPTimeout),
		wire.ProtoTCP:    newSpace(c.TCPTransitory, c.TCPEstablished),
		wire.ProtoICMPv4: newSpace(c.ICMPTimeout, c.ICMPTimeout),
	}}
	for _, f := range c.Forwards {
		e := &entry{key: key{protocol: f.Protocol, inside: f.Inside}, public: f.Public, static: true, expires: vtime.Never}
		t.inside[e.key] = e
		t.protocol[f.Protocol].add(e)
	}
	return t
}

// ready returns the space of a protocol, free of expired mappings, or nil if the protocol
// is not translated.
func (t *Table) ready(now vtime.Time, protocol uint8) *space {
	s := t.protocol[protocol]
	if s == nil {
		return nil
	}
	for _, r := range [...]*ring{&s.usual, &s.linger} {
		for e := r.first(); e != nil && e.expires <= now; e = r.first() {
			s.remove(e)
			delete(t.inside, e.key)
			t.mappings--
		}
	}
	return s
}

// find returns the mapping for packets from inside to remote, or nil.
func (t *Table) find(protocol uint8, inside, remote netip.AddrPort) *entry {
	if len(t.cfg.Forwards) > 0 {
		if e := t.inside[key{protocol: protocol, inside: inside}]; e != nil && e.static {
			return e
		}
	}
	return t.inside[key{protocol, inside, t.cfg.Mapping.relevant(protocol, remote)}]
}

func (s *space) refresh(e *entry, now vtime.Time) {
	switch {
	case e.static:
	case e.established > 0:
		s.linger.refresh(e, now)
	default:
		s.usual.refresh(e, now)
	}
}

// Outbound returns the public port for a packet from inside to remote; flags are those of a
// TCP segment. It makes a mapping if there is none, refreshes it, and permits remote to send.
// The reason is not 0 if the protocol is not translated, or if there is no room for a mapping.
func (t *Table) Outbound(now vtime.Time, protocol uint8, inside, remote netip.AddrPort, flags uint8) (uint16, trace.Reason) {
	s := t.ready(now, protocol)
	if s == nil {
		return 0, trace.NATProtocol
	}
	e := t.find(protocol, inside, remote)
	if e == nil {
		if t.cfg.MaxMappings > 0 && t.mappings >= t.cfg.MaxMappings {
			return 0, trace.NATExhausted
		}
		port, ok := s.pick(&t.cfg, inside.Port(), protocol != wire.ProtoICMPv4)
		if !ok {
			return 0, trace.NATExhausted
		}
		e = &entry{key: key{protocol, inside, t.cfg.Mapping.relevant(protocol, remote)}, public: port}
		t.inside[e.key] = e
		t.mappings++
		s.add(e)
	}
	if protocol == wire.ProtoTCP {
		e.follow(remote, flags, true)
	}
	s.refresh(e, now)
	if t.cfg.Filtering != EndpointIndependent && !e.static {
		if e.permitted == nil {
			e.permitted = map[netip.AddrPort]bool{}
		}
		e.permitted[t.cfg.Filtering.relevant(protocol, remote)] = true
	}
	return e.public, 0
}

// Inbound returns the endpoint inside for a packet from remote to a public port; flags are
// those of a TCP segment. The reason is not 0 if there is no mapping, or the filter refuses
// remote. Packets of a TCP connection refresh the mapping, others only if the configuration
// says so (RFC 4787 REQ-6).
func (t *Table) Inbound(now vtime.Time, protocol uint8, public uint16, remote netip.AddrPort, flags uint8) (netip.AddrPort, trace.Reason) {
	e, why := t.admit(now, protocol, public, remote)
	if why != 0 {
		return netip.AddrPort{}, why
	}
	if protocol == wire.ProtoTCP && e.follow(remote, flags, false) || protocol == wire.ProtoUDP && t.cfg.InboundRefresh {
		t.protocol[protocol].refresh(e, now)
	}
	return e.inside, 0
}

// Sender returns the endpoint inside that has sent from a public port to remote, as a packet
// says that an ICMP error quotes. It refreshes nothing.
func (t *Table) Sender(now vtime.Time, protocol uint8, public uint16, remote netip.AddrPort) (netip.AddrPort, trace.Reason) {
	e, why := t.admit(now, protocol, public, remote)
	if why != 0 {
		return netip.AddrPort{}, why
	}
	return e.inside, 0
}

func (t *Table) admit(now vtime.Time, protocol uint8, public uint16, remote netip.AddrPort) (*entry, trace.Reason) {
	s := t.ready(now, protocol)
	if s == nil {
		return nil, trace.NATProtocol
	}
	e := s.used[public]
	switch {
	case e == nil:
		return nil, trace.NATMapping
	case t.cfg.Filtering != EndpointIndependent && !e.static && !e.permitted[t.cfg.Filtering.relevant(protocol, remote)]:
		return nil, trace.NATFiltered
	}
	return e, 0
}

// Find returns the public port of an existing mapping without refreshing it.
func (t *Table) Find(now vtime.Time, protocol uint8, inside, remote netip.AddrPort) (uint16, bool) {
	if t.ready(now, protocol) == nil {
		return 0, false
	}
	e := t.find(protocol, inside, remote)
	if e == nil {
		return 0, false
	}
	return e.public, true
}

// Mappings returns all mappings that have not expired, Forwards left out: UDP, TCP, ICMP,
// each in order of expiry, TCP mappings with established connections last.
func (t *Table) Mappings(now vtime.Time) []Mapping {
	var all []Mapping
	for _, protocol := range [...]uint8{wire.ProtoUDP, wire.ProtoTCP, wire.ProtoICMPv4} {
		s := t.ready(now, protocol)
		for _, r := range [...]*ring{&s.usual, &s.linger} {
			for e := r.first(); e != nil; e = r.after(e) {
				all = append(all, Mapping{e.protocol, e.inside, e.remote, e.public, e.expires})
			}
		}
	}
	return all
}
