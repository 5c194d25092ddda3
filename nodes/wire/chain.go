package wire

import "net/netip"

// Chain says where the headers of an IPv6 packet are. Offsets count from the
// IPv6 header; zero means that the header is absent.
type Chain struct {
	HopByHopAt    int
	RoutingAt     int
	DestOptsAt    int // header with the Home Address option, otherwise the last one
	FragmentAt    int
	NextHeaderAt  int        // octet that holds Upper
	Upper         uint8      // number of the first header that is no extension header, ESP and AH included
	UpperOffset   int        // where that header starts
	HomeAddress   netip.Addr // of the Home Address option; zero Addr if absent
	RoutingHome   netip.Addr // of a type 2 routing header; zero Addr if absent
	SegmentsLeft  uint8      // of the routing header
	FragmentID    uint32
	FragmentStart int  // offset of this fragment in the fragmentable part, octets
	MoreFragments bool // M flag

	// UnknownAction is what the first unknown option demands, OptionSkip if
	// there is none, and UnknownAt is where that option is.
	UnknownAction OptionAction
	UnknownAt     int

	// ErrorAt is the offending octet when WalkIPv6 fails: the pointer of an
	// ICMPv6 Parameter Problem.
	ErrorAt int

	source, destination netip.Addr
}

var (
	errChainHopByHop = &Error{Layer: "IPv6", What: "Hop-by-Hop Options not directly after the header", Kind: ErrField}
	errChainRouting  = &Error{Layer: "IPv6", What: "more than one routing header", Kind: ErrField}
	errChainFragment = &Error{Layer: "IPv6", What: "more than one Fragment header", Kind: ErrField}
)

// WalkIPv6 follows the extension headers of h up to the first header that is
// none, that is encrypted, or that lies in another fragment. It fails when a
// header is malformed, repeated beyond what RFC 2460 section 4.1 and RFC 6275
// section 6.3 allow, or out of place; the Chain then holds what came before
// and ErrorAt.
func WalkIPv6(h IPv6) (Chain, error) {
	c := Chain{
		NextHeaderAt: ip6NextHeader,
		Upper:        h.NextHeader(),
		UpperOffset:  IPv6HeaderLen,
		source:       h.Source(),
		destination:  h.Destination(),
	}
	for {
		var err error
		at, n := c.UpperOffset, 0
		switch c.Upper {
		case ProtoHopByHop:
			n, err = c.hopByHop(h[at:])
		case ProtoRouting:
			n, err = c.routing(h[at:])
		case ProtoDestOpts:
			n, err = c.destOptions(h[at:])
		case ProtoFragment:
			n, err = c.fragment(h[at:])
		default:
			return c, nil
		}
		if err != nil {
			if c.ErrorAt >= len(h) {
				c.ErrorAt = c.NextHeaderAt // it announces a header that is not there
			}
			return c, err
		}
		c.NextHeaderAt, c.Upper, c.UpperOffset = at, h[at], at+n
		if c.FragmentStart != 0 {
			return c, nil // what follows is the middle of some header or payload
		}
	}
}

// fail records where in the packet err points to.
func (c *Chain) fail(err *Error) (int, error) {
	c.ErrorAt = c.UpperOffset + err.Pointer
	return 0, err
}

func (c *Chain) unknown(offset int, action OptionAction) {
	if c.UnknownAction == OptionSkip && action != OptionSkip {
		c.UnknownAction, c.UnknownAt = action, c.UpperOffset+offset
	}
}

func (c *Chain) hopByHop(b []byte) (int, error) {
	if c.UpperOffset != IPv6HeaderLen {
		c.ErrorAt = c.NextHeaderAt
		return 0, errChainHopByHop
	}
	h, err := ParseHopByHop(b)
	if err != nil {
		return c.fail(err.(*Error))
	}
	c.HopByHopAt = c.UpperOffset
	c.unknown(h.FirstUnknown())
	return h.Len(), nil
}

func (c *Chain) routing(b []byte) (int, error) {
	if c.RoutingAt != 0 {
		return c.fail(errChainRouting)
	}
	r, err := ParseRouting(b)
	if err != nil {
		return c.fail(err.(*Error))
	}
	home, isType2 := r.HomeAddress()
	if !isType2 && r.SegmentsLeft() != 0 {
		return c.fail(errRoutingUnknown)
	}
	c.RoutingAt, c.RoutingHome, c.SegmentsLeft = c.UpperOffset, home, r.SegmentsLeft()
	return r.Len(), nil
}

func (c *Chain) destOptions(b []byte) (int, error) {
	d, err := ParseDestOptions(b)
	if err != nil {
		return c.fail(err.(*Error))
	}
	at, err := d.homeAddress()
	if err != nil {
		return c.fail(err.(*Error))
	}
	if at != 0 {
		if c.HomeAddress.IsValid() {
			return c.fail(errHomeAddrTwice)
		}
		c.HomeAddress = addr6(d[at:])
		c.DestOptsAt = c.UpperOffset
	} else if !c.HomeAddress.IsValid() {
		c.DestOptsAt = c.UpperOffset
	}
	c.unknown(d.FirstUnknown())
	return d.Len(), nil
}

func (c *Chain) fragment(b []byte) (int, error) {
	if c.FragmentAt != 0 {
		return c.fail(errChainFragment)
	}
	f, err := ParseFragment(b)
	if err != nil {
		return c.fail(err.(*Error))
	}
	c.FragmentAt, c.FragmentID = c.UpperOffset, f.ID()
	c.FragmentStart, c.MoreFragments = f.Offset(), f.More()
	return FragmentLen, nil
}

// IsFragment reports whether the packet is a part of a larger one. An atomic
// fragment (offset 0, nothing follows) is not.
func (c *Chain) IsFragment() bool { return c.FragmentStart != 0 || c.MoreFragments }

// UpperAddresses returns the addresses that upper layers see and checksums
// cover: the home address of a Home Address option as source, the final
// destination of a type 2 routing header as destination (RFC 6275 sections
// 6.3, 6.4 and 6.1.1).
func (c *Chain) UpperAddresses() (src, dst netip.Addr) {
	src, dst = c.source, c.destination
	if c.HomeAddress.IsValid() {
		src = c.HomeAddress
	}
	// With no segment left the exchange of addresses is already done.
	if c.RoutingHome.IsValid() && c.SegmentsLeft > 0 {
		dst = c.RoutingHome
	}
	return src, dst
}
