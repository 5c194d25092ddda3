package wire

import "encoding/binary"

// FragmentLen is the length of an IPv6 Fragment header.
const FragmentLen = 8

const (
	fragOffset         = 2 // 13 bits, 2 reserved, M
	fragIdentification = 4
)

// Fragment is a view of a Fragment header (RFC 2460 section 4.5).
type Fragment []byte

var errFragmentShort = &Error{Layer: "Fragment", What: "shorter than 8 octets", Kind: ErrTruncated}

// ParseFragment checks that the header is whole.
func ParseFragment(b []byte) (Fragment, error) {
	if len(b) < FragmentLen {
		return nil, errFragmentShort
	}
	return Fragment(b[:FragmentLen:FragmentLen]), nil
}

// NextHeader returns the first header of the fragmentable part.
func (f Fragment) NextHeader() uint8 { return f[extNextHeader] }

// Offset returns the place of the payload in the fragmentable part, in octets.
func (f Fragment) Offset() int { return int(binary.BigEndian.Uint16(f[fragOffset:]) &^ 7) }

// More reports whether fragments follow.
func (f Fragment) More() bool { return f[fragOffset+1]&1 != 0 }

// ID returns the identification that groups fragments.
func (f Fragment) ID() uint32 { return binary.BigEndian.Uint32(f[fragIdentification:]) }

// FragmentFields are the fields of a Fragment header.
type FragmentFields struct {
	NextHeader uint8
	Offset     int // octets, a multiple of 8
	More       bool
	ID         uint32
}

// PutFragment writes the 8 octets of a Fragment header to b.
func PutFragment(b []byte, f FragmentFields) {
	_ = b[FragmentLen-1]
	b[extNextHeader], b[1] = f.NextHeader, 0
	w := uint16(f.Offset) &^ 7
	if f.More {
		w |= 1
	}
	binary.BigEndian.PutUint16(b[fragOffset:], w)
	binary.BigEndian.PutUint32(b[fragIdentification:], f.ID)
}
