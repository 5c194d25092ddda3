package wire

import (
	"encoding/binary"
	"net/netip"
	"time"
)

const (
	buSequence = 6
	buFlags    = 8
	buLifetime = 10
)

// BindingUpdateFlags is the flag word of a Binding Update.
type BindingUpdateFlags uint16

// Flags of a Binding Update (RFC 6275 section 6.1.7 and the RFCs named).
const (
	BUAcknowledge      BindingUpdateFlags = 0x8000 // A, an acknowledgement is requested
	BUHomeRegistration BindingUpdateFlags = 0x4000 // H
	BULinkLocal        BindingUpdateFlags = 0x2000 // L, link-local address compatibility
	BUKeyManagement    BindingUpdateFlags = 0x1000 // K, key management mobility
	BUMap              BindingUpdateFlags = 0x0800 // M, RFC 5380
	BUMobileRouter     BindingUpdateFlags = 0x0400 // R, RFC 3963
	BUProxy            BindingUpdateFlags = 0x0200 // P, RFC 5213
	BUForceUDP         BindingUpdateFlags = 0x0100 // F, RFC 5555
)

// String returns the letters of the flags that are set, "AH" for example.
func (f BindingUpdateFlags) String() string {
	const letters = "AHLKMRPF" // from the top bit down
	var s [len(letters)]byte
	n := 0
	for i := range letters {
		if f&(BUAcknowledge>>i) != 0 {
			s[n] = letters[i]
			n++
		}
	}
	return string(s[:n])
}

// BindingUpdate is a view of a Binding Update (RFC 6275 section 6.1.7). Its
// options are those of the embedded type.
type BindingUpdate struct {
	MobilityOptions
}

// BindingUpdate returns the message; the error is ErrType if it is another.
func (m Mobility) BindingUpdate() (BindingUpdate, error) {
	if err := m.is(MobilityBindingUpdate); err != nil {
		return BindingUpdate{}, err
	}
	return BindingUpdate{m.Options()}, nil
}

// Sequence returns the number that orders the updates of one mobile node.
func (u BindingUpdate) Sequence() uint16 { return binary.BigEndian.Uint16(u.b[buSequence:]) }

// Flags returns the flag word.
func (u BindingUpdate) Flags() BindingUpdateFlags {
	return BindingUpdateFlags(binary.BigEndian.Uint16(u.b[buFlags:]))
}

// Has reports whether all flags of f are set.
func (u BindingUpdate) Has(f BindingUpdateFlags) bool { return u.Flags()&f == f }

// Lifetime returns the requested lifetime, a multiple of 4 s; zero deletes
// the binding.
func (u BindingUpdate) Lifetime() time.Duration { return lifetimeFrom(u.b[buLifetime:]) }

// BindingUpdateFields are the fields and options of a Binding Update. Options
// left zero or nil are not written.
type BindingUpdateFields struct {
	Sequence uint16
	Flags    BindingUpdateFlags
	Lifetime time.Duration // rounded down to a multiple of 4 s

	AlternateCareOf netip.Addr
	NonceIndices    *NonceIndices
	IPv4HomeAddress *IPv4HomeAddress
	IPv4CareOf      netip.Addr // RFC 5555 only
	Authenticator   *[AuthenticatorLen]byte
}

// AppendBindingUpdate appends a Binding Update whose checksum is zero: write
// the authenticator first, if there is one, then call [SetMobilityChecksum].
// Options come in the order of the fields, aligned and padded.
func AppendBindingUpdate(b []byte, f BindingUpdateFields, layout IPv4Layout) []byte {
	start := len(b)
	b, m := beginMobility(b, MobilityBindingUpdate)
	binary.BigEndian.PutUint16(m[buSequence:], f.Sequence)
	binary.BigEndian.PutUint16(m[buFlags:], uint16(f.Flags))
	binary.BigEndian.PutUint16(m[buLifetime:], lifetimeUnits(f.Lifetime))
	if f.AlternateCareOf.IsValid() {
		b = appendAlternateCareOf(b, start, f.AlternateCareOf)
	}
	if f.NonceIndices != nil {
		b = appendNonceIndices(b, start, *f.NonceIndices)
	}
	if f.IPv4HomeAddress != nil {
		b = appendIPv4HomeAddress(b, start, *f.IPv4HomeAddress, layout)
	}
	if f.IPv4CareOf.IsValid() && layout.Style == IPv4RFC5555 {
		b = appendIPv4CareOf(b, start, f.IPv4CareOf)
	}
	if f.Authenticator != nil {
		b = appendAuthorization(b, start, *f.Authenticator)
	}
	return endMobility(b, start)
}
