// Package esp protects packets with the IP Encapsulating Security Payload (RFC 4303) as
// Mobile IPv6 uses it (RFC 3776, RFC 4877): static security associations that are bound
// to a home address and survive every move.
//
// Which message needs protection is decided by the mobility packages. This one seals what
// it is told to seal, and says of what arrives whether and for whom it was protected.
package esp

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"encoding/binary"
	"errors"
	"hash"
	"math/rand/v2"
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

// isIPv4Tunnel reports whether the selector is that of an IPv4 tunnel as a whole: every
// packet between a care-of address and the home agent has that protocol and those addresses.
func (s Selector) isIPv4Tunnel() bool {
	carries := s.Protocol == 0 || s.Protocol == wire.ProtoIPv4 || s.Protocol == wire.ProtoIPv6
	return carries && s.Source.Is4() && s.Destination.Is4()
}

// Config describes a security association, the same at both ends.
type Config struct {
	SPI       uint32 // at least 256 (RFC 4303 section 2.1)
	Algorithm Algorithm
	Key       []byte // Algorithm.KeyLen octets
	Cipher    Cipher
	CipherKey []byte // Cipher.KeyLen octets
	Mode      Mode
	Selector  Selector
	// AnyOrder turns the anti-replay service off, which is the receiver's choice (RFC 4303
	// section 3.4.3).
	AnyOrder bool

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
	ErrCipherKey   = errors.New("esp: key length is not that of the cipher")
	ErrNoIVs       = errors.New("esp: a cipher in CBC mode needs a source of initialisation vectors to seal")
	ErrHomeAddress = errors.New("esp: security association without home address")
	ErrDuplicate   = errors.New("esp: SPI in use")
	// ErrEveryPacket is why a mobile prefix solicitation inside IPv4 cannot be protected on
	// the outer packet (draft-soliman-v4v6-mipv6-00 section 2.1).
	ErrEveryPacket = errors.New("esp: a selector of two IPv4 addresses and protocol IP-in-IP (or any) matches every packet of the tunnel between them, not only the message that is to be protected")
)

// SA is one end of a security association, which has one direction: either it seals or it
// opens.
type SA struct {
	cfg    Config
	ivLen  int
	icvLen int
	block  cipher.Block // nil for the NULL cipher
	ivs    *rand.Rand
	mac    hash.Hash
	sum    []byte // scratch
	plain  []byte // scratch
	sent   uint32 // sequence number of the last packet sealed
	window window
}

// NewSA returns an association that has not seen a packet yet. It opens with every cipher
// and seals with NULL; see [NewSealer].
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
	case int(c.Cipher) >= len(ciphers):
		return nil, ErrAlgorithm
	case len(c.CipherKey) != c.Cipher.KeyLen():
		return nil, ErrCipherKey
	case c.Mode == Transport && c.Selector.isIPv4Tunnel():
		return nil, ErrEveryPacket
	}
	a := algorithms[c.Algorithm]
	s := &SA{cfg: c, ivLen: c.Cipher.IVLen(), icvLen: a.icvLen, mac: hmac.New(a.hash, c.Key)}
	if c.Cipher == AESCBC {
		var err error
		if s.block, err = aes.NewCipher(c.CipherKey); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// NewSealer is NewSA with a source of initialisation vectors, which must be unpredictable
// only to those who do not know the seed of the run.
func NewSealer(c Config, ivs *rand.Rand) (*SA, error) {
	s, err := NewSA(c)
	if err != nil {
		return nil, err
	}
	if s.ivLen > 0 && ivs == nil {
		return nil, ErrNoIVs
	}
	s.ivs = ivs
	return s, nil
}

// Config returns what the association was made from and, in tunnel mode, the present
// outer addresses.
func (s *SA) Config() Config { return s.cfg }

// MoveTunnel changes the outer addresses of a tunnel mode association after its mobile
// node has moved (RFC 3776 section 4.1).
func (s *SA) MoveTunnel(source, destination netip.Addr) {
	s.cfg.TunnelSource, s.cfg.TunnelDestination = source, destination
}

// trailerLen is the length of pad length and next header.
const trailerLen = 2

// Overhead returns how many octets Seal adds to a payload of n octets.
func (s *SA) Overhead(n int) int { return Overhead(s.cfg.Cipher, s.cfg.Algorithm, n) }

// Seal protects a packet that starts at the payload: the Mobility Header in transport mode,
// the inner IP header in tunnel mode. nextHeader is the number of what it starts with. It
// then starts at the ESP header (RFC 4303 section 3.3); the caller puts the others in front.
//
// Sequence numbers are 32 bits and start at 1. After 2^32-1 packets they would repeat, and
// the receiver refuses what follows.
func (s *SA) Seal(p *packet.Buf, nextHeader uint8) {
	s.sent++
	s.SealAs(p, nextHeader, s.sent)
}

// SealAs is Seal with a sequence number of the caller's choice, which forgeries need.
func (s *SA) SealAs(p *packet.Buf, nextHeader uint8, sequence uint32) {
	n := p.Len()
	p.CountOverhead(s.Overhead(n))
	pad := s.cfg.Cipher.padding(n)
	t := p.Append(pad + trailerLen)
	for i := range pad {
		t[i] = byte(i + 1)
	}
	t[pad], t[pad+1] = byte(pad), nextHeader
	if s.block != nil {
		text := p.Bytes()
		iv := p.Prepend(s.ivLen)
		s.drawIV(iv)
		encrypt(s.block, iv, text)
	}
	h := p.Prepend(wire.ESPHeaderLen)
	binary.BigEndian.PutUint32(h, s.cfg.SPI)
	binary.BigEndian.PutUint32(h[4:], sequence)
	icv := s.integrity(p.Bytes())
	copy(p.Append(s.icvLen), icv)
}

func (s *SA) drawIV(iv []byte) {
	for i := 0; i < len(iv); i += 8 {
		binary.BigEndian.PutUint64(iv[i:], s.ivs.Uint64())
	}
}

// plaintext returns the payload with its trailer. It is valid until the next call.
func (s *SA) plaintext(e wire.ESP) ([]byte, bool) {
	text := e.Ciphertext()
	if s.block == nil {
		return text, true
	}
	if len(text)%s.block.BlockSize() != 0 {
		return nil, false
	}
	s.plain = decrypt(s.block, e.IV(), text, s.plain)
	return s.plain, true
}

// integrity returns the integrity check value of the octets, valid until the next call.
func (s *SA) integrity(octets []byte) []byte {
	s.mac.Reset()
	s.mac.Write(octets)
	s.sum = s.mac.Sum(s.sum[:0])
	return s.sum[:s.icvLen]
}
