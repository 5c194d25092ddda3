package wire

import (
	"encoding/binary"
	"net/netip"
	"time"
)

// Mobility option types (RFC 6275 section 6.2).
const (
	MobOptPad1              = 0
	MobOptPadN              = 1
	MobOptRefreshAdvice     = 2
	MobOptAlternateCareOf   = 3
	MobOptNonceIndices      = 4
	MobOptAuthorizationData = 5
)

// AuthenticatorLen is the length of the authenticator in a Binding
// Authorization Data option (RFC 6275 section 6.2.7).
const AuthenticatorLen = 12

var (
	errMobOptionTLV  = &Error{Layer: "mobility option", What: "runs past the end of the message", Kind: ErrOption}
	errMobOptionLen  = &Error{Layer: "mobility option", What: "length is not that of its type", Kind: ErrOption}
	errMobOptionAuth = &Error{Layer: "mobility option", What: "Binding Authorization Data is not last", Kind: ErrOption}
)

// MobilityOptions are the options of one message. Iterating and looking up do
// not allocate. A walk ends at an option that runs past the end; Check says
// whether there is one.
type MobilityOptions struct {
	b     []byte // whole Mobility Header
	start int    // first option
}

// MobilityOption is one option of a message; Data is live and its length is
// what the length octet says, except under a lenient layout.
type MobilityOption struct {
	Type   uint8
	Data   []byte // octets after type and length
	Offset int    // of the type octet in the Mobility Header
}

// All iterates over the options, padding and unknown ones included. The
// layout matters only where it is lenient about the length of an IPv4 option.
func (o MobilityOptions) All(layout IPv4Layout) func(yield func(MobilityOption) bool) {
	return func(yield func(MobilityOption) bool) {
		for at := o.start; at < len(o.b); {
			opt, next, ok := o.at(at, layout)
			if !ok || !yield(opt) {
				return
			}
			at = next
		}
	}
}

// at decodes the option at offset at, which is inside the message, and
// returns the offset of the next one; it fails when the option is cut off.
func (o MobilityOptions) at(at int, layout IPv4Layout) (opt MobilityOption, next int, ok bool) {
	opt = MobilityOption{Type: o.b[at], Offset: at}
	if opt.Type == MobOptPad1 {
		return opt, at + 1, true
	}
	if at+1 >= len(o.b) {
		return opt, 0, false
	}
	n := int(o.b[at+1])
	if n == literalLength && layout.LenientLength {
		if want := layout.draftLength(opt.Type); want != 0 {
			n = want
		}
	}
	next = at + 2 + n
	if next > len(o.b) {
		return opt, 0, false
	}
	opt.Data = o.b[at+2 : next : next]
	return opt, next, true
}

// find returns the first option of the type with exactly length octets of
// data; options of another length count as absent.
func (o MobilityOptions) find(typ uint8, length int, layout IPv4Layout) (MobilityOption, bool) {
	for at := o.start; at < len(o.b); {
		opt, next, ok := o.at(at, layout)
		if !ok {
			break
		}
		if opt.Type == typ && typ != MobOptPad1 && len(opt.Data) == length {
			return opt, true
		}
		at = next
	}
	return MobilityOption{}, false
}

// Check reports, as ErrOption, an option that runs past the end, a known one
// of wrong length, or a Binding Authorization Data that is not last. Typed
// accessors treat such options as absent, so a receiver may also go on and
// only count the error.
func (o MobilityOptions) Check(layout IPv4Layout) error {
	for at := o.start; at < len(o.b); {
		opt, next, ok := o.at(at, layout)
		if !ok {
			return errMobOptionTLV
		}
		if want := layout.optionLength(opt.Type); want != 0 && len(opt.Data) != want {
			return errMobOptionLen
		}
		if opt.Type == MobOptAuthorizationData && next != len(o.b) {
			return errMobOptionAuth
		}
		at = next
	}
	return nil
}

// optionLength returns the data length of a known option, zero for unknown
// ones and padding.
func (l IPv4Layout) optionLength(typ uint8) int {
	switch typ {
	case MobOptRefreshAdvice:
		return 2
	case MobOptAlternateCareOf:
		return 16
	case MobOptNonceIndices:
		return 4
	case MobOptAuthorizationData:
		return AuthenticatorLen
	}
	if l.Style == IPv4RFC5555 && typ >= MobOptIPv4HomeAddress && typ <= MobOptIPv4CareOf {
		return rfcIPv4OptionLen
	}
	return l.draftLength(typ)
}

// NonceIndices are the indices a correspondent node finds its nonces by (RFC
// 6275 section 6.2.6).
type NonceIndices struct {
	Home   uint16
	CareOf uint16 // not used when the binding is deleted
}

// RefreshAdvice returns after what time the home agent wants a new
// registration (RFC 6275 section 6.2.4).
func (o MobilityOptions) RefreshAdvice() (time.Duration, bool) {
	opt, ok := o.find(MobOptRefreshAdvice, 2, IPv4Layout{})
	if !ok {
		return 0, false
	}
	return time.Duration(binary.BigEndian.Uint16(opt.Data)) * lifetimeUnit, true
}

// AlternateCareOf returns the care-of address that replaces the source
// address of a Binding Update (RFC 6275 section 6.2.5).
func (o MobilityOptions) AlternateCareOf() (netip.Addr, bool) {
	opt, ok := o.find(MobOptAlternateCareOf, 16, IPv4Layout{})
	if !ok {
		return netip.Addr{}, false
	}
	return addr6(opt.Data), true
}

// NonceIndices returns the nonce indices of a Binding Update to a
// correspondent node.
func (o MobilityOptions) NonceIndices() (NonceIndices, bool) {
	opt, ok := o.find(MobOptNonceIndices, 4, IPv4Layout{})
	if !ok {
		return NonceIndices{}, false
	}
	return NonceIndices{
		Home:   binary.BigEndian.Uint16(opt.Data),
		CareOf: binary.BigEndian.Uint16(opt.Data[2:]),
	}, true
}

// AuthorizationData returns the live authenticator of 12 octets. It is found
// only as the very last option, without padding after it (RFC 6275 section
// 6.2.7).
func (o MobilityOptions) AuthorizationData() ([]byte, bool) {
	opt, ok := o.find(MobOptAuthorizationData, AuthenticatorLen, IPv4Layout{})
	if !ok || opt.Offset+2+AuthenticatorLen != len(o.b) {
		return nil, false
	}
	return opt.Data, true
}

// AppendAuthenticatedData appends the octets that an authenticator covers:
// care-of address, correspondent address and the message mh up to the
// authenticator, its checksum taken as zero (RFC 6275 section 6.2.7). mh must
// end with its authenticator.
func AppendAuthenticatedData(b []byte, careOf, correspondent netip.Addr, mh []byte) []byte {
	c, n := careOf.As16(), correspondent.As16()
	b = append(b, c[:]...)
	b = append(b, n[:]...)
	start := len(b)
	b = append(b, mh[:len(mh)-AuthenticatorLen]...)
	b[start+mhChecksum], b[start+mhChecksum+1] = 0, 0
	return b
}

// alignOption pads so that the next octet has offset x*n+y from start, with
// one Pad1 or one PadN (RFC 6275 section 6.2.1).
func alignOption(b []byte, start, x, y int) []byte {
	n := ((y-(len(b)-start))%x + x) % x
	switch {
	case n == 1:
		return append(b, MobOptPad1)
	case n > 1:
		b, pad := grow(b, n)
		pad[0], pad[1] = MobOptPadN, uint8(n-2)
		return b
	}
	return b
}

// mobOption appends padding to the alignment x*n+y and an option with length
// octets of zero data.
func mobOption(b []byte, start, x, y int, typ uint8, length int) (whole, data []byte) {
	b = alignOption(b, start, x, y)
	b, o := grow(b, 2+length)
	o[0], o[1] = typ, uint8(length)
	return b, o[2:]
}

func appendRefreshAdvice(b []byte, start int, d time.Duration) []byte {
	b, o := mobOption(b, start, 2, 0, MobOptRefreshAdvice, 2)
	binary.BigEndian.PutUint16(o, lifetimeUnits(d))
	return b
}

func appendAlternateCareOf(b []byte, start int, a netip.Addr) []byte {
	b, o := mobOption(b, start, 8, 6, MobOptAlternateCareOf, 16)
	putAddr6(o, a)
	return b
}

func appendNonceIndices(b []byte, start int, n NonceIndices) []byte {
	b, o := mobOption(b, start, 2, 0, MobOptNonceIndices, 4)
	binary.BigEndian.PutUint16(o, n.Home)
	binary.BigEndian.PutUint16(o[2:], n.CareOf)
	return b
}

// appendAuthorization appends the option for an authenticator, zero or not.
func appendAuthorization(b []byte, start int, authenticator [AuthenticatorLen]byte) []byte {
	b, o := mobOption(b, start, 8, 2, MobOptAuthorizationData, AuthenticatorLen)
	copy(o, authenticator[:])
	return b
}

// lifetimeUnits converts to units of 4 seconds, rounded down.
func lifetimeUnits(d time.Duration) uint16 { return uint16(clamp(d, lifetimeUnit, 0xffff)) }

func lifetimeFrom(b []byte) time.Duration {
	return time.Duration(binary.BigEndian.Uint16(b)) * lifetimeUnit
}
