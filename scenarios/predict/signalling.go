package predict

import (
	"time"

	"dsmipsim/nodes/esp"
	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/wire"
	"dsmipsim/scenarios/spec"
)

const refreshPercent = mip.RefreshPercent

// Octets of frames and packets, from the layouts of the RFCs.
const (
	icmpv6         = wire.IPv6HeaderLen
	lladdr         = 8                                                // a link-layer address option (RFC 4861 section 4.6.1)
	solicit        = wire.EthernetLen + icmpv6 + 24                   // Neighbor Solicitation for duplicate address detection
	neighbour      = solicit + lladdr                                 // Neighbor Solicitation or Advertisement with its option
	routerAsk      = wire.EthernetLen + icmpv6 + 8                    // Router Solicitation from the unspecified address
	routerSays     = wire.EthernetLen + icmpv6 + 16 + lladdr + 32 + 8 // Router Advertisement: source address, prefix, interval
	arp            = wire.EthernetLen + wire.ARPLen
	intervalOption = 8                                                               // RFC 6275 section 7.3
	mtuOption      = 8                                                               // RFC 4861 section 4.6.4
	siteAsk        = wire.EthernetLen + wire.IPv4HeaderLen + icmpv6 + 8              // Router Solicitation over ISATAP
	siteSays       = wire.EthernetLen + wire.IPv4HeaderLen + icmpv6 + 16 + 32        // Router Advertisement over ISATAP: prefix
	dhcpMessage    = wire.EthernetLen + wire.IPv4HeaderLen + wire.UDPHeaderLen + 300 // as short as BOOTP allows (RFC 1542 section 2.1)
)

// Mobility Headers in octets (RFC 6275 section 6.1, draft section 3).
const (
	updatePlain     = 32 // with an Alternate Care-of Address option
	updateWithIPv4  = 40
	updateBare      = 16 // without that option
	updateBareIPv4  = 24
	ackPlain        = 16
	ackWithIPv4     = 24
	deregistration  = 16 // Binding Update without options, and its acknowledgement
	homeAddressOrRH = 24 // Destination Options with a Home Address option, or a type 2 routing header
)

// protected is the length of a Mobility Header with ESP around it.
func (j *journey) protected(header int) int {
	if !j.p.Spec.Protocol.IPsec {
		return header
	}
	a, _ := esp.AlgorithmNamed(string(j.p.Spec.Protocol.ESPIntegrity))
	c, _ := esp.CipherNamed(string(j.p.Spec.Protocol.ESPCipher))
	return header + esp.Overhead(c, a, header)
}

// messages returns the lengths of Binding Update and Acknowledgement as IP packets.
func (j *journey) messages(n *spec.Network) (update, ack int) {
	option := j.m.IPv4HomeAddress != spec.IPv4Home{} && j.p.Spec.Protocol.Mode != spec.ModeMIPv6 && !j.plain
	bare := n.Kind == spec.KindIPv4Public && !j.p.Spec.Draft00.AltCoAv4
	switch {
	case option && bare:
		update = updateBareIPv4
	case option:
		update = updateWithIPv4
	case bare:
		update = updateBare
	default:
		update = updatePlain
	}
	ack = ackPlain
	if option && j.knowsIPv4() {
		ack = ackWithIPv4
	}
	update = wire.IPv6HeaderLen + homeAddressOrRH + j.protected(update)
	ack = wire.IPv6HeaderLen + homeAddressOrRH + j.protected(ack)
	if n.Kind == spec.KindIPv4Public {
		update += wire.IPv4HeaderLen
		ack += wire.IPv4HeaderLen
	}
	return update, ack
}

// knowsIPv4 reports whether the home agent answers the IPv4 option.
func (j *journey) knowsIPv4() bool {
	return j.agent().IPv4Support && j.p.Spec.Protocol.Mode != spec.ModeMIPv6
}

// register is the time from the first Binding Update to its acknowledgement: there and
// back, one address resolution on the access link, and for a first registration the home
// agent's duplicate address detection.
func (j *journey) register(n *spec.Network, at time.Duration) Span {
	update, ack := j.messages(n)
	d := j.way(n, out, update).plus(j.way(n, in, ack))
	spared, again := time.Duration(0), Span{}
	switch {
	case n.Kind == spec.KindIPv4Public:
		d = d.plus(exchange(n, arp)) // the node asks for the router, which learns the node's address by that
	case n.Kind == spec.KindISATAP: // resolved by the solicitation
	case !j.seen[n.Name]:
		d = d.plus(exchange(n, neighbour)) // the router asks for the node; the node knows it from the advertisement
		if j.tooBig(n) {
			spared = exchange(n, neighbour).Min // unless it asked before, to tell the node that a packet was too big
		}
	default:
		again = j.forgotten(n)
	}
	if !j.isBound(at) && j.agent().DAD {
		d = d.plus(exactly(j.p.Spec.NeighborDiscovery.RetransTimer))
	}
	return Span{d.Min - spared, d.Mean, d.Max}.plus(again)
}

// tooBig reports whether the node sends packets that do not fit somewhere on the way.
func (j *journey) tooBig(n *spec.Network) bool {
	narrow := n.Link.MTU
	for _, l := range j.p.Way(n.Name, j.home.Name) {
		narrow = min(narrow, l.Params.MTU)
	}
	for i := range j.p.Spec.Flows {
		f := &j.p.Spec.Flows[i]
		if (f.From == j.m.Name || f.To == j.m.Name && f.Kind == spec.FlowPing) && frame(f)-wire.EthernetLen > narrow {
			return true
		}
	}
	return false
}

// deregister is the exchange on the home link. The home agent has forgotten where the node
// is and asks before it acknowledges.
func (j *journey) deregister(n *spec.Network, at time.Duration) Span {
	if !j.isBound(at) {
		return exactly(0)
	}
	message := wire.EthernetLen + wire.IPv6HeaderLen + j.protected(deregistration)
	return exchange(n, message).plus(exchange(n, neighbour))
}

// site fills in the phases of a network with an ISATAP router: DHCP tells who it is, ARP
// where, and it answers after a random delay. Detection ends with its advertisement, or
// before DHCP where that comes last.
func (j *journey) site(n *spec.Network, up time.Duration, ph *Phases) string {
	start := up
	if j.sequential() {
		start += j.noRouter().Mean
	}
	a, why := j.acquire(n, start)
	if why != "" {
		return why
	}
	if !j.sequential() && a.span().Max >= j.m.V6Wait {
		return "DHCP may take longer than v6_wait"
	}
	d := n.RouterAdvertisement.SolicitedDelay
	answer := exactly(a.behind).plus(cross(n, out, siteAsk)).plus(cross(n, in, siteSays)).plus(Span{d.Min, (d.Min + d.Max) / 2, d.Max})
	if !a.router {
		answer = answer.plus(exchange(n, arp))
	}
	if ph.Detect = a.span().plus(answer); j.sequential() {
		ph.Detect, ph.Address = j.noRouter(), ph.Detect
	}
	return ""
}
