package esp

import (
	"bytes"
	"net/netip"

	"dsmipsim/nodes/wire"
)

// Keyring opens captured ESP packets with keys that somebody knows, and tells whether they are
// genuine. Several keys may go by one SPI, as they do where the destination tells them apart:
// the first one whose integrity value is right opens a packet, or the first one if none is.
type Keyring struct {
	sas map[uint32][]*SA
}

// Add puts a key on the ring. Of the Config it needs the SPI, both algorithms and their keys.
func (k *Keyring) Add(c Config) error {
	if !c.HomeAddress.IsValid() {
		c.HomeAddress = netip.IPv6Unspecified() // it is nobody's: nothing is received here
	}
	s, err := NewSA(c)
	if err != nil {
		return err
	}
	if k.sas == nil {
		k.sas = map[uint32][]*SA{}
	}
	k.sas[c.SPI] = append(k.sas[c.SPI], s)
	return nil
}

// Open is a wire.ESPReader.
func (k *Keyring) Open(b []byte) (plain, icv []byte, ok bool) {
	s, e, _ := k.find(b)
	if s == nil {
		return nil, nil, false
	}
	plain, ok = s.plaintext(e)
	return plain, e.ICV(), ok
}

// Genuine tells whether the integrity value of an ESP packet is right, if there is a key for it.
func (k *Keyring) Genuine(b []byte) (genuine, known bool) {
	s, _, genuine := k.find(b)
	return genuine, s != nil
}

func (k *Keyring) find(b []byte) (best *SA, view wire.ESP, genuine bool) {
	h, err := wire.ParseESP(b, 0, 0)
	if err != nil {
		return nil, h, false
	}
	for _, s := range k.sas[h.SPI()] {
		e, err := wire.ParseESP(b, s.ivLen, s.icvLen)
		if err != nil {
			continue
		}
		if bytes.Equal(s.integrity(e.Authenticated()), e.ICV()) {
			return s, e, true
		}
		if best == nil {
			best, view = s, e
		}
	}
	return best, view, false
}
