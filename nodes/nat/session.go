package nat

import (
	"net/netip"

	"dsmipsim/nodes/wire"
)

// connection is what the box has seen of a TCP connection: flags by direction.
type connection struct{ out, in uint8 }

// seen are the flags that a connection remembers.
const seen = wire.TCPSyn | wire.TCPFin

func (c connection) established() bool { return c.out&c.in&wire.TCPSyn != 0 }
func (c connection) closed() bool      { return c.out&c.in&wire.TCPFin != 0 }

// follow notes the flags of a segment between the inside and a remote endpoint (RFC 5382
// section 5). A connection is established when both sides have sent a SYN, and over when both
// have sent a FIN or one a RST. It reports whether the segment belongs to a connection.
func (e *entry) follow(remote netip.AddrPort, flags uint8, outbound bool) bool {
	c, known := e.connections[remote]
	if !known && flags&wire.TCPSyn == 0 {
		return false
	}
	was := c.established()
	if outbound {
		c.out |= flags & seen
	} else {
		c.in |= flags & seen
	}
	over := flags&wire.TCPRst != 0 || c.closed()
	if is := c.established() && !over; is != was {
		e.established += map[bool]int{true: 1, false: -1}[is]
	}
	switch {
	case over:
		delete(e.connections, remote)
	case !known || c != e.connections[remote]:
		if e.connections == nil {
			e.connections = map[netip.AddrPort]connection{}
		}
		e.connections[remote] = c
	}
	return true
}
