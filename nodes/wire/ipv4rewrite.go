package wire

import (
	"encoding/binary"

	"gvisor.dev/gvisor/pkg/tcpip/checksum"
)

// The setters of this file correct the header checksum.

// SetTOS rewrites the type of service octet (DSCP and ECN).
func (h IPv4) SetTOS(tos uint8) {
	replace(h, ip4VersionIHL, []byte{h[ip4VersionIHL], tos}, ip4Checksum)
}

// SetID rewrites the identification that groups fragments.
func (h IPv4) SetID(id uint16) {
	replace(h, ip4ID, []byte{byte(id >> 8), byte(id)}, ip4Checksum)
}

// SetDontFragment rewrites the DF flag.
func (h IPv4) SetDontFragment(df bool) {
	w := h.fragmentWord() &^ ip4FlagDF
	if df {
		w |= ip4FlagDF
	}
	replace(h, ip4Fragment, []byte{byte(w >> 8), byte(w)}, ip4Checksum)
}

// SetFragment makes the packet of that total length the fragment whose payload starts at
// offset, a multiple of 8; more says that others follow. With offset 0 and nothing to
// follow it is a whole packet. The DF flag stays.
func (h IPv4) SetFragment(total, offset int, more bool) {
	w := h.fragmentWord()&ip4FlagDF | uint16(offset/8)&ip4OffsetMask
	if more {
		w |= ip4FlagMF
	}
	replace(h, ip4TotalLen, []byte{byte(total >> 8), byte(total)}, ip4Checksum)
	replace(h, ip4Fragment, []byte{byte(w >> 8), byte(w)}, ip4Checksum)
}

// SetHeaderLen says how long the header with its options is, a multiple of 4, and computes
// the header checksum anew.
func (h IPv4) SetHeaderLen(n int) {
	h[ip4VersionIHL] = 4<<4 | uint8(n/4)
	binary.BigEndian.PutUint16(h[ip4Checksum:], 0)
	binary.BigEndian.PutUint16(h[ip4Checksum:], ^checksum.Checksum(h[:n], 0))
}
