package ladder

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"

	"dsmipsim/nodes/wire"
	"dsmipsim/reports/result"
	"dsmipsim/sim/vtime"
)

var (
	mnMAC, r1MAC = wire.MAC{2, 0, 0, 0, 0, 1}, wire.MAC{2, 0, 0, 0, 0, 2}
	group        = wire.MAC{0x33, 0x33, 0, 0, 0, 1}
	mn, ha       = netip.MustParseAddr("2001:db8:a::5"), netip.MustParseAddr("2001:db8::1")
)

func twoRouters() result.Setup {
	return result.Setup{
		Links: []result.LinkInfo{{Name: "lan"}, {Name: "core", Ends: [2]string{"r1", "ha"}}},
		Nodes: []result.NodeInfo{
			{Name: "r1", Role: result.RoleRouter, Ports: []result.PortInfo{{Link: "lan", MAC: r1MAC}, {Link: "core"}}},
			{Name: "ha", Role: result.RoleHomeAgent, Ports: []result.PortInfo{{Link: "core"}}},
			{Name: "mn", Role: result.RoleMobileNode, Ports: []result.PortInfo{{MAC: mnMAC}}},
		},
	}
}

// plain decodes without any option.
type plain struct{}

func (plain) Classify(f *Frame) wire.Class {
	return wire.Classify(f.Octets, f.Type, wire.DissectOptions{})
}

func (plain) Dissect(f *Frame) []wire.Layer {
	return wire.Dissect(f.Octets, f.Type, wire.DissectOptions{})
}

// packet is an ICMPv6 message in IPv6.
func packet(src, dst netip.Addr, hops uint8, message []byte) []byte {
	b := make([]byte, wire.IPv6HeaderLen, wire.IPv6HeaderLen+len(message))
	wire.PutIPv6(b, wire.IPv6Fields{PayloadLen: len(message), NextHeader: wire.ProtoICMPv6, HopLimit: hops, Source: src, Destination: dst})
	return append(b, message...)
}

func ethernet(src, dst wire.MAC, ip []byte) []byte {
	b := make([]byte, wire.EthernetLen)
	wire.PutEthernet(b, dst, src, wire.EtherTypeIPv6)
	return append(b, ip...)
}

// sequence is a run of three messages: advertisements, a solicitation that a router forwards, as
// routers may here, and an answer to a node that has left.
func sequence(t *testing.T) *Builder {
	t.Helper()
	b := NewBuilder(twoRouters(), plain{})
	b.Attach("mn", "lan")
	b.Remark(0, "mn", "link_up", "lan")
	at := func(ms int64) vtime.Time { return vtime.Time(ms * 1e6) }
	ra := packet(ha, wire.AllNodes, 255, wire.AppendRouterAdvertisement(nil, wire.RouterAdvertisementFields{}, ha, wire.AllNodes))
	for ms := int64(1); ms <= 3; ms++ {
		b.Frame(Frame{Time: at(ms), Link: "lan", Octets: ethernet(r1MAC, group, ra)})
	}
	ns := wire.AppendNeighborSolicitation(nil, ha, mnMAC, mn, ha)
	b.Frame(Frame{Time: at(5), Link: "lan", Octets: ethernet(mnMAC, r1MAC, packet(mn, ha, 64, ns))})
	b.Frame(Frame{Time: at(6), Link: "core", Type: wire.LinkRaw, Sender: "r1", Octets: packet(mn, ha, 63, ns)})
	b.Detach("mn", "lan")
	b.Frame(Frame{Time: at(7), Link: "lan", Octets: ethernet(r1MAC, mnMAC, packet(ha, mn, 64, wire.AppendNeighborSolicitation(nil, mn, r1MAC, ha, mn)))})
	b.Frame(Frame{Time: at(8), Link: "lan", Octets: ethernet(r1MAC, group, ra)})
	return b
}

func TestDraw(t *testing.T) {
	b := sequence(t)
	f := Filter{Remarks: true}
	rows := f.Select(b.Rows())
	var out bytes.Buffer
	if err := Draw(&out, b.Nodes(rows), rows, Style{}); err != nil {
		t.Fatal(err)
	}
	want := strings.TrimPrefix(`
      time [s]  mn  r1  ha
      0.000000  *   |   |   link_up  lan
      0.001000  <---o   |   RA  2001:db8::1 > ff02::1  router advertisement, flags none, lifetime 0s  (3 times until 0.003000)
      0.005000  o---+--->   NS  2001:db8:a::5 > 2001:db8::1  who has 2001:db8::1?
      0.007000  x---o   |   NS  2001:db8::1 > 2001:db8:a::5  who has 2001:db8:a::5?
`, "\n")
	if got := out.String(); got != want {
		t.Errorf("found\n%swanted\n%s", got, want)
	}
}

// A terminal gets no line that is wider than itself, and names stand apart in it.
func TestDrawNarrow(t *testing.T) {
	b := sequence(t)
	for width := 56; width < 90; width++ {
		var out bytes.Buffer
		if err := Draw(&out, []string{"mn", "a-router-of-a-long-name", "ha"}, b.Rows(), Style{Width: width, Detail: true}); err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(out.String(), "\n") {
			if n := len([]rune(line)); n > width && i > 2 {
				t.Errorf("width %d: line %q has %d columns", width, line, n)
			}
		}
		if text := out.String(); !strings.Contains(text, "a-router-of-a-long-name") || !strings.Contains(text, "IPv6: ") {
			t.Errorf("width %d:\n%s", width, text)
		}
	}
}

func TestFilter(t *testing.T) {
	rows := sequence(t).Rows()
	for name, f := range map[string]struct {
		filter Filter
		want   string
	}{
		"messages":       {Filter{}, "RA NS NS"},
		"with unheard":   {Filter{Unheard: true}, "RA NS NS RA"},
		"with remarks":   {Filter{Remarks: true}, "link_up RA NS NS"},
		"by node":        {Filter{Nodes: []string{"ha"}}, "NS"},
		"by router":      {Filter{Nodes: []string{"r1"}}, "RA NS NS"},
		"by type":        {Filter{Types: []string{"ra"}}, "RA RA"},
		"by group":       {Filter{Types: []string{"Resolution"}}, "NS NS"},
		"from":           {Filter{From: 5e6}, "NS NS"},
		"to":             {Filter{To: 5e6, Until: true}, "RA NS"},
		"nothing at all": {Filter{From: 1e9}, ""},
	} {
		var got []string
		for _, r := range f.filter.Select(rows) {
			got = append(got, r.Message)
		}
		if s := strings.Join(got, " "); s != f.want {
			t.Errorf("%s: found %q, wanted %q", name, s, f.want)
		}
	}
}

// A capture of unknown origin has addresses for nodes.
func TestForeign(t *testing.T) {
	b := NewBuilder(result.Setup{}, plain{})
	ns := wire.AppendNeighborSolicitation(nil, ha, mnMAC, mn, ha)
	b.Frame(Frame{Octets: ethernet(mnMAC, r1MAC, packet(mn, ha, 64, ns))})
	b.Frame(Frame{Time: 1, Octets: []byte{1, 2, 3}})
	if got := strings.Join(b.Nodes(b.Rows()), " "); got != "2001:db8:a::5 2001:db8::1" {
		t.Errorf("nodes %q", got)
	}
}

func TestReadFacts(t *testing.T) {
	text := `{"time_s":1.000000001,"kind":"link_down","node":"mn","link":"home","target":"campus"}
{"time_s":2.0,"kind":"delivery","node":"mn","flow":"voice","sequence":1}
{"time_s":3.5,"kind":"milestone","node":"mn","note":"binding_accepted","home":"2001:db8::5","binding_sequence":0,"status":0,"lifetime_s":600}
`
	facts, err := ReadFacts(strings.NewReader(text), func(*Fact) bool { return true })
	if err != nil || len(facts) != 2 {
		t.Fatal(facts, err)
	}
	if f := facts[0]; f.Time != 1000000001 || f.What() != "link_down" || f.Text() != "home to campus" {
		t.Errorf("found %+v: %s", f, f.Text())
	}
	if f := facts[1]; f.What() != "binding_accepted" || f.Text() != "2001:db8::5 sequence 0 status 0 lifetime 600s" {
		t.Errorf("found %+v: %s", f, f.Text())
	}
	for _, bad := range []string{"{", `{"time_s":"x"}`, `{"time_s":1.0000000001}`, `{"kind":"drop"}`} {
		if _, err := ReadFacts(strings.NewReader(bad), func(*Fact) bool { return true }); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}
