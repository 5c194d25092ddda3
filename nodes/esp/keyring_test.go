package esp

import (
	"errors"
	"testing"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
)

// TestKeyring: of two keys for one SPI the right one opens a packet. What was altered is opened
// and found out, and what there is no key for stays closed.
func TestKeyring(t *testing.T) {
	right, wrong := aesConfig(HMACSHA1_96), aesConfig(HMACSHA1_96)
	wrong.Key, wrong.CipherKey = DeriveKey(HMACSHA1_96, "others"), DeriveCipherKey(AESCBC, "others")
	var ring Keyring
	for _, c := range []Config{wrong, right} {
		c.HomeAddress = Config{}.HomeAddress
		if err := ring.Add(c); err != nil {
			t.Fatal(err)
		}
	}
	var pool packet.Pool
	p := pool.From([]byte("a mobility message"))
	newSealer(t, right).Seal(p, wire.ProtoMobility)
	b := p.Bytes()
	plain, icv, ok := ring.Open(b)
	payload, next, err := wire.OpenESP(plain)
	if !ok || err != nil || string(payload) != "a mobility message" || next != wire.ProtoMobility || len(icv) != 12 {
		t.Errorf("opened %q of protocol %d with %d octets of integrity value: %v %v", payload, next, len(icv), ok, err)
	}
	if genuine, known := ring.Genuine(b); !genuine || !known {
		t.Errorf("genuine %v, known %v", genuine, known)
	}
	b[len(b)-1] ^= 1
	if _, _, ok := ring.Open(b); !ok {
		t.Error("what was altered stays closed")
	}
	if genuine, known := ring.Genuine(b); genuine || !known {
		t.Errorf("altered: genuine %v, known %v", genuine, known)
	}
	b[0] ^= 1
	for name, b := range map[string][]byte{"unknown SPI": b, "no ESP": {1, 2, 3}, "only a header": {0, 0, 0x43, 0x21, 0, 0, 0, 1, 0, 0}} {
		_, _, ok := ring.Open(b)
		if _, known := ring.Genuine(b); ok || known {
			t.Errorf("%s: opened %v, known %v", name, ok, known)
		}
	}
	if err := ring.Add(Config{SPI: 1}); !errors.Is(err, ErrSPI) {
		t.Errorf("wrong association: %v", err)
	}
}
