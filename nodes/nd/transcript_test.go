package nd

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/draw"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// TestTranscripts plays the files in testdata. Each file is one node with the interface
// eth0 (02:00:00:00:00:01), which is up. Commands, with what they cause as output:
//
//	link up|down
//	forwarding                         the node is a router
//	address A [bits=N] [tentative|receiving|virtual]
//	remove A
//	proxy A source=A, unproxy A        answer for the address of somebody else
//	configure [solicit-delay=D] [solicit=N] [interval=D] [dad-delay=D] [dad=N] [before] [optimistic] [deaf]
//	                                   the Config, from its defaults; deaf: no unreachability detection
//	probe A, stop A                    duplicate address detection
//	autoconfigure A                    makes an address of the interface and verifies it
//	addresses                          with their states
//	solicit                            look for routers
//	verify A                           asks the neighbour whether it is there
//	moved                              the node is on another link
//	announce A source=A, announce-arp A mac=M
//	route P [via=A]
//	learn A mac=M, forget A
//	send A > A [n=N]                   the node originates N datagrams
//	forward A > A [ttl=N]              a datagram of somebody else arrives to be forwarded
//	recv NS|NA|RS|RA|redirect ...      see message
//	recv ARP request|reply sender=A mac=M target=A
//	recv octets HEX                    as the body of a frame of EtherType ARP
//	advance D                          lets time pass
//	state                              neighbours and routes
//	end                                the run is over
func TestTranscripts(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		w := newWorld()
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			w.t, w.d = t, d
			return w.do()
		})
	})
}

type world struct {
	t     *testing.T
	d     *datadriven.TestData
	now   vtime.Time
	pool  packet.Pool
	stack *ip.Stack
	nd    *Neighbours
	out   strings.Builder
	sent  uint32 // datagrams so far
}

var own = wire.MAC{2, 0, 0, 0, 0, 1}

func newWorld() *world {
	w := &world{}
	w.stack = ip.New("node", &w.pool, []ip.Interface{{Name: "eth0", MAC: own, Ethernet: true, MTU: 1500}, {Name: "ptp0", MTU: 1500}})
	w.nd = New(w.stack)
	w.nd.OnAdvertisement = func(_ vtime.Time, a Advertisement) {
		w.say("heard router %v at %v, lifetime %v, home agent %v", a.Router, a.MAC, a.Lifetime, a.HomeAgent)
		for _, p := range a.Prefixes {
			w.say("heard prefix %v/%d", p.Address, p.PrefixLen)
		}
	}
	w.nd.OnNoRouter = func(vtime.Time, machine.Iface) { w.say("no router") }
	w.nd.OnUnreachable = func(_ vtime.Time, _ machine.Iface, a netip.Addr) { w.say("unreachable: %v", a) }
	w.nd.OnInvalid = func(_ vtime.Time, _ machine.Iface, a netip.Addr) { w.say("invalid: %v", a) }
	w.stack.HandleLink(0, machine.LinkEvent{Up: true})
	w.stack.JoinGroup(0, wire.AllNodes)
	for _, ok := w.stack.Poll(); ok; _, ok = w.stack.Poll() {
	}
	return w
}

func (w *world) say(format string, args ...any) {
	fmt.Fprintf(&w.out, "%7.3f ", w.now.Seconds())
	fmt.Fprintf(&w.out, format, args...)
	w.out.WriteByte('\n')
}

// word returns the i-th word after the command.
func (w *world) word(i int) string {
	if i < len(w.d.CmdArgs) {
		return w.d.CmdArgs[i].Key
	}
	return ""
}

func (w *world) has(key string) bool { return w.d.HasArg(key) }

// value returns the value of key=value, or otherwise.
func (w *world) value(key, otherwise string) string {
	for _, a := range w.d.CmdArgs {
		if a.Key == key && len(a.Vals) == 1 {
			return a.Vals[0]
		}
	}
	return otherwise
}

func (w *world) addr(s string) netip.Addr {
	a, err := netip.ParseAddr(s)
	if err != nil {
		w.t.Fatalf("%s: %v", w.d.Pos, err)
	}
	return a
}

func (w *world) mac(s string) (m wire.MAC) {
	if s == "" {
		return m
	}
	if _, err := fmt.Sscanf(s, "%02x:%02x:%02x:%02x:%02x:%02x", &m[0], &m[1], &m[2], &m[3], &m[4], &m[5]); err != nil {
		w.t.Fatalf("%s: %v", w.d.Pos, err)
	}
	return m
}

func (w *world) number(key string, otherwise int) (n int) {
	if _, err := fmt.Sscan(w.value(key, fmt.Sprint(otherwise)), &n); err != nil {
		w.t.Fatalf("%s: %v", w.d.Pos, err)
	}
	return n
}

func (w *world) duration(s string) time.Duration {
	d, err := time.ParseDuration(s)
	if err != nil {
		w.t.Fatalf("%s: %v", w.d.Pos, err)
	}
	return d
}

func (w *world) do() string {
	w.out.Reset()
	s, first := w.stack, func() netip.Addr { return w.addr(w.word(0)) }
	switch w.d.Cmd {
	case "link":
		s.HandleLink(w.now, machine.LinkEvent{Up: w.word(0) == "up"})
	case "forwarding":
		s.Forwarding = true
	case "address":
		state, iface := ip.Preferred, machine.Iface(0)
		switch {
		case w.has("tentative"):
			state = ip.Tentative
		case w.has("receiving"):
			state = ip.Receiving
		case w.has("virtual"):
			iface = ip.Virtual
		}
		s.AddAddress(iface, first(), w.number("bits", 64), state)
	case "remove":
		s.RemoveAddress(first())
	case "proxy":
		source := netip.Addr{}
		if w.has("source") {
			source = w.addr(w.value("source", ""))
		}
		w.nd.StartProxy(first(), Proxy{Iface: 0, Source: source})
	case "unproxy":
		w.nd.StopProxy(first())
	case "configure":
		cfg := Defaults()
		cfg.SolicitMax, cfg.ProbeTransmits = w.number("solicit", cfg.SolicitMax), w.number("dad", cfg.ProbeTransmits)
		cfg.SolicitDelay = draw.Always(w.duration(w.value("solicit-delay", "0s")))
		cfg.SolicitInterval = w.duration(w.value("interval", "4s"))
		cfg.ProbeDelay = draw.Always(w.duration(w.value("dad-delay", "0s")))
		cfg.LinkLocalFirst, cfg.Optimistic, cfg.Unreachability = w.has("before"), w.has("optimistic"), !w.has("deaf")
		w.nd.Configure(cfg)
	case "autoconfigure":
		usable := w.nd.Autoconfigure(w.now, 0, first(), 64, func(_ vtime.Time, unique bool) { w.say("verdict: unique %v", unique) })
		w.say("usable at once: %v", usable)
	case "addresses":
		for _, a := range s.Addresses() {
			w.say("address %v is %s", a.Addr, [...]string{"preferred", "tentative", "receiving", "optimistic", "deprecated"}[a.State])
		}
	case "probe":
		w.nd.Probe(w.now, 0, first(), func(_ vtime.Time, unique bool) { w.say("verdict: unique %v", unique) })
	case "stop":
		w.nd.StopProbe(0, first())
	case "verify":
		w.nd.Verify(w.now, 0, first(), func(_ vtime.Time, reachable bool) { w.say("verdict: reachable %v", reachable) })
	case "moved":
		w.nd.Moved(0)
	case "solicit":
		w.nd.Solicit(w.now, 0)
	case "announce":
		w.nd.Announce(0, w.addr(w.value("source", "")), first())
	case "announce-arp":
		w.nd.AnnounceARP(0, first(), w.mac(w.value("mac", "")))
	case "route":
		r := ip.Route{Prefix: netip.MustParsePrefix(w.word(0))}
		if w.has("via") {
			r.Gateway = w.addr(w.value("via", ""))
		}
		s.AddRoute(r)
	case "learn":
		w.nd.Learn(w.now, 0, first(), w.mac(w.value("mac", "")))
	case "forget":
		w.nd.Forget(0, first())
	case "send", "forward":
		for range w.number("n", 1) {
			w.sent++
			p := w.datagram(first(), w.addr(w.word(2)), uint8(w.number("ttl", 64)))
			if w.d.Cmd == "send" {
				s.HandlePacket(w.now, machine.Local, p)
			} else {
				s.HandlePacket(w.now, 1, p)
			}
		}
	case "recv":
		w.receive()
	case "advance":
		until := w.now.Add(w.duration(w.word(0)))
		for s.Deadline() <= until {
			w.now = s.Deadline()
			s.HandleDeadline(w.now)
			w.effects()
		}
		w.now = until
	case "state":
		for _, e := range w.nd.order {
			if known, ok := w.nd.Known(e.iface, e.addr); ok {
				r, _ := w.nd.Reachability(w.now, e.iface, e.addr)
				router := map[bool]string{true: ", router"}[e.router]
				w.say("neighbour %v is at %v, %v%s", e.addr, known, r, router)
			} else {
				w.say("neighbour %v is sought, %d packets wait", e.addr, len(e.queue))
			}
		}
		for _, r := range s.Routes() {
			via := "on-link"
			if r.Gateway.IsValid() {
				via = "via " + r.Gateway.String()
			}
			w.say("route %v %s%s", r.Prefix, via, map[bool]string{true: ", learnt"}[r.Learnt])
		}
		if n := w.nd.Len(); n != len(w.nd.entries) {
			w.t.Errorf("%s: %d neighbours in order, %d in the map", w.d.Pos, n, len(w.nd.entries))
		}
	case "end":
		held := []uint32{}
		s.End(func(p *packet.Buf) {
			held = append(held, p.Tag().Sequence)
			p.Release()
		})
		w.say("held %v", held)
		if w.pool.Live() != 0 {
			w.t.Errorf("%s: %d packets live", w.d.Pos, w.pool.Live())
		}
	default:
		w.t.Fatalf("%s: unknown command %s", w.d.Pos, w.d.Cmd)
	}
	w.effects()
	return w.out.String()
}

func (w *world) datagram(src, dst netip.Addr, hops uint8) *packet.Buf {
	p := w.pool.New(packet.DefaultHeadroom, wire.UDPHeaderLen)
	p.SetTag(packet.Tag{Flow: 1, Sequence: w.sent})
	wire.PutUDP(p.Bytes(), 9, 9, src, dst)
	if dst.Is4() {
		w.stack.Push4(p, src, dst, wire.ProtoUDP, 0, hops)
	} else {
		w.stack.Push6(p, src, dst, wire.ProtoUDP, 0, hops)
	}
	return p
}

// receive lets a frame arrive. Messages of Neighbor Discovery:
//
//	NS target=A [source=A] [to=A] [sll=M]
//	NA target=A [source=A] [to=A] [tll=M] [flags=RSO]
//	RS [source=A] [sll=M]
//	RA [source=A] [sll=M] [lifetime=D] [flags=H] [prefix=P] [onlink] [router] [valid=D] [preferred=D] [hoplimit=N] [reachable=D] [retrans=D] [mtu=N]
//	redirect
//
// each with [hops=N], [tunnel] and [cut=N] to keep only the first N octets of the message.
func (w *world) receive() {
	if w.word(0) == "ARP" || w.word(0) == "octets" {
		p := w.pool.New(packet.DefaultHeadroom, wire.ARPLen)
		if w.word(0) == "ARP" {
			f := wire.ARPFields{Operation: wire.ARPRequest, SenderMAC: w.mac(w.value("mac", "")),
				SenderIP: w.addr(w.value("sender", "")), TargetIP: w.addr(w.value("target", ""))}
			if w.word(1) == "reply" {
				f.Operation, f.TargetMAC = wire.ARPReply, own
			}
			wire.PutARP(p.Bytes(), f)
		}
		wire.PutEthernet(p.Prepend(wire.EthernetLen), own, wire.MAC{2, 9}, wire.EtherTypeARP)
		w.stack.HandlePacket(w.now, 0, p)
		return
	}
	src := w.addr(w.value("source", "fe80::9"))
	var m []byte
	var dst netip.Addr
	to := func(otherwise netip.Addr) netip.Addr {
		dst = w.addr(w.value("to", otherwise.String()))
		return dst
	}
	flags := w.value("flags", "")
	switch w.word(0) {
	case "NS":
		target := w.addr(w.value("target", ""))
		to := to(wire.SolicitedNode(target))
		m = wire.AppendNeighborSolicitation(nil, target, w.mac(w.value("sll", "")), src, to)
	case "NA":
		f := wire.NeighborAdvertisementFields{Router: strings.Contains(flags, "R"), Solicited: strings.Contains(flags, "S"),
			Override: strings.Contains(flags, "O"), Target: w.addr(w.value("target", "")), TargetLinkLayer: w.mac(w.value("tll", ""))}
		m = wire.AppendNeighborAdvertisement(nil, f, src, to(w.addr("fe80::1")))
	case "RS":
		m = wire.AppendRouterSolicitation(nil, w.mac(w.value("sll", "")), src, to(wire.AllRouters))
	case "RA":
		f := wire.RouterAdvertisementFields{HomeAgent: strings.Contains(flags, "H"), RouterLifetime: w.duration(w.value("lifetime", "30m")),
			SourceLinkLayer: w.mac(w.value("sll", "")), CurHopLimit: uint8(w.number("hoplimit", 0)), MTU: uint32(w.number("mtu", 0)),
			ReachableTime: w.duration(w.value("reachable", "0s")), RetransTimer: w.duration(w.value("retrans", "0s"))}
		if w.has("prefix") {
			p := netip.MustParsePrefix(w.value("prefix", ""))
			f.Prefixes = []wire.PrefixInformation{{Address: p.Addr(), PrefixLen: p.Bits(), OnLink: w.has("onlink"), Autonomous: true,
				RouterAddress: w.has("router"), ValidLifetime: w.duration(w.value("valid", "24h")), PreferredLifetime: w.duration(w.value("preferred", "1h"))}}
		}
		m = wire.AppendRouterAdvertisement(nil, f, src, to(wire.AllNodes))
	case "redirect":
		m = make([]byte, 40)
		wire.PutICMPv6(m, wire.ICMPv6Redirect, 0, src, to(w.addr("fe80::1")))
	default:
		w.t.Fatalf("%s: no message %q", w.d.Pos, w.word(0))
	}
	if w.has("cut") {
		m = m[:w.number("cut", 0)]
		wire.PutICMPv6(m, m[0], 0, src, dst)
	}
	p := w.pool.From(m)
	w.stack.Push6(p, src, dst, wire.ProtoICMPv6, 0, uint8(w.number("hops", 255)))
	if w.has("tunnel") {
		w.stack.InputFrom(w.now, 0, p, w.addr("2001:db8:99::1"))
		return
	}
	wire.PutEthernet(p.Prepend(wire.EthernetLen), own, wire.MAC{2, 9}, wire.EtherTypeIPv6)
	w.stack.HandlePacket(w.now, 0, p)
}

// effects drains the outbox into the transcript.
func (w *world) effects() {
	for e, ok := w.stack.Poll(); ok; e, ok = w.stack.Poll() {
		switch e.Kind {
		case machine.Send:
			w.say("send %s%s", number(e.Packet), w.frame(e))
		case machine.Drop:
			w.say("drop %s%v", number(e.Packet), e.Reason)
		case machine.Absorb:
			w.say("absorb")
		case machine.Note:
			about := e.Note.Home
			if e.Note.Kind == trace.RouterFound {
				about = e.Note.Peer
			}
			w.say("note %v %v", e.Note.Kind, about)
		case machine.Group:
			w.say("%s %v", map[bool]string{true: "join", false: "leave"}[e.On], e.MAC)
		case machine.Address: // the node's own doing
		default:
			w.say("effect %+v", e)
		}
		if e.Packet != nil {
			e.Packet.Release()
		}
	}
}

// number names the datagrams of the transcript.
func number(p *packet.Buf) string {
	if p.Tag().Flow == 0 {
		return ""
	}
	return fmt.Sprintf("#%d ", p.Tag().Sequence)
}

// frame puts a frame into a line: to whom, between which addresses, and what it says with
// its link-layer address options.
func (w *world) frame(e machine.Effect) string {
	b := e.Packet.Bytes()
	if e.Iface == 1 {
		return "on ptp0 " + w.layers(wire.Dissect(b, wire.LinkRaw, wire.DissectOptions{}))
	}
	f := wire.Ethernet(b)
	s := "to " + f.Destination().String()
	if f.Source() != own {
		s += " from " + f.Source().String()
	}
	return s + " " + w.layers(wire.Dissect(b, wire.LinkEthernet, wire.DissectOptions{})[1:])
}

func (w *world) layers(layers []wire.Layer) string {
	var parts []string
	for _, l := range layers {
		s := l.Summary
		switch l.Name {
		case "IPv6", "IPv4":
			s, _, _ = strings.Cut(s, ",")
		case "ARP":
			s = "ARP " + s
		case "UDP", wire.LayerData:
			s = l.Name
		}
		for _, f := range l.Fields {
			switch {
			case strings.HasPrefix(f.Name, "Source link"):
				s += ", sll " + f.Value
			case strings.HasPrefix(f.Name, "Target link"):
				s += ", tll " + f.Value
			case f.Name == "Hop limit" && f.Value != "64" || f.Name == "TTL" && f.Value != "64":
				s += " hops " + f.Value
			case f.Name == "Sender MAC" && f.Value != own.String() || f.Name == "Target MAC" && f.Value != (wire.MAC{}).String():
				s += ", " + strings.ToLower(f.Name) + " " + f.Value
			case f.Name == "Quoted packet":
				s += ", about " + f.Value
			}
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, " | ")
}
