package tcp

import "encoding/binary"

// recordLen is the length of the records that a stream consists of, so that anybody who reads
// the capture can tell whose octets they are and how many came before:
//
//	flow number (4), direction (1): 0 from the flow's source, 1 back; zero (3), offset (8)
//
// The offset is that of the record within its direction of the stream. A stream may end
// within a record.
const recordLen = 16

// Directions of a stream.
const (
	forward  = 0
	backward = 1
)

// pattern makes, and checks, the octets of one direction of a stream.
type pattern struct {
	flow      uint32
	direction uint8
	record    [recordLen]byte
	at        int64 // offset of record; an offset that is no multiple of recordLen: none yet
}

func newPattern(flow uint32, direction uint8) pattern {
	return pattern{flow, direction, [recordLen]byte{}, -1}
}

// octet returns the octet at an offset.
func (p *pattern) octet(offset int64) byte {
	if base := offset &^ (recordLen - 1); base != p.at {
		p.at = base
		binary.BigEndian.PutUint32(p.record[:], p.flow)
		p.record[4] = p.direction
		binary.BigEndian.PutUint64(p.record[8:], uint64(base))
	}
	return p.record[offset&(recordLen-1)]
}

// fill writes the octets from an offset on.
func (p *pattern) fill(b []byte, offset int64) {
	for n := 0; n < len(b); {
		first := p.octet(offset)
		if offset%recordLen != 0 {
			b[n] = first
			n++
			offset++
			continue
		}
		k := copy(b[n:], p.record[:])
		n += k
		offset += int64(k)
	}
}

// holds reports whether the octets are those from an offset on.
func (p *pattern) holds(b []byte, offset int64) bool {
	for len(b) > 0 {
		first := p.octet(offset)
		if offset%recordLen != 0 || len(b) < recordLen {
			if b[0] != first {
				return false
			}
			b, offset = b[1:], offset+1
			continue
		}
		if string(b[:recordLen]) != string(p.record[:]) {
			return false
		}
		b, offset = b[recordLen:], offset+recordLen
	}
	return true
}
