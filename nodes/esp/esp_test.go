package esp

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/netip"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
)

var (
	home   = netip.MustParseAddr("2001:db8:100::1000")
	other  = netip.MustParseAddr("2001:db8:100::2000")
	agent  = netip.MustParseAddr("2001:db8:100::1")
	careOf = netip.MustParseAddr("2001:db8:a::1001")
	peer   = netip.MustParseAddr("2001:db8:c::99")
)

// vectorKey is the key of V34 to V36: 20 21 .. 33.
func vectorKey() []byte {
	k := make([]byte, 20)
	for i := range k {
		k[i] = byte(0x20 + i)
	}
	return k
}

// The three associations of the vectors, all in the direction in which the vector travels.
func vectorConfigs() map[string]Config {
	c := Config{Key: vectorKey(), HomeAddress: home}
	bu, ba, hoti := c, c, c
	bu.SPI = 0x1001
	bu.Selector = Selector{Source: home, Destination: agent, Protocol: wire.ProtoMobility, Type: 5}
	ba.SPI = 0x1002
	ba.Selector = Selector{Source: agent, Destination: home, Protocol: wire.ProtoMobility, Type: 6}
	hoti.SPI, hoti.Mode = 0x1003, Tunnel
	hoti.Selector = Selector{Source: home, Protocol: wire.ProtoMobility, Type: 1}
	hoti.TunnelSource, hoti.TunnelDestination = careOf, agent
	return map[string]Config{"V34_BU_esp": bu, "V35_BA_esp": ba, "V36_HoTI_esp_tunnel": hoti}
}

// vectors returns the packets that scapy built and tshark judged (shared test vectors).
func vectors(t testing.TB) map[string][]byte {
	t.Helper()
	text, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []struct{ Name, Hex string }
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	m := map[string][]byte{}
	for _, v := range list {
		if m[v.Name], err = hex.DecodeString(v.Hex); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// received does what the internet layer does before it calls Open.
func received(t testing.TB, octets []byte) *ip.Info {
	t.Helper()
	h, err := wire.ParseIPv6(octets)
	if err != nil {
		t.Fatal(err)
	}
	c, err := wire.WalkIPv6(h)
	if err != nil {
		t.Fatal(err)
	}
	in := &ip.Info{WireSource: h.Source(), WireDest: h.Destination(), Protocol: c.Upper, Offset: c.UpperOffset}
	in.Source, in.Destination = c.UpperAddresses()
	return in
}

func newSA(t testing.TB, c Config) *SA {
	t.Helper()
	s, err := NewSA(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func receiver(t testing.TB, configs ...Config) *Database {
	t.Helper()
	var d Database
	for _, c := range configs {
		if err := d.AddInbound(newSA(t, c)); err != nil {
			t.Fatal(err)
		}
	}
	return &d
}

// inner returns what the ESP header of the vector protects, cut out by hand: NULL cipher,
// ICV of 12 octets.
func inner(octets []byte, at int) ([]byte, uint8) {
	end := len(octets) - 12
	pad := int(octets[end-2])
	return octets[at+8 : end-2-pad], octets[end-1]
}

func TestVectors(t *testing.T) {
	for name, cfg := range vectorConfigs() {
		t.Run(name, func(t *testing.T) {
			whole := vectors(t)[name]
			in := received(t, whole)
			at := in.Offset
			payload, next := inner(whole, at)

			var pool packet.Pool
			p := pool.From(payload)
			s := newSA(t, cfg)
			s.Seal(p, next)
			if diff := cmp.Diff(whole[at:], p.Bytes()); diff != "" {
				t.Errorf("sealed octets (-vector +got):\n%s", diff)
			}
			if want := len(whole) - at - len(payload); p.Tag().Overhead != want || s.Overhead(len(payload)) != want {
				t.Errorf("overhead counted %d, announced %d, want %d", p.Tag().Overhead, s.Overhead(len(payload)), want)
			}

			q := pool.From(whole)
			d := receiver(t, cfg)
			if why := d.Open(0, q, in); why != 0 {
				t.Fatalf("Open = %v", why)
			}
			if in.Protocol != next || !in.Secured || in.SecuredFor != home {
				t.Errorf("protocol %d secured %v for %v", in.Protocol, in.Secured, in.SecuredFor)
			}
			if diff := cmp.Diff(payload, q.Bytes()[in.Offset:]); diff != "" {
				t.Errorf("opened octets (-want +got):\n%s", diff)
			}
		})
	}
}

// TestVectorPayload ties V34 and V35 to the vectors without ESP.
func TestVectorPayload(t *testing.T) {
	v := vectors(t)
	for esp, plain := range map[string]string{"V34_BU_esp": "V01_BU_v6_hoa4", "V35_BA_esp": "V04_BA_v6_ack"} {
		got, _ := inner(v[esp], received(t, v[esp]).Offset)
		want := v[plain]
		if want == nil {
			t.Fatalf("no vector %s", plain)
		}
		if diff := cmp.Diff(want[received(t, want).Offset:], got); diff != "" {
			t.Errorf("%s against %s:\n%s", esp, plain, diff)
		}
	}
}

func TestEveryFlippedBitFails(t *testing.T) {
	var pool packet.Pool
	for name, cfg := range vectorConfigs() {
		whole := vectors(t)[name]
		at := received(t, whole).Offset
		for i := at * 8; i < len(whole)*8; i++ {
			bad := append([]byte(nil), whole...)
			bad[i/8] ^= 0x80 >> (i % 8)
			p := pool.From(bad)
			in := received(t, whole)
			if why := receiver(t, cfg).Open(0, p, in); why != trace.SecurityFailed {
				t.Errorf("%s: bit %d of ESP flipped: %v", name, i-at*8, why)
			}
			if in.Secured || in.Offset != at || p.Len() != len(whole) {
				t.Fatalf("%s: a refused packet was changed", name)
			}
			p.Release()
		}
	}
}

func TestTruncated(t *testing.T) {
	var pool packet.Pool
	whole := vectors(t)["V34_BU_esp"]
	in := received(t, whole)
	for n := in.Offset; n < len(whole); n++ {
		i := *in
		if why := receiver(t, vectorConfigs()["V34_BU_esp"]).Open(0, pool.From(whole[:n]), &i); why != trace.SecurityFailed {
			t.Errorf("cut to %d octets: %v", n, why)
		}
	}
}

// TestSelectors: a correct ICV is not enough, the association must be the one for this
// packet (RFC 3776 section 4.2, RFC 4301 section 5.2).
func TestSelectors(t *testing.T) {
	bu, hoti := vectorConfigs()["V34_BU_esp"], vectorConfigs()["V36_HoTI_esp_tunnel"]
	with := func(c Config, f func(*Config)) Config { f(&c); return c }
	tests := []struct {
		name   string
		cfg    Config
		vector string
		in     func(*ip.Info)
		want   trace.Reason
	}{
		{"as agreed", bu, "V34_BU_esp", nil, 0},
		{"any source", with(bu, func(c *Config) { c.Selector.Source = netip.Addr{} }), "V34_BU_esp", nil, 0},
		{"no selector at all", with(bu, func(c *Config) { c.Selector = Selector{} }), "V34_BU_esp", nil, 0},
		{"the Home Address option names another node", bu, "V34_BU_esp", func(in *ip.Info) { in.Source = other }, trace.SecurityFailed},
		{"care-of address without Home Address option", bu, "V34_BU_esp", func(in *ip.Info) { in.Source = careOf }, trace.SecurityFailed},
		{"sent to another home agent", bu, "V34_BU_esp", func(in *ip.Info) { in.Destination = peer }, trace.SecurityFailed},
		{"association for another message", with(bu, func(c *Config) { c.Selector.Type = 6 }), "V34_BU_esp", nil, trace.SecurityFailed},
		{"association for another protocol", with(bu, func(c *Config) { c.Selector.Protocol = wire.ProtoICMPv6 }), "V34_BU_esp", nil, trace.SecurityFailed},
		{"another key", with(bu, func(c *Config) { c.Key = make([]byte, 20) }), "V34_BU_esp", nil, trace.SecurityFailed},
		{"unknown SPI", with(bu, func(c *Config) { c.SPI = 0x2001 }), "V34_BU_esp", nil, trace.SecurityFailed},
		{"transport payload in a tunnel association", with(bu, func(c *Config) { c.Mode = Tunnel }), "V34_BU_esp", nil, trace.SecurityFailed},

		{"tunnel as agreed", hoti, "V36_HoTI_esp_tunnel", nil, 0},
		{"tunnel from a stale care-of address", hoti, "V36_HoTI_esp_tunnel", func(in *ip.Info) { in.Source = peer }, trace.SecurityFailed},
		{"tunnel to another agent", hoti, "V36_HoTI_esp_tunnel", func(in *ip.Info) { in.Destination = peer }, trace.SecurityFailed},
		{"tunnel from anywhere", with(hoti, func(c *Config) { c.TunnelSource = netip.Addr{} }), "V36_HoTI_esp_tunnel", func(in *ip.Info) { in.Source = peer }, 0},
		{"inner source is another node", with(hoti, func(c *Config) { c.Selector.Source = other }), "V36_HoTI_esp_tunnel", nil, trace.SecurityFailed},
		{"inner message is another", with(hoti, func(c *Config) { c.Selector.Type = 3 }), "V36_HoTI_esp_tunnel", nil, trace.SecurityFailed},
	}
	var pool packet.Pool
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			whole := vectors(t)[tt.vector]
			in := received(t, whole)
			if tt.in != nil {
				tt.in(in)
			}
			if got := receiver(t, tt.cfg).Open(0, pool.From(whole), in); got != tt.want {
				t.Errorf("Open = %v, want %v", got, tt.want)
			}
		})
	}
}

// TestTunnelPayloads opens what only a peer with the key could send.
func TestTunnelPayloads(t *testing.T) {
	cfg := Config{SPI: 256, Key: vectorKey(), Mode: Tunnel, HomeAddress: home}
	ipv4 := make([]byte, 28)
	wire.PutIPv4(ipv4, wire.IPv4Fields{TotalLen: 28, TTL: 1, Protocol: wire.ProtoICMPv4,
		Source: netip.MustParseAddr("192.0.2.1"), Destination: netip.MustParseAddr("192.0.2.2")})
	ipv4[20] = wire.ICMPv4Echo
	badChain := make([]byte, 48)
	wire.PutIPv6(badChain, wire.IPv6Fields{PayloadLen: 8, NextHeader: wire.ProtoDestOpts, Source: home, Destination: peer})
	badChain[41] = 9 // a header longer than the packet

	tests := []struct {
		name     string
		selector Selector
		next     uint8
		payload  []byte
		want     trace.Reason
	}{
		{"IPv4 inside", Selector{Protocol: wire.ProtoICMPv4, Type: wire.ICMPv4Echo}, wire.ProtoIPv4, ipv4, 0},
		{"IPv4 inside, of another type", Selector{Protocol: wire.ProtoICMPv4, Type: 1}, wire.ProtoIPv4, ipv4, trace.SecurityFailed},
		{"no IPv4 packet", Selector{}, wire.ProtoIPv4, ipv4[:10], trace.SecurityFailed},
		{"no IPv6 packet", Selector{}, wire.ProtoIPv6, ipv4, trace.SecurityFailed},
		{"broken extension header", Selector{}, wire.ProtoIPv6, badChain, trace.SecurityFailed},
		{"neither", Selector{}, wire.ProtoUDP, ipv4, trace.SecurityFailed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := cfg
			c.Selector = tt.selector
			var pool packet.Pool
			p := pool.From(tt.payload)
			newSA(t, c).Seal(p, tt.next)
			if got := receiver(t, c).Open(0, p, &ip.Info{Source: careOf, Destination: agent}); got != tt.want {
				t.Errorf("Open = %v, want %v", got, tt.want)
			}
		})
	}
}

// TestBadPadding: the ICV is right but the padding is not 1, 2, 3 (RFC 4303 section 2.4).
func TestBadPadding(t *testing.T) {
	var pool packet.Pool
	cfg := Config{SPI: 256, Key: vectorKey(), HomeAddress: home}
	s := newSA(t, cfg)
	p := pool.From([]byte{1})
	s.Seal(p, wire.ProtoUDP)
	b := p.Bytes()
	b[9] = 7 // the octet of padding
	copy(b[len(b)-12:], s.integrity(b[:len(b)-12]))
	if why := receiver(t, cfg).Open(0, p, &ip.Info{}); why != trace.SecurityFailed {
		t.Errorf("Open = %v", why)
	}
}

func TestReplay(t *testing.T) {
	tests := []struct {
		name string
		seq  []uint32 // sequence numbers as they arrive
		want string   // a: accepted, r: refused
	}{
		{"in order", []uint32{1, 2, 3}, "aaa"},
		{"same packet again", []uint32{1, 1}, "ar"},
		{"out of order within the window", []uint32{1, 5, 3, 3, 4}, "aaara"},
		{"window edge", []uint32{100, 37, 36, 37}, "aarr"},
		{"jump of a whole window", []uint32{1, 65, 2, 1}, "aaar"},
		{"jump beyond the window", []uint32{1, 1000, 1, 937, 936}, "aarar"},
		{"zero is never sent", []uint32{0, 1}, "ra"},
		{"highest", []uint32{0xffffffff, 0xffffffff, 0xfffffffe}, "ara"},
	}
	cfg := Config{SPI: 300, Key: vectorKey(), HomeAddress: home}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var pool packet.Pool
			d := receiver(t, cfg)
			var got strings.Builder
			for _, n := range tt.seq {
				s := newSA(t, cfg)
				s.sent = n - 1
				p := pool.From([]byte("payload"))
				s.Seal(p, wire.ProtoUDP)
				if d.Open(0, p, &ip.Info{}) == 0 {
					got.WriteByte('a')
				} else {
					got.WriteByte('r')
				}
			}
			if got.String() != tt.want {
				t.Errorf("got %s, want %s", got.String(), tt.want)
			}
		})
	}
}

// TestForgedPacketLeavesWindow: a packet that does not verify must not move the window.
func TestForgedPacketLeavesWindow(t *testing.T) {
	var pool packet.Pool
	cfg := Config{SPI: 300, Key: vectorKey(), HomeAddress: home}
	s, d := newSA(t, cfg), receiver(t, cfg)
	forged := pool.From([]byte("x"))
	fs := newSA(t, Config{SPI: 300, Key: make([]byte, 20), HomeAddress: home})
	fs.sent = 5000
	fs.Seal(forged, wire.ProtoUDP)
	if d.Open(0, forged, &ip.Info{}) == 0 {
		t.Fatal("forged packet accepted")
	}
	p := pool.From([]byte("x"))
	s.Seal(p, wire.ProtoUDP)
	if why := d.Open(0, p, &ip.Info{}); why != 0 {
		t.Errorf("packet 1 after the forgery: %v", why)
	}
}

func TestRoundTripOfEveryLength(t *testing.T) {
	for _, a := range []Algorithm{HMACSHA1_96, HMACSHA256_128} {
		cfg := Config{SPI: 256, Algorithm: a, Key: DeriveKey(a, "mn", "ha"), HomeAddress: home}
		s, d := newSA(t, cfg), receiver(t, cfg)
		var pool packet.Pool
		for n := range 70 {
			want := make([]byte, n)
			for i := range want {
				want[i] = byte(i * 7)
			}
			p := pool.From(want)
			s.Seal(p, wire.ProtoMobility)
			if p.Len()%4 != 0 || p.Len() != n+s.Overhead(n) {
				t.Errorf("%v: %d octets became %d, overhead %d", a, n, p.Len(), s.Overhead(n))
			}
			in := ip.Info{}
			if why := d.Open(0, p, &in); why != 0 {
				t.Fatalf("%v: %d octets: %v", a, n, why)
			}
			if diff := cmp.Diff(want, p.Bytes()[in.Offset:]); diff != "" || in.Protocol != wire.ProtoMobility {
				t.Fatalf("%v: %d octets, protocol %d:\n%s", a, n, in.Protocol, diff)
			}
		}
	}
}

// TestGopacket lets another decoder read SPI and sequence number.
func TestGopacket(t *testing.T) {
	var pool packet.Pool
	s := newSA(t, Config{SPI: 0xabcd1234, Key: vectorKey(), HomeAddress: home})
	for want := uint32(1); want <= 3; want++ {
		p := pool.From([]byte("payload"))
		s.Seal(p, wire.ProtoUDP)
		g := gopacket.NewPacket(p.Bytes(), layers.LayerTypeIPSecESP, gopacket.Default)
		e, ok := g.Layer(layers.LayerTypeIPSecESP).(*layers.IPSecESP)
		if !ok || e.SPI != 0xabcd1234 || e.Seq != want {
			t.Errorf("gopacket reads %+v, want sequence %d", e, want)
		}
	}
}

func TestConfigFaults(t *testing.T) {
	good := Config{SPI: 256, Key: vectorKey(), HomeAddress: home}
	tests := []struct {
		name string
		f    func(*Config)
		want error
	}{
		{"good", func(*Config) {}, nil},
		{"reserved SPI", func(c *Config) { c.SPI = 255 }, ErrSPI},
		{"unknown algorithm", func(c *Config) { c.Algorithm = 9 }, ErrAlgorithm},
		{"short key", func(c *Config) { c.Key = c.Key[:16] }, ErrKey},
		{"key of another algorithm", func(c *Config) { c.Algorithm = HMACSHA256_128 }, ErrKey},
		{"no home address", func(c *Config) { c.HomeAddress = netip.Addr{} }, ErrHomeAddress},
	}
	for _, tt := range tests {
		c := good
		tt.f(&c)
		if _, err := NewSA(c); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestDatabase(t *testing.T) {
	cfg := vectorConfigs()
	bu, ba, hoti := newSA(t, cfg["V34_BU_esp"]), newSA(t, cfg["V35_BA_esp"]), newSA(t, cfg["V36_HoTI_esp_tunnel"])
	second := cfg["V34_BU_esp"]
	second.SPI = 0x1004
	spare := newSA(t, second)
	var d Database
	if d.Outbound(Selector{Source: home}) != nil || d.Inbound(0x1001) != nil {
		t.Error("an empty database answers")
	}
	for _, s := range []*SA{hoti, bu, spare, ba} {
		d.AddOutbound(s)
	}
	tests := []struct {
		name string
		p    Selector
		want *SA
	}{
		{"BU: the first of two", Selector{home, agent, wire.ProtoMobility, 5}, bu},
		{"BA by its destination", Selector{agent, home, wire.ProtoMobility, 6}, ba},
		{"HoTI to any correspondent", Selector{home, peer, wire.ProtoMobility, 1}, hoti},
		{"CoTI goes unprotected", Selector{careOf, peer, wire.ProtoMobility, 2}, nil},
		{"BU of another node", Selector{other, agent, wire.ProtoMobility, 5}, nil},
		{"data", Selector{home, peer, wire.ProtoUDP, 0}, nil},
	}
	for _, tt := range tests {
		if got := d.Outbound(tt.p); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
	if err := d.AddInbound(bu); err != nil || d.Inbound(0x1001) != bu {
		t.Errorf("AddInbound: %v", err)
	}
	if err := d.AddInbound(newSA(t, cfg["V34_BU_esp"])); !errors.Is(err, ErrDuplicate) {
		t.Errorf("second SPI: %v", err)
	}
	hoti.MoveTunnel(peer, agent)
	if c := hoti.Config(); c.TunnelSource != peer || c.TunnelDestination != agent || c.SPI != 0x1003 {
		t.Errorf("after MoveTunnel: %+v", c)
	}
}

// TestDeriveKey pins keys, computed with
// printf 'mn\0ha\0' | sha256sum
func TestDeriveKey(t *testing.T) {
	const sum = "8945612c381b3d8c9a962de1c8fc41adafc146723d0694732483c1941bc68b35"
	if got := hex.EncodeToString(DeriveKey(HMACSHA256_128, "mn", "ha")); got != sum {
		t.Errorf("32 octets: %s", got)
	}
	if got := hex.EncodeToString(DeriveKey(HMACSHA1_96, "mn", "ha")); got != sum[:40] {
		t.Errorf("20 octets: %s", got)
	}
	if hex.EncodeToString(DeriveKey(HMACSHA1_96, "m", "nha")) == sum[:40] {
		t.Error("names run together")
	}
}

func TestAlgorithms(t *testing.T) {
	for a, want := range map[Algorithm]string{HMACSHA1_96: "HMAC-SHA1-96", HMACSHA256_128: "HMAC-SHA-256-128", 7: "unknown"} {
		if a.String() != want {
			t.Errorf("%d: %s", a, a)
		}
	}
	if HMACSHA1_96.ICVLen() != 12 || HMACSHA256_128.ICVLen() != 16 {
		t.Error("lengths of the ICV (RFC 2404 section 5.1, RFC 4868 section 2.1)")
	}
}

func TestNoAllocation(t *testing.T) {
	var pool packet.Pool
	cfg := vectorConfigs()["V34_BU_esp"]
	s, d := newSA(t, cfg), receiver(t, cfg)
	whole := vectors(t)["V34_BU_esp"]
	info := *received(t, whole)
	payload, next := inner(whole, info.Offset)
	info.Offset = 0
	in := new(ip.Info)
	n := testing.AllocsPerRun(100, func() {
		p := pool.From(payload)
		s.Seal(p, next)
		*in = info
		if d.Open(0, p, in) != 0 {
			t.Fatal("not opened")
		}
		p.Release()
	})
	if n != 0 {
		t.Errorf("%v allocations per packet sealed and opened", n)
	}
}

func FuzzOpen(f *testing.F) {
	for name := range vectorConfigs() {
		whole := vectors(f)[name]
		f.Add(whole[received(f, whole).Offset:])
	}
	f.Fuzz(func(t *testing.T, octets []byte) {
		var pool packet.Pool
		var cfgs []Config
		for _, c := range vectorConfigs() {
			cfgs = append(cfgs, c)
		}
		d := receiver(t, cfgs...)
		p := pool.From(octets)
		in := ip.Info{Source: home, Destination: agent}
		if d.Open(0, p, &in) == 0 && (!in.Secured || in.Offset > p.Len()) {
			t.Errorf("opened to %+v", in)
		}
		if pool.Live() != 1 {
			t.Errorf("%d packets live", pool.Live())
		}
	})
}

// BenchmarkESP seals and opens a Binding Update.
func BenchmarkESP(b *testing.B) {
	var pool packet.Pool
	cfg := vectorConfigs()["V34_BU_esp"]
	s, d := newSA(b, cfg), receiver(b, cfg)
	whole := vectors(b)["V34_BU_esp"]
	info := *received(b, whole)
	payload, next := inner(whole, info.Offset)
	info.Offset = 0
	in := new(ip.Info)
	b.ReportAllocs()
	for b.Loop() {
		p := pool.From(payload)
		s.Seal(p, next)
		*in = info
		d.Open(0, p, in)
		p.Release()
	}
}
