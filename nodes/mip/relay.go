package mip

import (
	"net/netip"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/vtime"
)

// Relay passes an ICMP error from inside a tunnel on to the source of the packet that was
// in the tunnel (RFC 2473 section 8, RFC 2003 section 4, RFC 4213 section 3.4). carries says
// whether this node tunnels packets to an address. An error that quotes too little of the
// packet ends here: what it tells about the path MTU the stack has learnt from it.
//
// A mobile node has no use for it: it is itself the source of what it tunnels.
func Relay(s *ip.Stack, now vtime.Time, q ip.Quote, carries func(dst netip.Addr) bool) {
	inner := q.Packet[q.Offset:]
	_, dst, ok := ip.Endpoints(inner)
	if !ok || !carries(dst) {
		return
	}
	if q.TooBig() {
		t := Tunnel{Stack: s, Local: q.Source, Remote: q.Destination, SixInFour: DynamicMTU}
		relayTooBig(s, now, inner, t.MTU(now, dst.Is6()))
		return
	}
	if !unreachable(&q) {
		return
	}
	if dst.Is6() {
		s.SendError(now, inner, wire.ICMPv6DestinationUnreachable, wire.ICMPv6CodeAddressUnreachable, 0)
	} else {
		s.SendError(now, inner, wire.ICMPv4DestinationUnreachable, wire.ICMPv4CodeHostUnreachable, 0)
	}
}

// relayTooBig asks the source for smaller packets, if that is for it to do: what it lets be
// fragmented, and IPv6 packets up to 1280 octets, will go in fragments from now on (RFC 2473
// sections 7.1 and 7.2).
func relayTooBig(s *ip.Stack, now vtime.Time, inner []byte, mtu int) {
	if inner[0]>>4 == 6 {
		mtu = max(mtu, wire.IPv6MinimumMTU)
		if wire.IPv6HeaderLen+wire.IPv6(inner).PayloadLen() > mtu {
			s.SendError(now, inner, wire.ICMPv6PacketTooBig, 0, uint32(mtu))
		}
		return
	}
	if wire.IPv4(inner).DontFragment() {
		s.SendError(now, inner, wire.ICMPv4DestinationUnreachable, wire.ICMPv4CodeFragmentationNeeded, uint32(mtu))
	}
}

// unreachable reports whether the error means that the other end of the tunnel was not
// reached. To the source the tunnel is a link, and the way it failed is the tunnel's affair.
func unreachable(q *ip.Quote) bool {
	if q.Source.Is6() {
		return q.Type == wire.ICMPv6DestinationUnreachable ||
			q.Type == wire.ICMPv6TimeExceeded && q.Code == wire.ICMPv6CodeHopLimit
	}
	switch q.Type {
	case wire.ICMPv4DestinationUnreachable:
		// Port unreachable and a failed source route are not about tunnels.
		return q.Code <= wire.ICMPv4CodeProtocolUnreachable || q.Code > sourceRouteFailed
	case wire.ICMPv4TimeExceeded:
		return q.Code == 0
	}
	return false
}

// sourceRouteFailed is code 5 of an ICMPv4 Destination Unreachable (RFC 792).
const sourceRouteFailed = 5
