package wire

import (
	"encoding/binary"
	"strconv"
	"time"
)

const (
	baStatus   = 6
	baFlags    = 7
	baSequence = 8
	baLifetime = 10
)

// BindingAcknowledgementFlags is the flag octet of a Binding Acknowledgement.
type BindingAcknowledgementFlags uint8

// Flags of a Binding Acknowledgement (RFC 6275 section 6.1.8, RFC 3963, RFC
// 5213).
const (
	BAKeyManagement BindingAcknowledgementFlags = 0x80 // K
	BAMobileRouter  BindingAcknowledgementFlags = 0x40 // R
	BAProxy         BindingAcknowledgementFlags = 0x20 // P
)

// String returns the letters of the flags that are set.
func (f BindingAcknowledgementFlags) String() string {
	const letters = "KRP" // from the top bit down
	var s [len(letters)]byte
	n := 0
	for i := range letters {
		if f&(BAKeyManagement>>i) != 0 {
			s[n] = letters[i]
			n++
		}
	}
	return string(s[:n])
}

// BindingStatus is the status of a Binding Acknowledgement.
type BindingStatus uint8

// Values of BindingStatus (RFC 6275 section 6.1.8).
const (
	BindingAccepted              BindingStatus = 0
	BindingAcceptedPrefix        BindingStatus = 1
	BindingUnspecified           BindingStatus = 128
	BindingProhibited            BindingStatus = 129
	BindingInsufficientResources BindingStatus = 130
	BindingHomeNotSupported      BindingStatus = 131
	BindingNotHomeSubnet         BindingStatus = 132
	BindingNotHomeAgent          BindingStatus = 133
	BindingDADFailed             BindingStatus = 134
	BindingSequenceOutOfWindow   BindingStatus = 135
	BindingExpiredHomeNonce      BindingStatus = 136
	BindingExpiredCareOfNonce    BindingStatus = 137
	BindingExpiredNonces         BindingStatus = 138
	BindingTypeChangeDisallowed  BindingStatus = 139
	BindingForceUDPRefused       BindingStatus = 144 // RFC 5555 section 4.4.2; IANA gives 144 to RFC 4285
	BindingInvalidCareOfAddress  BindingStatus = 174
	bindingStatusFirstRejection  BindingStatus = 128
)

// IsAccepted reports whether the binding stands; all values below 128 say so.
func (s BindingStatus) IsAccepted() bool { return s < bindingStatusFirstRejection }

// String returns the meaning in the words of RFC 6275. Codes of extensions
// the simulator does not speak stay numbers.
func (s BindingStatus) String() string {
	switch s {
	case BindingAccepted:
		return "Binding Update accepted"
	case BindingAcceptedPrefix:
		return "Accepted but prefix discovery necessary"
	case BindingUnspecified:
		return "Reason unspecified"
	case BindingProhibited:
		return "Administratively prohibited"
	case BindingInsufficientResources:
		return "Insufficient resources"
	case BindingHomeNotSupported:
		return "Home registration not supported"
	case BindingNotHomeSubnet:
		return "Not home subnet"
	case BindingNotHomeAgent:
		return "Not home agent for this mobile node"
	case BindingDADFailed:
		return "Duplicate Address Detection failed"
	case BindingSequenceOutOfWindow:
		return "Sequence number out of window"
	case BindingExpiredHomeNonce:
		return "Expired home nonce index"
	case BindingExpiredCareOfNonce:
		return "Expired care-of nonce index"
	case BindingExpiredNonces:
		return "Expired nonces"
	case BindingTypeChangeDisallowed:
		return "Registration type change disallowed"
	case BindingInvalidCareOfAddress:
		return "Invalid care-of address"
	}
	return "status " + strconv.Itoa(int(s))
}

// BindingAcknowledgement is a view of a Binding Acknowledgement (RFC 6275
// section 6.1.8). Its options are those of the embedded type.
type BindingAcknowledgement struct {
	MobilityOptions
}

// BindingAcknowledgement returns the message; the error is ErrType if it is
// another.
func (m Mobility) BindingAcknowledgement() (BindingAcknowledgement, error) {
	if err := m.is(MobilityBindingAcknowledgement); err != nil {
		return BindingAcknowledgement{}, err
	}
	return BindingAcknowledgement{m.Options()}, nil
}

// Status tells whether the binding was accepted and why not.
func (a BindingAcknowledgement) Status() BindingStatus { return BindingStatus(a.b[baStatus]) }

// Flags returns the flag octet.
func (a BindingAcknowledgement) Flags() BindingAcknowledgementFlags {
	return BindingAcknowledgementFlags(a.b[baFlags])
}

// Sequence returns the number of the update that is answered, or the last
// accepted one with BindingSequenceOutOfWindow.
func (a BindingAcknowledgement) Sequence() uint16 { return binary.BigEndian.Uint16(a.b[baSequence:]) }

// Lifetime returns the granted lifetime, a multiple of 4 s.
func (a BindingAcknowledgement) Lifetime() time.Duration { return lifetimeFrom(a.b[baLifetime:]) }

// BindingAcknowledgementFields are the fields and options of a Binding
// Acknowledgement. Options left zero or nil are not written.
type BindingAcknowledgementFields struct {
	Status   BindingStatus
	Flags    BindingAcknowledgementFlags
	Sequence uint16
	Lifetime time.Duration // rounded down to a multiple of 4 s

	RefreshAdvice       time.Duration // rounded down to a multiple of 4 s
	IPv4Acknowledgement *IPv4Acknowledgement
	NATDetection        *NATDetection // RFC 5555 only
	Authenticator       *[AuthenticatorLen]byte
}

// AppendBindingAcknowledgement appends a Binding Acknowledgement whose
// checksum is zero; finish it as after [AppendBindingUpdate].
func AppendBindingAcknowledgement(b []byte, f BindingAcknowledgementFields, layout IPv4Layout) []byte {
	start := len(b)
	b, m := beginMobility(b, MobilityBindingAcknowledgement)
	m[baStatus], m[baFlags] = uint8(f.Status), uint8(f.Flags)
	binary.BigEndian.PutUint16(m[baSequence:], f.Sequence)
	binary.BigEndian.PutUint16(m[baLifetime:], lifetimeUnits(f.Lifetime))
	if f.RefreshAdvice != 0 {
		b = appendRefreshAdvice(b, start, f.RefreshAdvice)
	}
	if f.IPv4Acknowledgement != nil {
		b = appendIPv4Acknowledgement(b, start, *f.IPv4Acknowledgement, layout)
	}
	if f.NATDetection != nil && layout.Style == IPv4RFC5555 {
		b = appendNATDetection(b, start, *f.NATDetection)
	}
	if f.Authenticator != nil {
		b = appendAuthorization(b, start, *f.Authenticator)
	}
	return endMobility(b, start)
}
