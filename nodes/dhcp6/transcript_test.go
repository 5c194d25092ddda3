package dhcp6

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

const propagation = time.Millisecond

// link joins servers and clients and writes down everything that happens.
type link struct {
	t      *testing.T
	pool   packet.Pool
	now    vtime.Time
	nodes  []*node
	flying []frame
	cut    bool
	lose   int
	log    strings.Builder
	xids   []string
}

type node struct {
	name   string
	link   *link
	stack  *ip.Stack
	client *Client
	server *Server
}

type frame struct {
	at   vtime.Time
	from *node
	p    *packet.Buf
}

// resolver knows who has which address without asking.
type resolver struct{ n *node }

func (r resolver) HandleARP(_ vtime.Time, _ machine.Iface, p *packet.Buf) { r.n.stack.Out.Absorb(p) }

func (r resolver) Resolve(_ vtime.Time, out machine.Iface, to netip.Addr, p *packet.Buf) {
	for _, o := range r.n.link.nodes {
		if o.stack.Address(to) != nil {
			r.n.stack.Frame(out, o.stack.Interface(0).MAC, wire.EtherTypeIPv6, p)
			return
		}
	}
	r.n.stack.Out.Drop(p, trace.Unreachable)
}

func (l *link) add(name string) *node {
	n := &node{name: name, link: l}
	mac := wire.MAC{2, 0, 0, 0, 0, byte(len(l.nodes) + 1)}
	n.stack = ip.New(name, &l.pool, []ip.Interface{{Name: "eth0", MAC: mac, Ethernet: true, MTU: 1500, Up: true}})
	n.stack.Resolver = resolver{n}
	n.stack.AddAddress(0, wire.LinkLocal(mac), 64, ip.Preferred)
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

func (l *link) say(n *node, format string, args ...any) {
	fmt.Fprintf(&l.log, "%9.3f %s: %s\n", float64(l.now)/1e9, n.name, fmt.Sprintf(format, args...))
}

func (l *link) transcript() string {
	s := l.log.String()
	l.log.Reset()
	if s == "" {
		return "(nothing)\n"
	}
	return s
}

func (l *link) drain(n *node) {
	for e, ok := n.stack.Poll(); ok; e, ok = n.stack.Poll() {
		switch e.Kind {
		case machine.Send:
			lost := l.cut || l.lose > 0
			note := ""
			if lost {
				note, l.lose = " (lost)", max(0, l.lose-1)
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
		}
	}
}

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
			to := wire.Ethernet(f.p.Bytes()).Destination()
			for _, n := range l.nodes {
				if n != f.from && (to.IsMulticast() || to == n.stack.Interface(0).MAC) {
					n.stack.HandlePacket(l.now, 0, f.p.Clone())
					l.drain(n)
				}
			}
			f.p.Release()
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
}

// decode describes a frame as gopacket understands it, checksums verified.
func (l *link) decode(octets []byte) string {
	p := gopacket.NewPacket(octets, layers.LayerTypeEthernet, gopacket.Default)
	if e := p.ErrorLayer(); e != nil {
		l.t.Fatalf("gopacket: %v", e.Error())
	}
	six := p.Layer(layers.LayerTypeIPv6).(*layers.IPv6)
	udp := p.Layer(layers.LayerTypeUDP).(*layers.UDP)
	if err := udp.SetNetworkLayerForChecksum(six); err != nil {
		l.t.Fatal(err)
	}
	if err, bad := p.VerifyChecksums(); err != nil || len(bad) > 0 {
		l.t.Fatalf("gopacket checksums: %v %v", err, bad)
	}
	d, ok := p.Layer(layers.LayerTypeDHCPv6).(*layers.DHCPv6)
	if !ok {
		l.t.Fatal("gopacket finds no DHCPv6 message")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s x%d %v:%d > %v:%d", strings.ToUpper(d.MsgType.String()), l.rank(string(d.TransactionID)), six.SrcIP, udp.SrcPort, six.DstIP, udp.DstPort)
	l.options(&b, d.Options)
	return b.String()
}

func (l *link) options(b *strings.Builder, options layers.DHCPv6Options) {
	for _, o := range options {
		switch o.Code {
		case layers.DHCPv6OptClientID:
			fmt.Fprintf(b, " client=%x", o.Data[len(o.Data)-1:])
		case layers.DHCPv6OptServerID:
			fmt.Fprintf(b, " server=%x", o.Data[len(o.Data)-1:])
		case layers.DHCPv6OptElapsedTime:
			if e := binary.BigEndian.Uint16(o.Data); e > 0 {
				fmt.Fprintf(b, " elapsed=%d", e)
			}
		case layers.DHCPv6OptPreference:
			fmt.Fprintf(b, " preference=%d", o.Data[0])
		case layers.DHCPv6OptRapidCommit:
			b.WriteString(" rapid-commit")
		case layers.DHCPv6OptStatusCode:
			fmt.Fprintf(b, " status=%d", binary.BigEndian.Uint16(o.Data))
		case layers.DHCPv6OptIANA:
			fmt.Fprintf(b, " IA{t1=%d t2=%d", binary.BigEndian.Uint32(o.Data[4:]), binary.BigEndian.Uint32(o.Data[8:]))
			for rest := o.Data[12:]; len(rest) >= 4; {
				n := int(binary.BigEndian.Uint16(rest[2:]))
				v := rest[4 : 4+n]
				switch layers.DHCPv6Opt(binary.BigEndian.Uint16(rest)) {
				case layers.DHCPv6OptIAAddr:
					fmt.Fprintf(b, " %v %d/%d", netip.AddrFrom16([16]byte(v)), binary.BigEndian.Uint32(v[16:]), binary.BigEndian.Uint32(v[20:]))
				case layers.DHCPv6OptStatusCode:
					fmt.Fprintf(b, " status=%d", binary.BigEndian.Uint16(v))
				}
				rest = rest[4+n:]
			}
			b.WriteString("}")
		default:
			fmt.Fprintf(b, " %v", o.Code)
		}
	}
}

func (l *link) rank(xid string) int {
	for i, x := range l.xids {
		if x == xid {
			return i + 1
		}
	}
	l.xids = append(l.xids, xid)
	return len(l.xids)
}

// TestTranscripts plays the files in testdata. Commands:
//
//	server NAME prefix=P [preferred=D valid=D t1=D t2=D preference=N rapid delay=D]
//	client NAME [delay=D rapid confirm]
//	start NAME, stop NAME, decline NAME, relinquish NAME
//	move SERVER prefix=P     the server's link has another prefix and knows nobody
//	lose N, cut, mend        frames
//	run D                    lets time pass and prints the transcript
//	leases SERVER
func TestTranscripts(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		l := &link{t: t}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			name := ""
			if len(d.CmdArgs) > 0 {
				name = d.CmdArgs[0].Key
			}
			text := func(key, otherwise string) string {
				if d.HasArg(key) {
					d.ScanArgs(t, key, &otherwise)
				}
				return otherwise
			}
			span := func(key, otherwise string) time.Duration {
				v, err := time.ParseDuration(text(key, otherwise))
				if err != nil {
					t.Fatal(err)
				}
				return v
			}
			switch d.Cmd {
			case "server":
				n := l.add(name)
				preference := 255
				if d.HasArg("preference") {
					d.ScanArgs(t, "preference", &preference)
				}
				cfg := ServerConfig{
					Prefix: netip.MustParsePrefix(text("prefix", "")), Preferred: span("preferred", "100s"), Valid: span("valid", "200s"),
					Renewal: span("t1", "0s"), Rebind: span("t2", "0s"), Preference: uint8(preference), RapidCommit: d.HasArg("rapid"),
				}
				if delay := span("delay", "0s"); delay > 0 {
					cfg.Delay = func() time.Duration { return delay }
				}
				var err error
				if n.server, err = NewServer(n.stack, 0, cfg); err != nil {
					t.Fatal(err)
				}
				l.drain(n)
				return ""
			case "client":
				n := l.add(name)
				cfg := Config{DelayMin: span("delay", "0s"), DelayMax: span("delay", "0s"), RapidCommit: d.HasArg("rapid"), Confirm: d.HasArg("confirm")}
				n.client = NewClient(n.stack, 0, rand.New(rand.NewPCG(1, 1)), cfg, Events{
					Bound: func(_ vtime.Time, b Lease) {
						l.say(n, "bound to %v, renew %.3f, rebind %.3f, expires %.3f", b.Address, float64(b.Renew)/1e9, float64(b.Rebind)/1e9, float64(b.Expires)/1e9)
					},
					Lost: func(_ vtime.Time, b Lease) { l.say(n, "lost %v", b.Address) },
				})
				n.stack.HandleUDP(wire.PortDHCPv6Client, n.client.HandlePacket)
				l.drain(n)
				return ""
			case "start", "stop", "decline", "relinquish":
				n := l.node(name)
				switch d.Cmd {
				case "start":
					n.client.Start(l.now)
				case "decline":
					n.client.Decline(l.now)
				case "relinquish":
					n.client.Relinquish(l.now)
				default:
					n.client.Stop()
				}
				l.drain(n)
				return fmt.Sprintf("%s%v\n", l.transcript(), n.client.State())
			case "move":
				v := l.node(name).server
				v.cfg.Prefix, v.bindings, v.next = netip.MustParsePrefix(text("prefix", "")), nil, 0
				return ""
			case "lose":
				if _, err := fmt.Sscan(name, &l.lose); err != nil {
					t.Fatal(err)
				}
				return ""
			case "cut", "mend":
				l.cut = d.Cmd == "cut"
				return ""
			case "run":
				v, err := time.ParseDuration(name)
				if err != nil {
					t.Fatal(err)
				}
				l.run(l.now.Add(v))
				return l.transcript()
			case "leases":
				return fmt.Sprintln(leases(l.node(name).server, l.now))
			}
			t.Fatalf("unknown command %s", d.Cmd)
			return ""
		})
	})
}

// leases returns how many leases are in force.
func leases(v *Server, now vtime.Time) int {
	n := 0
	for _, b := range v.bindings {
		if now < b.expires {
			n++
		}
	}
	return n
}
