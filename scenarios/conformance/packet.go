package conformance

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"hash"
	"net/netip"
	"slices"

	"dsmipsim/nodes/esp"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Packet is one transmission on a link, decoded by the judge from its octets.
type Packet struct {
	N      int // number in the capture, from 1, as Wireshark counts
	Time   vtime.Time
	Link   string
	Node   string // who transmitted it on this link
	Flow   uint32
	Octets []byte
	Lost   bool // the link lost it, or its receiver had left
	serial uint64

	Ethernet wire.Ethernet // nil on links between routers
	ARP      wire.ARP      // nil if it is no ARP packet
	IPs      []Header      // outermost first, as far as they can be read
	Fault    string        // what cannot be read; empty if all can

	// The innermost message; at most one of these is set.
	Mobility wire.Mobility
	ICMP6    wire.ICMPv6
	ICMP4    wire.ICMPv4
	UDP      wire.UDP
	Upper    []byte // octets behind the innermost IP header and its ESP
	Badness  error  // why a Mobility Header or ICMPv6 message was refused: checksum, type, length
}

// Header is an IP header with its extension headers and, if it protects the rest, ESP.
type Header struct {
	Version       int
	Source        netip.Addr
	Destination   netip.Addr
	HomeAddress   netip.Addr // of a Home Address option
	Routing       netip.Addr // of a type 2 routing header
	RoutingLen    int        // Hdr Ext Len octet of that header
	SegmentsLeft  uint8
	HopLimit      uint8
	Class         uint8
	DontFragment  bool
	Fragment      bool
	More          bool
	FragmentStart int
	ESP           *Protection
	Upper         uint8 // what is inside, after ESP
	Octets        []byte
}

// Protection is an ESP header as the judge sees it.
type Protection struct {
	SPI      uint32
	Sequence uint32
	SA       *esp.Config // nil if the scenario has no such association
	Good     bool        // the integrity value is right under the SA's key
	BeforeAt int         // where ESP starts in its IP packet
}

// Outer and Inner are the outermost and the innermost IP header; Inner is where mobility
// messages are. Both are nil for ARP.
func (p *Packet) Outer() *Header { return p.header(0) }

// Inner returns the innermost IP header.
func (p *Packet) Inner() *Header { return p.header(len(p.IPs) - 1) }

func (p *Packet) header(i int) *Header {
	if i < 0 || i >= len(p.IPs) {
		return nil
	}
	return &p.IPs[i]
}

// Is reports whether the packet carries a good mobility message of the type.
func (p *Packet) Is(t wire.MobilityType) bool { return p.Mobility != nil && p.Mobility.Type() == t }

// IsICMP6 reports whether the packet carries an ICMPv6 message of the type.
func (p *Packet) IsICMP6(t uint8) bool { return p.ICMP6 != nil && p.ICMP6.Type() == t }

// decoder opens packets of one run.
type decoder struct {
	layout wire.IPv4Layout
	sas    []esp.Config
}

// maxHeaders bounds how many IP headers are followed into each other.
const maxHeaders = 8

func (d *decoder) decode(n int, e *trace.Event) *Packet {
	p := &Packet{N: n, Time: e.Time, Link: e.Link, Node: e.Node, Flow: e.Flow, serial: e.Serial, Octets: append([]byte(nil), e.Octets...)}
	b := p.Octets
	if e.LinkType == trace.Ethernet {
		eth, err := wire.ParseEthernet(b)
		if err != nil {
			p.Fault = err.Error()
			return p
		}
		p.Ethernet, b = eth, eth.Payload()
		switch eth.EtherType() {
		case wire.EtherTypeARP:
			if p.ARP, err = wire.ParseARP(b); err != nil {
				p.Fault = err.Error()
			}
			return p
		case wire.EtherTypeIPv4, wire.EtherTypeIPv6:
		default:
			p.Fault = "unknown EtherType"
			return p
		}
	}
	for b != nil && len(p.IPs) < maxHeaders && p.Fault == "" {
		b = d.ip(p, b)
	}
	return p
}

// ip reads one IP header and returns the IP packet inside, nil if there is none.
func (d *decoder) ip(p *Packet, b []byte) []byte {
	if len(b) == 0 {
		p.Fault = "no IP header"
		return nil
	}
	if b[0]>>4 == 4 {
		h, err := wire.ParseIPv4(b)
		if err != nil {
			p.Fault = err.Error()
			return nil
		}
		p.IPs = append(p.IPs, Header{
			Version: 4, Source: h.Source(), Destination: h.Destination(), HopLimit: h.TTL(), Class: h.TOS(), Upper: h.Protocol(),
			DontFragment: h.DontFragment(), Fragment: h.IsFragment(), More: h.MoreFragments(), FragmentStart: h.FragmentOffset(), Octets: h,
		})
		if h.IsFragment() {
			return nil
		}
		return d.upper(p, h.Protocol(), h.Payload(), h.HeaderLen(), h.Source(), h.Destination())
	}
	h, err := wire.ParseIPv6(b)
	if err != nil {
		p.Fault = err.Error()
		return nil
	}
	c, err := wire.WalkIPv6(h)
	p.IPs = append(p.IPs, Header{
		Version: 6, Source: h.Source(), Destination: h.Destination(), HomeAddress: c.HomeAddress, Routing: c.RoutingHome,
		SegmentsLeft: c.SegmentsLeft, HopLimit: h.HopLimit(), Class: h.TrafficClass(), Upper: c.Upper,
		Fragment: c.IsFragment(), More: c.MoreFragments, FragmentStart: c.FragmentStart, Octets: h,
	})
	if c.RoutingAt != 0 {
		p.Inner().RoutingLen = int(h[c.RoutingAt+1])
	}
	if err != nil {
		p.Fault = err.Error()
		return nil
	}
	if c.IsFragment() {
		return nil
	}
	src, dst := c.UpperAddresses()
	return d.upper(p, c.Upper, h[c.UpperOffset:], c.UpperOffset, src, dst)
}

// upper reads what an IP header carries; the addresses are those that checksums cover.
func (d *decoder) upper(p *Packet, proto uint8, b []byte, at int, src, dst netip.Addr) []byte {
	h := p.Inner()
	if proto == wire.ProtoESP {
		inside, next, ok := d.open(h, b, at)
		if !ok {
			p.Upper = b
			return nil
		}
		b, proto = inside, next
		h.Upper = next
	}
	p.Upper = b
	switch proto {
	case wire.ProtoIPv4, wire.ProtoIPv6:
		return b
	case wire.ProtoMobility:
		p.Mobility, p.Badness = wire.ParseMobility(b, src, dst)
	case wire.ProtoICMPv6:
		p.ICMP6, p.Badness = wire.ParseICMPv6(b, src, dst)
	case wire.ProtoICMPv4:
		p.ICMP4, p.Badness = wire.ParseICMPv4(b)
	case wire.ProtoUDP:
		p.UDP, p.Badness = wire.ParseUDP(b, src, dst)
	}
	return nil
}

// open looks into ESP with the keys of the run and verifies it with an HMAC of its own.
func (d *decoder) open(h *Header, b []byte, at int) (payload []byte, next uint8, ok bool) {
	head, err := wire.ParseESP(b, 0, 0) // SPI and sequence number are where they always are
	if err != nil {
		return nil, 0, false
	}
	h.ESP = &Protection{SPI: head.SPI(), Sequence: head.Sequence(), BeforeAt: at}
	for i := range d.sas {
		if d.sas[i].SPI == head.SPI() {
			h.ESP.SA = &d.sas[i]
		}
	}
	if h.ESP.SA == nil {
		return nil, 0, false
	}
	sa := h.ESP.SA
	n := sa.Algorithm.ICVLen()
	e, err := wire.ParseESP(b, sa.Cipher.IVLen(), n)
	if err != nil {
		return nil, 0, false
	}
	mac := hmac.New(integrity(sa.Algorithm), sa.Key)
	mac.Write(e.Authenticated())
	h.ESP.Good = hmac.Equal(mac.Sum(nil)[:n], e.ICV())
	plain := slices.Clone(e.Ciphertext())
	if sa.Cipher != esp.NullCipher {
		block, err := aes.NewCipher(sa.CipherKey)
		if err != nil || len(plain)%aes.BlockSize != 0 {
			return nil, 0, false
		}
		cipher.NewCBCDecrypter(block, e.IV()).CryptBlocks(plain, plain)
	}
	payload, next, err = wire.OpenESP(plain)
	return payload, next, err == nil
}

func integrity(a esp.Algorithm) func() hash.Hash {
	if a == esp.HMACSHA256_128 {
		return sha256.New
	}
	return sha1.New
}
