package recompute

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// Message counts the control packets of one kind.
type Message struct {
	Class, Type      string
	Packets          int
	Frames           []int64 // departures of all transmissions
	Octets, Crossing int     // at the first transmission; on all links
	Places           map[Place]*Message
}

// Place is where and when control packets were seen: the phase is that of the handover that
// was under way when the packet was transmitted first, "" for none.
type Place struct{ Phase, Link string }

// kinds of Mobility Headers (RFC 6275 section 6.1).
var mobilityNames = []string{"BRR", "HoTI", "CoTI", "HoT", "CoT", "BU", "BA", "BE"}

// countMessages counts packets of mobility, discovery, address and resolution. Octets are those of the
// IP packet with all outer headers. Neighbour Discovery, ARP and DHCP stay on their link, so that each
// frame is a packet; a mobility message is followed by its octets until it crosses a link once more.
func countMessages(c *capture) []*Message {
	var all []*Message
	type journey struct {
		crossed map[string]bool // links, each in one direction
		phase   string
	}
	journeys := map[string]*journey{} // by what is inside
	for _, f := range c.frames {
		class, name := f.message()
		if class == "" {
			continue
		}
		octets := 28 // of ARP
		if f.ip != nil {
			octets = f.ip.octets
		}
		way, first := &journey{crossed: map[string]bool{}, phase: f.phaseName()}, true
		if class == "mobility" {
			key, place := string(f.ip.upper), f.link+f.from
			if old := journeys[key]; old != nil && !old.crossed[place] {
				way, first = old, false
			}
			way.crossed[place] = true
			journeys[key] = way
		}
		i := slices.IndexFunc(all, func(m *Message) bool { return m.Class == class && m.Type == name })
		if i < 0 {
			i = len(all)
			all = append(all, &Message{Class: class, Type: name, Places: map[Place]*Message{}})
		}
		at := Place{way.phase, f.link}
		if all[i].Places[at] == nil {
			all[i].Places[at] = &Message{Class: class, Type: name}
		}
		for _, m := range []*Message{all[i], all[i].Places[at]} {
			m.Frames = append(m.Frames, f.departure)
			m.Crossing += octets
			if first {
				m.Packets++
				m.Octets += octets
			}
		}
	}
	slices.SortFunc(all, func(a, b *Message) int { return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(a.Type, b.Type)) })
	return all
}

// message names a control packet; class is "" of any other.
func (f *frame) message() (class, name string) {
	if f.arp != nil {
		switch {
		case f.arp.Operation == layers.ARPReply:
			return "resolution", "ARP reply"
		case binary.BigEndian.Uint32(f.arp.SourceProtAddress) == 0: // a probe (RFC 5227)
			return "address", "ARP request"
		}
		return "resolution", "ARP request"
	}
	p := f.ip
	switch p.protocol {
	case mobilityHeader:
		if kind := p.mobility(); kind >= 0 && kind < len(mobilityNames) {
			return "mobility", mobilityNames[kind]
		}
	case layers.IPProtocolICMPv6:
		switch p.upper[0] {
		case layers.ICMPv6TypeRouterSolicitation:
			return "discovery", "RS"
		case layers.ICMPv6TypeRouterAdvertisement:
			return "discovery", "RA"
		case layers.ICMPv6TypeNeighborSolicitation:
			if p.source.IsUnspecified() { // duplicate address detection (RFC 4862 section 5.4.2)
				return "address", "NS"
			}
			return "resolution", "NS"
		case layers.ICMPv6TypeNeighborAdvertisement:
			return "resolution", "NA"
		}
	case layers.IPProtocolUDP:
		if port := binary.BigEndian.Uint16(p.upper[2:]); port == 67 || port == 68 {
			var d layers.DHCPv4
			if d.DecodeFromBytes(p.upper[8:], gopacket.NilDecodeFeedback) != nil {
				return "", ""
			}
			for _, o := range d.Options {
				if o.Type == layers.DHCPOptMessageType {
					return "address", "DHCPv4 " + dhcpName(layers.DHCPMsgType(o.Data[0]))
				}
			}
		}
	}
	return "", ""
}

func dhcpName(t layers.DHCPMsgType) string {
	switch t {
	case layers.DHCPMsgTypeDiscover:
		return "DISCOVER"
	case layers.DHCPMsgTypeOffer:
		return "OFFER"
	case layers.DHCPMsgTypeRequest:
		return "REQUEST"
	case layers.DHCPMsgTypeAck:
		return "ACK"
	case layers.DHCPMsgTypeNak:
		return "NAK"
	}
	return t.String()
}
