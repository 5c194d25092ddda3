package recompute

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// packet is an IP packet, seen through tunnels and ESP.
type packet struct {
	octets              int    // of the outermost IP packet
	added               []part // what is not of the innermost packet: encapsulation and mobility headers
	source, destination netip.Addr
	protocol            layers.IPProtocol // of upper
	upper               []byte            // transport header and what follows, or Mobility Header
	whole               []byte            // the innermost IP packet
}

// part is a header that somebody added on the way.
type part struct {
	name   string // two that differ are two parts
	octets int
}

// icvOctets ends an ESP packet with HMAC-SHA1-96 (RFC 2404).
const icvOctets = 12

// open reads headers until there is nothing more to unwrap.
func open(b []byte) (*packet, error) {
	p := &packet{}
	for {
		protocol, rest, err := p.header(b)
		if err != nil {
			return nil, err
		}
		if p.octets == 0 {
			p.octets = len(b)
		}
		if protocol == layers.IPProtocolESP {
			if len(rest) < 8+2+icvOctets {
				return nil, fmt.Errorf("ESP of %d octets", len(rest))
			}
			trailer := len(rest) - icvOctets - 2 // padding length, next header (RFC 4303 section 2)
			padding := int(rest[trailer])
			if 8+padding > trailer {
				return nil, fmt.Errorf("ESP with %d octets of padding", padding)
			}
			inner := rest[8 : trailer-padding]
			p.added = append(p.added, part{"ESP", len(rest) - len(inner)})
			protocol, rest = layers.IPProtocol(rest[trailer+1]), inner
		}
		if protocol != layers.IPProtocolIPv4 && protocol != layers.IPProtocolIPv6 {
			p.protocol, p.upper, p.whole = protocol, rest, b
			return p, nil
		}
		header := 40
		if b[0]>>4 == 4 {
			header = 20
		}
		p.added = append(p.added, part{fmt.Sprintf("tunnel %s > %s", p.source, p.destination), header})
		b = rest
	}
}

// header reads one IP header with its extension headers.
func (p *packet) header(b []byte) (layers.IPProtocol, []byte, error) {
	if len(b) > 0 && b[0]>>4 == 4 {
		var h layers.IPv4
		if err := h.DecodeFromBytes(b, gopacket.NilDecodeFeedback); err != nil {
			return 0, nil, err
		}
		if int(h.Length) != len(b) {
			return 0, nil, fmt.Errorf("IPv4 packet of %d octets says %d", len(b), h.Length)
		}
		if h.Flags&layers.IPv4MoreFragments != 0 || h.FragOffset != 0 {
			return 0, nil, fmt.Errorf("a fragment, and nobody reassembles here")
		}
		p.source, _ = netip.AddrFromSlice(h.SrcIP)
		p.destination, _ = netip.AddrFromSlice(h.DstIP)
		return h.Protocol, h.Payload, nil
	}
	var h layers.IPv6
	if err := h.DecodeFromBytes(b, gopacket.NilDecodeFeedback); err != nil {
		return 0, nil, err
	}
	if 40+int(h.Length) != len(b) {
		return 0, nil, fmt.Errorf("IPv6 packet of %d octets says %d", len(b), 40+int(h.Length))
	}
	p.source, _ = netip.AddrFromSlice(h.SrcIP)
	p.destination, _ = netip.AddrFromSlice(h.DstIP)
	next, rest := h.NextHeader, h.Payload
	for {
		name := ""
		switch next {
		case layers.IPProtocolIPv6Destination:
			name = "destination options"
		case layers.IPProtocolIPv6Routing:
			name = "routing header"
		case layers.IPProtocolIPv6Fragment:
			return 0, nil, fmt.Errorf("a fragment, and nobody reassembles here")
		default:
			return next, rest, nil
		}
		if len(rest) < 8 || len(rest) < 8+8*int(rest[1]) {
			return 0, nil, fmt.Errorf("%s of %d octets", name, len(rest))
		}
		n := 8 + 8*int(rest[1])
		switch {
		case next == layers.IPProtocolIPv6Routing && rest[2] == 2: // RFC 6275 section 6.4
			name = "type 2 routing header"
		case next == layers.IPProtocolIPv6Destination && hasOption(rest[2:n], 201): // RFC 6275 section 6.3
			name = "Home Address option"
		default:
			return 0, nil, fmt.Errorf("a %s that was not expected", name)
		}
		p.added = append(p.added, part{name, n})
		next, rest = layers.IPProtocol(rest[0]), rest[n:]
	}
}

// hasOption looks for a type among options in the format of RFC 8200 section 4.2.
func hasOption(b []byte, kind byte) bool {
	for len(b) > 0 {
		switch {
		case b[0] == kind:
			return true
		case b[0] == 0: // Pad1
			b = b[1:]
		case len(b) < 2 || len(b) < 2+int(b[1]):
			return false
		default:
			b = b[2+int(b[1]):]
		}
	}
	return false
}

// base is the length of the innermost packet without what was added.
func (p *packet) base() int {
	n := p.octets
	for _, a := range p.added {
		n -= a.octets
	}
	return n
}

// Mobility Header types (RFC 6275 section 6.1).
const (
	none          = -1
	bindingUpdate = 5
	bindingAck    = 6
)

const mobilityHeader = layers.IPProtocol(135)

// mobility returns the type of a Mobility Header, or none.
func (p *packet) mobility() int {
	if p == nil || p.protocol != mobilityHeader || len(p.upper) < 12 {
		return none
	}
	return int(p.upper[2])
}

// stamp identifies a test packet: flow number, sequence number and time of sending in the
// first 16 octets of its payload.
type stamp struct {
	flow, sequence uint32
	sent           int64  // -1: the packet has no room for it
	media          uint32 // time stamp of RTP
}

const stampOctets = 16

// stamp reads the stamp behind a UDP, ICMP echo or RTP header; false if there is none. The
// shortest packets of a call have an RTP header only: it numbers flow and packet, too, and
// its time stamp is the time since the start of the flow.
func (p *packet) stamp() (st stamp, ok bool) {
	if p == nil || len(p.upper) < 8 {
		return stamp{}, false
	}
	b := p.upper[8:]
	switch p.protocol {
	case layers.IPProtocolUDP:
		if u := binary.BigEndian.Uint16(p.upper[2:]); u == 67 || u == 68 {
			return stamp{}, false // DHCP
		}
	case layers.IPProtocolICMPv6:
		if p.upper[0] != layers.ICMPv6TypeEchoRequest && p.upper[0] != layers.ICMPv6TypeEchoReply {
			return stamp{}, false
		}
	case layers.IPProtocolICMPv4:
		if p.upper[0] != layers.ICMPv4TypeEchoRequest && p.upper[0] != layers.ICMPv4TypeEchoReply {
			return stamp{}, false
		}
	default:
		return stamp{}, false
	}
	if p.protocol == layers.IPProtocolUDP && len(b) >= 12 && b[0] == 0x80 { // RTP (RFC 3550 section 5.1)
		st = stamp{flow: binary.BigEndian.Uint32(b[8:]), sequence: uint32(binary.BigEndian.Uint16(b[2:])), sent: -1, media: binary.BigEndian.Uint32(b[4:])}
		b = b[12:]
		if len(b) < stampOctets {
			return st, true
		}
	}
	if len(b) < stampOctets {
		return stamp{}, false
	}
	st.flow, st.sequence = binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
	st.sent = int64(binary.BigEndian.Uint64(b[8:]))
	return st, true
}

// reply reports whether the packet is an echo reply.
func (p *packet) reply() bool {
	return p.protocol == layers.IPProtocolICMPv6 && p.upper[0] == layers.ICMPv6TypeEchoReply ||
		p.protocol == layers.IPProtocolICMPv4 && p.upper[0] == layers.ICMPv4TypeEchoReply
}
