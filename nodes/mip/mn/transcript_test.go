package mn_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"dsmipsim/nodes/esp"
	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/mip/internal/transcript"
	"dsmipsim/nodes/mip/mn"
	"dsmipsim/nodes/nd"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
)

// TestTranscripts plays the files in testdata. The command
//
//	mobile [ipsec] [ipv4=HoA4|dynamic|both] [lifetime=D] [v6wait=D] [nohomeagent4] [mipv6] [discover] [prefixes|prefixes4] [detection=eager|lazy|interval|nud] [two]
//
// makes a new mobile node, which believes to be at home and has no link yet. All others are
// those of transcript.Env. "both" has a static IPv4 home address and would take another.
// With at=CoA6 or at=CoA4 the node has gone to such a network and sent its first Binding
// Update at 10 s; with discover the node knows no home agent but has something in common with
// HA6 and, without ipsec, with HAb6, which has no IPv4 address; with
// prefixes it asks about its home prefixes, with prefixes4 from IPv4 networks too; with registered as well the home agent has accepted it at 10.1 s.
func TestTranscripts(t *testing.T) { transcript.Walk(t, "mobile", newMobile) }

func newMobile(t testing.TB, d *datadriven.TestData) *transcript.Env {
	t.Helper()
	cfg := mn.Config{
		HomeAddress: transcript.Addr("HoA6"), HomePrefix: netip.MustParsePrefix("2001:db8:100::/64"),
		HomeAgent: transcript.Addr("HA6"), HomeGateway: transcript.Addr("HA6"),
		IPv4Prefix: netip.MustParsePrefix("192.0.2.0/24"), HomeAgent4: transcript.Addr("HA4"), HomeGateway4: transcript.Addr("HA4"),
		Layout: wire.Draft00Layout(), Lifetime: 600 * time.Second, V6Wait: time.Second,
	}
	duration := func(s string) time.Duration {
		v, err := time.ParseDuration(s)
		if err != nil {
			d.Fatalf(t, "%v", err)
		}
		return v
	}
	pool := &packet.Pool{}
	s := ip.New("mn", pool, []ip.Interface{{Name: "eth0", MAC: transcript.MobileMAC, Ethernet: true, MTU: 1500}, {Name: "isatap", MTU: 1280}})
	cfg.Interfaces = []mn.Interface{{Iface: 0, ISATAP: 1}}
	if d.HasArg("two") {
		s = ip.New("mn", pool, []ip.Interface{{Name: "eth0", MAC: transcript.MobileMAC, Ethernet: true, MTU: 1500}, {Name: "eth1", MAC: wire.MAC{2, 0, 0, 0, 0x10, 2}, Ethernet: true, MTU: 1500}, {Name: "isatap", MTU: 1280}, {Name: "isatap1", MTU: 1280}})
		cfg.Interfaces = []mn.Interface{{Name: "eth0", Iface: 0, ISATAP: 2}, {Name: "eth1", Iface: 1, ISATAP: 3}}
		cfg.Policy.Hold = 2 * time.Second
	}
	ipsec, registered, at := false, false, ""
	for _, a := range d.CmdArgs {
		switch a.Key {
		case "registered":
			registered = true
		case "at":
			at = a.Vals[0]
		case "ipsec":
			ipsec = true
		case "prefixes", "prefixes4":
			cfg.Prefixes = &mn.PrefixDiscovery{Rand: rand.New(rand.NewPCG(5, 6)), OverIPv4: a.Key == "prefixes4"}
		case "discover":
			cfg.HomeAgent, cfg.HomeAgent4 = netip.Addr{}, netip.Addr{}
			cfg.Discovery = &mn.Discovery{Rand: rand.New(rand.NewPCG(3, 4)), Known: []mn.HomeAgent{
				{Address: transcript.Addr("HA6"), IPv4: transcript.Addr("HA4")}, {Address: transcript.Addr("HAb6")},
			}}
		case "ipv4":
			if v := a.Vals[0]; v == "dynamic" || v == "both" {
				cfg.IPv4Dynamic = true
			}
			if v := a.Vals[0]; v != "dynamic" {
				cfg.IPv4Home = transcript.Addr("HoA4")
			}
		case "two": // above
		case "detection":
			cfg.Detection = map[string]mn.Detection{"eager": mn.Eager, "lazy": mn.Lazy, "interval": mn.MissedAdvertisements, "nud": mn.Probing}[a.Vals[0]]
			cfg.Missed, cfg.ProbeInterval = 3, 10*time.Second
		case "lifetime":
			cfg.Lifetime = duration(a.Vals[0])
		case "v6wait":
			cfg.V6Wait = duration(a.Vals[0])
		case "nohomeagent4":
			cfg.HomeAgent4 = netip.Addr{}
		case "mipv6":
			cfg.Layout = wire.IPv4Layout{}
		default:
			d.Fatalf(t, "unknown argument %s", a.Key)
		}
	}
	if ipsec {
		cfg.IPsec, cfg.Seal, cfg.SealPrefix = true, transcript.SA(0x1001), transcript.SA(0x1011)
		if cfg.Discovery != nil {
			cfg.Discovery.Known[0].Seal, cfg.Seal = cfg.Seal, nil
		}
		tests := transcript.SA(0x1022)
		cfg.Tunnel = mip.Protection{Tests: transcript.SA(0x1021), Ends: []mip.TunnelEnd{tests}}
		db := &esp.Database{}
		for _, sa := range []*esp.SA{tests, transcript.SA(0x2022)} {
			if err := db.AddInbound(sa); err != nil {
				t.Fatal(err)
			}
		}
		for _, spi := range []uint32{0x1002, 0x2002, 0x3002, 0x1012, 0x2012} {
			if err := db.AddInbound(transcript.SA(spi)); err != nil {
				t.Fatal(err)
			}
		}
		s.Security = db
	}
	n := transcript.Neighbours(s)
	if cfg.Detection == mn.Lazy {
		n.Configure(nd.Defaults())
	}
	m := mn.New(s, n, rand.New(rand.NewPCG(1, 2)), cfg)
	m.StartAtHome(0)
	m.Listen(6000)
	ifaces := []string{"eth0", "isatap"}
	if len(cfg.Interfaces) > 1 {
		ifaces = []string{"eth0", "eth1", "isatap", "isatap1"}
	}
	env := transcript.NewEnv(m, pool, transcript.MobileMAC, ifaces...)
	if len(cfg.Interfaces) > 1 {
		env.Ethernet[1], env.Own = true, map[wire.MAC]bool{s.Interface(1).MAC: true}
	}
	if ipsec {
		env.Peer(transcript.SA(0x1002))
		env.Peer(transcript.SA(0x2002))
		env.Peer(transcript.SA(0x1012))
		env.Peer(transcript.SA(0x2012))
		env.Peer(transcript.SA(0x1022))
		env.Peer(transcript.SA(0x2022))
		env.Peer(transcript.SA(0x3002))
	}
	env.Snapshot = func() string { return snapshot(m) }
	if at != "" {
		visit(env, at, ipsec, registered, m)
	}
	return env
}

// visit takes the node from home to a network.
func visit(env *transcript.Env, at string, ipsec, registered bool, m *mn.Node) {
	do := func(format string, args ...any) { env.Do(fmt.Sprintf(format, args...)) }
	do("neighbour 198.51.100.1 02:00:00:00:0b:01")
	do("neighbour HA6 02:00:00:00:01:01")
	do("link up")
	do("advance 5s")
	do("link down")
	do("advance 4s")
	if at == "CoA4" {
		do("lease CoA4/24 router=198.51.100.1 time=24h")
	}
	do("link up")
	if at == "CoA6" {
		do("recv IPv6(fe80::a>ff02::1) | RA prefix=2001:db8:a::/64 mac=02:00:00:00:0a:01")
	}
	do("advance 1s")
	if !registered {
		return
	}
	do("advance 100ms")
	e := m.Snapshot().Entries[0]
	ba := fmt.Sprintf("BA status=0 seq=%d lifetime=%v", e.Sequence, e.Lifetime)
	switch a := m.Snapshot().IPv4; {
	case a.IsValid():
		ba += " ack=0:" + transcript.Name(a)
	default:
		ba += " ack=0:192.0.2.77"
	}
	if ipsec {
		ba = "ESP spi=0x1002 | " + ba
	}
	if at == "CoA4" {
		do("recv IPv4(HA4>CoA4) | IPv6(HA6>map(CoA4)) | RH2{HoA6} | %s", ba)
		return
	}
	do("recv IPv6(HA6>CoA6) | RH2{HoA6} | %s", ba)
}

func snapshot(m *mn.Node) string {
	st := m.Snapshot()
	var b strings.Builder
	fmt.Fprintf(&b, "place %s", st.Place)
	if st.CareOf.IsValid() {
		fmt.Fprintf(&b, ", care-of %s", transcript.Name(st.CareOf))
	}
	if st.Mapped {
		b.WriteString(", mapped address configured")
	}
	if st.IPv4.IsValid() {
		fmt.Fprintf(&b, ", IPv4 home %s", transcript.Name(st.IPv4))
	}
	b.WriteString("\n")
	for _, e := range st.Entries {
		state := "unacknowledged"
		if e.Acknowledged {
			state = "acknowledged"
		}
		fmt.Fprintf(&b, "BULE %s > %s at %s: seq %d, lifetime %v, expires %v, %s\n", transcript.Name(e.HomeAddress), transcript.Name(e.CareOf), transcript.Name(e.Peer), e.Sequence, e.Lifetime, e.Expires, state)
	}
	for _, p := range st.Home {
		fmt.Fprintf(&b, "home prefix %v: preferred until %v, valid until %v\n", p.Prefix, p.Preferred, p.Valid)
	}
	return b.String()
}
