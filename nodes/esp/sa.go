// Package esp protects packets with the IP Encapsulating Security Payload (RFC 4303) as
// Mobile IPv6 uses it (RFC 3776, RFC 4877): static security associations that are bound
// to a home address and survive every move.
//
// Which message needs protection is decided by the mobility packages. This one seals what
// it is told to seal, and says of what arrives whether and for whom it was protected.
package esp

import (
	"crypto/hmac"
	"encoding/binary"
	"errors"
	"hash"
	"net/netip"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
)

// Mode tells what ESP protects.
type Mode uint8

// Modes (RFC 4303 section 3.1).
const (
	Transport Mode = iota // the payload of the packet that carries it
	Tunnel                // a whole IP packet within another
)

// Selector names the packets that a security association protects (RFC 4301 section
// 4.4.1.1), in tunnel mode the inner ones. Addresses are those that upper layers see: the
// home address stands in for every care-of address (RFC 3776 section 4.2).
type Selector struct {
	Source      netip.Addr // not valid: any
	Destination netip.Addr // not valid: any
	Protocol    uint8      // 0: any

	// Type is the Mobility Header or ICMP type (RFC 4877 section 4), 0: any. Type 0 of
	// the Mobility Header, the Binding Refresh Request, thus has no selector of its own.
	Type uint8
}

// Matches reports whether s selects the packet described by p.
func (s Selector) Matches(p Selector) bool {
	return (!s.Source.IsValid() || s.Source == p.Source) &&
		(!s.Destination.IsValid() || s.Destination == p.Destination) &&
		(s.Protocol == 0 || s.Protocol == p.Protocol) &&
		(s.Type == 0 || s.Type == p.Type)
}

// Config describes a security association, the same at both ends.
type Config struct {
	SPI       uint32 // at least 256 (RFC 4303 section 2.1)
	Algorithm Algorithm
	Key       []byte // Algorithm.KeyLen octets
	Mode      Mode
	Selector  Selector

	// HomeAddress is the home address of the mobile node that the association belongs
	// to. It never speaks for another one.
	HomeAddress netip.Addr

	// TunnelSource and TunnelDestination are the outer addresses in tunnel mode; see
	// [SA.MoveTunnel]. An address that is not valid stands for any.
	TunnelSource      netip.Addr
	TunnelDestination netip.Addr
}

// Faults of a Config.
var (
	ErrSPI         = errors.New("esp: SPI below 256 is reserved")
	ErrAlgorithm   = errors.New("esp: unknown algorithm")
	ErrKey         = errors.New("esp: key length is not that of the algorithm")
	ErrHomeAddress = errors.New("esp: security association without home address")
	ErrDuplicate   = errors.New("esp: SPI in use")
)

// SA is one end of a security association, which has one direction: either it seals or it
// opens.
type SA struct {
	cfg    Config
	icvLen int
	mac    hash.Hash
	sum    []byte // scratch
	sent   uint32 // sequence number of the last packet sealed
	window window
}

// NewSA returns an association that has not seen a packet yet.
func NewSA(c Config) (*SA, error) {
	switch {
	case c.SPI < 256:
		return nil, ErrSPI
	case int(c.Algorithm) >= len(algorithms):
		return nil, ErrAlgorithm
	case len(c.Key) != c.Algorithm.KeyLen():
		return nil, ErrKey
	case !c.HomeAddress.IsValid():
		return nil, ErrHomeAddress
	}
	a := algorithms[c.Algorithm]
	return &SA{cfg: c, icvLen: a.icvLen, mac: hmac.New(a.hash, c.Key)}, nil
}

// Config returns what the association was made from and, in tunnel mode, the present
// outer addresses.
func (s *SA) Config() Config { return s.cfg }

// MoveTunnel changes the outer addresses of a tunnel mode association after its mobile
// node has moved (RFC 3776 section 4.1).
func (s *SA) MoveTunnel(source, destination netip.Addr) {
	s.cfg.TunnelSource, s.cfg.TunnelDestination = source, destination
}

const (
	trailerLen = 2 // pad length and next header
	alignment  = 4 // of the trailer's end; a block cipher asks for its block size
)

// Overhead returns how many octets Seal adds to a payload of n octets.
func (s *SA) Overhead(n int) int {
	return wire.ESPHeaderLen + padding(n) + trailerLen + s.icvLen
}

func padding(n int) int { return -(n + trailerLen) & (alignment - 1) }

// Seal protects a packet that starts at the payload: the Mobility Header in transport mode,
// the inner IP header in tunnel mode. nextHeader is the number of what it starts with. It
// then starts at the ESP header (RFC 4303 section 3.3); the caller puts the others in front.
//
// Sequence numbers are 32 bits and start at 1. After 2^32-1 packets they would repeat, and
// the receiver refuses what follows.
func (s *SA) Seal(p *packet.Buf, nextHeader uint8) {
	n := p.Len()
	p.CountOverhead(s.Overhead(n))
	pad := padding(n)
	t := p.Append(pad + trailerLen)
	for i := range pad {
		t[i] = byte(i + 1)
	}
	t[pad], t[pad+1] = byte(pad), nextHeader
	s.sent++
	h := p.Prepend(wire.ESPHeaderLen)
	binary.BigEndian.PutUint32(h, s.cfg.SPI)
	binary.BigEndian.PutUint32(h[4:], s.sent)
	icv := s.integrity(p.Bytes())
	copy(p.Append(s.icvLen), icv)
}

// integrity returns the integrity check value of the octets, valid until the next call.
func (s *SA) integrity(octets []byte) []byte {
	s.mac.Reset()
	s.mac.Write(octets)
	s.sum = s.mac.Sum(s.sum[:0])
	return s.sum[:s.icvLen]
}
