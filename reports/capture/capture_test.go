package capture

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dsmipsim/nodes/wire"
)

// readAll reads a file to its end or to the first error.
func readAll(octets []byte) (all []Frame, err error) {
	c, err := Open(bytes.NewReader(octets))
	if err != nil {
		return nil, err
	}
	for {
		f, err := c.Next()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = append(all, f)
	}
}

func load(t testing.TB, name string) []byte {
	t.Helper()
	octets, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return octets
}

// headers are what tshark calls the headers that are decoded here.
var headers = map[string]string{"eth": "Ethernet", "vlan": "VLAN", "ieee8021ad": "VLAN", "sll": "Linux cooked", "null": "Loopback",
	"ip": "IPv4", "ipv6": "IPv6", "udp": "UDP", "icmpv6": "ICMPv6", "arp": "ARP"}

// Captures of other programs have the times, lengths and headers that tshark finds in them.
func TestForeignCaptures(t *testing.T) {
	frames := map[string][]Frame{}
	lines := bufio.NewScanner(bytes.NewReader(load(t, "tshark.txt")))
	seen := 0
	for lines.Scan() {
		var name, at, protocols string
		var n, captured, length int
		if _, err := fmt.Sscan(lines.Text(), &name, &n, &at, &captured, &length, &protocols); err != nil {
			t.Fatal(err)
		}
		if frames[name] == nil {
			var err error
			if frames[name], err = readAll(load(t, name)); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			seen += len(frames[name])
		}
		seen--
		f := frames[name][n-1]
		got := "-"
		if !f.Time.IsZero() {
			got = fmt.Sprintf("%d.%09d", f.Time.Unix(), f.Time.Nanosecond())
		}
		if got != at || len(f.Octets) != captured || f.Length != length {
			t.Errorf("%s: packet %d: found %d of %d octets at %s, wanted %d of %d at %s", name, n, len(f.Octets), f.Length, got, captured, length, at)
		}
		link, known := f.Begins()
		if class := wire.Classify(f.Octets, link, wire.DissectOptions{Cut: f.Cut()}); strings.Contains("malformed unknown EtherType", class.Message) != (len(f.Octets) == 20) {
			t.Errorf("%s: packet %d is taken for %s", name, n, class.Message)
		}
		var chain, want []string
		for _, l := range wire.Dissect(f.Octets, link, wire.DissectOptions{Cut: f.Cut()}) {
			if l.Name != wire.LayerData && l.Name != wire.LayerCut {
				chain = append(chain, l.Name)
			}
		}
		for _, p := range strings.Split(protocols, ":") {
			if headers[p] != "" {
				want = append(want, headers[p])
			}
		}
		if f.Cut() {
			want = want[:min(len(chain), len(want))]
		}
		if !known || !slices.Equal(chain, want) || len(chain) == 0 {
			t.Errorf("%s: packet %d: found %q, wanted %q", name, n, chain, want)
		}
	}
	if seen != 0 || len(frames) < 10 {
		t.Errorf("%d packets more than tshark found, in %d files", seen, len(frames))
	}
}

// What tshark's columns do not show: names of interfaces, comments, directions.
func TestSections(t *testing.T) {
	all, err := readAll(load(t, "sections.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range all {
		got = append(got, fmt.Sprintf("%s %v %d", all[i].Interface, all[i].Comments, all[i].Direction))
	}
	want := []string{"lan [a comment] 1", "tunnel [] 0", "any [] 0", "lan [] 0", "lan [] 0", "tunnel [] 0", "other [] 2", "lan [] 0"}
	if !slices.Equal(got, want) {
		t.Errorf("found %q, wanted %q", got, want)
	}
}

func TestGzip(t *testing.T) {
	packed, err := readAll(load(t, "le-us.pcap.gz"))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := readAll(load(t, "le-us.pcap"))
	if err != nil || len(plain) == 0 || len(packed) != len(plain) || !bytes.Equal(packed[0].Octets, plain[0].Octets) {
		t.Errorf("%d packets in the one, %d in the other, %v", len(packed), len(plain), err)
	}
}

// Wherever a file is cut, the whole packets before are there, and the cut is noticed unless it
// is between two packets.
func TestCutFiles(t *testing.T) {
	for _, name := range []string{"le-us.pcap", "be-ns.pcap", "sections.pcapng"} {
		octets := load(t, name)
		whole, err := readAll(octets)
		if err != nil {
			t.Fatal(err)
		}
		clean := 0 // of its beginnings, apart from the whole
		for n := range octets {
			some, err := readAll(octets[:n])
			if err == nil {
				clean++
				continue
			}
			for i := range some {
				if !bytes.Equal(some[i].Octets, whole[i].Octets) {
					t.Fatalf("%s: cut at %d: packet %d is another one", name, n, i+1)
				}
			}
			if n >= 24 && (!errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), fmt.Sprintf("after %d octets", n))) {
				t.Fatalf("%s: cut at %d: %v", name, n, err)
			}
		}
		blocks := len(whole)
		if name == "sections.pcapng" {
			blocks += 2 + 5 + 2 - 1 // sections, interfaces, names, statistics; the last block ends the whole
		}
		if clean != blocks {
			t.Errorf("%s: %d of its beginnings pass for whole files, wanted %d", name, clean, blocks)
		}
	}
}

// Damage is told in words.
func TestDamage(t *testing.T) {
	sections := load(t, "sections.pcapng")
	for name, c := range map[string]struct {
		octets []byte
		want   string
	}{
		"empty":         {nil, "found fewer than 4 octets"},
		"text":          {[]byte("just some text that is longer than the header of a capture"), "found octets that begin with 6a757374, wanted a pcap or pcapng file"},
		"gzip of it":    {[]byte{0x1f, 0x8b, 0, 0}, "gzip"},
		"byte order":    {patched(sections, 8, 1), "byte order 013c2b1a"},
		"length":        {patched(sections, 4, 7), "found a block of 7 octets"},
		"both lengths":  {patched(sections, 4, sections[4]+4), "at its beginning"},
		"version":       {patched(sections, 12, 9), "version 9"},
		"interface":     {patched(sections, bytes.Index(sections, []byte{6, 0, 0, 0})+8, 77), "interface 77"},
		"capture":       {patched(sections, bytes.Index(sections, []byte{6, 0, 0, 0})+20, 255), "room for"},
		"resolution":    {patched(sections, bytes.Index(sections, []byte{9, 0, 1, 0})+4, 20), "finer"},
		"option length": {patched(sections, bytes.Index(sections, []byte{2, 0, 3, 0})+2, 99), "an option of 99 octets"},
	} {
		if _, err := readAll(c.octets); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, wanted %q in it", name, err, c.want)
		}
	}
}

func patched(octets []byte, at int, value byte) []byte {
	c := bytes.Clone(octets)
	c[at] = value
	return c
}

// No file whatever makes the reader panic or go on forever.
func FuzzOpen(f *testing.F) {
	names, err := filepath.Glob("testdata/*.pcap*")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		f.Add(load(f, filepath.Base(name)))
	}
	f.Fuzz(func(_ *testing.T, octets []byte) {
		all, _ := readAll(octets)
		for i := range all {
			link, _ := all[i].Begins()
			wire.Dissect(all[i].Octets, link, wire.DissectOptions{Cut: all[i].Cut(), ESPNull: true, ICVLen: 12})
			wire.Classify(all[i].Octets, link, wire.DissectOptions{Cut: all[i].Cut(), ESPNull: true, ICVLen: 12})
		}
	})
}
