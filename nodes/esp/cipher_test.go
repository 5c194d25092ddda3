package esp

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
)

// aesConfig is an association with AES-CBC and the keys of the names.
func aesConfig(a Algorithm) Config {
	return Config{
		SPI: 0x4321, Algorithm: a, Key: DeriveKey(a, "mn", "ha"), Cipher: AESCBC, CipherKey: DeriveCipherKey(AESCBC, "mn", "ha"),
		HomeAddress: home,
	}
}

func newSealer(t testing.TB, c Config) *SA {
	t.Helper()
	s, err := NewSealer(c, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestAESVectors: cases 1 and 2 of RFC 3602 section 4: key, IV, plaintext, ciphertext.
func TestAESVectors(t *testing.T) {
	unhex := func(s string) []byte {
		b, err := hex.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for _, v := range [][4]string{
		{"06a9214036b8a15b512e03d534120006", "3dafba429d9eb430b422da802c9fac41", hex.EncodeToString([]byte("Single block msg")), "e353779c1079aeb82708942dbe77181a"},
		{"c286696d887c9aa0611bbb3e2025a45a", "562e17996d093d28ddb3ba695a2e6f58", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "d296cd94c2cccf8a3a863028b5e1dc0a7586602d253cfff91b8266bea6d61ab1"},
	} {
		block, err := aes.NewCipher(unhex(v[0]))
		if err != nil {
			t.Fatal(err)
		}
		text := unhex(v[2])
		encrypt(block, unhex(v[1]), text)
		if got := hex.EncodeToString(text); got != v[3] {
			t.Errorf("ciphertext %s, want %s", got, v[3])
		}
		if got := hex.EncodeToString(decrypt(block, unhex(v[1]), text, nil)); got != v[2] {
			t.Errorf("plaintext %s, want %s", got, v[2])
		}
	}
}

// TestAESRoundTrip: every length is padded to whole blocks behind an IV of its own, opened to
// what it was, and as long as announced.
func TestAESRoundTrip(t *testing.T) {
	for _, a := range []Algorithm{HMACSHA1_96, HMACSHA256_128} {
		cfg := aesConfig(a)
		s, d := newSealer(t, cfg), receiver(t, cfg)
		read, err := Reader([]Config{cfg})
		if err != nil {
			t.Fatal(err)
		}
		var pool packet.Pool
		ivs := map[string]bool{}
		for n := range 70 {
			want := make([]byte, n)
			for i := range want {
				want[i] = byte(i * 7)
			}
			p := pool.From(want)
			s.Seal(p, wire.ProtoMobility)
			e, err := wire.ParseESP(p.Bytes(), 16, a.ICVLen())
			if err != nil || len(e.Ciphertext())%16 != 0 || p.Len() != n+Overhead(AESCBC, a, n) || p.Tag().Overhead != p.Len()-n {
				t.Fatalf("%v: %d octets became %d with %d of ciphertext: %v", a, n, p.Len(), len(e.Ciphertext()), err)
			}
			ivs[string(e.IV())] = true
			plain, icv, ok := read(p.Bytes())
			if payload, next, err := wire.OpenESP(plain); !ok || err != nil || next != wire.ProtoMobility || cmp.Diff(want, append([]byte{}, payload...)) != "" || len(icv) != a.ICVLen() {
				t.Fatalf("%v: %d octets: the reader sees %x, protocol %d, %v", a, n, plain, next, err)
			}
			in := ip.Info{}
			if why := d.Open(0, p, &in); why != 0 {
				t.Fatalf("%v: %d octets: %v", a, n, why)
			}
			if diff := cmp.Diff(want, append([]byte{}, p.Bytes()[in.Offset:]...)); diff != "" || in.Protocol != wire.ProtoMobility {
				t.Fatalf("%v: %d octets, protocol %d:\n%s", a, n, in.Protocol, diff)
			}
		}
		if len(ivs) != 70 {
			t.Errorf("%d initialisation vectors for 70 packets", len(ivs))
		}
	}
}

// TestAESOnTheWire: a receiver that follows RFC 4303 section 3.4 by hand, with the standard
// library, finds payload, padding 1, 2, 3 and trailer.
func TestAESOnTheWire(t *testing.T) {
	cfg := aesConfig(HMACSHA1_96)
	var pool packet.Pool
	p := pool.From([]byte("0123456789"))
	newSealer(t, cfg).Seal(p, wire.ProtoUDP)
	b := p.Bytes()
	block, err := aes.NewCipher(cfg.CipherKey)
	if err != nil {
		t.Fatal(err)
	}
	text := b[24 : len(b)-12]
	cipher.NewCBCDecrypter(block, b[8:24]).CryptBlocks(text, text)
	if want := "0123456789\x01\x02\x03\x04\x04\x11"; string(text) != want {
		t.Errorf("%q, want %q", text, want)
	}
}

// TestAESFlippedBits: every bit from SPI to integrity value is protected, and a refused
// packet is as it came.
func TestAESFlippedBits(t *testing.T) {
	cfg := aesConfig(HMACSHA256_128)
	var pool packet.Pool
	sealed := pool.From([]byte("a mobility message"))
	newSealer(t, cfg).Seal(sealed, wire.ProtoMobility)
	whole := append([]byte(nil), sealed.Bytes()...)
	for i := range len(whole) * 8 {
		bad := append([]byte(nil), whole...)
		bad[i/8] ^= 0x80 >> (i % 8)
		p, in := pool.From(bad), ip.Info{}
		if why := receiver(t, cfg).Open(0, p, &in); why != trace.SecurityFailed {
			t.Errorf("bit %d flipped: %v", i, why)
		}
		if diff := cmp.Diff(bad, p.Bytes()); diff != "" || in.Secured {
			t.Fatalf("bit %d: a refused packet was changed", i)
		}
	}
}

// TestAESNoWholeBlocks: an integrity value that verifies makes no ciphertext of octets that
// cannot be one.
func TestAESNoWholeBlocks(t *testing.T) {
	cfg := aesConfig(HMACSHA1_96)
	s := newSA(t, cfg)
	b := wire.AppendESP(nil, wire.ESPFields{SPI: cfg.SPI, Sequence: 1, IV: make([]byte, 16), Payload: []byte{1}, NextHeader: 17, BlockSize: 4, ICVLen: 12})
	copy(b[len(b)-12:], s.integrity(b[:len(b)-12]))
	var pool packet.Pool
	if why := receiver(t, cfg).Open(0, pool.From(b), &ip.Info{}); why != trace.SecurityFailed {
		t.Errorf("Open = %v", why)
	}
	read, err := Reader([]Config{cfg})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, ok := read(b); ok {
		t.Error("the reader made sense of it")
	}
}

// TestReader: what it has no key for it leaves alone.
func TestReader(t *testing.T) {
	cfg := aesConfig(HMACSHA1_96)
	read, err := Reader([]Config{cfg})
	if err != nil {
		t.Fatal(err)
	}
	var pool packet.Pool
	p := pool.From([]byte("x"))
	other := cfg
	other.SPI++
	newSealer(t, other).Seal(p, wire.ProtoUDP)
	for name, b := range map[string][]byte{"unknown SPI": p.Bytes(), "no ESP": {1, 2, 3}, "only a header": {0, 0, 0x43, 0x21, 0, 0, 0, 1, 0, 0}} {
		if _, _, ok := read(b); ok {
			t.Errorf("%s: read", name)
		}
	}
	if _, err := Reader([]Config{{SPI: 1}}); !errors.Is(err, ErrSPI) {
		t.Errorf("wrong association: %v", err)
	}
}

// TestAnyOrder: without the anti-replay service a packet is as good the second time
// (RFC 4303 section 3.4.3).
func TestAnyOrder(t *testing.T) {
	for _, anyOrder := range []bool{false, true} {
		cfg := aesConfig(HMACSHA1_96)
		cfg.AnyOrder = anyOrder
		d := receiver(t, cfg)
		var pool packet.Pool
		for i, seq := range []uint32{900, 900, 1} {
			p := pool.From([]byte("x"))
			newSealer(t, cfg).SealAs(p, wire.ProtoUDP, seq)
			if ok := d.Open(0, p, &ip.Info{}) == 0; ok != (anyOrder || i == 0) {
				t.Errorf("AnyOrder %v: packet %d, sequence %d, accepted %v", anyOrder, i, seq, ok)
			}
		}
	}
}

// TestTunnelSelectorIsRefused (D-2.1-5): an association of the care-of address for what goes
// to the home agent in IPv4 would match every packet of the tunnel.
func TestTunnelSelectorIsRefused(t *testing.T) {
	careOf4, agent4 := netip.MustParseAddr("198.51.100.7"), netip.MustParseAddr("192.0.2.1")
	tests := []struct {
		name     string
		mode     Mode
		selector Selector
		want     error
	}{
		{"IPv6 in IPv4", Transport, Selector{Source: careOf4, Destination: agent4, Protocol: wire.ProtoIPv6}, ErrEveryPacket},
		{"IPv4 in IPv4", Transport, Selector{Source: careOf4, Destination: agent4, Protocol: wire.ProtoIPv4}, ErrEveryPacket},
		{"any protocol", Transport, Selector{Source: agent4, Destination: careOf4}, ErrEveryPacket},
		{"one protocol that is no tunnel", Transport, Selector{Source: careOf4, Destination: agent4, Protocol: wire.ProtoUDP}, nil},
		{"the home address's", Transport, Selector{Source: home, Destination: agent}, nil},
		{"payload between IPv4 home address and correspondent", Tunnel, Selector{Source: careOf4, Destination: agent4}, nil},
	}
	for _, tt := range tests {
		c := aesConfig(HMACSHA1_96)
		c.Mode, c.Selector = tt.mode, tt.selector
		if _, err := NewSA(c); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
		if _, err := NewSealer(c, rand.New(rand.NewPCG(1, 2))); !errors.Is(err, tt.want) {
			t.Errorf("%s, to seal: %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestCipherConfigFaults(t *testing.T) {
	c := aesConfig(HMACSHA1_96)
	if _, err := NewSealer(c, nil); !errors.Is(err, ErrNoIVs) {
		t.Errorf("no source of initialisation vectors: %v", err)
	}
	c.CipherKey = c.CipherKey[:8]
	if _, err := NewSA(c); !errors.Is(err, ErrCipherKey) {
		t.Errorf("short key: %v", err)
	}
	c.Cipher = 7
	if _, err := NewSA(c); !errors.Is(err, ErrAlgorithm) {
		t.Errorf("unknown cipher: %v", err)
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]Cipher{"null": NullCipher, "aes-cbc": AESCBC} {
		if c, ok := CipherNamed(name); !ok || c != want {
			t.Errorf("%s: %v %v", name, c, ok)
		}
	}
	for name, want := range map[string]Algorithm{"hmac-sha1-96": HMACSHA1_96, "hmac-sha-256-128": HMACSHA256_128} {
		if a, ok := AlgorithmNamed(name); !ok || a != want {
			t.Errorf("%s: %v %v", name, a, ok)
		}
	}
	if _, ok := CipherNamed("des"); ok || Cipher(9).String() != "unknown" || AESCBC.String() != "AES-CBC" {
		t.Error("names of ciphers")
	}
	if _, ok := AlgorithmNamed("md5"); ok {
		t.Error("names of algorithms")
	}
	if a, b := DeriveKey(HMACSHA1_96, "mn", "ha"), DeriveCipherKey(AESCBC, "mn", "ha"); string(a[:16]) == string(b) {
		t.Error("both keys are the same")
	}
}
