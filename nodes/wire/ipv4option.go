package wire

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"time"
)

// Offsets in the data of the IPv4 options.
const (
	rfcHomePrefix   = 0 // prefix length in the upper 6 bits, then P
	rfcHomeAddress  = 2
	rfcHomeFlagP    = 0x02
	ackStatus       = 0 // both layouts
	rfcAckPrefix    = 1 // prefix length in the upper 6 bits; reserved in draft-00
	ackAddress      = 2 // both layouts
	rfcCareOf       = 2
	natFlags        = 0
	natRefresh      = 2
	natFlagForceUDP = 0x80

	ipv4OptionPrefixShift = 2
)

// natNoKeepalive is the refresh time that asks for no keepalives.
const natNoKeepalive = 0xffffffff

// IPv4HomeAddress is the IPv4 home address option of a Binding Update
// (draft-soliman-v4v6-mipv6-00 section 3.1.1, RFC 5555 section 3.1.1).
type IPv4HomeAddress struct {
	Address   netip.Addr // 0.0.0.0 asks for a dynamic address
	PrefixLen int        // RFC 5555: bits of the prefix, 32 for one address
	Prefix    bool       // RFC 5555: P flag, a prefix is requested
}

// IPv4HomeAddress returns the IPv4 home address option in the given layout.
func (o MobilityOptions) IPv4HomeAddress(layout IPv4Layout) (IPv4HomeAddress, bool) {
	typ, n := layout.homeAddress()
	if n == 0 {
		return IPv4HomeAddress{}, false
	}
	opt, ok := o.find(typ, n, layout)
	switch {
	case !ok:
		return IPv4HomeAddress{}, false
	case layout.Style == IPv4Draft00:
		return IPv4HomeAddress{Address: addr4(opt.Data), PrefixLen: 32}, true
	}
	return IPv4HomeAddress{
		Address:   addr4(opt.Data[rfcHomeAddress:]),
		PrefixLen: int(opt.Data[rfcHomePrefix] >> ipv4OptionPrefixShift),
		Prefix:    opt.Data[rfcHomePrefix]&rfcHomeFlagP != 0,
	}, true
}

func appendIPv4HomeAddress(b []byte, start int, h IPv4HomeAddress, layout IPv4Layout) []byte {
	typ, n := layout.homeAddress()
	switch layout.Style {
	case IPv4Draft00:
		// The drawing puts the option into the right half of its first row,
		// so that the address falls on a word boundary.
		b, o := mobOption(b, start, 4, 2, typ, n)
		putAddr4(o, h.Address)
		literal(o, b, layout)
		return b
	case IPv4RFC5555:
		b, o := mobOption(b, start, 4, 0, typ, n)
		o[rfcHomePrefix] = uint8(h.PrefixLen << ipv4OptionPrefixShift)
		setFlag(&o[rfcHomePrefix], rfcHomeFlagP, h.Prefix)
		putAddr4(o[rfcHomeAddress:], h.Address)
		return b
	}
	return b
}

// literal writes the Length 1 that draft-00 prints, if the layout says so.
// data is the last option of b.
func literal(data, b []byte, layout IPv4Layout) {
	if layout.LiteralLength {
		b[len(b)-len(data)-1] = literalLength
	}
}

// IPv4Status is the status of an IPv4 address acknowledgement.
type IPv4Status uint8

// Values of IPv4Status (draft-00 section 3.2.1, RFC 5555 section 3.2.1).
const (
	IPv4Success            IPv4Status = 0
	IPv4Unspecified        IPv4Status = 128
	IPv4Prohibited         IPv4Status = 129
	IPv4IncorrectAddress   IPv4Status = 130
	IPv4InvalidAddress     IPv4Status = 131
	IPv4NoDynamic          IPv4Status = 132
	IPv4PrefixUnauthorized IPv4Status = 133 // RFC 5555 only
)

// IsSuccess reports whether the address is bound; all values below 128 are.
func (s IPv4Status) IsSuccess() bool { return s < 128 }

// String returns the meaning in words.
func (s IPv4Status) String() string {
	switch s {
	case IPv4Success:
		return "success"
	case IPv4Unspecified:
		return "failure, reason unspecified"
	case IPv4Prohibited:
		return "administratively prohibited"
	case IPv4IncorrectAddress:
		return "incorrect IPv4 home address"
	case IPv4InvalidAddress:
		return "invalid IPv4 address"
	case IPv4NoDynamic:
		return "dynamic IPv4 home address assignment not available"
	case IPv4PrefixUnauthorized:
		return "prefix allocation unauthorized"
	}
	return "IPv4 status " + strconv.Itoa(int(s))
}

// IPv4Acknowledgement is the IPv4 address acknowledgement option of a Binding
// Acknowledgement (draft-00 section 3.2.1, RFC 5555 section 3.2.1).
type IPv4Acknowledgement struct {
	Status    IPv4Status
	Address   netip.Addr
	PrefixLen int // RFC 5555: bits of the allocated prefix, 0 on failure
}

// IPv4Acknowledgement returns the IPv4 address acknowledgement option in the
// given layout. draft-00 has no prefix length: PrefixLen is 32 on success
// then and 0 on failure.
func (o MobilityOptions) IPv4Acknowledgement(layout IPv4Layout) (IPv4Acknowledgement, bool) {
	typ, n := layout.acknowledgement()
	if n == 0 {
		return IPv4Acknowledgement{}, false
	}
	opt, ok := o.find(typ, n, layout)
	if !ok {
		return IPv4Acknowledgement{}, false
	}
	ack := IPv4Acknowledgement{
		Status:  IPv4Status(opt.Data[ackStatus]),
		Address: addr4(opt.Data[ackAddress:]),
	}
	switch {
	case layout.Style == IPv4RFC5555:
		ack.PrefixLen = int(opt.Data[rfcAckPrefix] >> ipv4OptionPrefixShift)
	case ack.Status.IsSuccess():
		ack.PrefixLen = 32
	}
	return ack, true
}

func appendIPv4Acknowledgement(b []byte, start int, a IPv4Acknowledgement, layout IPv4Layout) []byte {
	typ, n := layout.acknowledgement()
	if n == 0 {
		return b
	}
	b, o := mobOption(b, start, 4, 0, typ, n)
	o[ackStatus] = uint8(a.Status)
	if layout.Style == IPv4RFC5555 {
		o[rfcAckPrefix] = uint8(a.PrefixLen << ipv4OptionPrefixShift)
	} else {
		literal(o, b, layout)
	}
	putAddr4(o[ackAddress:], a.Address)
	return b
}

// IPv4CareOf returns the IPv4 care-of address option (RFC 5555 section 3.1.2).
func (o MobilityOptions) IPv4CareOf(layout IPv4Layout) (netip.Addr, bool) {
	if layout.Style != IPv4RFC5555 {
		return netip.Addr{}, false
	}
	opt, ok := o.find(MobOptIPv4CareOf, rfcIPv4OptionLen, layout)
	if !ok {
		return netip.Addr{}, false
	}
	return addr4(opt.Data[rfcCareOf:]), true
}

func appendIPv4CareOf(b []byte, start int, a netip.Addr) []byte {
	b, o := mobOption(b, start, 4, 0, MobOptIPv4CareOf, rfcIPv4OptionLen)
	putAddr4(o[rfcCareOf:], a)
	return b
}

// NATDetection is the NAT detection option of a Binding Acknowledgement (RFC
// 5555 section 3.2.2).
type NATDetection struct {
	ForceUDP bool // F flag, UDP encapsulation even without a NAT
	// Refresh is the suggested time between keepalives in whole seconds:
	// zero leaves it to the mobile node, Infinity asks for none.
	Refresh time.Duration
}

// NATDetection returns the NAT detection option.
func (o MobilityOptions) NATDetection(layout IPv4Layout) (NATDetection, bool) {
	if layout.Style != IPv4RFC5555 {
		return NATDetection{}, false
	}
	opt, ok := o.find(MobOptNATDetection, rfcIPv4OptionLen, layout)
	if !ok {
		return NATDetection{}, false
	}
	return NATDetection{
		ForceUDP: opt.Data[natFlags]&natFlagForceUDP != 0,
		Refresh:  seconds32(opt.Data[natRefresh:]),
	}, true
}

func appendNATDetection(b []byte, start int, n NATDetection) []byte {
	b, o := mobOption(b, start, 4, 0, MobOptNATDetection, rfcIPv4OptionLen)
	setFlag(&o[natFlags], natFlagForceUDP, n.ForceUDP)
	binary.BigEndian.PutUint32(o[natRefresh:], uint32(clamp(n.Refresh, time.Second, natNoKeepalive)))
	return b
}
