package replay

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

const ms = time.Millisecond

// Frames stand in the order in which they are sent, with the time at which they are shown: B frames
// are sent behind the P frame that they need.
func TestFrames(t *testing.T) {
	got, err := Frames(strings.NewReader("# n type ms octets\n1 I 0 534\n2 P 40 1542\n3 P 120 134\n4 B 80 390 # behind\n\n5 B 120 765\n6 P 240.5 407\n"))
	want := []Unit{{0, 534}, {40 * ms, 1542}, {120 * ms, 134}, {120 * ms, 390}, {120 * ms, 765}, {240*ms + ms/2, 407}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v %v, want %v", got, err, want)
	}
	if got, err := Frames(strings.NewReader("1 I 500 5\n2 P 540 6")); err != nil || got[0].At != 0 || got[1].At != 40*ms {
		t.Errorf("a trace that does not begin at 0: %v %v", got, err)
	}
	for text, want := range map[string]string{
		"":                      "found no frame",
		"1 I 0":                 "line 1: found 3 columns",
		"1 I 0 5\n\n2 P x 5":    `line 3: found the time "x"`,
		"1 I -1 5":              `line 1: found the time "-1"`,
		"1 I NaN 5":             `line 1: found the time "NaN"`,
		"1 I 0 -5":              `line 1: found the size "-5"`,
		"1 I 0 5.5":             `line 1: found the size "5.5"`,
		"1 I 0 9999999999999":   `line 1: found the size`,
		"frame,type,time,size ": "line 1: found 1 columns",
	} {
		if _, err := Frames(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// pcap makes a pcap file of packets at times in milliseconds.
func pcap(t *testing.T, link layers.LinkType, at []int, packets ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := pcapgo.NewWriterNanos(&b)
	if err := w.WriteFileHeader(65535, link); err != nil {
		t.Fatal(err)
	}
	for i, p := range packets {
		if err := w.WritePacket(gopacket.CaptureInfo{Timestamp: time.Unix(1e9, 0).Add(time.Duration(at[i]) * ms), CaptureLength: len(p), Length: len(p)}, p); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func ipv4(n int) []byte {
	return append([]byte{0x45, 0, byte((20 + n) >> 8), byte(20 + n), 0, 0, 0, 0, 64, 253, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2}, make([]byte, n)...)
}

func ipv6(n int) []byte {
	return append(append([]byte{0x60, 0, 0, 0, byte(n >> 8), byte(n), 59, 64}, make([]byte, 32)...), make([]byte, n)...)
}

func ethernet(typ uint16, p []byte) []byte {
	return append([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, byte(typ >> 8), byte(typ)}, p...)
}

func TestCapture(t *testing.T) {
	arp := ethernet(0x0806, make([]byte, 28))
	for name, file := range map[string][]byte{
		"ethernet": pcap(t, layers.LinkTypeEthernet, []int{5, 10, 30, 20}, arp, ethernet(0x800, ipv4(100)), ethernet(0x86dd, ipv6(1300)), ethernet(0x800, ipv4(0))),
		"raw":      pcap(t, layers.LinkTypeRaw, []int{10, 30, 20}, ipv4(100), ipv6(1300), ipv4(0)),
	} {
		got, err := Capture(bytes.NewReader(file))
		want := []Unit{{0, 100}, {20 * ms, 1300}, {20 * ms, 0}}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %v %v, want %v", name, got, err, want)
		}
		for n := range len(file) {
			if _, err := Capture(bytes.NewReader(file[:n])); err == nil && n < 60 {
				t.Errorf("%s: %d octets of the file are no error", name, n)
			}
		}
	}
	padded := ethernet(0x800, append(ipv4(1), make([]byte, 25)...)) // to the least length of Ethernet
	if got, err := Capture(bytes.NewReader(pcap(t, layers.LinkTypeEthernet, []int{0}, padded))); err != nil || got[0].Octets != 1 {
		t.Errorf("padding counts: %v %v", got, err)
	}
	for want, file := range map[string][]byte{
		"no IP packet":   pcap(t, layers.LinkTypeEthernet, []int{0}, arp),
		"pcap or pcapng": []byte(fmt.Sprintf("%40d", 1)),
	} {
		if _, err := Capture(bytes.NewReader(file)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func FuzzFrames(f *testing.F) {
	f.Add("1 I 0 534\n2 P 40 1542")
	f.Fuzz(func(t *testing.T, s string) {
		all, err := Frames(strings.NewReader(s))
		for i, u := range all {
			if err != nil || u.Octets < 0 || u.At < 0 || i > 0 && u.At < all[i-1].At {
				t.Fatalf("%v %v", all, err)
			}
		}
	})
}
