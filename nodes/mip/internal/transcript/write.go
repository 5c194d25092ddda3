package transcript

import (
	"crypto/hmac"
	"crypto/sha1"
	"fmt"
	"net/netip"
	"strings"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"dsmipsim/nodes/wire"
)

// chain writes the headers of an IP packet. What is wrong with it is said in words that
// start with an exclamation mark.
func (e *Env) chain(b []byte) string {
	switch {
	case len(b) >= wire.IPv6HeaderLen && b[0]>>4 == 6:
		return e.chain6(b)
	case len(b) >= wire.IPv4HeaderLen && b[0]>>4 == 4:
		return e.chain4(b)
	}
	return fmt.Sprintf("!%d octets", len(b))
}

func (e *Env) chain4(b []byte) string {
	h, err := wire.ParseIPv4(b)
	if err != nil {
		return fmt.Sprintf("!%v", err)
	}
	s := fmt.Sprintf("IPv4(%s>%s)%s", Name(h.Source()), Name(h.Destination()), fields(h.TTL(), h.TOS()))
	if h.DontFragment() {
		s += " DF"
	}
	return s + " | " + e.upper(h.Protocol(), h.Payload(), h.Source(), h.Destination())
}

// fields says what is not as usual in an IP header.
func fields(hops, class uint8) string {
	s := ""
	if hops != 64 {
		s += fmt.Sprintf(" hop=%d", hops)
	}
	if class != 0 {
		s += fmt.Sprintf(" class=%#x", class)
	}
	return s
}

func (e *Env) chain6(b []byte) string {
	h, err := wire.ParseIPv6(b)
	if err != nil {
		return fmt.Sprintf("!%v", err)
	}
	hops := h.HopLimit()
	if hops == wire.NDHopLimit && h.NextHeader() == wire.ProtoICMPv6 {
		hops = 64 // as it must be; anything else is shown
	} else if h.NextHeader() == wire.ProtoICMPv6 && len(h) > 40 && h[40] >= 133 && h[40] <= 137 {
		return "!Neighbor Discovery with a hop limit below 255"
	}
	s := fmt.Sprintf("IPv6(%s>%s)%s", Name(h.Source()), Name(h.Destination()), fields(hops, h.TrafficClass()))
	c, err := wire.WalkIPv6(h)
	if err != nil {
		return fmt.Sprintf("%s | !%v", s, err)
	}
	// Extension headers in their order on the wire.
	next := h.NextHeader()
	for at := wire.IPv6HeaderLen; at < c.UpperOffset; {
		switch next {
		case wire.ProtoDestOpts:
			s += " | DestOpt{HAO " + Name(c.HomeAddress) + "}"
		case wire.ProtoRouting:
			s += " | RH2{" + Name(c.RoutingHome) + "}"
			if c.SegmentsLeft != 1 {
				s += fmt.Sprintf(" left=%d", c.SegmentsLeft)
			}
		default:
			s += fmt.Sprintf(" | header %d", next)
		}
		next, at = h[at], at+8*(int(h[at+1])+1)
	}
	src, dst := c.UpperAddresses()
	return s + " | " + e.upper(c.Upper, h[c.UpperOffset:], src, dst)
}

func (e *Env) upper(protocol uint8, b []byte, src, dst netip.Addr) string {
	switch protocol {
	case wire.ProtoIPv4, wire.ProtoIPv6:
		return e.chain(b)
	case wire.ProtoESP:
		return e.esp(b, src, dst)
	case wire.ProtoMobility:
		return e.mobility(b, src, dst)
	case wire.ProtoUDP:
		return udp(b, src, dst)
	case wire.ProtoICMPv6:
		return icmp6(b, src, dst)
	case wire.ProtoICMPv4:
		m, err := wire.ParseICMPv4(b)
		if err != nil {
			return fmt.Sprintf("!%v", err)
		}
		return fmt.Sprintf("ICMPv4 type=%d code=%d", m.Type(), m.Code())
	}
	return fmt.Sprintf("protocol %d, %d octets", protocol, len(b))
}

// esp shows what is inside, and says so if the integrity value is not that of the key.
func (e *Env) esp(b []byte, src, dst netip.Addr) string {
	const icvLen = 12
	h, err := wire.ParseESP(b, 0, icvLen)
	if err != nil {
		return fmt.Sprintf("!%v", err)
	}
	s := fmt.Sprintf("ESP spi=%#x seq=%d", h.SPI(), h.Sequence())
	m := hmac.New(sha1.New, keyOf(h.SPI()))
	m.Write(h.Authenticated())
	if !hmac.Equal(m.Sum(nil)[:icvLen], h.ICV()) {
		s += " !integrity"
	}
	payload, next, err := wire.OpenESP(h.Ciphertext())
	if err != nil {
		return fmt.Sprintf("%s !%v", s, err)
	}
	return s + " | " + e.upper(next, payload, src, dst)
}

func (e *Env) mobility(b []byte, src, dst netip.Addr) string {
	m, err := wire.ParseMobility(b, src, dst)
	if err != nil {
		return fmt.Sprintf("!%v", err)
	}
	s := m.Type().String()
	o := m.Options()
	if err := o.Check(e.Layout); err != nil {
		s += fmt.Sprintf(" !%v", err)
	}
	switch m.Type() {
	case wire.MobilityBindingUpdate:
		u, _ := m.BindingUpdate()
		s += fmt.Sprintf(" seq=%d flags=%v lifetime=%.0fs", u.Sequence(), u.Flags(), u.Lifetime().Seconds())
		if a, ok := o.AlternateCareOf(); ok {
			s += " AltCoA=" + Name(a)
		}
		if a, ok := o.IPv4HomeAddress(e.Layout); ok {
			s += " IPv4HoA=" + Name(a.Address)
		}
	case wire.MobilityBindingAcknowledgement:
		a, _ := m.BindingAcknowledgement()
		s += fmt.Sprintf(" status=%d seq=%d lifetime=%.0fs", uint8(a.Status()), a.Sequence(), a.Lifetime().Seconds())
		if d, ok := o.RefreshAdvice(); ok {
			s += fmt.Sprintf(" advice=%.0fs", d.Seconds())
		}
		if k, ok := o.IPv4Acknowledgement(e.Layout); ok {
			s += fmt.Sprintf(" ack=%d:%s", uint8(k.Status), Name(k.Address))
		}
	case wire.MobilityBindingError:
		x, _ := m.BindingError()
		s += fmt.Sprintf(" status=%d home=%s", uint8(x.Status()), Name(x.HomeAddress()))
	}
	return s
}

func udp(b []byte, src, dst netip.Addr) string {
	u, err := wire.ParseUDP(b, src, dst)
	if err != nil {
		return fmt.Sprintf("!%v", err)
	}
	if d := u.DestinationPort(); d == wire.PortDHCPv4Server || d == wire.PortDHCPv4Client {
		if m, err := dhcpv4.FromBytes(u.Payload()); err == nil {
			return "DHCP " + m.MessageType().String()
		}
	}
	return fmt.Sprintf("UDP(%d>%d)", u.SourcePort(), u.DestinationPort())
}

func icmp6(b []byte, src, dst netip.Addr) string {
	m, err := wire.ParseICMPv6(b, src, dst)
	if err != nil {
		return fmt.Sprintf("!%v", err)
	}
	switch m.Type() {
	case wire.ICMPv6RouterSolicitation:
		rs, err := m.RouterSolicitation()
		if err != nil {
			return fmt.Sprintf("!%v", err)
		}
		if mac, ok := rs.Options().SourceLinkLayer(); ok {
			return fmt.Sprintf("RS mac=%v", mac)
		}
		return "RS"
	case wire.ICMPv6NeighborSolicitation:
		ns, err := m.NeighborSolicitation()
		if err != nil {
			return fmt.Sprintf("!%v", err)
		}
		s := "NS target=" + Name(ns.Target())
		if mac, ok := ns.Options().SourceLinkLayer(); ok {
			s += fmt.Sprintf(" mac=%v", mac)
		}
		return s
	case wire.ICMPv6NeighborAdvertisement:
		na, err := m.NeighborAdvertisement()
		if err != nil {
			return fmt.Sprintf("!%v", err)
		}
		s := "NA"
		for _, f := range []struct {
			on   bool
			name string
		}{{na.Router(), "R"}, {na.Solicited(), "S"}, {na.Override(), "O"}} {
			if f.on {
				s += " " + f.name
			}
		}
		s += " target=" + Name(na.Target())
		if mac, ok := na.Options().TargetLinkLayer(); ok {
			s += fmt.Sprintf(" mac=%v", mac)
		}
		return s
	case wire.ICMPv6EchoRequest:
		return "Echo request"
	case wire.ICMPv6EchoReply:
		return "Echo reply"
	case wire.ICMPv6ParameterProblem:
		return fmt.Sprintf("ParameterProblem code=%d pointer=%d", m.Code(), m.Pointer())
	}
	if s, err := homeAgentText(m); err != nil {
		return fmt.Sprintf("!%v", err)
	} else if s != "" {
		return s
	}
	return fmt.Sprintf("ICMPv6 type=%d code=%d", m.Type(), m.Code())
}

// frame writes an Ethernet frame: the receiver if it is a single one, then the packet.
func (e *Env) frame(b []byte) string {
	h, err := wire.ParseEthernet(b)
	if err != nil {
		return fmt.Sprintf("!%v", err)
	}
	to := ""
	if d := h.Destination(); !d.IsMulticast() {
		to = fmt.Sprintf("to %v ", d)
	} else if want, ok := groupMAC(h); ok && want != d {
		to = fmt.Sprintf("!to %v ", d)
	}
	if from := h.Source(); from != e.mac && !e.Own[from] {
		to = fmt.Sprintf("!from %v ", from) + to
	}
	if h.EtherType() == wire.EtherTypeARP {
		return to + arp(h.Payload())
	}
	return to + e.chain(h.Payload())
}

// groupMAC returns where a frame with a multicast IPv6 packet must go.
func groupMAC(h wire.Ethernet) (wire.MAC, bool) {
	if h.EtherType() != wire.EtherTypeIPv6 {
		return wire.MAC{}, false
	}
	p, err := wire.ParseIPv6(h.Payload())
	if err != nil || !p.Destination().IsMulticast() {
		return wire.MAC{}, false
	}
	return wire.MulticastMAC(p.Destination()), true
}

func arp(b []byte) string {
	a, err := wire.ParseARP(b)
	if err != nil {
		return fmt.Sprintf("!%v", err)
	}
	switch {
	case a.Operation() == wire.ARPReply:
		return fmt.Sprintf("ARP reply sender=%s mac=%v target=%s", Name(a.SenderIP()), a.SenderMAC(), Name(a.TargetIP()))
	case a.IsGratuitous():
		return fmt.Sprintf("ARP gratuitous sender=%s mac=%v", Name(a.SenderIP()), a.SenderMAC())
	}
	return fmt.Sprintf("ARP request sender=%s mac=%v target=%s", Name(a.SenderIP()), a.SenderMAC(), strings.TrimSpace(Name(a.TargetIP())))
}
