package ip

import (
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
)

// Split cuts a packet into fragments of at most mtu octets and returns them in order. It
// takes over the packet, which becomes the first of them. If the packet may not be cut the
// answer is nil and it stays the caller's: an IPv4 packet with DF, an IPv6 packet that is a
// fragment already. IPv6 packets of others must not be cut (RFC 2460 section 4.5).
func (s *Stack) Split(p *packet.Buf, mtu int) []*packet.Buf {
	if p.Bytes()[0]>>4 == 6 {
		return s.split6(p, mtu)
	}
	return split4(p, mtu)
}

// split6 follows RFC 2460 section 4.5. All fragments repeat the headers that nodes on the
// way look at.
func (s *Stack) split6(p *packet.Buf, mtu int) []*packet.Buf {
	h := wire.IPv6(p.Bytes())
	c, err := wire.WalkIPv6(h)
	if err != nil || c.FragmentAt != 0 {
		return nil
	}
	u := unfragmentable(h, &c)
	room := (mtu - u - wire.FragmentLen) &^ 7
	if room < 8 {
		return nil
	}
	announce := announcing(h, u)
	s.fragments++
	f := wire.FragmentFields{NextHeader: h[announce], ID: s.fragments}
	put := func(b []byte, more bool) {
		f.More = more
		wire.PutFragment(b[u:], f)
		b[announce] = wire.ProtoFragment
		wire.IPv6(b).SetPayloadLen(len(b) - wire.IPv6HeaderLen)
	}

	pieces := []*packet.Buf{p}
	data := h[u:]
	for at := room; at < len(data); at += room {
		n := min(room, len(data)-at)
		q := p.Sibling(packet.DefaultHeadroom, u+wire.FragmentLen+n)
		b := q.Bytes()
		copy(b, h[:u])
		copy(b[u+wire.FragmentLen:], data[at:at+n])
		f.Offset = at
		put(b, at+n < len(data))
		pieces = append(pieces, q)
	}
	p.Truncate(u + min(room, len(data)))
	p.Prepend(wire.FragmentLen)
	b := p.Bytes()
	copy(b[:u], b[wire.FragmentLen:])
	f.Offset = 0
	put(b, len(pieces) > 1)
	return pieces
}

// unfragmentable returns the length of the part that each fragment repeats: everything up
// to the Hop-by-Hop and Routing headers (RFC 2460 section 4.5) and the Home Address option
// (RFC 6275 section 6.3).
func unfragmentable(h wire.IPv6, c *wire.Chain) int {
	u := wire.IPv6HeaderLen
	last := max(c.HopByHopAt, c.RoutingAt)
	if c.HomeAddress.IsValid() {
		last = max(last, c.DestOptsAt)
	}
	for u <= last {
		u += extensionLen(h, u)
	}
	return u
}

// announcing returns the octet that holds the number of the header at offset at.
func announcing(h wire.IPv6, at int) int {
	before, u := 6, wire.IPv6HeaderLen
	for u < at {
		before, u = u, u+extensionLen(h, u)
	}
	return before
}

func extensionLen(h wire.IPv6, at int) int { return (int(h[at+1]) + 1) * 8 }

// split4 follows RFC 791 section 3.2. A fragment may be cut again.
func split4(p *packet.Buf, mtu int) []*packet.Buf {
	h := wire.IPv4(p.Bytes())
	hl := h.HeaderLen()
	room := (mtu - hl) &^ 7
	if h.DontFragment() || room < 8 {
		return nil
	}
	base, more := h.FragmentOffset(), h.MoreFragments()
	later := laterHeader(h)
	pieces := []*packet.Buf{p}
	data := h.Payload()
	for at := room; at < len(data); at += room {
		n := min(room, len(data)-at)
		q := p.Sibling(packet.DefaultHeadroom, len(later)+n)
		b := q.Bytes()
		copy(b, later)
		copy(b[len(later):], data[at:at+n])
		wire.IPv4(b).SetFragment(len(b), base+at, more || at+n < len(data))
		pieces = append(pieces, q)
	}
	p.Truncate(hl + min(room, len(data)))
	wire.IPv4(p.Bytes()).SetFragment(p.Len(), base, more || len(pieces) > 1)
	return pieces
}

// laterHeader returns the header for all fragments but the first: of the options only
// those with the copied flag (RFC 791 section 3.1).
func laterHeader(h wire.IPv4) []byte {
	const (
		end, noOperation = 0, 1
		copied           = 0x80
	)
	options := h[wire.IPv4HeaderLen:h.HeaderLen()]
	var kept []byte
	for len(options) > 0 && options[0] != end {
		n := 1
		if options[0] != noOperation {
			if len(options) < 2 || options[1] < 2 || int(options[1]) > len(options) {
				break // malformed: a router passes on what it cannot read only once
			}
			n = int(options[1])
		}
		if options[0]&copied != 0 {
			kept = append(kept, options[:n]...)
		}
		options = options[n:]
	}
	for len(kept)%4 != 0 {
		kept = append(kept, end)
	}
	b := append(make([]byte, 0, wire.IPv4HeaderLen+len(kept)), h[:wire.IPv4HeaderLen]...)
	b = append(b, kept...)
	wire.IPv4(b).SetHeaderLen(len(b))
	return b
}
