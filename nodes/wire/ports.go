package wire

import "encoding/binary"

// Ports is what a NAT rewrites in a transport header: the ports of UDP and
// TCP, or the identifier of an ICMPv4 echo, which then stands for both. It
// works on whole segments and on the eight octets an ICMP error quotes.
type Ports struct {
	proto uint8
	b     []byte
}

// portsMin is enough for two ports and for the identifier of an echo.
const portsMin = 6

var (
	errPortsShort = &Error{Layer: "ports", What: "segment too short", Kind: ErrTruncated}
	errPortsProto = &Error{Layer: "ports", What: "protocol has no ports", Kind: ErrUnsupported}
)

// ParsePorts makes the view for a segment of protocol proto. It fails with
// ErrUnsupported for protocols without ports and ICMPv4 messages other than
// echo. Checksums are not verified, because a quote need not hold them.
func ParsePorts(proto uint8, segment []byte) (Ports, error) {
	switch proto {
	case ProtoUDP, ProtoTCP, ProtoICMPv4:
	default:
		return Ports{}, errPortsProto
	}
	if len(segment) < portsMin {
		return Ports{}, errPortsShort
	}
	if proto == ProtoICMPv4 && segment[icmpType] != ICMPv4Echo && segment[icmpType] != ICMPv4EchoReply {
		return Ports{}, errPortsProto
	}
	return Ports{proto, segment}, nil
}

func (p Ports) offsets() (source, destination int) {
	if p.proto == ProtoICMPv4 {
		return echoIdentifier, echoIdentifier
	}
	return udpSourcePort, udpDestinationPort // TCP has them in the same place
}

// Source returns the source port or the echo identifier.
func (p Ports) Source() uint16 {
	at, _ := p.offsets()
	return binary.BigEndian.Uint16(p.b[at:])
}

// Destination returns the destination port or the echo identifier.
func (p Ports) Destination() uint16 {
	_, at := p.offsets()
	return binary.BigEndian.Uint16(p.b[at:])
}

// SetSource rewrites Source and corrects the checksum if the octets hold one.
func (p Ports) SetSource(port uint16) {
	at, _ := p.offsets()
	p.set(at, port)
}

// SetDestination rewrites Destination and corrects the checksum if the octets
// hold one.
func (p Ports) SetDestination(port uint16) {
	_, at := p.offsets()
	p.set(at, port)
}

func (p Ports) set(at int, port uint16) {
	var new [2]byte
	binary.BigEndian.PutUint16(new[:], port)
	adjustChecksum(p.proto, p.b, p.b[at:at+2], new[:])
	copy(p.b[at:], new[:])
}

// AdjustTransportChecksum corrects the checksum of a UDP, TCP or ICMPv6
// segment whose pseudo-header changes from the octets old to new, typically
// an address. A segment that ends before its checksum (a quote) and a UDP
// datagram without checksum stay as they are, and so does ICMPv4, which has
// no pseudo-header. old and new have one even length.
func AdjustTransportChecksum(proto uint8, segment, old, new []byte) {
	if proto != ProtoICMPv4 {
		adjustChecksum(proto, segment, old, new)
	}
}

func adjustChecksum(proto uint8, segment, old, new []byte) {
	var at int
	switch proto {
	case ProtoUDP:
		at = udpChecksum
	case ProtoTCP:
		at = tcpChecksum
	case ProtoICMPv6, ProtoICMPv4:
		at = icmpChecksum
	default:
		return
	}
	if len(segment) < at+2 {
		return
	}
	field := segment[at : at+2]
	sum := binary.BigEndian.Uint16(field)
	if proto == ProtoUDP && sum == 0 {
		return
	}
	sum = UpdateChecksum16(sum, old, new)
	if proto == ProtoUDP && sum == 0 {
		sum = 0xffff // zero would say "no checksum"
	}
	binary.BigEndian.PutUint16(field, sum)
}
