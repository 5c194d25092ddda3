package wire

import (
	"encoding/binary"
	"net/netip"
	"time"
)

// NDHopLimit is what every Neighbor Discovery message travels with; the
// receiver refuses others (RFC 4861 section 6.1 and 7.1).
const NDHopLimit = 255

// Lengths of the messages without options.
const (
	rsLen = 8
	raLen = 16
	nsLen = 24
	naLen = 24
)

const (
	raHopLimit        = 4
	raFlags           = 5
	raLifetime        = 6
	raReachable       = 8
	raRetrans         = 12
	raFlagManaged     = 0x80
	raFlagOther       = 0x40
	raFlagHomeAgent   = 0x20 // RFC 6275 section 7.1
	raPreferenceShift = 3
	ndTarget          = 8
	naFlags           = 4
	naFlagRouter      = 0x80
	naFlagSolicited   = 0x40
	naFlagOverride    = 0x20
)

var (
	errNDType   = &Error{Layer: "ND", What: "another message type", Kind: ErrType}
	errNDShort  = &Error{Layer: "ND", What: "shorter than its message", Kind: ErrTruncated}
	errNDCode   = &Error{Layer: "ND", What: "code is not 0", Kind: ErrField, Pointer: icmpCode}
	errNDTarget = &Error{Layer: "ND", What: "target is multicast", Kind: ErrField, Pointer: ndTarget}
)

// discovery checks what all messages of RFC 4861 and their relatives in RFC
// 6275 share: type, code 0, a minimum length n and well-formed options.
func (m ICMPv6) discovery(typ uint8, n int) error {
	switch {
	case m.Type() != typ:
		return errNDType
	case len(m) < n:
		return errNDShort
	case m.Code() != 0:
		return errNDCode
	}
	return checkNDOptions(m[n:])
}

// RouterSolicitation is a view of RFC 4861 section 4.1.
type RouterSolicitation []byte

// RouterSolicitation checks the message as RFC 4861 section 6.1.1 asks, hop
// limit and source address excepted.
func (m ICMPv6) RouterSolicitation() (RouterSolicitation, error) {
	if err := m.discovery(ICMPv6RouterSolicitation, rsLen); err != nil {
		return nil, err
	}
	return RouterSolicitation(m), nil
}

// Options returns an iterator over the options.
func (m RouterSolicitation) Options() NDOptions { return NDOptions{rest: m[rsLen:]} }

// AppendRouterSolicitation appends a Router Solicitation; a zero mac leaves
// the option out, as an unspecified source demands.
func AppendRouterSolicitation(b []byte, mac MAC, src, dst netip.Addr) []byte {
	start := len(b)
	b, _ = grow(b, rsLen)
	b = appendLinkLayer(b, NDOptSourceLinkLayer, mac)
	PutICMPv6(b[start:], ICMPv6RouterSolicitation, 0, src, dst)
	return b
}

// RouterAdvertisement is a view of RFC 4861 section 4.2.
type RouterAdvertisement []byte

// RouterAdvertisement checks the message as RFC 4861 section 6.1.2 asks, hop
// limit and source address excepted.
func (m ICMPv6) RouterAdvertisement() (RouterAdvertisement, error) {
	if err := m.discovery(ICMPv6RouterAdvertisement, raLen); err != nil {
		return nil, err
	}
	return RouterAdvertisement(m), nil
}

// CurHopLimit returns the hop limit hosts shall use; 0 is unspecified.
func (m RouterAdvertisement) CurHopLimit() uint8 { return m[raHopLimit] }

// Managed reports the M flag: addresses from DHCPv6.
func (m RouterAdvertisement) Managed() bool { return m[raFlags]&raFlagManaged != 0 }

// OtherConfig reports the O flag: other configuration from DHCPv6.
func (m RouterAdvertisement) OtherConfig() bool { return m[raFlags]&raFlagOther != 0 }

// HomeAgent reports the H flag: the router is a home agent on this link.
func (m RouterAdvertisement) HomeAgent() bool { return m[raFlags]&raFlagHomeAgent != 0 }

// RouterPreference is the default router preference of RFC 4191 section 2.1.
type RouterPreference uint8

// Values of RouterPreference; 2 is reserved and counts as medium.
const (
	RouterMedium RouterPreference = 0
	RouterHigh   RouterPreference = 1
	RouterLow    RouterPreference = 3
)

// Preference tells among several default routers which to prefer.
func (m RouterAdvertisement) Preference() RouterPreference {
	return RouterPreference(m[raFlags] >> raPreferenceShift & 3)
}

// RouterLifetime returns how long the router is a default router; 0 is never.
func (m RouterAdvertisement) RouterLifetime() time.Duration { return seconds16(m[raLifetime:]) }

// ReachableTime returns the base for neighbour reachability; 0 is unspecified.
func (m RouterAdvertisement) ReachableTime() time.Duration {
	return time.Duration(binary.BigEndian.Uint32(m[raReachable:])) * time.Millisecond
}

// RetransTimer returns the time between solicitations; 0 is unspecified.
func (m RouterAdvertisement) RetransTimer() time.Duration {
	return time.Duration(binary.BigEndian.Uint32(m[raRetrans:])) * time.Millisecond
}

// Options returns an iterator over the options.
func (m RouterAdvertisement) Options() NDOptions { return NDOptions{rest: m[raLen:]} }

// RouterAdvertisementFields are the fields and options of a Router
// Advertisement. Options with a zero value or a nil pointer are left out.
type RouterAdvertisementFields struct {
	CurHopLimit    uint8
	Managed        bool // M
	OtherConfig    bool // O
	HomeAgent      bool // H
	Preference     RouterPreference
	RouterLifetime time.Duration // whole seconds
	ReachableTime  time.Duration // whole milliseconds
	RetransTimer   time.Duration // whole milliseconds

	SourceLinkLayer       MAC
	MTU                   uint32 // octets
	Prefixes              []PrefixInformation
	AdvertisementInterval time.Duration // whole milliseconds
	HomeAgentInformation  *HomeAgentInformation
	MAPs                  []MobilityAnchorPoint
}

// AppendRouterAdvertisement appends a Router Advertisement with its options
// in the order of the fields.
func AppendRouterAdvertisement(b []byte, f RouterAdvertisementFields, src, dst netip.Addr) []byte {
	start := len(b)
	b, m := grow(b, raLen)
	m[raHopLimit] = f.CurHopLimit
	setFlag(&m[raFlags], raFlagManaged, f.Managed)
	setFlag(&m[raFlags], raFlagOther, f.OtherConfig)
	setFlag(&m[raFlags], raFlagHomeAgent, f.HomeAgent)
	m[raFlags] |= uint8(f.Preference&3) << raPreferenceShift
	binary.BigEndian.PutUint16(m[raLifetime:], uint16(clamp(f.RouterLifetime, time.Second, 0xffff)))
	binary.BigEndian.PutUint32(m[raReachable:], uint32(clamp(f.ReachableTime, time.Millisecond, 0xffffffff)))
	binary.BigEndian.PutUint32(m[raRetrans:], uint32(clamp(f.RetransTimer, time.Millisecond, 0xffffffff)))

	b = appendLinkLayer(b, NDOptSourceLinkLayer, f.SourceLinkLayer)
	if f.MTU != 0 {
		b = appendMTU(b, f.MTU)
	}
	for _, p := range f.Prefixes {
		b = appendPrefix(b, p)
	}
	if f.AdvertisementInterval != 0 {
		b = appendInterval(b, f.AdvertisementInterval)
	}
	if f.HomeAgentInformation != nil {
		b = appendHomeAgent(b, *f.HomeAgentInformation)
	}
	for _, m := range f.MAPs {
		b = appendMAP(b, m)
	}
	PutICMPv6(b[start:], ICMPv6RouterAdvertisement, 0, src, dst)
	return b
}

// NeighborSolicitation is a view of RFC 4861 section 4.3.
type NeighborSolicitation []byte

// NeighborSolicitation checks the message as RFC 4861 section 7.1.1 asks, hop
// limit and IP addresses excepted.
func (m ICMPv6) NeighborSolicitation() (NeighborSolicitation, error) {
	if err := m.discovery(ICMPv6NeighborSolicitation, nsLen); err != nil {
		return nil, err
	}
	if addr6(m[ndTarget:]).IsMulticast() {
		return nil, errNDTarget
	}
	return NeighborSolicitation(m), nil
}

// Target returns the address whose link-layer address is asked for.
func (m NeighborSolicitation) Target() netip.Addr { return addr6(m[ndTarget:]) }

// Options returns an iterator over the options.
func (m NeighborSolicitation) Options() NDOptions { return NDOptions{rest: m[nsLen:]} }

// AppendNeighborSolicitation appends a Neighbor Solicitation; a zero mac
// leaves the option out, as duplicate address detection demands.
func AppendNeighborSolicitation(b []byte, target netip.Addr, mac MAC, src, dst netip.Addr) []byte {
	start := len(b)
	b, m := grow(b, nsLen)
	putAddr6(m[ndTarget:], target)
	b = appendLinkLayer(b, NDOptSourceLinkLayer, mac)
	PutICMPv6(b[start:], ICMPv6NeighborSolicitation, 0, src, dst)
	return b
}

// NeighborAdvertisement is a view of RFC 4861 section 4.4.
type NeighborAdvertisement []byte

// NeighborAdvertisement checks the message as RFC 4861 section 7.1.2 asks,
// hop limit and IP addresses excepted.
func (m ICMPv6) NeighborAdvertisement() (NeighborAdvertisement, error) {
	if err := m.discovery(ICMPv6NeighborAdvertisement, naLen); err != nil {
		return nil, err
	}
	if addr6(m[ndTarget:]).IsMulticast() {
		return nil, errNDTarget
	}
	return NeighborAdvertisement(m), nil
}

// Router reports the R flag: the sender is a router.
func (m NeighborAdvertisement) Router() bool { return m[naFlags]&naFlagRouter != 0 }

// Solicited reports the S flag: the answer to a solicitation.
func (m NeighborAdvertisement) Solicited() bool { return m[naFlags]&naFlagSolicited != 0 }

// Override reports the O flag: replace a cached link-layer address.
func (m NeighborAdvertisement) Override() bool { return m[naFlags]&naFlagOverride != 0 }

// Target returns the address that is advertised.
func (m NeighborAdvertisement) Target() netip.Addr { return addr6(m[ndTarget:]) }

// Options returns an iterator over the options.
func (m NeighborAdvertisement) Options() NDOptions { return NDOptions{rest: m[naLen:]} }

// NeighborAdvertisementFields are the fields of a Neighbor Advertisement.
type NeighborAdvertisementFields struct {
	Router          bool // R
	Solicited       bool // S
	Override        bool // O
	Target          netip.Addr
	TargetLinkLayer MAC // zero leaves the option out
}

// AppendNeighborAdvertisement appends a Neighbor Advertisement.
func AppendNeighborAdvertisement(b []byte, f NeighborAdvertisementFields, src, dst netip.Addr) []byte {
	start := len(b)
	b, m := grow(b, naLen)
	setFlag(&m[naFlags], naFlagRouter, f.Router)
	setFlag(&m[naFlags], naFlagSolicited, f.Solicited)
	setFlag(&m[naFlags], naFlagOverride, f.Override)
	putAddr6(m[ndTarget:], f.Target)
	b = appendLinkLayer(b, NDOptTargetLinkLayer, f.TargetLinkLayer)
	PutICMPv6(b[start:], ICMPv6NeighborAdvertisement, 0, src, dst)
	return b
}
