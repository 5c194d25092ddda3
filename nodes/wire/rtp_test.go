package wire

import (
	"errors"
	"testing"
)

func TestRTP(t *testing.T) {
	// RFC 3550 section 5.1: V=2 P=0 X=0 CC=0, M, PT, sequence, timestamp, SSRC.
	b := make([]byte, RTPHeaderLen+3)
	copy(b[RTPHeaderLen:], "abc")
	f := RTPFields{Marker: true, PayloadType: 18, Sequence: 0x0102, Timestamp: 0x03040506, SSRC: 0x0708090a}
	PutRTP(b, f)
	if want := "\x80\x92\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0aabc"; string(b) != want {
		t.Fatalf("got % x, want % x", b, want)
	}
	r, err := ParseRTP(b)
	if err != nil || r.Fields() != f || string(r.Payload()) != "abc" {
		t.Errorf("%+v %q %v", r.Fields(), r.Payload(), err)
	}
	f.Marker = false
	PutRTP(b, f)
	if r, err := ParseRTP(b); err != nil || r.Fields() != f {
		t.Errorf("%+v %v", r.Fields(), err)
	}
	for n := range RTPHeaderLen {
		if _, err := ParseRTP(b[:n]); !errors.Is(err, ErrTruncated) {
			t.Errorf("%d octets: %v", n, err)
		}
	}
	for first, want := range map[byte]error{0x00: ErrVersion, 0x40: ErrVersion, 0xc0: ErrVersion, 0xa0: ErrUnsupported, 0x90: ErrUnsupported, 0x81: ErrUnsupported} {
		b[0] = first
		if _, err := ParseRTP(b); !errors.Is(err, want) {
			t.Errorf("first octet %#x: %v", first, err)
		}
	}
}
