package nodes_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"dsmipsim/nodes"
	"dsmipsim/nodes/dhcp"
	"dsmipsim/nodes/mip/ha"
	"dsmipsim/nodes/mip/mn"
	"dsmipsim/nodes/router"
	"dsmipsim/nodes/traffic"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim"
	"dsmipsim/sim/draw"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
	"dsmipsim/topology"
	"dsmipsim/topology/access"
	"dsmipsim/topology/motion"

	"pgregory.net/rapid"
)

var (
	pfx = netip.MustParsePrefix
	ipa = netip.MustParseAddr
)

// internet is a home network with its agent, a campus with IPv6, a cafe behind a NAT and a
// server, around one router.
type internet struct {
	*counter
	net    *topology.Net
	core   *nodes.Router
	hosts  []*nodes.Host
	access map[string]access.Network
	server *nodes.Correspondent
	mobile *nodes.Mobile
}

// newInternet builds it; each link loses frames with the probability.
func newInternet(t testing.TB, seed uint64, loss float64) *internet {
	w := &internet{counter: &counter{}, access: map[string]access.Network{}}
	w.net = topology.New(sim.New("internet", seed, 0), &packet.Pool{}, w.counter)
	advertise := func(address netip.Addr, agent bool) *router.Config {
		return &router.Config{Interval: router.Range{Min: 30 * time.Millisecond, Max: 70 * time.Millisecond}, HomeAgent: agent, Lifetime: time.Second,
			Prefix: wire.PrefixInformation{Address: address, PrefixLen: 64, OnLink: true, Autonomous: true, RouterAddress: agent,
				ValidLifetime: time.Hour, PreferredLifetime: time.Hour}}
	}
	lans := map[string]*nodes.LAN{
		"home": {IPv6: pfx("2001:db8:100::1/64"), IPv4: pfx("192.0.2.1/24"), Advertisement: advertise(ipa("2001:db8:100::1"), true),
			HomeAgent: &ha.Config{Address: ipa("2001:db8:100::1"), IPv4: ipa("192.0.2.1"), Prefix: pfx("2001:db8:100::/64"),
				IPv4Prefix: pfx("192.0.2.0/24"), MaxLifetime: time.Hour,
				Mobiles: []ha.Mobile{{HomeAddress: ipa("2001:db8:100::1000"), IPv4: ipa("192.0.2.100")}}}},
		"campus": {IPv6: pfx("2001:db8:a::1/64"), Advertisement: advertise(ipa("2001:db8:a::"), false)},
		"cafe": {IPv4: pfx("10.1.1.1/24"), NAT: ipa("203.0.113.5"),
			DHCP: &dhcp.ServerConfig{Address: ipa("10.1.1.1"), Router: ipa("10.1.1.1"), Subnet: pfx("10.1.1.0/24"), Lease: time.Hour}},
		"servers": {IPv6: pfx("2001:db8:c::1/64"), IPv4: pfx("203.0.113.65/26")},
	}
	reach := map[string][]netip.Prefix{
		"home": {pfx("2001:db8:100::/64"), pfx("192.0.2.0/24")}, "campus": {pfx("2001:db8:a::/64")},
		"cafe": {pfx("203.0.113.5/32")}, "servers": {pfx("2001:db8:c::/64"), pfx("203.0.113.64/26")},
	}
	names := []string{"home", "campus", "cafe", "servers"}
	add := func(cfg nodes.RouterConfig) *nodes.Router {
		r, err := nodes.NewRouter(w.net, cfg)
		if err != nil {
			t.Fatal(err)
		}
		w.hosts = append(w.hosts, r.Host)
		return r
	}
	core := add(nodes.RouterConfig{Name: "core", Neighbours: names, Loopback6: ipa("2001:db8:ff::1"), Loopback4: ipa("203.0.113.200")})
	for _, n := range names {
		r := add(nodes.RouterConfig{Name: n, LAN: lans[n], Neighbours: []string{"core"}})
		l := w.net.PointToPoint("core-"+n, topology.Both(topology.Channel{Delay: 8 * time.Millisecond, Rate: 100_000_000, Loss: topology.Loss{Probability: loss}}))
		r.LinkTo("core", 0).Attach(l)
		core.LinkTo(n, 0).Attach(l)
		shared := w.net.Shared(n, topology.Both(topology.Channel{Delay: 2 * time.Millisecond, Rate: 10_000_000, Loss: topology.Loss{Probability: loss}, Queue: topology.Queue{Packets: 20}}))
		r.Lan.Attach(shared)
		w.access[n] = access.Network{Name: n, Link: shared, Attach: []draw.Distribution{draw.Always(50 * time.Millisecond)}}
		for _, p := range reach[n] {
			core.RouteVia(n, 0, p)
		}
		for _, p := range []string{"::/0", "0.0.0.0/0"} {
			r.RouteVia("core", 0, pfx(p))
		}
	}
	w.core = core
	w.server = nodes.NewCorrespondent(w.net, nodes.CorrespondentConfig{Name: "cn", IPv6: pfx("2001:db8:c::9/64"), IPv4: pfx("203.0.113.70/26"),
		Gateway6: ipa("2001:db8:c::1"), Gateway4: ipa("203.0.113.65"), MobileIPv6: true})
	w.server.Port.Attach(w.access["servers"].Link)
	m, err := nodes.NewMobile(w.net, nodes.MobileConfig{Name: "mn", Config: mn.Config{
		HomeAddress: ipa("2001:db8:100::1000"), HomePrefix: pfx("2001:db8:100::/64"), HomeAgent: ipa("2001:db8:100::1"), HomeGateway: ipa("2001:db8:100::1"),
		IPv4Home: ipa("192.0.2.100"), IPv4Prefix: pfx("192.0.2.0/24"), HomeAgent4: ipa("192.0.2.1"), HomeGateway4: ipa("192.0.2.1"),
		Lifetime: 10 * time.Minute, V6Wait: time.Second,
	}})
	if err != nil {
		t.Fatal(err)
	}
	w.mobile = m
	w.hosts = append(w.hosts, w.server.Host, m.Host)
	return w
}

// flow adds a flow of 100 datagrams or pings a second between two addresses.
func (w *internet) flow(number uint32, format traffic.Format, from *nodes.Host, src string, to *nodes.Host, dst string, stop vtime.Time) {
	end := func(h *nodes.Host, a string) traffic.End {
		return traffic.End{Host: h, Address: func() (netip.Addr, bool) { return ipa(a), true }}
	}
	traffic.NewSource(w.net.Loop, traffic.Config{Number: number, Format: format, From: end(from, src), To: end(to, dst),
		Pattern: traffic.Constant(10*time.Millisecond, 160), Start: vtime.Time(number) * 1000, Stop: stop})
}

// finish ends the run and returns what is left over, which must be nothing.
func (w *internet) finish() (made uint64, ended topology.Ended, live int) {
	for _, h := range w.hosts {
		h.End()
	}
	w.net.HoldAll()
	return w.net.Pool.Made(), w.net.Ended(), w.net.Pool.Live()
}

const sec = vtime.Time(time.Second)

// A mobile node that stays at home and one that has moved to the campus both receive and
// answer, in both families.
func TestRouting(t *testing.T) {
	w := newInternet(t, 1, 0)
	motion.Start(w.net, w.mobile.Ports[0], w.access["home"], []motion.Visit{{At: 5 * sec, Network: w.access["campus"]}})
	traffic.Listen(w.server.Host)
	traffic.Listen(w.mobile.Host)
	w.mobile.Node.Listen(traffic.Port(1))
	w.flow(1, traffic.Datagrams, w.server.Host, "2001:db8:c::9", w.mobile.Host, "2001:db8:100::1000", 4*sec)
	w.flow(2, traffic.Echo, w.mobile.Host, "2001:db8:100::1000", w.server.Host, "2001:db8:c::9", 4*sec)
	w.flow(3, traffic.Echo, w.mobile.Host, "192.0.2.100", w.server.Host, "203.0.113.70", 4*sec)
	w.net.Loop.Run(5 * sec)
	if got := w.kinds[trace.Delivery]; got != 1200 {
		t.Errorf("%d of 1200 packets delivered at home", got)
	}
	w.net.Loop.Run(9 * sec) // detect, configure, register
	w.kinds = [16]int{}
	traffic.NewSource(w.net.Loop, traffic.Config{Number: 2, Format: traffic.Echo, Pattern: traffic.Constant(100*time.Millisecond, 160), Start: 10 * sec, Stop: 11 * sec,
		From: traffic.End{Host: w.server.Host, Address: func() (netip.Addr, bool) { return ipa("2001:db8:c::9"), true }},
		To:   traffic.End{Host: w.mobile.Host, Address: func() (netip.Addr, bool) { return ipa("2001:db8:100::1000"), true }}})
	w.net.Loop.Run(12 * sec)
	if got := w.kinds[trace.Delivery]; got != 10 {
		t.Errorf("%d of 10 pings returned from the campus", got)
	}
	if made, ended, live := w.finish(); made != ended.Sum() || live != 0 {
		t.Errorf("%d packets made, ended %+v, %d live", made, ended, live)
	}
}

// Packets are conserved, however the mobile node moves, whatever is sent and lost, and
// whenever the run ends.
func TestNodesConservePackets(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newInternet(t, rapid.Uint64Range(1, 1000).Draw(rt, "seed"), []float64{0, 0.02, 0.3}[rapid.IntRange(0, 2).Draw(rt, "loss")])
		var visits []motion.Visit
		at := vtime.Time(0)
		for range rapid.IntRange(0, 5).Draw(rt, "visits") {
			at = at.Add(time.Duration(rapid.SampledFrom([]int{1, 10, 60, 300, 1100, 2500}).Draw(rt, "stay ms")) * time.Millisecond)
			at = at.Add(time.Duration(rapid.IntRange(0, 1000).Draw(rt, "stay us")) * time.Microsecond)
			visits = append(visits, motion.Visit{At: at, Network: w.access[rapid.SampledFrom([]string{"home", "campus", "cafe"}).Draw(rt, "to")]})
		}
		motion.Start(w.net, w.mobile.Ports[0], w.access["home"], visits)
		traffic.Listen(w.server.Host)
		traffic.Listen(w.mobile.Host)
		stop := at.Add(time.Second)
		w.mobile.Node.Listen(traffic.Port(1))
		w.server.Stack.Listen(traffic.Port(2))
		w.flow(1, traffic.Datagrams, w.server.Host, "2001:db8:c::9", w.mobile.Host, "2001:db8:100::1000", stop)
		w.flow(2, traffic.Datagrams, w.mobile.Host, "192.0.2.100", w.server.Host, "203.0.113.70", stop)
		w.flow(3, traffic.Echo, w.server.Host, "203.0.113.70", w.mobile.Host, "192.0.2.100", stop)
		w.flow(4, traffic.Datagrams, w.mobile.Host, "2001:db8:100::1000", w.server.Host, "2001:db8:c::99", stop) // nobody there
		w.flow(5, traffic.Datagrams, w.server.Host, "2001:db8:c::9", w.core.Host, "2001:db8:ff::1", stop)        // nobody listens
		end := stop / 8 * vtime.Time(rapid.SampledFrom([]int{9, 8, 6, 4, 1}).Draw(rt, "end in eighths"))
		w.net.Loop.Run(end.Add(time.Duration(rapid.IntRange(0, 10_000).Draw(rt, "end us")) * time.Microsecond))
		if made, ended, live := w.finish(); made != ended.Sum() || live != 0 {
			rt.Fatalf("%d packets made, ended %+v, %d live", made, ended, live)
		}
	})
}

func TestImpossibleRouters(t *testing.T) {
	net := topology.New(sim.New("t", 1, 0), &packet.Pool{}, trace.Discard)
	lan := func() *nodes.LAN { return &nodes.LAN{IPv4: pfx("10.0.0.1/24")} }
	translated := lan()
	translated.NAT = ipa("203.0.113.5")
	served := lan()
	served.DHCP = &dhcp.ServerConfig{}
	for _, c := range []struct {
		cfg  nodes.RouterConfig
		want string
	}{
		{nodes.RouterConfig{Name: "a", LAN: translated, Neighbours: []string{"b", "c"}}, "router a: a network behind a NAT needs exactly one link to the rest, has 2"},
		{nodes.RouterConfig{Name: "b", LAN: served}, "router b: "},
	} {
		if _, err := nodes.NewRouter(net, c.cfg); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	defer func() {
		if msg, _ := recover().(string); !strings.Contains(msg, "router x has no link to z") {
			t.Errorf("panic %q", msg)
		}
	}()
	r, err := nodes.NewRouter(net, nodes.RouterConfig{Name: "x", Neighbours: []string{"y"}})
	if err != nil {
		t.Fatal(err)
	}
	if r.LinkTo("y", 0) != r.Ports[0] {
		t.Error("another port leads to y")
	}
	r.LinkTo("z", 0)
}
