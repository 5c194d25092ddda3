package conformance

import (
	"dsmipsim/nodes/wire"
	"net/netip"
)

// rowsD222 are the rows of section 2.2.2 of the draft: the visited network has public IPv4 only.
func rowsD222() []Row {
	const s = "2.2.2"
	return []Row{
		{ID: "D-2.2.2-1", Section: s, Role: "MN", Strength: "will", Text: "the packet with the update is tunnelled to the home agent's IPv4 address",
			In: "case-b", Judge: overIPv4(func(r *Run, u *Update) (bool, string) {
				return u.Outer().Destination == u.Mobile.HomeAgent4 && u.Outer().Upper == wire.ProtoIPv6, "protocol 41 to " + u.Outer().Destination.String()
			})},
		{ID: "D-2.2.2-2", Section: s, Role: "MN", Strength: "fact", Text: "the outer source is the visited IPv4 address",
			In: "case-b", Judge: overIPv4(func(r *Run, u *Update) (bool, string) {
				leased := r.leased(u.Mobile, u.Packet)
				return u.Outer().Source == leased, "DHCP gave " + leased.String()
			})},
		{ID: "D-2.2.2-3", Section: s, Role: "MN", Strength: "will", Text: "the IPv6 home address is in the Home Address option",
			In: "case-b", Judge: overIPv4(func(r *Run, u *Update) (bool, string) {
				return u.Inner().HomeAddress == u.Mobile.Home, "Home Address option with " + u.Inner().HomeAddress.String()
			})},
		{ID: "D-2.2.2-4", Section: s, Role: "MN", Strength: "MUST", Text: "the IPv4 care-of address is in the IPv6 packet",
			In: "case-b", Judge: overIPv4(func(r *Run, u *Update) (bool, string) {
				b, c := u.Inner().Source.As16(), r.leased(u.Mobile, u.Packet)
				return netip.AddrFrom4([4]byte(b[12:])) == c, "IPv6 source " + u.Inner().Source.String()
			})},
		{ID: "D-2.2.2-5", Section: s, Role: "MN", Strength: "fact", Text: "it is an IPv4-mapped address in the IPv6 source",
			In: "case-b", Judge: overIPv4(func(r *Run, u *Update) (bool, string) {
				return u.Inner().Source.Is4In6(), "IPv6 source " + u.Inner().Source.String()
			})},
		{ID: "D-2.2.2-6", Section: s, Role: "MN", Strength: "MUST", Text: "the IPv4 home address option is included if there is an IPv4 home address",
			In: "case-b", Judge: optionIn(CaseB, nil)},
		{ID: "D-2.2.2-7", Section: s, Role: "HA", Strength: "MUST", Text: "creates the entry of the IPv6 home address",
			In: "case-b", Judge: func(r *Run, j *Jury) {
				for _, u := range r.registrations(CaseB) {
					if a := r.accepted(u); a != nil {
						v6, _ := r.binding(a)
						j.CheckAt("", v6 != nil && v6.HomeAddress == u.Mobile.Home, a.Time, "an entry for %s", u.Mobile.Home)
					}
				}
			}},
		{ID: "D-2.2.2-8", Section: s, Role: "HA", Strength: "MUST", Text: "creates another for the IPv4 home address if the option was there",
			In: "case-b", Judge: entryPerAddress("B")},
		{ID: "D-2.2.2-9", Section: s, Role: "HA", Strength: "MUST", Text: "all entries point to the IPv4 care-of address",
			In: "case-b", Judge: pointTo(CaseB)},
		{ID: "D-2.2.2-10", Section: s, Role: "HA", Strength: "fact", Text: "packets for the home addresses are encapsulated in IPv4",
			In: "case-b", Parts: "6in4 4in4", Judge: tunnelledTo(4)},
		{ID: "D-2.2.2-11", Section: s, Role: "HA", Strength: "MUST", Text: "sends a Binding Acknowledgement",
			In: "case-b", Judge: acknowledged(CaseB)},
		{ID: "D-2.2.2-12", Section: s, Role: "HA", Strength: "MUST", Text: "with the IPv4 option if the update had it",
			In: "case-b", Judge: ackOptionIff("B")},
		{ID: "D-2.2.2-13", Section: s, Role: "HA", Strength: "fact", Text: "the acknowledgement is encapsulated to the IPv4 care-of address",
			In: "case-b", Judge: ackOverIPv4(func(a *Ack) (bool, string) {
				return a.Outer().Destination == a.Of.CareOf && a.Inner().Destination == mapped(a.Of.CareOf), "outer destination " + a.Outer().Destination.String() + ", inner " + a.Inner().Destination.String()
			})},
	}
}

// overIPv4 applies a check to the registrations that were sent in IPv4-only networks.
func overIPv4(check func(*Run, *Update) (bool, string)) func(*Run, *Jury) {
	return func(r *Run, j *Jury) {
		for _, u := range r.Updates {
			if _, only4 := r.fromIPv4Only(u.Packet); only4 && u.ToHA && !u.Forged {
				good, why := check(r, u)
				j.Check(good, u.Packet, "%s", why)
			}
		}
	}
}

// ackOverIPv4 applies a check to the answers to those.
func ackOverIPv4(check func(*Ack) (bool, string)) func(*Run, *Jury) {
	return func(r *Run, j *Jury) {
		for _, a := range r.Acks {
			if a.FromHA && a.Of != nil && a.Of.Case == CaseB && a.Of.Mobile != nil {
				good, why := check(a)
				j.Check(good, a.Packet, "%s", why)
			}
		}
	}
}

// Offsets in a DHCP message (RFC 2131 section 2).
const (
	dhcpYourAddress = 16
	dhcpHardware    = 28
	dhcpOptionsAt   = 240
	dhcpTypeOption  = 53
	dhcpAck         = 5
)

// leased returns the address that DHCP last gave a mobile node before a packet, read from the
// server's acknowledgements.
func (r *Run) leased(m *Mobile, before *Packet) netip.Addr {
	s := r.stay(m, before.Time)
	var last netip.Addr
	for _, p := range r.Packets[:before.N-1] {
		if p.UDP == nil || s == nil || p.Link != s.Network.Name || !s.In(p.Time) || p.UDP.DestinationPort() != wire.PortDHCPv4Client {
			continue
		}
		b := p.UDP.Payload()
		if dhcpType(b) == dhcpAck && wire.MAC(b[dhcpHardware:dhcpHardware+6]) == r.mac(m) {
			last = netip.AddrFrom4([4]byte(b[dhcpYourAddress:]))
		}
	}
	return last
}

// dhcpType returns the message type of a DHCP message, 0 if it has none.
func dhcpType(b []byte) byte {
	for at := dhcpOptionsAt; at+2 < len(b); {
		switch {
		case b[at] == 0: // padding
			at++
		case b[at] == dhcpTypeOption:
			return b[at+2]
		default:
			at += 2 + int(b[at+1])
		}
	}
	return 0
}

// mac returns the hardware address of a mobile node, learnt from the first frame that it sent.
func (r *Run) mac(m *Mobile) wire.MAC {
	for p := range r.From(m.Name) {
		if p.Ethernet != nil {
			return p.Ethernet.Source()
		}
	}
	return wire.MAC{}
}
