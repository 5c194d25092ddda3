package wire

import (
	"encoding/binary"
	"net/netip"
)

// Offsets shared by the four ICMPv6 messages of RFC 6275.
const (
	haIdentifier = 4
	haFlags      = 6
	haAddresses  = 8

	mpFlagManaged = 0x80
	mpFlagOther   = 0x40
)

var errHomeAgentList = &Error{Layer: "DHAAD", What: "address list is not a multiple of 16 octets", Kind: ErrLength}

// HomeAgentRequest is a view of a Home Agent Address Discovery Request (RFC
// 6275 section 6.5).
type HomeAgentRequest []byte

// HomeAgentRequest checks type, code and length.
func (m ICMPv6) HomeAgentRequest() (HomeAgentRequest, error) {
	if err := m.fixed(ICMPv6HomeAgentRequest); err != nil {
		return nil, err
	}
	return HomeAgentRequest(m), nil
}

// fixed checks type, code and the eight octets all four messages begin with.
func (m ICMPv6) fixed(typ uint8) error {
	switch {
	case m.Type() != typ:
		return errNDType
	case len(m) < haAddresses:
		return errNDShort
	case m.Code() != 0:
		return errNDCode
	}
	return nil
}

// Identifier matches a reply to its request.
func (m HomeAgentRequest) Identifier() uint16 { return binary.BigEndian.Uint16(m[haIdentifier:]) }

// AppendHomeAgentRequest appends a Home Agent Address Discovery Request.
func AppendHomeAgentRequest(b []byte, id uint16, src, dst netip.Addr) []byte {
	return appendHomeAgentMessage(b, ICMPv6HomeAgentRequest, id, nil, src, dst)
}

func appendHomeAgentMessage(b []byte, typ uint8, id uint16, agents []netip.Addr, src, dst netip.Addr) []byte {
	start := len(b)
	b, m := grow(b, haAddresses+16*len(agents))
	binary.BigEndian.PutUint16(m[haIdentifier:], id)
	for i, a := range agents {
		putAddr6(m[haAddresses+16*i:], a)
	}
	PutICMPv6(b[start:], typ, 0, src, dst)
	return b
}

// HomeAgentReply is a view of a Home Agent Address Discovery Reply (RFC 6275
// section 6.6).
type HomeAgentReply []byte

// HomeAgentReply checks type, code and that the list holds whole addresses.
func (m ICMPv6) HomeAgentReply() (HomeAgentReply, error) {
	if err := m.fixed(ICMPv6HomeAgentReply); err != nil {
		return nil, err
	}
	if (len(m)-haAddresses)%16 != 0 {
		return nil, errHomeAgentList
	}
	return HomeAgentReply(m), nil
}

// Identifier is that of the request.
func (m HomeAgentReply) Identifier() uint16 { return binary.BigEndian.Uint16(m[haIdentifier:]) }

// Agents returns the number of home agent addresses.
func (m HomeAgentReply) Agents() int { return (len(m) - haAddresses) / 16 }

// Agent returns the address with index i; the preferred agent comes first.
func (m HomeAgentReply) Agent(i int) netip.Addr { return addr6(m[haAddresses+16*i:]) }

// AppendHomeAgentReply appends a Home Agent Address Discovery Reply; agents
// are in the order of decreasing preference.
func AppendHomeAgentReply(b []byte, id uint16, agents []netip.Addr, src, dst netip.Addr) []byte {
	return appendHomeAgentMessage(b, ICMPv6HomeAgentReply, id, agents, src, dst)
}

// PrefixSolicitation is a view of a Mobile Prefix Solicitation (RFC 6275
// section 6.7).
type PrefixSolicitation []byte

// PrefixSolicitation checks type, code and length.
func (m ICMPv6) PrefixSolicitation() (PrefixSolicitation, error) {
	if err := m.fixed(ICMPv6PrefixSolicitation); err != nil {
		return nil, err
	}
	return PrefixSolicitation(m), nil
}

// Identifier matches an advertisement to its solicitation.
func (m PrefixSolicitation) Identifier() uint16 { return binary.BigEndian.Uint16(m[haIdentifier:]) }

// AppendPrefixSolicitation appends a Mobile Prefix Solicitation; src is the
// home address, which its Home Address option carries.
func AppendPrefixSolicitation(b []byte, id uint16, src, dst netip.Addr) []byte {
	return appendHomeAgentMessage(b, ICMPv6PrefixSolicitation, id, nil, src, dst)
}

// PrefixAdvertisement is a view of a Mobile Prefix Advertisement (RFC 6275
// section 6.8).
type PrefixAdvertisement []byte

// PrefixAdvertisement checks type, code, length and options.
func (m ICMPv6) PrefixAdvertisement() (PrefixAdvertisement, error) {
	if err := m.discovery(ICMPv6PrefixAdvertisement, haAddresses); err != nil {
		return nil, err
	}
	return PrefixAdvertisement(m), nil
}

// Identifier is that of the solicitation.
func (m PrefixAdvertisement) Identifier() uint16 { return binary.BigEndian.Uint16(m[haIdentifier:]) }

// Managed reports the M flag: home addresses from DHCPv6.
func (m PrefixAdvertisement) Managed() bool { return m[haFlags]&mpFlagManaged != 0 }

// OtherConfig reports the O flag: other configuration from DHCPv6.
func (m PrefixAdvertisement) OtherConfig() bool { return m[haFlags]&mpFlagOther != 0 }

// Options returns an iterator over the options, the home prefixes.
func (m PrefixAdvertisement) Options() NDOptions { return NDOptions{rest: m[haAddresses:]} }

// PrefixAdvertisementFields are the fields of a Mobile Prefix Advertisement.
type PrefixAdvertisementFields struct {
	Identifier  uint16
	Managed     bool // M
	OtherConfig bool // O
	Prefixes    []PrefixInformation
}

// AppendPrefixAdvertisement appends a Mobile Prefix Advertisement; dst is the
// home address, which its routing header carries.
func AppendPrefixAdvertisement(b []byte, f PrefixAdvertisementFields, src, dst netip.Addr) []byte {
	start := len(b)
	b, m := grow(b, haAddresses)
	binary.BigEndian.PutUint16(m[haIdentifier:], f.Identifier)
	setFlag(&m[haFlags], mpFlagManaged, f.Managed)
	setFlag(&m[haFlags], mpFlagOther, f.OtherConfig)
	for _, p := range f.Prefixes {
		b = appendPrefix(b, p)
	}
	PutICMPv6(b[start:], ICMPv6PrefixAdvertisement, 0, src, dst)
	return b
}
