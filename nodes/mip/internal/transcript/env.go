package transcript

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/insomniacslk/dhcp/dhcpv4"

	"dsmipsim/nodes/esp"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Machine is a node's machine. End hands out what it still holds.
type Machine interface {
	machine.Machine
	End(take func(*packet.Buf))
}

// Env is a machine under test with the world around it. Commands of a transcript:
//
//	link up|down             the first interface goes up or down
//	recv [on=IFACE] PACKET   a packet arrives; on Ethernet its frame goes to the node, or to the packet's group
//	repeat                   the octets of the last recv arrive again
//	send PACKET              the upper layer hands down a packet
//	advance D                time passes
//	neighbour ADDR MAC       somebody answers address resolution for ADDR from now on, within no time
//	lease ADDR/BITS router=ADDR [time=D] [delay=D], lease off
//	                         a DHCP server gives this address, or there is none
//	show [address] [absorb]  also write these effects
//	snapshot                 the machine's state
//
// The output has a line for each effect, with the virtual time.
type Env struct {
	Machine  Machine
	Pool     *packet.Pool
	Layout   wire.IPv4Layout
	Ifaces   []string // names, in order
	Ethernet []bool
	Own      map[wire.MAC]bool // hardware addresses of further interfaces of the machine
	Snapshot func() string

	now        vtime.Time
	out        strings.Builder
	mac        wire.MAC // of the machine's Ethernet interface
	seals      map[uint32]*esp.SA
	neighbours map[netip.Addr]wire.MAC
	lease      *lease
	show       map[string]bool
	last       []byte
	lastIface  machine.Iface
	replies    []reply
}

type lease struct {
	prefix netip.Prefix
	router netip.Addr
	time   time.Duration
	delay  time.Duration
}

// reply is a frame that somebody else sends later.
type reply struct {
	at    vtime.Time
	text  string
	frame []byte
}

// NewEnv returns a world around a machine whose Ethernet interface has the hardware address.
func NewEnv(m Machine, pool *packet.Pool, mac wire.MAC, ifaces ...string) *Env {
	e := &Env{
		Machine: m, Pool: pool, Layout: wire.Draft00Layout(), Ifaces: ifaces, mac: mac,
		seals: map[uint32]*esp.SA{}, neighbours: map[netip.Addr]wire.MAC{}, show: map[string]bool{},
	}
	e.Ethernet = make([]bool, len(ifaces))
	e.Ethernet[0] = true
	return e
}

// Peer lets ESP with that SPI in received packets be sealed by the association.
func (e *Env) Peer(sa *esp.SA) { e.seals[sa.Config().SPI] = sa }

// keyOf returns the key of an SPI: for those of the vectors theirs.
func keyOf(spi uint32) []byte {
	key := make([]byte, 20)
	for i := range key {
		key[i] = 0x20 + byte(i)
	}
	if spi >= 0x2000 {
		key[0] = 0xff
	}
	return key
}

// SA returns one end of the association of that SPI. Those from 0x2000 on belong to the
// other mobile node; even ones protect Binding Acknowledgements, odd ones Binding Updates.
// With 0x10 it is Mobile Prefix Advertisements and Solicitations, with 0x20, in tunnel mode,
// Home Tests and Home Test Inits. Those from 0x3000 on protect whatever they are used for.
func SA(spi uint32) *esp.SA {
	home := Addr("HoA6")
	if spi >= 0x2000 {
		home = Addr("OtherHoA6")
	}
	sel := esp.Selector{Source: home, Destination: Addr("HA6"), Protocol: wire.ProtoMobility, Type: uint8(wire.MobilityBindingUpdate)}
	if spi%2 == 0 {
		sel = esp.Selector{Source: Addr("HA6"), Destination: home, Protocol: wire.ProtoMobility, Type: uint8(wire.MobilityBindingAcknowledgement)}
	}
	mode := esp.Transport
	if spi&0x20 != 0 {
		mode = esp.Tunnel
	}
	if spi >= 0x3000 {
		sel = esp.Selector{}
	}
	if spi&0x20 != 0 { // the other end of a test is any correspondent
		sel.Type, sel.Destination = uint8(wire.MobilityHomeTestInit), netip.Addr{}
		if spi%2 == 0 {
			sel = esp.Selector{Destination: home, Protocol: wire.ProtoMobility, Type: uint8(wire.MobilityHomeTest)}
		}
	}
	if spi&0x10 != 0 {
		sel.Protocol, sel.Type = wire.ProtoICMPv6, wire.ICMPv6PrefixSolicitation+uint8(1-spi%2)
	}
	sa, err := esp.NewSA(esp.Config{SPI: spi, Algorithm: esp.HMACSHA1_96, Key: keyOf(spi), Selector: sel, HomeAddress: home, Mode: mode})
	if err != nil {
		panic(err)
	}
	return sa
}

// Walk plays the transcripts in testdata. A command of the name that is given begins anew
// with another machine; all other commands are those of Env.
func Walk(t *testing.T, begin string, anew func(t testing.TB, d *datadriven.TestData) *Env) {
	t.Helper()
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		var env *Env
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd == begin {
				if env != nil {
					env.Close(t)
				}
				env = anew(t, d)
				return ""
			}
			return env.Run(t, d)
		})
		env.Close(t)
	})
}

// Run executes a command and returns what the machine did.
func (e *Env) Run(t testing.TB, d *datadriven.TestData) string {
	t.Helper()
	defer func() {
		if r := recover(); r != nil {
			d.Fatalf(t, "%s: %v\n%s", d.Cmd, r, e.out.String())
		}
	}()
	args := make([]string, len(d.CmdArgs))
	for i, a := range d.CmdArgs {
		args[i] = a.Key
		if len(a.Vals) > 0 {
			args[i] += "=" + a.Vals[0]
		}
	}
	return e.do(d.Cmd, args)
}

// Do executes a command line.
func (e *Env) Do(line string) string {
	args := strings.Fields(line)
	return e.do(args[0], args[1:])
}

func (e *Env) do(cmd string, args []string) string {
	switch cmd {
	case "link":
		iface, args := e.on(args)
		e.Machine.HandleLink(e.now, machine.LinkEvent{Iface: iface, Up: args[0] == "up"})
		if args[0] != "up" {
			e.replies = nil
		}
		e.drain()
	case "recv":
		iface, args := e.on(args)
		e.receive(iface, strings.Join(args, " "))
	case "repeat":
		e.handle(e.lastIface, e.last)
	case "send":
		e.Machine.HandlePacket(e.now, machine.Local, e.Build(strings.Join(args, " ")))
		e.drain()
	case "advance":
		by, err := time.ParseDuration(args[0])
		if err != nil {
			panic(err)
		}
		e.advance(e.now.Add(by))
	case "neighbour":
		if args[1] == "off" {
			delete(e.neighbours, Addr(args[0]))
			break
		}
		e.neighbours[Addr(args[0])] = parseMAC(args[1])
	case "lease":
		e.lease = nil
		if args[0] != "off" {
			l := parseLayer("lease " + strings.Join(args[1:], " "))
			a, bits, _ := strings.Cut(args[0], "/")
			e.lease = &lease{netip.PrefixFrom(Addr(a), atoi(bits)), l.addr("router"), l.duration("time", time.Hour), l.duration("delay", 0)}
		}
	case "show":
		for _, a := range args {
			e.show[a] = true
		}
	case "snapshot":
		return e.Snapshot()
	default:
		panic("unknown command")
	}
	return e.flush()
}

// on takes the interface of a command, on=NAME, from its arguments; the first if there is none.
func (e *Env) on(args []string) (machine.Iface, []string) {
	name, ok := strings.CutPrefix(args[0], "on=")
	if !ok {
		return 0, args
	}
	return machine.Iface(max(0, slices.Index(e.Ifaces, name))), args[1:]
}

func (e *Env) flush() string {
	s := e.out.String()
	e.out.Reset()
	return s
}

// Close ends the run and fails if packets were lost.
func (e *Env) Close(t testing.TB) {
	t.Helper()
	e.Machine.End(func(p *packet.Buf) { p.Release() })
	if n := e.Pool.Live(); n != 0 {
		t.Errorf("%d packets lost", n)
	}
}

// receive lets a packet arrive.
func (e *Env) receive(in machine.Iface, text string) {
	p := e.Build(text)
	if e.Ethernet[in] {
		e.ether(p, strings.HasPrefix(text, "ARP"))
	}
	octets := append([]byte(nil), p.Bytes()...)
	p.Release()
	e.handle(in, octets)
}

// ether puts a frame header around a packet.
func (e *Env) ether(p *packet.Buf, isARP bool) {
	dst, from, typ := e.mac, strangerMAC, uint16(wire.EtherTypeIPv6)
	var source, destination netip.Addr
	b := p.Bytes()
	switch {
	case isARP:
		typ = wire.EtherTypeARP
		a, _ := wire.ParseARP(b)
		source, from = a.SenderIP(), a.SenderMAC()
		if a.Operation() == wire.ARPRequest {
			dst = wire.Broadcast
		}
	case b[0]>>4 == 4:
		typ = wire.EtherTypeIPv4
		source, destination = wire.IPv4(b).Source(), wire.IPv4(b).Destination()
		if destination == broadcast {
			dst = wire.Broadcast
		}
	default:
		source, destination = wire.IPv6(b).Source(), wire.IPv6(b).Destination()
		if destination.IsMulticast() {
			dst = wire.MulticastMAC(destination)
		}
	}
	if mac, ok := e.neighbours[source]; ok && !isARP {
		from = mac
	}
	wire.PutEthernet(p.Prepend(wire.EthernetLen), dst, from, typ)
}

var broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

func (e *Env) handle(in machine.Iface, octets []byte) {
	e.last, e.lastIface = octets, in
	e.Machine.HandlePacket(e.now, in, e.Pool.From(octets))
	e.drain()
}

// advance lets time pass up to an instant, timers and answers of others in their order.
func (e *Env) advance(until vtime.Time) {
	for steps := 0; ; steps++ {
		if steps > 10000 {
			panic("the machine does not come to rest")
		}
		at := e.Machine.Deadline()
		if len(e.replies) > 0 && e.replies[0].at <= at {
			at = e.replies[0].at
		}
		if at > until {
			break
		}
		e.now = max(e.now, at)
		if len(e.replies) > 0 && e.replies[0].at <= e.now {
			r := e.replies[0]
			e.replies = e.replies[1:]
			e.line("recv " + r.text)
			e.Machine.HandlePacket(e.now, 0, e.Pool.From(r.frame))
		} else {
			e.Machine.HandleDeadline(e.now)
		}
		e.drain()
	}
	e.now = until
}

func (e *Env) line(s string) { fmt.Fprintf(&e.out, "%v %s\n", e.now, s) }

// drain writes the machine's effects and lets the world answer.
func (e *Env) drain() {
	for {
		x, ok := e.Machine.Poll()
		if !ok {
			break
		}
		e.effect(&x)
	}
	for len(e.replies) > 0 && e.replies[0].at <= e.now {
		r := e.replies[0]
		e.replies = e.replies[1:]
		e.line("recv " + r.text)
		e.Machine.HandlePacket(e.now, 0, e.Pool.From(r.frame))
		e.drain()
	}
}

func (e *Env) effect(x *machine.Effect) {
	switch x.Kind {
	case machine.Send:
		if e.Ethernet[x.Iface] {
			e.line("send " + e.Ifaces[x.Iface] + " " + e.frame(x.Packet.Bytes()))
			e.react(x.Packet.Bytes())
		} else {
			e.line("send " + e.Ifaces[x.Iface] + " " + e.chain(x.Packet.Bytes()))
		}
		x.Packet.Release()
	case machine.Deliver:
		what := fmt.Sprintf("protocol %d", x.Protocol)
		switch x.Protocol {
		case wire.ProtoUDP:
			what = udp(x.Packet.Bytes(), x.Source, x.Destination)
		case wire.ProtoICMPv6, wire.ProtoICMPv4:
			what = "Echo reply"
		}
		e.line(fmt.Sprintf("deliver %s>%s %s", Name(x.Source), Name(x.Destination), what))
		x.Packet.Release()
	case machine.Drop:
		e.line(fmt.Sprintf("drop %v: %s", x.Reason, e.dropped(x.Packet.Bytes())))
		x.Packet.Release()
	case machine.Absorb:
		if e.show["absorb"] {
			e.line("absorb " + e.dropped(x.Packet.Bytes()))
		}
		x.Packet.Release()
	case machine.Address:
		if e.show["address"] {
			sign := map[bool]string{true: "+", false: "-"}[x.On]
			on := "virtual"
			if x.Iface >= 0 {
				on = e.Ifaces[x.Iface]
			}
			e.line(fmt.Sprintf("address %s%s on %s", sign, Name(x.Source), on))
		}
	case machine.Note:
		e.note(x.Note)
	}
}

// dropped writes a packet that ended at some stage of its decoding: ESP may be open, so
// that the length in the IP header is no longer true, or an Ethernet header still there.
func (e *Env) dropped(b []byte) string {
	if len(b) >= wire.IPv6HeaderLen && b[0]>>4 == 6 && len(b) != wire.IPv6HeaderLen+int(b[4])<<8+int(b[5]) {
		h := wire.IPv6(b)
		return fmt.Sprintf("IPv6(%s>%s) | opened", Name(h.Source()), Name(h.Destination()))
	}
	return e.chain(b)
}

func (e *Env) note(n *trace.Note) {
	if n.Kind == trace.DADStarted || n.Kind == trace.DADSucceeded || n.Kind == trace.RouterFound {
		return // what is sent, and what follows, says it
	}
	s := fmt.Sprintf("note %v", n.Kind)
	for _, a := range []struct {
		key  string
		addr netip.Addr
	}{{"home", n.Home}, {"careof", n.CareOf}, {"peer", n.Peer}} {
		if a.addr.IsValid() {
			s += " " + a.key + "=" + Name(a.addr)
		}
	}
	switch n.Kind {
	case trace.BindingUpdateSent, trace.BindingCreated, trace.BindingUpdated:
		s += fmt.Sprintf(" seq=%d lifetime=%ds", n.Sequence, n.Lifetime)
	case trace.BindingAccepted:
		s += fmt.Sprintf(" seq=%d status=%d lifetime=%ds", n.Sequence, n.Status, n.Lifetime)
	case trace.BindingRejected, trace.BindingDeregistered:
		s += fmt.Sprintf(" seq=%d status=%d", n.Sequence, n.Status)
	case trace.IPv4HomeAccepted, trace.IPv4HomeRefused:
		s += fmt.Sprintf(" status=%d", n.Status)
	}
	e.line(s)
}

// react lets the neighbours and the DHCP server answer a frame.
func (e *Env) react(b []byte) {
	h, err := wire.ParseEthernet(b)
	if err != nil {
		return
	}
	switch h.EtherType() {
	case wire.EtherTypeARP:
		a, err := wire.ParseARP(h.Payload())
		if err != nil || a.Operation() != wire.ARPRequest || a.IsGratuitous() {
			return
		}
		if mac, ok := e.neighbours[a.TargetIP()]; ok {
			e.answer(0, fmt.Sprintf("ARP reply sender=%s mac=%v target=%s", Name(a.TargetIP()), mac, Name(a.SenderIP())))
		}
	case wire.EtherTypeIPv6:
		p, err := wire.ParseIPv6(h.Payload())
		if err != nil || p.NextHeader() != wire.ProtoICMPv6 || p.Source().IsUnspecified() {
			return
		}
		ns, err := wire.ICMPv6(p.Payload()).NeighborSolicitation()
		if err != nil {
			return
		}
		if mac, ok := e.neighbours[ns.Target()]; ok {
			e.answer(0, fmt.Sprintf("IPv6(%s>%s) | NA S O target=%s mac=%v", Name(ns.Target()), Name(p.Source()), Name(ns.Target()), mac))
		}
	case wire.EtherTypeIPv4:
		p, err := wire.ParseIPv4(h.Payload())
		if err != nil || p.Protocol() != wire.ProtoUDP || e.lease == nil {
			return
		}
		u, err := wire.ParseUDP(p.Payload(), p.Source(), p.Destination())
		if err == nil && u.DestinationPort() == wire.PortDHCPv4Server {
			e.serve(u.Payload())
		}
	}
}

func (e *Env) answer(after time.Duration, text string) {
	p := e.Build(text)
	e.ether(p, strings.HasPrefix(text, "ARP"))
	e.later(after, text, p)
}

func (e *Env) later(after time.Duration, text string, p *packet.Buf) {
	e.replies = append(e.replies, reply{e.now.Add(after), text, append([]byte(nil), p.Bytes()...)})
	p.Release()
}

// serve answers a DHCP client.
func (e *Env) serve(b []byte) {
	m, err := dhcpv4.FromBytes(b)
	if err != nil {
		return
	}
	typ := dhcpv4.MessageTypeOffer
	if m.MessageType() == dhcpv4.MessageTypeRequest {
		typ = dhcpv4.MessageTypeAck
	}
	l := e.lease
	server := l.router.As4()
	mask := [4]byte{}
	for i := range l.prefix.Bits() {
		mask[i/8] |= 0x80 >> (i % 8)
	}
	a := l.prefix.Addr().As4()
	answer, err := dhcpv4.NewReplyFromRequest(m, dhcpv4.WithMessageType(typ), dhcpv4.WithYourIP(a[:]),
		dhcpv4.WithOption(dhcpv4.OptServerIdentifier(server[:])), dhcpv4.WithRouter(server[:]), dhcpv4.WithNetmask(mask[:]),
		dhcpv4.WithLeaseTime(uint32(l.time/time.Second)))
	if err != nil {
		panic(err)
	}
	octets := answer.ToBytes()
	p := e.Pool.New(packet.DefaultHeadroom, wire.UDPHeaderLen+len(octets))
	copy(p.Bytes()[wire.UDPHeaderLen:], octets)
	wire.PutUDP(p.Bytes(), wire.PortDHCPv4Server, wire.PortDHCPv4Client, l.router, l.prefix.Addr())
	n := p.Len()
	wire.PutIPv4(p.Prepend(wire.IPv4HeaderLen), wire.IPv4Fields{TotalLen: n + wire.IPv4HeaderLen, TTL: 64, Protocol: wire.ProtoUDP, Source: l.router, Destination: l.prefix.Addr()})
	wire.PutEthernet(p.Prepend(wire.EthernetLen), e.mac, strangerMAC, wire.EtherTypeIPv4)
	e.later(l.delay, "DHCP "+typ.String()+" "+Name(l.prefix.Addr()), p)
}
