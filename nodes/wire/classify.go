package wire

import "net/netip"

// DissectOptions tell decoders what the octets alone do not.
type DissectOptions struct {
	Layout  IPv4Layout // IPv4 options of Mobility Headers
	ESPNull bool       // ESP uses the NULL cipher, look inside
	ICVLen  int        // octets of ICV at the end of ESP, for ESPNull
	ESP     ESPReader  // opens ESP of other ciphers; it takes precedence over ESPNull, nil for nobody
	// ESPGenuine tells whether the integrity value of an ESP packet is right, if it can; nil for nobody.
	ESPGenuine func(b []byte) (genuine, known bool)
	Cut        bool // the capture cut the frame off: packets may go on beyond its end
}

// ESPReader decrypts an ESP packet, from SPI to ICV, with keys that it knows. The plaintext is
// payload, padding and trailer, valid until the next call.
type ESPReader func(b []byte) (plaintext, icv []byte, ok bool)

// openESP returns what of an ESP packet the options let a decoder see.
func (o *DissectOptions) openESP(b []byte) (plaintext, icv []byte, ok bool) {
	if o.ESP != nil {
		if plaintext, icv, ok = o.ESP(b); ok {
			return plaintext, icv, true
		}
	}
	if !o.ESPNull {
		return nil, nil, false
	}
	e, err := ParseESP(b, 0, o.ICVLen)
	if err != nil {
		return nil, nil, false
	}
	return e.Ciphertext(), e.ICV(), true
}

// Group sorts messages by what a handover needs them for.
type Group uint8

const (
	GroupData       Group = iota // user traffic and whatever is not recognised
	GroupMobility                // bindings, registrations, return routability
	GroupDiscovery               // routers, home agents, prefixes
	GroupAddress                 // DHCP and duplicate address detection
	GroupResolution              // ARP and neighbour discovery
	GroupError                   // ICMP errors
)

// String returns the name in lower case.
func (g Group) String() string {
	return [...]string{"data", "mobility", "discovery", "address", "resolution", "error"}[g%6]
}

// Class is what one packet is about.
type Class struct {
	Message     string // "BU", "RA", "ARP request", "UDP"...
	Group       Group
	Source      netip.Addr // of the innermost IP header, or the ARP sender
	Destination netip.Addr // of the innermost IP header, or the ARP target
	IPOctets    int        // length of the outermost IP packet, zero for ARP
}

// maxTunnels bounds how many IP headers decoders follow into each other.
const maxTunnels = 16

// Classify names the innermost message of a packet. It trusts transport
// checksums, does not allocate, and calls what it cannot read "malformed".
func Classify(b []byte, link LinkType, opts DissectOptions) Class {
	var c Class
	at, etherType, err := Network(b, link)
	if err != nil {
		c.set("malformed", GroupData)
		return c
	}
	b = b[at:]
	var version uint8
	switch etherType {
	case EtherTypeARP:
		c.arp(b)
		return c
	case EtherTypeIPv4:
		version = 4
	case EtherTypeIPv6:
		version = 6
	default:
		c.set("unknown EtherType", GroupData)
		return c
	}
	for depth := 0; ; depth++ {
		proto, payload, ok := c.ip(b, version, depth == 0, opts.Cut)
		if !ok {
			return c
		}
		if b, version = c.upper(proto, payload, opts); b == nil {
			return c
		}
		if depth == maxTunnels {
			c.set("malformed", GroupData)
			return c
		}
	}
}

func (c *Class) set(message string, group Group) { c.Message, c.Group = message, group }

func (c *Class) arp(b []byte) {
	a, err := ParseARP(b)
	if err != nil {
		c.set("malformed", GroupData)
		return
	}
	c.Source, c.Destination = a.SenderIP(), a.TargetIP()
	switch a.Operation() {
	case ARPRequest:
		c.set("ARP request", GroupResolution)
		if c.Source.IsUnspecified() { // a probe (RFC 5227 section 2.1.1)
			c.Group = GroupAddress
		}
	case ARPReply:
		c.set("ARP reply", GroupResolution)
	default:
		c.set("ARP", GroupResolution)
	}
}

// ip reads one IP header; ok is false when the search ends here.
func (c *Class) ip(b []byte, version uint8, outermost, cut bool) (proto uint8, payload []byte, ok bool) {
	c.set("malformed", GroupData)
	if ipVersion(b, version) == 4 {
		h, err := parseIPv4(b, cut)
		if err != nil {
			return 0, nil, false
		}
		c.Source, c.Destination = h.Source(), h.Destination()
		if outermost {
			c.IPOctets = len(h)
		}
		if h.IsFragment() {
			c.set("fragment", GroupData)
			return 0, nil, false
		}
		return h.Protocol(), h.Payload(), true
	}
	h, err := parseIPv6(b, cut)
	if err != nil {
		return 0, nil, false
	}
	c.Source, c.Destination = h.Source(), h.Destination()
	if outermost {
		c.IPOctets = len(h)
	}
	chain, err := WalkIPv6(h)
	if err != nil {
		return 0, nil, false
	}
	if chain.IsFragment() {
		c.set("fragment", GroupData)
		return 0, nil, false
	}
	return chain.Upper, h[chain.UpperOffset:], true
}

// upper names what follows the IP headers, or returns the IP packet inside.
func (c *Class) upper(proto uint8, b []byte, opts DissectOptions) (inner []byte, version uint8) {
	if proto == ProtoESP {
		c.set("ESP", GroupData)
		plain, _, ok := opts.openESP(b)
		if !ok {
			return nil, 0
		}
		var err error
		if b, proto, err = OpenESP(plain); err != nil {
			return nil, 0
		}
	}
	switch proto {
	case ProtoIPv4, ProtoIPv6:
		c.set("malformed", GroupData)
		if proto == ProtoIPv4 {
			return b, 4
		}
		return b, 6
	case ProtoMobility:
		c.set("malformed", GroupMobility)
		if len(b) > mhType {
			c.Message = mobilityName(b[mhType])
		}
	case ProtoICMPv6:
		c.set("malformed", GroupData)
		if len(b) > icmpType {
			c.set(icmpv6Name(b[icmpType]))
			if b[icmpType] == ICMPv6NeighborSolicitation && c.Source.IsUnspecified() {
				c.Group = GroupAddress
			}
		}
	case ProtoICMPv4:
		c.set("malformed", GroupData)
		if len(b) > icmpType {
			c.set(icmpv4Name(b[icmpType]))
		}
	case ProtoUDP:
		return c.udp(b, opts)
	case ProtoTCP:
		c.set("TCP", GroupData)
	case ProtoNone:
		c.set("no next header", GroupData)
	case ProtoESP:
		c.set("ESP", GroupData)
	default:
		c.set("unknown protocol", GroupData)
	}
	return nil, 0
}

func (c *Class) udp(b []byte, opts DissectOptions) (inner []byte, version uint8) {
	if len(b) < UDPHeaderLen {
		c.set("malformed", GroupData)
		return nil, 0
	}
	c.set("UDP", GroupData)
	payload := UDP(b).Payload()
	switch udpService(UDP(b)) {
	case PortDSMIPv6:
		if looksLikeIP(payload) {
			return payload, 0
		}
	case PortESPinUDP:
		if isESPinUDP(payload) {
			return c.upper(ProtoESP, payload, opts)
		}
		c.set("NAT keepalive", GroupData)
	case PortMobileIPv4:
		if p := mip4Tunnelled(payload); p != nil {
			return p, 4
		}
		if name := mip4Name(payload); name != "" {
			c.set(name, GroupMobility)
		}
	case PortDHCPv4Server:
		c.set(dhcpv4Name(payload), GroupAddress)
	case PortDHCPv6Server:
		c.set(dhcpv6Name(payload), GroupAddress)
	}
	return nil, 0
}
