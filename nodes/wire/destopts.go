package wire

import "net/netip"

const (
	extNextHeader = 0
	extLength     = 1 // units of 8 octets, the first 8 not counted
)

func extLen(b []byte) int { return (int(b[extLength]) + 1) * 8 }

var (
	errOptionsShort  = &Error{Layer: "options header", What: "length beyond the octets received", Kind: ErrTruncated, Pointer: extLength}
	errOptionsTLV    = &Error{Layer: "options header", What: "an option runs past the end", Kind: ErrOption, Pointer: optionsStart}
	errHomeAddrTwice = &Error{Layer: "Home Address option", What: "more than one in a packet", Kind: ErrOption}
	errHomeAddrLen   = &Error{Layer: "Home Address option", What: "length is not 16", Kind: ErrOption}
)

func parseOptionsHeader(b []byte) ([]byte, error) {
	if len(b) < 8 || len(b) < extLen(b) {
		return nil, errOptionsShort
	}
	n := extLen(b)
	if !optionsWellFormed(b[:n]) {
		return nil, errOptionsTLV
	}
	return b[:n:n], nil
}

// HopByHop is a view of a Hop-by-Hop Options header (RFC 2460 section 4.3).
type HopByHop []byte

// ParseHopByHop checks that the header is whole and its options end with it.
func ParseHopByHop(b []byte) (HopByHop, error) {
	b, err := parseOptionsHeader(b)
	return HopByHop(b), err
}

// NextHeader returns the number of the header that follows.
func (h HopByHop) NextHeader() uint8 { return h[extNextHeader] }

// Len returns the length of the header in octets.
func (h HopByHop) Len() int { return len(h) }

// Options returns an iterator over the options.
func (h HopByHop) Options() Options { return Options{b: h, next: optionsStart} }

// FirstUnknown finds the first option that stops a node which knows none; the
// action is OptionSkip when there is no such option.
func (h HopByHop) FirstUnknown() (offset int, action OptionAction) {
	return firstUnknown(h.Options(), OptPadN)
}

// DestOptions is a view of a Destination Options header (RFC 2460 section
// 4.6).
type DestOptions []byte

// DestOptsHomeAddressLen is the length of a Destination Options header that
// carries nothing but a Home Address option.
const DestOptsHomeAddressLen = 24

const (
	homeAddressAt      = 6 // 8n+6, behind a PadN of 4 octets
	homeAddressDataLen = 16
)

// ParseDestOptions checks that the header is whole and its options end with
// it.
func ParseDestOptions(b []byte) (DestOptions, error) {
	b, err := parseOptionsHeader(b)
	return DestOptions(b), err
}

// NextHeader returns the number of the header that follows.
func (d DestOptions) NextHeader() uint8 { return d[extNextHeader] }

// Len returns the length of the header in octets.
func (d DestOptions) Len() int { return len(d) }

// Options returns an iterator over the options.
func (d DestOptions) Options() Options { return Options{b: d, next: optionsStart} }

// FirstUnknown finds the first option that stops a node which knows the Home
// Address option only; the action is OptionSkip when there is no such option.
func (d DestOptions) FirstUnknown() (offset int, action OptionAction) {
	return firstUnknown(d.Options(), OptHomeAddress)
}

// HomeAddress returns the address of the Home Address option and whether
// there is one (RFC 6275 section 6.3). The error is ErrOption for an option
// of wrong length and for a second one, which the RFC forbids.
func (d DestOptions) HomeAddress() (netip.Addr, bool, error) {
	at, err := d.homeAddress()
	if at == 0 {
		return netip.Addr{}, false, err
	}
	return addr6(d[at:]), true, nil
}

// homeAddress returns the offset of the address, zero if there is none.
func (d DestOptions) homeAddress() (int, error) {
	found := 0
	for o := d.Options(); o.Next(); {
		if o.Type() != OptHomeAddress {
			continue
		}
		if len(o.Data()) != homeAddressDataLen {
			return 0, errHomeAddrLen
		}
		if found != 0 {
			return 0, errHomeAddrTwice
		}
		found = o.Offset() + 2
	}
	return found, nil
}

// SetHomeAddress rewrites the address of the Home Address option, for the
// exchange with the source address that its processing is described as. It
// does nothing when there is no valid option.
func (d DestOptions) SetHomeAddress(a netip.Addr) {
	if at, _ := d.homeAddress(); at != 0 {
		putAddr6(d[at:], a)
	}
}

// PutDestOptsHomeAddress writes a header of 24 octets that carries the Home
// Address option at its alignment of 8n+6 (RFC 6275 section 6.3).
func PutDestOptsHomeAddress(b []byte, next uint8, hoa netip.Addr) {
	b = b[:DestOptsHomeAddressLen]
	b[extNextHeader], b[extLength] = next, DestOptsHomeAddressLen/8-1
	copy(b[optionsStart:], []byte{OptPadN, 2, 0, 0})
	b[homeAddressAt], b[homeAddressAt+1] = OptHomeAddress, homeAddressDataLen
	putAddr6(b[homeAddressAt+2:], hoa)
}
