package wire

import "encoding/binary"

// RTPHeaderLen is the length of an RTP header without contributing sources and extension
// (RFC 3550 section 5.1).
const RTPHeaderLen = 12

// RTPFields are the fields of an RTP header as we send it: version 2, no padding, no
// extension, no contributing sources.
type RTPFields struct {
	Marker      bool
	PayloadType uint8 // 7 bits (RFC 3551 section 6)
	Sequence    uint16
	Timestamp   uint32 // in units of the payload's clock
	SSRC        uint32
}

// PutRTP writes the header into the first RTPHeaderLen octets of b.
func PutRTP(b []byte, f RTPFields) {
	b[0] = 2 << 6
	b[1] = f.PayloadType & 0x7f
	if f.Marker {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], f.Sequence)
	binary.BigEndian.PutUint32(b[4:], f.Timestamp)
	binary.BigEndian.PutUint32(b[8:], f.SSRC)
}

// RTP is a view of an RTP packet.
type RTP []byte

var (
	errRTPShort   = &Error{Layer: "RTP", What: "shorter than its header", Kind: ErrTruncated}
	errRTPVersion = &Error{Layer: "RTP", What: "version is not 2", Kind: ErrVersion}
	errRTPMore    = &Error{Layer: "RTP", What: "padding, extension or contributing sources", Kind: ErrUnsupported}
)

// ParseRTP checks that b holds an RTP packet of the form that PutRTP writes.
func ParseRTP(b []byte) (RTP, error) {
	switch {
	case len(b) < RTPHeaderLen:
		return nil, errRTPShort
	case !IsRTP(b):
		return nil, errRTPVersion
	case b[0] != 2<<6:
		return nil, errRTPMore
	}
	return RTP(b), nil
}

// IsRTP reports whether the octets begin as RTP version 2 does.
func IsRTP(b []byte) bool { return len(b) > 0 && b[0]>>6 == 2 }

// Fields returns the fields of the header.
func (r RTP) Fields() RTPFields {
	return RTPFields{
		Marker: r[1]&0x80 != 0, PayloadType: r[1] & 0x7f, Sequence: binary.BigEndian.Uint16(r[2:]),
		Timestamp: binary.BigEndian.Uint32(r[4:]), SSRC: binary.BigEndian.Uint32(r[8:]),
	}
}

// Payload returns what follows the header.
func (r RTP) Payload() []byte { return r[RTPHeaderLen:] }
