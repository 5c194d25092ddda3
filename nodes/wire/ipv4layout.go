package wire

// IPv4Style selects how the IPv4 options of a binding are written.
type IPv4Style uint8

const (
	IPv4None    IPv4Style = iota // plain Mobile IPv6, no IPv4 options
	IPv4Draft00                  // draft-soliman-v4v6-mipv6-00
	IPv4RFC5555                  // RFC 5555
)

// String names the style as scenarios do.
func (s IPv4Style) String() string {
	switch s {
	case IPv4Draft00:
		return "draft00"
	case IPv4RFC5555:
		return "rfc5555"
	}
	return "mipv6"
}

// IPv4Layout describes the IPv4 options that Binding Updates and Binding
// Acknowledgements carry. The zero value knows none, so a node with it skips
// them like any unknown option.
type IPv4Layout struct {
	Style IPv4Style

	// HomeAddressType and AcknowledgementType are the option numbers of
	// draft-00, which has "TBD" there.
	HomeAddressType     uint8
	AcknowledgementType uint8

	// LenientLength accepts the literal Length 1 of draft-00 beside the count
	// of octets; LiteralLength writes it. Both are for draft-00 only.
	LenientLength bool
	LiteralLength bool
}

// Draft00Layout returns the layout of draft-soliman-v4v6-mipv6-00 sections
// 3.1.1 and 3.2.1 under the option numbers 253 and 254, which are free in the
// IANA registry: under 29 and 30 a receiver could not tell it from RFC 5555.
func Draft00Layout() IPv4Layout {
	return IPv4Layout{Style: IPv4Draft00, HomeAddressType: 253, AcknowledgementType: 254}
}

// RFC5555Layout returns the layout of RFC 5555 sections 3.1 and 3.2.
func RFC5555Layout() IPv4Layout { return IPv4Layout{Style: IPv4RFC5555} }

// Option numbers of RFC 5555.
const (
	MobOptIPv4HomeAddress     = 29
	MobOptIPv4Acknowledgement = 30 // section 8 misprints 29
	MobOptNATDetection        = 31
	MobOptIPv4CareOf          = 32
)

// Data lengths of the IPv4 options.
const (
	draftHomeAddressLen     = 4
	draftAcknowledgementLen = 6
	rfcIPv4OptionLen        = 6 // all four
	literalLength           = 1
)

// homeAddress returns type and data length of the IPv4 home address option;
// the length is 0 when the style has none.
func (l IPv4Layout) homeAddress() (typ uint8, length int) {
	switch l.Style {
	case IPv4Draft00:
		return l.HomeAddressType, draftHomeAddressLen
	case IPv4RFC5555:
		return MobOptIPv4HomeAddress, rfcIPv4OptionLen
	}
	return 0, 0
}

// acknowledgement is homeAddress for the IPv4 address acknowledgement option.
func (l IPv4Layout) acknowledgement() (typ uint8, length int) {
	switch l.Style {
	case IPv4Draft00:
		return l.AcknowledgementType, draftAcknowledgementLen
	case IPv4RFC5555:
		return MobOptIPv4Acknowledgement, rfcIPv4OptionLen
	}
	return 0, 0
}

// draftLength returns the data length that the layout demands of an option,
// zero if it makes no demand.
func (l IPv4Layout) draftLength(typ uint8) int {
	switch {
	case l.Style != IPv4Draft00:
		return 0
	case typ == l.HomeAddressType:
		return draftHomeAddressLen
	case typ == l.AcknowledgementType:
		return draftAcknowledgementLen
	}
	return 0
}
