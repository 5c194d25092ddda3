package wire

import (
	"encoding/binary"
	"hash"
)

// ESPHeaderLen is the length of SPI and sequence number.
const ESPHeaderLen = 8

const (
	espSPI      = 0
	espSequence = 4

	espTrailerLen = 2 // pad length and next header
)

// ESP is a view of an ESP packet (RFC 4303 section 2). The lengths of IV and
// ICV belong to the security association, not to the packet.
type ESP struct {
	b   []byte
	iv  int
	icv int
}

var (
	errESPShort   = &Error{Layer: "ESP", What: "too short for header, IV, trailer and ICV", Kind: ErrTruncated}
	errESPTrailer = &Error{Layer: "ESP", What: "plaintext without a trailer", Kind: ErrTruncated}
	errESPPad     = &Error{Layer: "ESP", What: "pad length beyond the plaintext", Kind: ErrLength}
	errESPPadding = &Error{Layer: "ESP", What: "padding is not 1, 2, 3...", Kind: ErrField}
)

// ParseESP checks that b has room for the header, an IV and an ICV of the
// given lengths and a trailer.
func ParseESP(b []byte, ivLen, icvLen int) (ESP, error) {
	if len(b) < ESPHeaderLen+ivLen+espTrailerLen+icvLen {
		return ESP{}, errESPShort
	}
	return ESP{b, ivLen, icvLen}, nil
}

// SPI names the security association.
func (e ESP) SPI() uint32 { return binary.BigEndian.Uint32(e.b[espSPI:]) }

// Sequence returns the sequence number; its first value is 1.
func (e ESP) Sequence() uint32 { return binary.BigEndian.Uint32(e.b[espSequence:]) }

// IV returns the initialisation vector.
func (e ESP) IV() []byte { return e.b[ESPHeaderLen : ESPHeaderLen+e.iv] }

// Ciphertext returns the live octets between IV and ICV: payload, padding and
// trailer, encrypted. With the NULL cipher they are the plaintext.
func (e ESP) Ciphertext() []byte { return e.b[ESPHeaderLen+e.iv : len(e.b)-e.icv] }

// Authenticated returns what the ICV covers, SPI to next header.
func (e ESP) Authenticated() []byte { return e.b[:len(e.b)-e.icv] }

// ICV returns the live integrity check value.
func (e ESP) ICV() []byte { return e.b[len(e.b)-e.icv:] }

// SetICV writes the ICV: mac over the authenticated octets, cut to the length
// of the ICV. It resets mac.
func (e ESP) SetICV(mac hash.Hash) {
	var sum [64]byte // the longest hash in use
	mac.Reset()
	mac.Write(e.Authenticated())
	copy(e.ICV(), mac.Sum(sum[:0]))
}

// OpenESP splits decrypted octets into the payload and its protocol number.
// It verifies the padding as RFC 4303 section 2.4 recommends.
func OpenESP(plaintext []byte) (payload []byte, next uint8, err error) {
	n := len(plaintext) - espTrailerLen
	if n < 0 {
		return nil, 0, errESPTrailer
	}
	pad := int(plaintext[n])
	if pad > n {
		return nil, 0, errESPPad
	}
	for i, p := range plaintext[n-pad : n] {
		if int(p) != i+1 {
			return nil, 0, errESPPadding
		}
	}
	return plaintext[: n-pad : n-pad], plaintext[n+1], nil
}

// ESPFields describe an ESP packet before encryption.
type ESPFields struct {
	SPI        uint32
	Sequence   uint32
	IV         []byte // nil for the NULL cipher
	Payload    []byte
	NextHeader uint8
	BlockSize  int // of the cipher; below 4 counts as 4
	ICVLen     int // octets
}

func (f *ESPFields) padding() int {
	block := max(f.BlockSize, 4)
	return (block - (len(f.Payload)+espTrailerLen)%block) % block
}

// Len returns the length of the ESP packet in octets.
func (f *ESPFields) Len() int {
	return ESPHeaderLen + len(f.IV) + len(f.Payload) + f.padding() + espTrailerLen + f.ICVLen
}

// AppendESP appends header, IV, payload, padding, trailer and a zero ICV.
// Parse the result to encrypt Ciphertext in place and to set the ICV.
func AppendESP(b []byte, f ESPFields) []byte {
	b = binary.BigEndian.AppendUint32(b, f.SPI)
	b = binary.BigEndian.AppendUint32(b, f.Sequence)
	b = append(b, f.IV...)
	b = append(b, f.Payload...)
	pad := f.padding()
	for i := range pad {
		b = append(b, uint8(i+1))
	}
	b = append(b, uint8(pad), f.NextHeader)
	b, _ = grow(b, f.ICVLen)
	return b
}
