package dhcp

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// propagation is how long a frame takes on the test's link.
const propagation = time.Millisecond

// link joins one server and some clients and writes down everything that happens.
type link struct {
	t      testing.TB
	pool   packet.Pool
	now    vtime.Time
	nodes  []*node // server first
	flying []frame
	lose   int // frames to lose
	cut    bool
	log    strings.Builder
	taken  netip.Addr
	xids   []uint32 // in order of appearance: the transcript shows their rank
}

type node struct {
	name   string
	link   *link
	stack  *ip.Stack
	client *Client
	before Held
}

type frame struct {
	at   vtime.Time
	from *node
	p    *packet.Buf
}

// resolver knows who has which address without asking.
type resolver struct{ n *node }

func (r resolver) HandleARP(_ vtime.Time, _ machine.Iface, p *packet.Buf) {
	r.n.stack.Out.Drop(p, trace.UnknownProtocol)
}

func (r resolver) Resolve(_ vtime.Time, out machine.Iface, to netip.Addr, p *packet.Buf) {
	for _, o := range r.n.link.nodes {
		if o.stack.Address(to) != nil {
			r.n.stack.Frame(out, o.stack.Interface(0).MAC, wire.EtherTypeIPv4, p)
			return
		}
	}
	r.n.stack.Out.Drop(p, trace.Unreachable)
}

func newLink(t testing.TB) *link { return &link{t: t} }

func (l *link) add(name string) *node {
	n := &node{name: name, link: l}
	mac := wire.MAC{2, 0, 0, 0, 0, byte(len(l.nodes) + 1)}
	n.stack = ip.New(name, &l.pool, []ip.Interface{{Name: "eth0", MAC: mac, Ethernet: true, MTU: 1500, Up: true}})
	n.stack.Resolver = resolver{n}
	l.nodes = append(l.nodes, n)
	return n
}

func (l *link) node(name string) *node {
	for _, n := range l.nodes {
		if n.name == name {
			return n
		}
	}
	l.t.Fatalf("no node %q", name)
	return nil
}

// addServer makes the first node, the router of the link.
func (l *link) addServer(cfg ServerConfig) *Server {
	n := l.add("server")
	n.stack.AddAddress(0, cfg.Address, cfg.Subnet.Bits(), ip.Preferred)
	n.stack.AddRoute(ip.Route{Prefix: cfg.Subnet})
	v, err := NewServer(n.stack, 0, cfg)
	if err != nil {
		l.t.Fatal(err)
	}
	l.drain(n)
	return v
}

// addClient makes a mobile node that configures what its client gets.
func (l *link) addClient(name string, cfg Config) *Client {
	n := l.add(name)
	n.stack.AddRoute(ip.Route{Prefix: netip.MustParsePrefix("0.0.0.0/0")})
	r := rand.New(rand.NewPCG(1, uint64(len(l.nodes))))
	n.client = NewClient(n.stack, 0, r, cfg, Events{
		Bound: func(_ vtime.Time, b Lease) {
			l.say(n, "bound to %v/%d for %v, router %v, server %v", b.Address, b.Bits, b.Duration, b.Router, b.Server)
			if n.stack.Address(b.Address) == nil {
				n.stack.AddAddress(0, b.Address, b.Bits, ip.Preferred)
			}
		},
		Lost: func(_ vtime.Time, b Lease) {
			l.say(n, "lost %v", b.Address)
			n.stack.RemoveAddress(b.Address)
		},
		Failed: func(vtime.Time) { l.say(n, "failed") },
	})
	return n.client
}

func (l *link) say(n *node, format string, args ...any) {
	fmt.Fprintf(&l.log, "%9.3f %s: %s\n", float64(l.now)/1e9, n.name, fmt.Sprintf(format, args...))
}

// transcript returns what was said since the last call.
func (l *link) transcript() string {
	s := l.log.String()
	l.log.Reset()
	if s == "" {
		return "(nothing)\n"
	}
	return s
}

// drain carries out the effects of a node.
func (l *link) drain(n *node) {
	for e, ok := n.stack.Poll(); ok; e, ok = n.stack.Poll() {
		switch e.Kind {
		case machine.Send:
			lost := l.cut || l.lose > 0
			note := ""
			if lost {
				note = " (lost)"
				l.lose = max(0, l.lose-1)
			}
			l.say(n, "%s%s", l.decode(e.Packet.Bytes()), note)
			if lost {
				e.Packet.Release()
				break
			}
			l.flying = append(l.flying, frame{l.now.Add(propagation), n, e.Packet})
		case machine.Drop:
			l.say(n, "drop %v", e.Reason)
			e.Packet.Release()
		case machine.Absorb:
			e.Packet.Release()
		case machine.Deliver:
			l.t.Fatal("a DHCP message reached an application")
		case machine.Note:
			l.say(n, "note %v %v %d s", e.Note.Kind, e.Note.Home, e.Note.Lifetime)
		}
	}
}

// run lets time pass until the given instant.
func (l *link) run(until vtime.Time) {
	for {
		next := vtime.Never
		if len(l.flying) > 0 {
			next = l.flying[0].at
		}
		for _, n := range l.nodes {
			next = min(next, n.stack.Deadline())
		}
		if next > until {
			break
		}
		l.now = next
		if len(l.flying) > 0 && l.flying[0].at == next {
			f := l.flying[0]
			l.flying = l.flying[1:]
			l.deliver(f)
			continue
		}
		for _, n := range l.nodes {
			if n.stack.Deadline() <= l.now {
				n.stack.HandleDeadline(l.now)
				l.drain(n)
			}
		}
	}
	l.now = until
	if l.pool.Live() != len(l.flying) {
		l.t.Fatalf("%d packets live, %d in flight", l.pool.Live(), len(l.flying))
	}
}

func (l *link) deliver(f frame) {
	to := wire.Ethernet(f.p.Bytes()).Destination()
	for _, n := range l.nodes {
		if n != f.from && (to.IsMulticast() || to == n.stack.Interface(0).MAC) {
			n.stack.HandlePacket(l.now, 0, f.p.Clone())
			l.drain(n)
		}
	}
	f.p.Release()
}

// decode describes a frame as gopacket understands it, checksums verified.
func (l *link) decode(octets []byte) string {
	p := gopacket.NewPacket(octets, layers.LayerTypeEthernet, gopacket.Default)
	if e := p.ErrorLayer(); e != nil {
		l.t.Fatalf("gopacket: %v", e.Error())
	}
	eth := p.Layer(layers.LayerTypeEthernet).(*layers.Ethernet)
	four, ok := p.Layer(layers.LayerTypeIPv4).(*layers.IPv4)
	if !ok {
		l.t.Fatal("not IPv4")
	}
	udp := p.Layer(layers.LayerTypeUDP).(*layers.UDP)
	if err := udp.SetNetworkLayerForChecksum(four); err != nil {
		l.t.Fatal(err)
	}
	if err, bad := p.VerifyChecksums(); err != nil || len(bad) > 0 {
		l.t.Fatalf("gopacket checksums: %v %v", err, bad)
	}
	d, ok := p.Layer(layers.LayerTypeDHCPv4).(*layers.DHCPv4)
	if !ok {
		l.t.Fatal("gopacket finds no DHCP message")
	}
	var b strings.Builder
	typ := "?"
	for _, o := range d.Options {
		if o.Type == layers.DHCPOptMessageType {
			typ = layers.DHCPMsgType(o.Data[0]).String()
		}
	}
	fmt.Fprintf(&b, "%s x%d %v:%d > %v:%d", strings.ToUpper(typ), l.rank(d.Xid), four.SrcIP, udp.SrcPort, four.DstIP, udp.DstPort)
	if eth.DstMAC.String() != "ff:ff:ff:ff:ff:ff" {
		fmt.Fprintf(&b, " to %v", eth.DstMAC)
	}
	for _, f := range []struct {
		name string
		ip   string
	}{{"ciaddr", d.ClientIP.String()}, {"yiaddr", d.YourClientIP.String()}, {"siaddr", d.NextServerIP.String()}, {"giaddr", d.RelayAgentIP.String()}} {
		if f.ip != "0.0.0.0" {
			fmt.Fprintf(&b, " %s=%s", f.name, f.ip)
		}
	}
	if d.Secs != 0 {
		fmt.Fprintf(&b, " secs=%d", d.Secs)
	}
	if d.Flags != 0 {
		fmt.Fprintf(&b, " flags=%x", d.Flags)
	}
	for _, o := range d.Options {
		switch o.Type {
		case layers.DHCPOptMessageType, layers.DHCPOptEnd, layers.DHCPOptPad, layers.DHCPOptParamsRequest:
		case layers.DHCPOptLeaseTime, layers.DHCPOptT1, layers.DHCPOptT2:
			name := map[layers.DHCPOpt]string{layers.DHCPOptLeaseTime: "lease", layers.DHCPOptT1: "t1", layers.DHCPOptT2: "t2"}[o.Type]
			fmt.Fprintf(&b, " %s=%d", name, uint32(o.Data[0])<<24|uint32(o.Data[1])<<16|uint32(o.Data[2])<<8|uint32(o.Data[3]))
		default:
			fmt.Fprintf(&b, " %v=%v", strings.ToLower(o.Type.String()), netip.AddrFrom4([4]byte(o.Data)))
		}
	}
	return b.String()
}

func (l *link) rank(xid uint32) int {
	for i, x := range l.xids {
		if x == xid {
			return i + 1
		}
	}
	l.xids = append(l.xids, xid)
	return len(l.xids)
}
