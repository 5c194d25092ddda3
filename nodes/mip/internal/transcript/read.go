package transcript

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
)

// layer is one header of the notation: NAME(endpoints) or NAME{...}, then words and key=value.
type layer struct {
	name     string
	src, dst string
	words    map[string]bool
	values   map[string][]string
}

func parseLayer(s string) layer {
	l := layer{words: map[string]bool{}, values: map[string][]string{}}
	fields := strings.Fields(s)
	head := fields[0]
	if open := strings.IndexByte(head, '('); open >= 0 {
		l.name = head[:open]
		ends := strings.SplitN(strings.TrimSuffix(head[open+1:], ")"), ">", 2)
		if len(ends) != 2 {
			panic("no > in " + head)
		}
		l.src, l.dst = ends[0], ends[1]
	} else if open := strings.IndexByte(head, '{'); open >= 0 {
		l.name = head[:open]
		fields = append([]string{head[:open], head[open+1:]}, fields[1:]...)
	} else {
		l.name = head
	}
	for _, f := range fields[1:] {
		f = strings.TrimSuffix(f, "}")
		if k, v, ok := strings.Cut(f, "="); ok {
			l.values[k] = append(l.values[k], v)
		} else if f != "" {
			l.words[f] = true
		}
	}
	return l
}

func (l layer) value(key string) string {
	if v := l.values[key]; v != nil {
		return v[0]
	}
	return ""
}

func (l layer) number(key string, otherwise int) int {
	v := l.value(key)
	if v == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(v, 0, 64)
	if err != nil {
		panic(err)
	}
	return int(n)
}

func (l layer) duration(key string, otherwise time.Duration) time.Duration {
	v := l.value(key)
	if v == "" {
		return otherwise
	}
	d, err := time.ParseDuration(v)
	if err != nil {
		panic(err)
	}
	return d
}

func (l layer) addr(key string) netip.Addr {
	if v := l.value(key); v != "" {
		return Addr(v)
	}
	return netip.Addr{}
}

// first returns the only word that is an address.
func (l layer) address() netip.Addr {
	for w := range l.words {
		if w != "HAO" {
			return Addr(w)
		}
	}
	panic("no address in " + l.name)
}

// Build makes the packet that a line of the notation describes. It starts with its IP
// header, or with ARP.
func (e *Env) Build(line string) *packet.Buf {
	var layers []layer
	for _, s := range strings.Split(line, " | ") {
		layers = append(layers, parseLayer(strings.TrimSpace(s)))
	}
	p := e.Pool.New(packet.DefaultHeadroom, 0)
	next := uint8(wire.ProtoNone)
	for i := len(layers) - 1; i >= 0; i-- {
		next = e.put(p, layers, i, next)
	}
	return p
}

// put puts layer i in front of what is there and returns its protocol number.
func (e *Env) put(p *packet.Buf, layers []layer, i int, next uint8) uint8 {
	l := layers[i]
	src, dst := upperAddresses(layers[:i])
	write := func(b []byte) { copy(p.Append(len(b)), b) }
	switch l.name {
	case "IPv6":
		h := p.Prepend(wire.IPv6HeaderLen)
		wire.PutIPv6(h, wire.IPv6Fields{
			TrafficClass: uint8(l.number("class", 0)), PayloadLen: p.Len() - wire.IPv6HeaderLen, NextHeader: uint8(l.number("next", int(next))),
			HopLimit: uint8(l.number("hop", hopLimit(layers[i+1:]))), Source: Addr(l.src), Destination: Addr(l.dst),
		})
		return wire.ProtoIPv6
	case "IPv4":
		h := p.Prepend(wire.IPv4HeaderLen)
		wire.PutIPv4(h, wire.IPv4Fields{
			TOS: uint8(l.number("class", 0)), TotalLen: p.Len(), ID: uint16(l.number("id", 1)), TTL: uint8(l.number("hop", 64)), Protocol: uint8(l.number("next", int(next))),
			Source: Addr(l.src), Destination: Addr(l.dst),
		})
		return wire.ProtoIPv4
	case "DestOpt":
		wire.PutDestOptsHomeAddress(p.Prepend(wire.DestOptsHomeAddressLen), next, l.address())
		return wire.ProtoDestOpts
	case "RH2":
		h := p.Prepend(wire.Routing2Len)
		wire.PutRouting2(h, next, l.address())
		return wire.ProtoRouting
	case "ESP":
		sa := e.seals[uint32(l.number("spi", 0))]
		if sa == nil {
			panic("no such security association")
		}
		sa.Seal(p, next)
		if l.words["forged"] {
			p.Bytes()[p.Len()-1] ^= 1
		}
		return wire.ProtoESP
	case "BU", "BA", "BE", "BRR", "HoTI", "HoT", "MH":
		b := mobilityMessage(l, e.Layout)
		if l.words["unknown-option"] { // in front of the others, of a type nobody knows
			at := 12
			b = append(b[:at:at], append([]byte{200, 6, 1, 2, 3, 4, 5, 6}, b[at:]...)...)
			b[1]++
		}
		if v := l.value("proto"); v != "" {
			b[0] = uint8(l.number("proto", 0))
		}
		if v := l.value("length"); v != "" {
			b[1] = uint8(l.number("length", 0))
			b = b[:8*(int(b[1])+1)]
		}
		wire.SetMobilityChecksum(b, src, dst)
		if l.words["bad-checksum"] {
			b[4] ^= 0x80
		}
		write(b)
		return wire.ProtoMobility
	case "UDP":
		n := l.number("octets", 8)
		b := make([]byte, wire.UDPHeaderLen+n)
		for i := range n {
			b[wire.UDPHeaderLen+i] = byte(i)
		}
		wire.PutUDP(b, uint16(atoi(l.src)), uint16(atoi(l.dst)), src, dst)
		write(b)
		return wire.ProtoUDP
	case "Echo":
		b := make([]byte, 16)
		if dst.Is4() {
			wire.PutICMPv4(b, wire.ICMPv4Echo, 0)
			write(b)
			return wire.ProtoICMPv4
		}
		wire.PutICMPv6(b, wire.ICMPv6EchoRequest, 0, src, dst)
		write(b)
		return wire.ProtoICMPv6
	case "RA":
		write(routerAdvertisement(l, src, dst))
		return wire.ProtoICMPv6
	case "NS":
		var mac wire.MAC
		if v := l.value("mac"); v != "" {
			mac = parseMAC(v)
		}
		write(wire.AppendNeighborSolicitation(nil, l.addr("target"), mac, src, dst))
		return wire.ProtoICMPv6
	case "NA":
		write(wire.AppendNeighborAdvertisement(nil, wire.NeighborAdvertisementFields{
			Solicited: l.words["S"], Override: l.words["O"], Target: l.addr("target"), TargetLinkLayer: parseMAC(l.value("mac")),
		}, src, dst))
		return wire.ProtoICMPv6
	case "ARP":
		b := make([]byte, wire.ARPLen)
		f := wire.ARPFields{Operation: wire.ARPRequest, SenderIP: l.addr("sender"), SenderMAC: parseMAC(l.value("mac")), TargetIP: l.addr("target")}
		if l.words["reply"] {
			f.Operation = wire.ARPReply
		}
		wire.PutARP(b, f)
		write(b)
		return 0
	}
	if b := homeAgentMessage(l, src, dst); b != nil {
		write(b)
		return wire.ProtoICMPv6
	}
	panic("unknown layer " + l.name)
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err)
	}
	return n
}

// hopLimit is 255 for Neighbor Discovery, else 64.
func hopLimit(inside []layer) int {
	if len(inside) > 0 {
		switch inside[0].name {
		case "RA", "NS", "NA":
			return wire.NDHopLimit
		}
	}
	return 64
}

// upperAddresses returns the addresses that a checksum covers below the headers given.
func upperAddresses(outside []layer) (src, dst netip.Addr) {
	var home, routing netip.Addr
	for i := len(outside) - 1; i >= 0; i-- {
		switch l := outside[i]; l.name {
		case "DestOpt":
			home = l.address()
		case "RH2":
			routing = l.address()
		case "IPv6", "IPv4":
			src, dst = Addr(l.src), Addr(l.dst)
			if home.IsValid() {
				src = home
			}
			if routing.IsValid() {
				dst = routing
			}
			return src, dst
		}
	}
	return src, dst
}

func mobilityMessage(l layer, layout wire.IPv4Layout) []byte {
	switch l.name {
	case "BU":
		f := wire.BindingUpdateFields{Sequence: uint16(l.number("seq", 0)), Lifetime: l.duration("lifetime", 0), AlternateCareOf: l.addr("AltCoA")}
		for i, c := range "AHLK" {
			if strings.ContainsRune(l.value("flags"), c) {
				f.Flags |= wire.BUAcknowledge >> i
			}
		}
		if a := l.addr("IPv4HoA"); a.IsValid() {
			f.IPv4HomeAddress = &wire.IPv4HomeAddress{Address: a, PrefixLen: 32}
		}
		if l.words["nonces"] {
			f.NonceIndices = &wire.NonceIndices{Home: 1, CareOf: 2}
		}
		return wire.AppendBindingUpdate(nil, f, layout)
	case "BA":
		f := wire.BindingAcknowledgementFields{
			Status: wire.BindingStatus(l.number("status", 0)), Sequence: uint16(l.number("seq", 0)),
			Lifetime: l.duration("lifetime", 0), RefreshAdvice: l.duration("advice", 0),
		}
		if v := l.value("ack"); v != "" {
			status, a, _ := strings.Cut(v, ":")
			f.IPv4Acknowledgement = &wire.IPv4Acknowledgement{Status: wire.IPv4Status(atoi(status)), Address: Addr(a)}
		}
		if l.value("advice") != "0s" {
			return wire.AppendBindingAcknowledgement(nil, f, layout)
		}
		f.RefreshAdvice = time.Hour // the writer leaves 0 out, so write something and clear it
		b := wire.AppendBindingAcknowledgement(nil, f, layout)
		clear(b[14:16])
		return b
	case "BE":
		return wire.AppendBindingError(nil, wire.BindingErrorStatus(l.number("status", 1)), l.addr("home"))
	case "BRR":
		return wire.AppendBindingRefreshRequest(nil)
	case "HoT":
		return wire.AppendHomeTest(nil, 1, wire.Cookie{1, 2, 3, 4, 5, 6, 7, 8}, wire.Token{8, 7, 6, 5, 4, 3, 2, 1})
	case "HoTI":
		return wire.AppendHomeTestInit(nil, wire.Cookie{1, 2, 3, 4, 5, 6, 7, 8})
	}
	b := make([]byte, 8)
	b[0], b[2] = wire.ProtoNone, uint8(l.number("type", 99))
	return b
}

func routerAdvertisement(l layer, src, dst netip.Addr) []byte {
	f := wire.RouterAdvertisementFields{CurHopLimit: 64, HomeAgent: l.words["H"], RouterLifetime: l.duration("lifetime", 1800*time.Second)}
	if v := l.value("mac"); v != "" {
		f.SourceLinkLayer = parseMAC(v)
	}
	f.Prefixes = prefixes(l)
	f.AdvertisementInterval = l.duration("interval", 0)
	if v := l.value("preference"); v != "" {
		f.HomeAgentInformation = &wire.HomeAgentInformation{Preference: uint16(atoi(v)), Lifetime: l.duration("agentlifetime", 1800*time.Second)}
	}
	return wire.AppendRouterAdvertisement(nil, f, src, dst)
}
