package wire

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip/checksum"
)

// MobilityType is the MH Type of a Mobility Header (RFC 6275 section 6.1).
type MobilityType uint8

// Mobility Header types. Those from 8 on are named for decoders only.
const (
	MobilityBindingRefreshRequest  MobilityType = 0
	MobilityHomeTestInit           MobilityType = 1
	MobilityCareOfTestInit         MobilityType = 2
	MobilityHomeTest               MobilityType = 3
	MobilityCareOfTest             MobilityType = 4
	MobilityBindingUpdate          MobilityType = 5
	MobilityBindingAcknowledgement MobilityType = 6
	MobilityBindingError           MobilityType = 7
	MobilityFastBindingUpdate      MobilityType = 8
	MobilityFastBindingAck         MobilityType = 9
	MobilityHomeAgentSwitch        MobilityType = 12
	MobilityHeartbeat              MobilityType = 13
	MobilityHandoverInitiate       MobilityType = 14
	MobilityHandoverAcknowledge    MobilityType = 15
)

var mobilityNames = [...]string{
	"BRR", "HoTI", "CoTI", "HoT", "CoT", "BU", "BA", "BE", "FBU", "FBack",
	12: "HA switch", 13: "Heartbeat", 14: "HI", 15: "HAck",
}

// String returns the usual abbreviation, "BU" for example.
func (t MobilityType) String() string {
	if int(t) < len(mobilityNames) && mobilityNames[t] != "" {
		return mobilityNames[t]
	}
	return "MH type " + strconv.Itoa(int(t))
}

const (
	mhPayloadProto = 0
	mhHeaderLen    = 1
	mhType         = 2
	mhReserved     = 3
	mhChecksum     = 4
	mhData         = 6
)

// mobilityFixed is the length of each message before its options.
var mobilityFixed = [...]int{
	MobilityBindingRefreshRequest:  8,
	MobilityHomeTestInit:           16,
	MobilityCareOfTestInit:         16,
	MobilityHomeTest:               24,
	MobilityCareOfTest:             24,
	MobilityBindingUpdate:          12,
	MobilityBindingAcknowledgement: 12,
	MobilityBindingError:           24,
}

// lifetimeUnit is the unit of lifetimes and refresh intervals (RFC 6275
// sections 6.1.7, 6.1.8 and 6.2.4).
const lifetimeUnit = 4 * time.Second

// Mobility is a view of a Mobility Header with one of the messages of RFC
// 6275, cut to its header length.
type Mobility []byte

// Errors of ParseMobility. A receiver answers all but checksum and truncation:
// an unknown type with a Binding Error of status 2, the others with an ICMPv6
// Parameter Problem of code 0 whose pointer is Error.Pointer octets into the
// header (RFC 6275 section 9.2).
var (
	ErrMobilityTruncated = &Error{Layer: "Mobility Header", What: "length beyond the octets received", Kind: ErrTruncated, Pointer: mhHeaderLen}
	ErrMobilityChecksum  = &Error{Layer: "Mobility Header", What: "checksum", Kind: ErrChecksum, Pointer: mhChecksum}
	ErrMobilityType      = &Error{Layer: "Mobility Header", What: "unknown MH type", Kind: ErrUnsupported, Pointer: mhType}
	ErrMobilityProto     = &Error{Layer: "Mobility Header", What: "payload proto is not 59", Kind: ErrField, Pointer: mhPayloadProto}
	ErrMobilityLength    = &Error{Layer: "Mobility Header", What: "header length too short for the type", Kind: ErrLength, Pointer: mhHeaderLen}

	errMobilityOther = &Error{Layer: "Mobility Header", What: "another message type", Kind: ErrType, Pointer: mhType}
)

// ParseMobility checks a Mobility Header in the order of RFC 6275 section 9.2:
// checksum, type, payload proto, header length. The addresses are those that
// upper layers see, [Chain.UpperAddresses]. Options are not looked at; see
// [MobilityOptions.Check].
func ParseMobility(b []byte, src, dst netip.Addr) (Mobility, error) {
	if len(b) < 8 {
		return nil, ErrMobilityTruncated
	}
	n := mobilityLen(b)
	if n > len(b) {
		return nil, ErrMobilityTruncated
	}
	b = b[:n:n]
	switch {
	case checksum.Checksum(b, pseudoHeaderSum(src, dst, ProtoMobility, n)) != onesSum:
		return nil, ErrMobilityChecksum
	case int(b[mhType]) >= len(mobilityFixed):
		return nil, ErrMobilityType
	case b[mhPayloadProto] != ProtoNone:
		return nil, ErrMobilityProto
	case n < mobilityFixed[b[mhType]]:
		return nil, ErrMobilityLength
	}
	return Mobility(b), nil
}

func mobilityLen(b []byte) int { return (int(b[mhHeaderLen]) + 1) * 8 }

// SetMobilityChecksum computes the checksum of the Mobility Header mh. The
// addresses are those that upper layers see: the home address, not a care-of
// address, where a Home Address option or a type 2 routing header carries it
// (RFC 6275 section 6.1.1).
func SetMobilityChecksum(mh []byte, src, dst netip.Addr) {
	binary.BigEndian.PutUint16(mh[mhChecksum:], 0)
	sum := ^checksum.Checksum(mh, pseudoHeaderSum(src, dst, ProtoMobility, len(mh)))
	binary.BigEndian.PutUint16(mh[mhChecksum:], sum)
}

// Type returns the MH type.
func (m Mobility) Type() MobilityType { return MobilityType(m[mhType]) }

// Checksum returns the checksum field.
func (m Mobility) Checksum() uint16 { return binary.BigEndian.Uint16(m[mhChecksum:]) }

// Options returns the mobility options after the fixed part of the message.
func (m Mobility) Options() MobilityOptions {
	return MobilityOptions{b: m, start: mobilityFixed[m[mhType]]}
}

func (m Mobility) is(t MobilityType) error {
	if m.Type() != t {
		return errMobilityOther
	}
	return nil
}

// beginMobility appends the fixed part of a message, checksum zero.
func beginMobility(b []byte, t MobilityType) (whole, mh []byte) {
	b, mh = grow(b, mobilityFixed[t])
	mh[mhPayloadProto], mh[mhType] = ProtoNone, uint8(t)
	return b, mh
}

// endMobility pads the message that starts at b[start:] to a multiple of 8
// octets and fills in its length.
func endMobility(b []byte, start int) []byte {
	b = alignOption(b, start, 8, 0)
	b[start+mhHeaderLen] = uint8((len(b)-start)/8 - 1)
	return b
}
