package wire

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// addresses are those of the pseudo-header.
type addresses struct{ src, dst netip.Addr }

// upper decodes what follows the headers of an IP packet.
func (d *dissector) upper(proto uint8, b []byte, a addresses) {
	switch proto {
	case ProtoIPv4:
		d.ip(b, 4)
	case ProtoIPv6:
		d.ip(b, 6)
	case ProtoUDP:
		d.udp(b, a)
	case ProtoTCP:
		d.tcp(b, a)
	case ProtoICMPv6:
		d.icmpv6(b, a)
	case ProtoICMPv4:
		d.icmpv4(b)
	case ProtoMobility:
		d.mobility(b, a)
	case ProtoESP:
		d.esp(b, a)
	case ProtoNone:
	default:
		d.data(b)
	}
}

func (d *dissector) tcp(b []byte, a addresses) {
	t, err := ParseTCP(b, a.src, a.dst)
	if err != nil && d.opts.Cut && len(b) >= TCPHeaderLen {
		d.cutPorts("TCP", TCPHeaderLen, b)
		return
	}
	if err != nil {
		d.malformed(b, err)
		return
	}
	f := t.Flags()
	d.add(t.HeaderLen(), "TCP", fmt.Sprintf("%d > %d", t.SourcePort(), t.DestinationPort()),
		field("Source port", t.SourcePort()), field("Destination port", t.DestinationPort()),
		field("Sequence", t.Sequence()), field("Acknowledgment", t.Acknowledgment()),
		field("Flags", flagNames("FIN", f&TCPFin != 0, "SYN", f&TCPSyn != 0, "RST", f&TCPRst != 0,
			"PSH", f&TCPPsh != 0, "ACK", f&TCPAck != 0)))
	d.data(t.Payload())
}

func (d *dissector) udp(b []byte, a addresses) {
	u, err := ParseUDP(b, a.src, a.dst)
	if err != nil && d.opts.Cut && len(b) >= UDPHeaderLen {
		d.cutPorts("UDP", UDPHeaderLen, b)
		return
	}
	if err != nil {
		d.malformed(b, err)
		return
	}
	d.add(UDPHeaderLen, "UDP", fmt.Sprintf("%d > %d", u.SourcePort(), u.DestinationPort()),
		field("Source port", u.SourcePort()), field("Destination port", u.DestinationPort()),
		field("Length", len(u)), hexField("Checksum", u.Checksum()))
	p := u.Payload()
	switch service := udpService(u); {
	case service == PortDSMIPv6 && looksLikeIP(p):
		d.ip(p, 0)
	case service == PortESPinUDP && isESPinUDP(p):
		d.esp(p, a)
	case service == PortMobileIPv4:
		d.mobileIPv4(p)
	case service == PortDHCPv4Server:
		d.add(len(p), "DHCPv4", dhcpv4Name(p))
	case service == PortDHCPv6Server:
		d.add(len(p), "DHCPv6", dhcpv6Name(p))
	default:
		d.data(p)
	}
}

// cutPorts adds the header of a packet that is not whole: both protocols have their ports first.
func (d *dissector) cutPorts(name string, n int, b []byte) {
	src, dst := binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	d.add(n, name, fmt.Sprintf("%d > %d", src, dst), field("Source port", src), field("Destination port", dst))
	d.cut(b[n:])
}

// esp looks inside when the options let it. In transport mode the checksums inside are over
// the addresses a that upper layers see.
func (d *dissector) esp(b []byte, a addresses) {
	icv := 0
	if d.opts.ESPNull {
		icv = d.opts.ICVLen
	}
	e, err := ParseESP(b, 0, icv)
	if err != nil {
		d.malformed(b, err)
		return
	}
	fields := []Field{hexField("SPI", e.SPI()), field("Sequence", e.Sequence())}
	summary := fmt.Sprintf("SPI %#x, sequence %d", e.SPI(), e.Sequence())
	if d.opts.ESPGenuine != nil {
		switch genuine, known := d.opts.ESPGenuine(b); {
		case genuine:
			fields = append(fields, field(FieldIntegrity, "verified"))
		case known:
			fields = append(fields, field(FieldIntegrity, IntegrityWrong))
		}
	}
	plain, sum, ok := d.opts.openESP(b)
	if !ok {
		d.add(ESPHeaderLen, "ESP", summary, fields...)
		d.data(b[ESPHeaderLen:])
		return
	}
	header := len(b) - len(plain) - len(sum) // with the IV
	payload, next, err := OpenESP(plain)
	fields = append(fields, field("Next header", next))
	if iv := b[ESPHeaderLen:header]; len(iv) > 0 {
		fields = append(fields, bytesField("IV", iv))
	}
	d.add(header, "ESP", summary, append(fields, bytesField("ICV", sum))...)
	if err != nil {
		d.malformed(b[header:], err)
		return
	}
	// The reader may use the place of the plaintext again for ESP within.
	d.upper(next, append([]byte(nil), payload...), a)
}

func (d *dissector) mobileIPv4(b []byte) {
	if inner := mip4Tunnelled(b); inner != nil {
		d.add(len(b)-len(inner), "MIP4 tunnel", "IP in UDP")
		d.ip(inner, 4)
		return
	}
	switch mip4Name(b) {
	case "MIP4 request":
		r, err := ParseRegistrationRequest(b)
		if err != nil {
			d.malformed(b, err)
			return
		}
		d.add(len(b), "MIP4 Registration Request",
			fmt.Sprintf("%v at %v for %v", r.HomeAddress(), r.CareOfAddress(), r.Lifetime()),
			append([]Field{field("Flags", r.Flags()), field("Lifetime", r.Lifetime()),
				field("Home Address", r.HomeAddress()), field("Home Agent", r.HomeAgent()),
				field("Care-of Address", r.CareOfAddress()), hexField("Identification", r.Identification())},
				mip4ExtensionFields(r.Extensions())...)...)
	case "MIP4 reply":
		r, err := ParseRegistrationReply(b)
		if err != nil {
			d.malformed(b, err)
			return
		}
		d.add(len(b), "MIP4 Registration Reply", fmt.Sprintf("%v: %v", r.HomeAddress(), r.Code()),
			append([]Field{field("Code", r.Code()), field("Lifetime", r.Lifetime()),
				field("Home Address", r.HomeAddress()), field("Home Agent", r.HomeAgent()),
				hexField("Identification", r.Identification())},
				mip4ExtensionFields(r.Extensions())...)...)
	default:
		d.data(b)
	}
}

func mip4ExtensionFields(e MIP4Extensions) []Field {
	var fields []Field
	if a, ok := e.MobileHomeAuthentication(); ok {
		fields = append(fields, bytesField(fmt.Sprintf("Mobile-Home authenticator, SPI %d", a.SPI), a.Authenticator))
	}
	for e.Next() {
		if e.Type() != MIP4MobileHomeAuthentication {
			fields = append(fields, bytesField(fmt.Sprintf("Extension %d", e.Type()), e.Data()))
		}
	}
	return fields
}
