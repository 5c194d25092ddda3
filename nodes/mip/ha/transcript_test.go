package ha_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"dsmipsim/nodes/esp"
	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/mip/ha"
	"dsmipsim/nodes/mip/internal/transcript"
	"dsmipsim/nodes/router"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/vtime"
)

// TestTranscripts plays the files in testdata. The command
//
//	agent [ipsec] [pool=PREFIX] [max=D] [mipv6] [preference=N] [prefix=(AT,PREFERRED,VALID) | prefix4=...]
//
// makes a new home agent with two interfaces, lan on the home link and core towards the
// rest of the world. It serves the mobile node of HoA6 and HoA4, which with pool= has no
// static IPv4 home address but may get one, the one of OtherHoA6 and OtherHoA4, and the one of
// 2001:db8:100::3000 without IPv4, which with pool= may get an address too, and the one of
// 2001:db8:100::5000, which never may. All other commands are those of transcript.Env.
func TestTranscripts(t *testing.T) { transcript.Walk(t, "agent", newAgent) }

func newAgent(t testing.TB, d *datadriven.TestData) *transcript.Env {
	t.Helper()
	addr := transcript.Addr
	cfg := ha.Config{
		Home: 0, Address: addr("HA6"), IPv4: addr("HA4"),
		Prefix: netip.MustParsePrefix("2001:db8:100::/64"), IPv4Prefix: netip.MustParsePrefix("192.0.2.0/24"),
		Layout: wire.Draft00Layout(), MaxLifetime: 65535 * 4 * time.Second, Rand: rand.New(rand.NewPCG(1, 2)),
	}
	first := ha.Mobile{HomeAddress: addr("HoA6"), IPv4: addr("HoA4")}
	second := ha.Mobile{HomeAddress: addr("OtherHoA6"), IPv4: addr("OtherHoA4")}
	third := ha.Mobile{HomeAddress: addr("2001:db8:100::3000")}
	ipsec := false
	for _, a := range d.CmdArgs {
		switch a.Key {
		case "ipsec":
			ipsec = true
		case "pool":
			cfg.Pool = netip.MustParsePrefix(a.Vals[0])
			first.IPv4, first.Dynamic = netip.Addr{}, true
			third.Dynamic = true
		case "max":
			v, err := time.ParseDuration(a.Vals[0])
			if err != nil {
				d.Fatalf(t, "%v", err)
			}
			cfg.MaxLifetime = v
		case "prefix", "prefix4": // its change: AT,PREFERRED,VALID
			cfg.Prefixes = change(t, a.Vals, a.Key == "prefix4")
		case "preference":
			v, err := strconv.Atoi(a.Vals[0])
			if err != nil {
				d.Fatalf(t, "%v", err)
			}
			cfg.Preference = uint16(v)
		case "mipv6":
			cfg.Layout = wire.IPv4Layout{}
		default:
			d.Fatalf(t, "unknown argument %s", a.Key)
		}
	}
	pool := &packet.Pool{}
	s := ip.New("ha", pool, []ip.Interface{{Name: "lan", MAC: transcript.AgentMAC, Ethernet: true, MTU: 1500}, {Name: "core", MTU: 1500}})
	s.Forwarding = true
	n := transcript.Neighbours(s)
	s.AddAddress(0, addr("HA6"), 64, ip.Preferred)
	s.AddAddress(0, addr("HA4"), 24, ip.Preferred)
	s.AddAddress(0, wire.LinkLocal(transcript.AgentMAC), 64, ip.Preferred)
	s.JoinGroup(0, wire.AllNodes)
	s.AddRoute(ip.Route{Prefix: cfg.Prefix, Iface: 0})
	s.AddRoute(ip.Route{Prefix: cfg.IPv4Prefix, Iface: 0})
	s.AddRoute(ip.Route{Prefix: netip.MustParsePrefix("::/0"), Iface: 1})
	s.AddRoute(ip.Route{Prefix: netip.MustParsePrefix("0.0.0.0/0"), Iface: 1})
	env := transcript.NewEnv(s, pool, transcript.AgentMAC, "lan", "core")
	if ipsec {
		cfg.IPsec = true
		first.Seal, second.Seal = transcript.SA(0x1002), transcript.SA(0x2002)
		first.Tunnel = mip.Protection{Tests: transcript.SA(0x1022)}
		first.SealPrefix, second.SealPrefix = transcript.SA(0x1012), transcript.SA(0x2012)
		db := &esp.Database{}
		for _, spi := range []uint32{0x1001, 0x2001, 0x3001, 0x1011, 0x2011} {
			if err := db.AddInbound(transcript.SA(spi)); err != nil {
				t.Fatal(err)
			}
			env.Peer(transcript.SA(spi))
		}
		inits := transcript.SA(0x1021)
		first.Tunnel.Ends = []mip.TunnelEnd{inits}
		for _, sa := range []*esp.SA{inits, transcript.SA(0x2021)} {
			if err := db.AddInbound(sa); err != nil {
				t.Fatal(err)
			}
			env.Peer(transcript.SA(sa.Config().SPI))
		}
		s.Security = db
	}
	cfg.Mobiles = []ha.Mobile{first, second, third, {HomeAddress: addr("2001:db8:100::5000")}}
	a := ha.New(s, n, cfg)
	env.Snapshot = func() string { return snapshot(a) }
	return env
}

// change is a renumbering of the home network: when, and what lifetimes the prefix has then.
func change(t testing.TB, times []string, overIPv4 bool) *ha.Prefixes {
	t.Helper()
	var d [3]time.Duration
	for i := range d {
		var err error
		if d[i], err = time.ParseDuration(times[i]); err != nil {
			t.Fatal(err)
		}
	}
	info := wire.PrefixInformation{
		Address: transcript.Addr("HA6"), PrefixLen: 64, OnLink: true, Autonomous: true, RouterAddress: true,
		ValidLifetime: 720 * time.Hour, PreferredLifetime: 168 * time.Hour,
	}
	other := info
	other.Address, other.RouterAddress = transcript.Addr("2001:db8:101::"), false
	at := vtime.Time(d[0])
	adv := &router.Config{Prefix: info, Change: &router.Change{At: at, Preferred: d[1], Valid: d[2], New: other}}
	return &ha.Prefixes{List: adv.Prefixes, Change: at, OverIPv4: overIPv4, Rand: rand.New(rand.NewPCG(3, 4))}
}

func snapshot(a *ha.Agent) string {
	st := a.Snapshot()
	var b strings.Builder
	fmt.Fprintf(&b, "pending %d, leases %d\n", st.Pending, st.Leases)
	for _, e := range st.Agents {
		fmt.Fprintf(&b, "home agent %s, preference %d, until %v:", transcript.Name(e.LinkLocal), e.Preference, e.Expires)
		for _, x := range e.Addresses {
			fmt.Fprintf(&b, " %s", transcript.Name(x))
		}
		b.WriteByte('\n')
	}
	for _, e := range st.Bindings {
		fmt.Fprintf(&b, "BCE %s of %s > ", transcript.Name(e.HomeAddress), transcript.Name(e.Owner))
		if e.Deleted {
			fmt.Fprintf(&b, "deleted, seq %d\n", e.Sequence)
			continue
		}
		fmt.Fprintf(&b, "%s: seq %d, lifetime %v, expires %v\n", transcript.Name(e.CareOf), e.Sequence, e.Lifetime, e.Expires)
	}
	return b.String()
}
