package mip

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim/vtime"
)

// Addresses and inputs of the vectors V13 to V20.
var (
	homeAddress = netip.MustParseAddr("2001:db8:100::1000")
	careOf      = netip.MustParseAddr("2001:db8:a::1001")
	peer        = netip.MustParseAddr("2001:db8:c::99")
)

// words is a random source that yields them.
type words []uint64

func (w *words) Uint64() uint64 {
	x := (*w)[0]
	*w = (*w)[1:]
	return x
}

// vectorNonces are those of the vectors: index 17 from the beginning, 18 half a minute later.
func vectorNonces() *Nonces {
	w := words{0x0001020304050607, 0x08090a0b0c0d0e0f, 0x1011121300000000, 17, 0xa0a1a2a3a4a5a6a7, 0xb0b1b2b3b4b5b6b7}
	return NewNonces(rand.New(&w))
}

// B-31: tokens, keys and authenticators, octet by octet (V15 to V20).
func TestKeysOfVectors(t *testing.T) {
	n := vectorNonces()
	i, home := n.NewHomeToken(0, homeAddress)
	j, away := n.NewCareOfToken(vtime.Time(30*time.Second), careOf)
	check := func(what string, got []byte, want string) {
		t.Helper()
		if hex.EncodeToString(got) != want {
			t.Errorf("%s is %x, want %s", what, got, want)
		}
	}
	if i != 17 || j != 18 {
		t.Errorf("nonce indices %d and %d", i, j)
	}
	check("home token", home[:], "8c15a0bdbb0637d4")
	check("care-of token", away[:], "61ae5e00c711be1a")
	key, deletion := BindingKey(home, away), DeletionKey(home)
	check("Kbm", key[:], "9349e3c2ed7755fb14f1dfd2c4b89df98141782a")
	check("Kbm for deletion", deletion[:], "4d3c5188971d490029d8cbcd2fd04442f2aeae8c")

	unhex := func(s string) []byte { b, _ := hex.DecodeString(s); return b }
	for _, v := range []struct {
		name   string
		key    Key
		careOf netip.Addr
		mh     string
	}{
		{"V18", key, careOf, "3b0305001e23123480000069040400110012050c87fd2a1e7262e4cc002c8ed3"},
		{"V19", key, careOf, "3b0306001e22000012340069010400000000050c564375555bc14aca8f2a1920"},
		{"V20", deletion, homeAddress, "3b0305007035123580000000040400110000050c48f654f7bf273eb20264a886"},
	} {
		mh := unhex(v.mh)
		if !v.key.Verify(v.careOf, peer, mh) {
			t.Errorf("%s: the authenticator is refused", v.name)
		}
		for bit := range len(mh) * 8 {
			if at := bit / 8; at == 4 || at == 5 {
				continue // the checksum is taken as zero
			}
			mh[bit/8] ^= 0x80 >> (bit % 8)
			if v.key.Verify(v.careOf, peer, mh) {
				t.Errorf("%s: bit %d may change", v.name, bit)
			}
			mh[bit/8] ^= 0x80 >> (bit % 8)
		}
		clear(mh[len(mh)-wire.AuthenticatorLen:])
		v.key.Sign(v.careOf, peer, mh)
		check(v.name, mh, v.mh)
	}
}

// B-32: a nonce serves for 30 s and is accepted for 240 s, which lets a token live for 210 s
// at least; nothing is drawn while nobody asks.
func TestNonceLifetimes(t *testing.T) {
	at := func(d time.Duration) vtime.Time { return vtime.Time(d) }
	src := rand.NewPCG(1, 2)
	n := NewNonces(rand.New(src))
	first, token := n.NewHomeToken(0, homeAddress)
	if again, same := n.NewHomeToken(at(30*time.Second-1), homeAddress); again != first || same != token {
		t.Errorf("index %d, token %x after 30 s less a nanosecond, were %d, %x", again, same, first, token)
	}
	if next, other := n.NewHomeToken(at(30*time.Second), homeAddress); next != first+1 || other == token {
		t.Errorf("index %d after 30 s, token changed: %v", next, other != token)
	}
	if got, ok := n.HomeTokenOf(at(240*time.Second-1), first, homeAddress); !ok || got != token {
		t.Errorf("after 240 s less a nanosecond: %x %v", got, ok)
	}
	if _, ok := n.HomeTokenOf(at(240*time.Second), first, homeAddress); ok {
		t.Error("the nonce is accepted after 240 s")
	}
	for _, unknown := range []uint16{first - 1, first + 2} {
		if _, ok := n.CareOfTokenOf(at(31*time.Second), unknown, careOf); ok {
			t.Errorf("index %d is known, made were %d and %d", unknown, first, first+1)
		}
	}
	for i := range 20 { // one request each half minute: eight are known
		n.NewHomeToken(at(time.Duration(i+2)*30*time.Second), homeAddress)
	}
	known := 0
	for i := range uint16(30) {
		if _, ok := n.HomeTokenOf(at(21*30*time.Second), first+i, homeAddress); ok {
			known++
		}
	}
	if known != noncesKept {
		t.Errorf("%d nonces known, want %d", known, noncesKept)
	}
}

func TestCookiesAreDrawn(t *testing.T) {
	w := words{0x1111111122222222}
	if c := DrawCookie(rand.New(&w)); binary.BigEndian.Uint64(c[:]) != 0x1111111122222222 {
		t.Errorf("%x", c)
	}
}
