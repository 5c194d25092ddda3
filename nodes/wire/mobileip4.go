package wire

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"time"
)

// Mobile IPv4 message types (RFC 5944 sections 3.3 and 3.4).
const (
	MIP4RegistrationRequest = 1
	MIP4RegistrationReply   = 3
)

// MIP4MobileHomeAuthentication is the type of the Mobile-Home Authentication
// Extension (RFC 5944 section 3.5.2).
const MIP4MobileHomeAuthentication = 32

const (
	rrqType           = 0
	rrqFlags          = 1
	rrqLifetime       = 2
	rrqHomeAddress    = 4
	rrqHomeAgent      = 8
	rrqCareOfAddress  = 12
	rrqIdentification = 16
	rrqLen            = 24

	rrpCode           = 1
	rrpLifetime       = 2
	rrpHomeAddress    = 4
	rrpHomeAgent      = 8
	rrpIdentification = 12
	rrpLen            = 20

	mip4ExtData = 2
	mip4SPILen  = 4
)

// MIP4InfiniteLifetime is the registration lifetime that does not end.
const MIP4InfiniteLifetime = 0xffff * time.Second

var (
	errMIP4Short = &Error{Layer: "Mobile IPv4", What: "shorter than its message", Kind: ErrTruncated}
	errMIP4Type  = &Error{Layer: "Mobile IPv4", What: "another message type", Kind: ErrType}
	errMIP4Ext   = &Error{Layer: "Mobile IPv4", What: "an extension runs past the end", Kind: ErrOption}
)

// RegistrationFlags are the flags of a Registration Request.
type RegistrationFlags uint8

// Flags of a Registration Request (RFC 5944 section 3.3).
const (
	RegistrationSimultaneous  RegistrationFlags = 0x80 // S, keep the older bindings
	RegistrationBroadcast     RegistrationFlags = 0x40 // B, forward broadcasts
	RegistrationDecapsulation RegistrationFlags = 0x20 // D, co-located care-of address
	RegistrationMinimal       RegistrationFlags = 0x10 // M, minimal encapsulation
	RegistrationGRE           RegistrationFlags = 0x08 // G
	RegistrationReverseTunnel RegistrationFlags = 0x02 // T
)

// String returns the letters of the flags that are set.
func (f RegistrationFlags) String() string {
	const letters = "SBDMGrTx" // from the top bit down
	var s [len(letters)]byte
	n := 0
	for i := range letters {
		if f&(RegistrationSimultaneous>>i) != 0 {
			s[n] = letters[i]
			n++
		}
	}
	return string(s[:n])
}

// RegistrationCode is the code of a Registration Reply.
type RegistrationCode uint8

// Values of RegistrationCode (RFC 5944 section 3.4).
const (
	RegistrationAccepted            RegistrationCode = 0
	RegistrationNoSimultaneous      RegistrationCode = 1 // accepted, without simultaneous bindings
	RegistrationForeignMNAuthFailed RegistrationCode = 67
	RegistrationLifetimeTooLong     RegistrationCode = 69
	RegistrationInvalidCareOf       RegistrationCode = 77
	RegistrationUnspecified         RegistrationCode = 128
	RegistrationProhibited          RegistrationCode = 129
	RegistrationNoResources         RegistrationCode = 130
	RegistrationMNAuthFailed        RegistrationCode = 131
	RegistrationFAAuthFailed        RegistrationCode = 132
	RegistrationIDMismatch          RegistrationCode = 133
	RegistrationPoorlyFormed        RegistrationCode = 134
	RegistrationTooManyBindings     RegistrationCode = 135
	RegistrationUnknownHomeAgent    RegistrationCode = 136
)

// IsAccepted reports whether the binding stands.
func (c RegistrationCode) IsAccepted() bool { return c <= RegistrationNoSimultaneous }

// String returns the meaning in words.
func (c RegistrationCode) String() string {
	switch c {
	case RegistrationAccepted:
		return "registration accepted"
	case RegistrationNoSimultaneous:
		return "registration accepted, simultaneous bindings unsupported"
	case RegistrationForeignMNAuthFailed:
		return "foreign agent: mobile node failed authentication"
	case RegistrationLifetimeTooLong:
		return "foreign agent: requested lifetime too long"
	case RegistrationInvalidCareOf:
		return "foreign agent: invalid care-of address"
	case RegistrationUnspecified:
		return "home agent: reason unspecified"
	case RegistrationProhibited:
		return "home agent: administratively prohibited"
	case RegistrationNoResources:
		return "home agent: insufficient resources"
	case RegistrationMNAuthFailed:
		return "home agent: mobile node failed authentication"
	case RegistrationFAAuthFailed:
		return "home agent: foreign agent failed authentication"
	case RegistrationIDMismatch:
		return "home agent: identification mismatch"
	case RegistrationPoorlyFormed:
		return "home agent: poorly formed request"
	case RegistrationTooManyBindings:
		return "home agent: too many simultaneous bindings"
	case RegistrationUnknownHomeAgent:
		return "home agent: unknown home agent address"
	}
	return "code " + strconv.Itoa(int(c))
}

// MIP4Extensions iterates over the extensions of a registration message
// without allocating.
type MIP4Extensions struct {
	b    []byte // whole message
	at   int
	next int
}

// checkMIP4Extensions walks the extensions that start at b[at:]. Type 0 is a
// padding octet without a length (RFC 5944 section 2.1.3).
func checkMIP4Extensions(b []byte, at int) error {
	for at < len(b) {
		switch {
		case b[at] == 0:
			at++
		case at+1 == len(b):
			return errMIP4Ext
		default:
			at += mip4ExtData + int(b[at+1])
		}
	}
	if at > len(b) {
		return errMIP4Ext
	}
	return nil
}

// Next moves to the next extension, padding octets left out.
func (e *MIP4Extensions) Next() bool {
	for e.next < len(e.b) && e.b[e.next] == 0 {
		e.next++
	}
	if e.next >= len(e.b) {
		return false
	}
	e.at = e.next
	e.next += mip4ExtData + int(e.b[e.at+1])
	return true
}

// Type returns the extension type.
func (e *MIP4Extensions) Type() uint8 { return e.b[e.at] }

// Data returns the octets after type and length.
func (e *MIP4Extensions) Data() []byte { return e.b[e.at+mip4ExtData : e.next] }

// MIP4Authentication is an authentication extension (RFC 5944 section 3.5.1).
type MIP4Authentication struct {
	SPI           uint32
	Authenticator []byte // live
	Covered       []byte // what the authenticator protects: all octets before it
}

// MobileHomeAuthentication returns the Mobile-Home Authentication Extension.
func (e MIP4Extensions) MobileHomeAuthentication() (MIP4Authentication, bool) {
	for e.Next() {
		if d := e.Data(); e.Type() == MIP4MobileHomeAuthentication && len(d) >= mip4SPILen {
			return MIP4Authentication{
				SPI:           binary.BigEndian.Uint32(d),
				Authenticator: d[mip4SPILen:],
				Covered:       e.b[: e.at+mip4ExtData+mip4SPILen : e.at+mip4ExtData+mip4SPILen],
			}, true
		}
	}
	return MIP4Authentication{}, false
}

// AppendMobileHomeAuthentication appends a Mobile-Home Authentication
// Extension with a zero authenticator of n octets: 16 for HMAC-MD5, the
// default of RFC 5944. Fill it in through MobileHomeAuthentication.
func AppendMobileHomeAuthentication(b []byte, spi uint32, n int) []byte {
	b = append(b, MIP4MobileHomeAuthentication, uint8(mip4SPILen+n))
	b = binary.BigEndian.AppendUint32(b, spi)
	b, _ = grow(b, n)
	return b
}

func parseMIP4(b []byte, typ uint8, n int) error {
	switch {
	case len(b) == 0:
		return errMIP4Short
	case b[rrqType] != typ:
		return errMIP4Type
	case len(b) < n:
		return errMIP4Short
	}
	return checkMIP4Extensions(b, n)
}

// RegistrationRequest is a view of RFC 5944 section 3.3, a UDP payload.
type RegistrationRequest []byte

// ParseRegistrationRequest checks type, length and extensions.
func ParseRegistrationRequest(b []byte) (RegistrationRequest, error) {
	if err := parseMIP4(b, MIP4RegistrationRequest, rrqLen); err != nil {
		return nil, err
	}
	return RegistrationRequest(b), nil
}

// Flags returns the flag octet.
func (r RegistrationRequest) Flags() RegistrationFlags { return RegistrationFlags(r[rrqFlags]) }

// Lifetime returns the requested lifetime: zero deregisters, and
// MIP4InfiniteLifetime never ends.
func (r RegistrationRequest) Lifetime() time.Duration { return seconds16(r[rrqLifetime:]) }

// HomeAddress returns the home address of the mobile node.
func (r RegistrationRequest) HomeAddress() netip.Addr { return addr4(r[rrqHomeAddress:]) }

// HomeAgent returns the address of the home agent.
func (r RegistrationRequest) HomeAgent() netip.Addr { return addr4(r[rrqHomeAgent:]) }

// CareOfAddress returns the address of the tunnel exit.
func (r RegistrationRequest) CareOfAddress() netip.Addr { return addr4(r[rrqCareOfAddress:]) }

// Identification matches replies and stops replays.
func (r RegistrationRequest) Identification() uint64 {
	return binary.BigEndian.Uint64(r[rrqIdentification:])
}

// Extensions returns an iterator over the extensions.
func (r RegistrationRequest) Extensions() MIP4Extensions { return MIP4Extensions{b: r, next: rrqLen} }

// RegistrationRequestFields are the fields of a Registration Request.
type RegistrationRequestFields struct {
	Flags          RegistrationFlags
	Lifetime       time.Duration // whole seconds
	HomeAddress    netip.Addr
	HomeAgent      netip.Addr
	CareOfAddress  netip.Addr
	Identification uint64
}

// AppendRegistrationRequest appends a Registration Request without
// extensions.
func AppendRegistrationRequest(b []byte, f RegistrationRequestFields) []byte {
	b, m := grow(b, rrqLen)
	m[rrqType], m[rrqFlags] = MIP4RegistrationRequest, uint8(f.Flags)
	binary.BigEndian.PutUint16(m[rrqLifetime:], uint16(clamp(f.Lifetime, time.Second, 0xffff)))
	putAddr4(m[rrqHomeAddress:], f.HomeAddress)
	putAddr4(m[rrqHomeAgent:], f.HomeAgent)
	putAddr4(m[rrqCareOfAddress:], f.CareOfAddress)
	binary.BigEndian.PutUint64(m[rrqIdentification:], f.Identification)
	return b
}

// RegistrationReply is a view of RFC 5944 section 3.4, a UDP payload.
type RegistrationReply []byte

// ParseRegistrationReply checks type, length and extensions.
func ParseRegistrationReply(b []byte) (RegistrationReply, error) {
	if err := parseMIP4(b, MIP4RegistrationReply, rrpLen); err != nil {
		return nil, err
	}
	return RegistrationReply(b), nil
}

// Code tells whether the binding was accepted and why not.
func (r RegistrationReply) Code() RegistrationCode { return RegistrationCode(r[rrpCode]) }

// Lifetime returns the granted lifetime.
func (r RegistrationReply) Lifetime() time.Duration { return seconds16(r[rrpLifetime:]) }

// HomeAddress returns the home address of the mobile node.
func (r RegistrationReply) HomeAddress() netip.Addr { return addr4(r[rrpHomeAddress:]) }

// HomeAgent returns the address of the home agent.
func (r RegistrationReply) HomeAgent() netip.Addr { return addr4(r[rrpHomeAgent:]) }

// Identification is derived from that of the request.
func (r RegistrationReply) Identification() uint64 {
	return binary.BigEndian.Uint64(r[rrpIdentification:])
}

// Extensions returns an iterator over the extensions.
func (r RegistrationReply) Extensions() MIP4Extensions { return MIP4Extensions{b: r, next: rrpLen} }

// RegistrationReplyFields are the fields of a Registration Reply.
type RegistrationReplyFields struct {
	Code           RegistrationCode
	Lifetime       time.Duration // whole seconds
	HomeAddress    netip.Addr
	HomeAgent      netip.Addr
	Identification uint64
}

// AppendRegistrationReply appends a Registration Reply without extensions.
func AppendRegistrationReply(b []byte, f RegistrationReplyFields) []byte {
	b, m := grow(b, rrpLen)
	m[rrqType], m[rrpCode] = MIP4RegistrationReply, uint8(f.Code)
	binary.BigEndian.PutUint16(m[rrpLifetime:], uint16(clamp(f.Lifetime, time.Second, 0xffff)))
	putAddr4(m[rrpHomeAddress:], f.HomeAddress)
	putAddr4(m[rrpHomeAgent:], f.HomeAgent)
	binary.BigEndian.PutUint64(m[rrpIdentification:], f.Identification)
	return b
}
