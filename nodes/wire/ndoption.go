package wire

import (
	"encoding/binary"
	"net/netip"
	"time"
)

// Neighbor Discovery option types (RFC 4861 section 4.6, RFC 6275 section 7,
// RFC 5380 section 5).
const (
	NDOptSourceLinkLayer       = 1
	NDOptTargetLinkLayer       = 2
	NDOptPrefixInformation     = 3
	NDOptMTU                   = 5
	NDOptAdvertisementInterval = 7
	NDOptHomeAgentInformation  = 8
	NDOptMAP                   = 23
)

// Infinity is the lifetime that never ends: 0xffffffff seconds on the wire.
const Infinity = 0xffffffff * time.Second

// Lengths of the options in octets.
const (
	ndLinkLayerLen = 8
	ndPrefixLen    = 32
	ndMTULen       = 8
	ndIntervalLen  = 8
	ndHomeAgentLen = 8
	ndMAPLen       = 24
)

var errNDOptions = &Error{Layer: "ND option", What: "length is zero or runs past the end", Kind: ErrOption}

// NDOptions iterates over the options of a Neighbor Discovery message without
// allocating; unknown ones show up too, for the caller to skip. The zero
// value is an empty list.
type NDOptions struct {
	rest []byte
	cur  []byte
}

// checkNDOptions applies RFC 4861 section 6.1: every option longer than zero,
// none past the end.
func checkNDOptions(b []byte) error {
	for len(b) > 0 {
		if len(b) < 2 || b[1] == 0 || int(b[1])*8 > len(b) {
			return errNDOptions
		}
		b = b[int(b[1])*8:]
	}
	return nil
}

// Next moves to the next option.
func (o *NDOptions) Next() bool {
	if len(o.rest) == 0 {
		return false
	}
	n := int(o.rest[1]) * 8
	o.cur, o.rest = o.rest[:n:n], o.rest[n:]
	return true
}

// Type returns the option type.
func (o *NDOptions) Type() uint8 { return o.cur[0] }

// Data returns the octets after type and length.
func (o *NDOptions) Data() []byte { return o.cur[2:] }

// is reports whether the current option has the type and the fixed length n.
func (o *NDOptions) is(typ uint8, n int) bool { return o.cur[0] == typ && len(o.cur) == n }

func (o NDOptions) find(typ uint8, n int) []byte {
	for o.Next() {
		if o.is(typ, n) {
			return o.cur
		}
	}
	return nil
}

func (o NDOptions) linkLayer(typ uint8) (MAC, bool) {
	b := o.find(typ, ndLinkLayerLen)
	if b == nil {
		return MAC{}, false
	}
	return MAC(b[2:]), true
}

// SourceLinkLayer returns the first Source Link-Layer Address.
func (o NDOptions) SourceLinkLayer() (MAC, bool) { return o.linkLayer(NDOptSourceLinkLayer) }

// TargetLinkLayer returns the first Target Link-Layer Address.
func (o NDOptions) TargetLinkLayer() (MAC, bool) { return o.linkLayer(NDOptTargetLinkLayer) }

// MTU returns the MTU the link shall use, in octets.
func (o NDOptions) MTU() (uint32, bool) {
	b := o.find(NDOptMTU, ndMTULen)
	if b == nil {
		return 0, false
	}
	return binary.BigEndian.Uint32(b[4:]), true
}

// AdvertisementInterval returns the longest time between two unsolicited
// Router Advertisements (RFC 6275 section 7.3).
func (o NDOptions) AdvertisementInterval() (time.Duration, bool) {
	b := o.find(NDOptAdvertisementInterval, ndIntervalLen)
	if b == nil {
		return 0, false
	}
	return time.Duration(binary.BigEndian.Uint32(b[4:])) * time.Millisecond, true
}

// HomeAgentInformation is the option of RFC 6275 section 7.4.
type HomeAgentInformation struct {
	Preference uint16        // higher is better
	Lifetime   time.Duration // whole seconds, up to 65535
}

// HomeAgentInformation returns preference and lifetime of the home agent.
func (o NDOptions) HomeAgentInformation() (HomeAgentInformation, bool) {
	b := o.find(NDOptHomeAgentInformation, ndHomeAgentLen)
	if b == nil {
		return HomeAgentInformation{}, false
	}
	return HomeAgentInformation{
		Preference: binary.BigEndian.Uint16(b[4:]),
		Lifetime:   seconds16(b[6:]),
	}, true
}

// Flags of a Prefix Information option.
const (
	prefixOnLink     = 0x80
	prefixAutonomous = 0x40
	prefixRouter     = 0x20
)

// PrefixInformation is the option of RFC 4861 section 4.6.2 as RFC 6275
// section 7.2 extends it.
type PrefixInformation struct {
	Address           netip.Addr // the prefix; with RouterAddress the router's whole address
	PrefixLen         int        // leading bits of Address that form the prefix
	OnLink            bool       // L
	Autonomous        bool       // A, usable for address configuration
	RouterAddress     bool       // R, Address is a global address of the router
	ValidLifetime     time.Duration
	PreferredLifetime time.Duration // both in whole seconds, or Infinity
}

// Prefix returns the prefix without the bits below it; it is invalid when
// PrefixLen is beyond 128.
func (p PrefixInformation) Prefix() netip.Prefix {
	return netip.PrefixFrom(p.Address, p.PrefixLen).Masked()
}

// PrefixInformation returns the current option if it is a Prefix Information.
func (o *NDOptions) PrefixInformation() (PrefixInformation, bool) {
	if len(o.cur) == 0 || !o.is(NDOptPrefixInformation, ndPrefixLen) {
		return PrefixInformation{}, false
	}
	b := o.cur
	return PrefixInformation{
		PrefixLen:         int(b[2]),
		OnLink:            b[3]&prefixOnLink != 0,
		Autonomous:        b[3]&prefixAutonomous != 0,
		RouterAddress:     b[3]&prefixRouter != 0,
		ValidLifetime:     seconds32(b[4:]),
		PreferredLifetime: seconds32(b[8:]),
		Address:           addr6(b[16:]),
	}, true
}

// MobilityAnchorPoint is the MAP option of RFC 5380 section 5.
type MobilityAnchorPoint struct {
	Distance      uint8 // 4 bits, hops to the MAP, at least 1
	Preference    uint8 // 4 bits, 15 is best
	FormRegional  bool  // R, form the regional care-of address from the prefix of Address
	ValidLifetime time.Duration
	Address       netip.Addr
}

// MobilityAnchorPoint returns the current option if it is a MAP option.
func (o *NDOptions) MobilityAnchorPoint() (MobilityAnchorPoint, bool) {
	if len(o.cur) == 0 || !o.is(NDOptMAP, ndMAPLen) {
		return MobilityAnchorPoint{}, false
	}
	b := o.cur
	return MobilityAnchorPoint{
		Distance:      b[2] >> 4,
		Preference:    b[2] & 0x0f,
		FormRegional:  b[3]&0x80 != 0,
		ValidLifetime: seconds32(b[4:]),
		Address:       addr6(b[8:]),
	}, true
}

func seconds16(b []byte) time.Duration {
	return time.Duration(binary.BigEndian.Uint16(b)) * time.Second
}

func seconds32(b []byte) time.Duration {
	return time.Duration(binary.BigEndian.Uint32(b)) * time.Second
}

// clamp returns d in units, cut to what fits below limit.
func clamp(d, unit time.Duration, limit uint64) uint64 {
	return min(uint64(max(d, 0)/unit), limit)
}

func putSeconds32(b []byte, d time.Duration) {
	binary.BigEndian.PutUint32(b, uint32(clamp(d, time.Second, 0xffffffff)))
}

// grow appends n zero octets and returns the longer slice and the new part.
func grow(b []byte, n int) (whole, added []byte) {
	at := len(b)
	for range n {
		b = append(b, 0)
	}
	return b, b[at:]
}

// ndOption appends an option of n octets with type and length filled in.
func ndOption(b []byte, typ uint8, n int) (whole, option []byte) {
	b, o := grow(b, n)
	o[0], o[1] = typ, uint8(n/8)
	return b, o
}

// appendLinkLayer appends nothing for the zero MAC, which no interface has.
func appendLinkLayer(b []byte, typ uint8, mac MAC) []byte {
	if mac == (MAC{}) {
		return b
	}
	b, o := ndOption(b, typ, ndLinkLayerLen)
	copy(o[2:], mac[:])
	return b
}

func appendMTU(b []byte, mtu uint32) []byte {
	b, o := ndOption(b, NDOptMTU, ndMTULen)
	binary.BigEndian.PutUint32(o[4:], mtu)
	return b
}

func appendPrefix(b []byte, p PrefixInformation) []byte {
	b, o := ndOption(b, NDOptPrefixInformation, ndPrefixLen)
	o[2] = uint8(p.PrefixLen)
	setFlag(&o[3], prefixOnLink, p.OnLink)
	setFlag(&o[3], prefixAutonomous, p.Autonomous)
	setFlag(&o[3], prefixRouter, p.RouterAddress)
	putSeconds32(o[4:], p.ValidLifetime)
	putSeconds32(o[8:], p.PreferredLifetime)
	putAddr6(o[16:], p.Address)
	return b
}

func appendInterval(b []byte, d time.Duration) []byte {
	b, o := ndOption(b, NDOptAdvertisementInterval, ndIntervalLen)
	binary.BigEndian.PutUint32(o[4:], uint32(clamp(d, time.Millisecond, 0xffffffff)))
	return b
}

func appendHomeAgent(b []byte, h HomeAgentInformation) []byte {
	b, o := ndOption(b, NDOptHomeAgentInformation, ndHomeAgentLen)
	binary.BigEndian.PutUint16(o[4:], h.Preference)
	binary.BigEndian.PutUint16(o[6:], uint16(clamp(h.Lifetime, time.Second, 0xffff)))
	return b
}

func appendMAP(b []byte, m MobilityAnchorPoint) []byte {
	b, o := ndOption(b, NDOptMAP, ndMAPLen)
	o[2] = m.Distance<<4 | m.Preference&0x0f
	setFlag(&o[3], 0x80, m.FormRegional)
	putSeconds32(o[4:], m.ValidLifetime)
	putAddr6(o[8:], m.Address)
	return b
}

func setFlag(b *byte, flag byte, on bool) {
	if on {
		*b |= flag
	}
}
