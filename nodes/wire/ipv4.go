package wire

import (
	"encoding/binary"
	"net/netip"

	"gvisor.dev/gvisor/pkg/tcpip/checksum"
)

// IPv4HeaderLen is the length of an IPv4 header without options.
const IPv4HeaderLen = 20

const (
	ip4VersionIHL  = 0
	ip4TOS         = 1
	ip4TotalLen    = 2
	ip4ID          = 4
	ip4Fragment    = 6 // flags and offset
	ip4TTL         = 8
	ip4Protocol    = 9
	ip4Checksum    = 10
	ip4Source      = 12
	ip4Destination = 16

	ip4FlagDF     = 0x4000
	ip4FlagMF     = 0x2000
	ip4OffsetMask = 0x1fff
)

// IPv4 is a view of an IPv4 packet, cut to its total length (RFC 791).
type IPv4 []byte

var (
	errIPv4Short    = &Error{Layer: "IPv4", What: "shorter than its header", Kind: ErrTruncated}
	errIPv4Version  = &Error{Layer: "IPv4", What: "version is not 4", Kind: ErrVersion}
	errIPv4IHL      = &Error{Layer: "IPv4", What: "header length below 5 words", Kind: ErrLength}
	errIPv4Total    = &Error{Layer: "IPv4", What: "total length below header length", Kind: ErrLength, Pointer: ip4TotalLen}
	errIPv4Cut      = &Error{Layer: "IPv4", What: "total length beyond the octets received", Kind: ErrTruncated, Pointer: ip4TotalLen}
	errIPv4Checksum = &Error{Layer: "IPv4", What: "header checksum", Kind: ErrChecksum, Pointer: ip4Checksum}
)

// ParseIPv4 checks version, header length, total length and header checksum.
// Options are accepted. Octets after the total length (link padding) are cut.
func ParseIPv4(b []byte) (IPv4, error) {
	h, err := ParseQuotedIPv4(b)
	if err == nil && h.TotalLen() > len(b) {
		return nil, errIPv4Cut
	}
	return h, err
}

// ParseQuotedIPv4 is ParseIPv4 for a packet quoted in an ICMP error: the
// quote may end before the total length, and only then is Payload shorter
// than TotalLen says.
func ParseQuotedIPv4(b []byte) (IPv4, error) {
	if len(b) < IPv4HeaderLen {
		return nil, errIPv4Short
	}
	if b[ip4VersionIHL]>>4 != 4 {
		return nil, errIPv4Version
	}
	hl := IPv4(b).HeaderLen()
	if hl < IPv4HeaderLen {
		return nil, errIPv4IHL
	}
	if len(b) < hl {
		return nil, errIPv4Short
	}
	total := IPv4(b).TotalLen()
	if total < hl {
		return nil, errIPv4Total
	}
	if checksum.Checksum(b[:hl], 0) != onesSum {
		return nil, errIPv4Checksum
	}
	n := min(total, len(b))
	return IPv4(b[:n:n]), nil
}

// parseIPv4 is ParseIPv4, or of a packet that a capture cut off ParseQuotedIPv4.
func parseIPv4(b []byte, cut bool) (IPv4, error) {
	if cut {
		return ParseQuotedIPv4(b)
	}
	return ParseIPv4(b)
}

// HeaderLen returns the length of the header in octets, options included.
func (h IPv4) HeaderLen() int { return int(h[ip4VersionIHL]&0x0f) * 4 }

// TOS returns the type of service octet (DSCP and ECN).
func (h IPv4) TOS() uint8 { return h[ip4TOS] }

// TotalLen returns the length of header and payload in octets.
func (h IPv4) TotalLen() int { return int(binary.BigEndian.Uint16(h[ip4TotalLen:])) }

// ID returns the identification that groups fragments.
func (h IPv4) ID() uint16 { return binary.BigEndian.Uint16(h[ip4ID:]) }

func (h IPv4) fragmentWord() uint16 { return binary.BigEndian.Uint16(h[ip4Fragment:]) }

// DontFragment reports the DF flag.
func (h IPv4) DontFragment() bool { return h.fragmentWord()&ip4FlagDF != 0 }

// MoreFragments reports the MF flag.
func (h IPv4) MoreFragments() bool { return h.fragmentWord()&ip4FlagMF != 0 }

// FragmentOffset returns the offset of the payload in octets.
func (h IPv4) FragmentOffset() int { return int(h.fragmentWord()&ip4OffsetMask) * 8 }

// IsFragment reports whether the packet is a part of a larger one.
func (h IPv4) IsFragment() bool { return h.fragmentWord()&(ip4FlagMF|ip4OffsetMask) != 0 }

// TTL returns the remaining hops.
func (h IPv4) TTL() uint8 { return h[ip4TTL] }

// Protocol returns the protocol number of the payload.
func (h IPv4) Protocol() uint8 { return h[ip4Protocol] }

// Source returns the source address.
func (h IPv4) Source() netip.Addr { return addr4(h[ip4Source:]) }

// Destination returns the destination address.
func (h IPv4) Destination() netip.Addr { return addr4(h[ip4Destination:]) }

// Payload returns the octets after the header and its options.
func (h IPv4) Payload() []byte { return h[h.HeaderLen():] }

// SetSource rewrites the source address and corrects the header checksum; a
// transport checksum needs [AdjustTransportChecksum] besides.
func (h IPv4) SetSource(a netip.Addr) {
	o := a.As4()
	replace(h, ip4Source, o[:], ip4Checksum)
}

// SetDestination is SetSource for the destination address.
func (h IPv4) SetDestination(a netip.Addr) {
	o := a.As4()
	replace(h, ip4Destination, o[:], ip4Checksum)
}

// DecrementTTL lowers the TTL by one, not below zero, corrects the header
// checksum and returns the new TTL.
func (h IPv4) DecrementTTL() uint8 {
	if h[ip4TTL] > 0 {
		// The checksum covers 16-bit words, so the protocol octet goes along.
		replace(h, ip4TTL, []byte{h[ip4TTL] - 1, h[ip4Protocol]}, ip4Checksum)
	}
	return h[ip4TTL]
}

// IPv4Fields are the fields of an IPv4 header without options.
type IPv4Fields struct {
	TOS            uint8
	TotalLen       int // octets of header and payload
	ID             uint16
	DontFragment   bool
	MoreFragments  bool
	FragmentOffset int // octets, a multiple of 8
	TTL            uint8
	Protocol       uint8
	Source         netip.Addr
	Destination    netip.Addr
}

// PutIPv4 writes a header of 20 octets to b and computes its checksum.
func PutIPv4(b []byte, f IPv4Fields) {
	b = b[:IPv4HeaderLen]
	b[ip4VersionIHL] = 4<<4 | IPv4HeaderLen/4
	b[ip4TOS] = f.TOS
	binary.BigEndian.PutUint16(b[ip4TotalLen:], uint16(f.TotalLen))
	binary.BigEndian.PutUint16(b[ip4ID:], f.ID)
	w := uint16(f.FragmentOffset/8) & ip4OffsetMask
	if f.DontFragment {
		w |= ip4FlagDF
	}
	if f.MoreFragments {
		w |= ip4FlagMF
	}
	binary.BigEndian.PutUint16(b[ip4Fragment:], w)
	b[ip4TTL] = f.TTL
	b[ip4Protocol] = f.Protocol
	binary.BigEndian.PutUint16(b[ip4Checksum:], 0)
	putAddr4(b[ip4Source:], f.Source)
	putAddr4(b[ip4Destination:], f.Destination)
	binary.BigEndian.PutUint16(b[ip4Checksum:], ^checksum.Checksum(b, 0))
}
