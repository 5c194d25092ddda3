package wire

import (
	"bytes"
	"testing"
)

// A reader that knows the key of one SPI lets decoders see what is inside; other ESP stays
// closed, and what a wrong key makes of it is malformed.
func TestESPReader(t *testing.T) {
	rot := func(b []byte) []byte { // a cipher of sorts
		out := bytes.Clone(b)
		for i := range out {
			out[i] ^= 0x55
		}
		return out
	}
	packet := func(spi uint32) []byte {
		b := AppendESP(nil, ESPFields{SPI: spi, Sequence: 9, IV: []byte{1, 2, 3, 4}, Payload: []byte{59, 0, 0, 0, 0, 0, 0, 0}, NextHeader: ProtoMobility, ICVLen: 12})
		e, err := ParseESP(b, 4, 12)
		if err != nil {
			t.Fatal(err)
		}
		copy(e.Ciphertext(), rot(e.Ciphertext()))
		h := make([]byte, IPv6HeaderLen)
		PutIPv6(h, IPv6Fields{PayloadLen: len(b), NextHeader: ProtoESP, HopLimit: 1})
		return append(h, b...)
	}
	opts := DissectOptions{ESP: func(b []byte) (plain, icv []byte, ok bool) {
		e, err := ParseESP(b, 4, 12)
		switch {
		case err != nil || e.SPI() > 2:
			return nil, nil, false
		case e.SPI() == 2:
			return e.Ciphertext(), e.ICV(), true // with a wrong key
		}
		return rot(e.Ciphertext()), e.ICV(), true
	}}
	tests := []struct {
		spi     uint32
		message string
		last    string
	}{{1, "BRR", LayerMalformed /* of its checksum */}, {2, "ESP", LayerMalformed}, {3, "ESP", LayerData}}
	for _, tt := range tests {
		if got := Classify(packet(tt.spi), LinkRaw, opts); got.Message != tt.message {
			t.Errorf("SPI %d: %s, want %s", tt.spi, got.Message, tt.message)
		}
		layers := Dissect(packet(tt.spi), LinkRaw, opts)
		if last := layers[len(layers)-1]; last.Name != tt.last || layers[1].Name != "ESP" {
			t.Errorf("SPI %d: ends with %s (%s)", tt.spi, last.Name, last.Summary)
		}
		if tt.spi < 3 && layers[1].Len != 12 {
			t.Errorf("SPI %d: %d octets of header, want 12 with the IV", tt.spi, layers[1].Len)
		}
	}
	// Where the reader does not know the association, the cipher may still be NULL.
	opts.ESPNull, opts.ICVLen = true, 12
	null := AppendESP(nil, ESPFields{SPI: 7, Payload: []byte{59, 0, 0, 0, 0, 0, 0, 0}, NextHeader: ProtoMobility, ICVLen: 12})
	h := make([]byte, IPv6HeaderLen)
	PutIPv6(h, IPv6Fields{PayloadLen: len(null), NextHeader: ProtoESP, HopLimit: 1})
	if got := Classify(append(h, null...), LinkRaw, opts); got.Message != "BRR" {
		t.Errorf("NULL cipher: %s", got.Message)
	}
	if got := Classify(append(h, null[:9]...), LinkRaw, opts); got.Message == "BRR" {
		t.Error("truncated ESP was read")
	}
}
