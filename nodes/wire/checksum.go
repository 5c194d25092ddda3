package wire

import (
	"encoding/binary"
	"net/netip"

	"gvisor.dev/gvisor/pkg/tcpip/checksum"
)

// onesSum is what a correct packet sums to, its checksum field included.
const onesSum = 0xffff

// pseudoHeaderSum returns the one's complement sum of the pseudo-header of
// RFC 8200 section 8.1 (IPv6) or RFC 768 (IPv4), chosen by the family of src.
func pseudoHeaderSum(src, dst netip.Addr, proto uint8, length int) uint16 {
	var sum uint16
	if src.Is4() {
		s, d := as4(src), as4(dst)
		sum = checksum.Checksum(d[:], checksum.Checksum(s[:], 0))
	} else {
		s, d := src.As16(), dst.As16()
		sum = checksum.Checksum(d[:], checksum.Checksum(s[:], 0))
	}
	var tail [6]byte
	binary.BigEndian.PutUint32(tail[:], uint32(length))
	tail[5] = proto
	return checksum.Checksum(tail[:], sum)
}

// UpdateChecksum16 returns the checksum field that follows from sum when the
// covered octets old are replaced by new (RFC 1624, equation 3). Both slices
// must have the same even length and start on an even offset of the covered
// octets.
func UpdateChecksum16(sum uint16, old, new []byte) uint16 {
	if len(old) != len(new) || len(old)%2 != 0 {
		panic("wire: UpdateChecksum16 needs slices of one even length")
	}
	s := uint32(^sum)
	for i := 0; i < len(old); i += 2 {
		s += uint32(^binary.BigEndian.Uint16(old[i:]))
		s += uint32(binary.BigEndian.Uint16(new[i:]))
	}
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return ^uint16(s)
}

// replace overwrites the octets at b[at:] with new and corrects the checksum
// field at b[field:]. It serves headers whose checksum has no zero exception.
func replace(b []byte, at int, new []byte, field int) {
	old := b[at : at+len(new)]
	sum := UpdateChecksum16(binary.BigEndian.Uint16(b[field:]), old, new)
	copy(old, new)
	binary.BigEndian.PutUint16(b[field:], sum)
}
