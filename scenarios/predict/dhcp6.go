package predict

import (
	"time"

	"dsmipsim/nodes/wire"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/draw"
)

// Octets of DHCPv6 messages in frames (RFC 8415 sections 8 and 21), with identifiers that
// hold a hardware address.
const (
	dhcp6Header  = wire.EthernetLen + wire.IPv6HeaderLen + wire.UDPHeaderLen + 4
	identifier   = 14
	emptyIA      = 16
	addressInIA  = 28
	elapsed      = 6
	rapidCommit  = 4
	preference   = 5
	statusOption = 6

	dhcp6Solicit   = dhcp6Header + identifier + emptyIA + elapsed
	dhcp6Request   = dhcp6Solicit + identifier + addressInIA
	dhcp6Confirm   = dhcp6Solicit + addressInIA
	dhcp6Reply     = dhcp6Header + 2*identifier + emptyIA + addressInIA
	dhcp6Confirmed = dhcp6Header + 2*identifier + statusOption
)

// Of the retransmission of RFC 8415 section 7.6, the first wait for other servers' answers:
// SOL_TIMEOUT and up to a tenth more.
var solicitWait = draw.Between(time.Second, 1100*time.Millisecond)

// promptly is an answer that comes before its question is repeated: REQ_TIMEOUT less a tenth,
// and the way.
const promptly = 800 * time.Millisecond

// lease6 is the address that the node has from its last network with DHCPv6.
type lease6 struct {
	network *spec.Network
	until   time.Duration // it lasts at least so long
}

// handedOut reports whether nodes get their addresses in a network from a DHCPv6 server.
func (j *journey) handedOut(n *spec.Network) bool {
	ra := n.RouterAdvertisement
	return n.DHCPv6 != nil && ra.Managed && (!ra.Autonomous || ra.Valid == 0)
}

// managed adds to detection, and to the duplicate address detection of the care-of address
// that is in ph.Address, what DHCPv6 takes: it begins when the router has spoken and the
// link-local address is verified.
func (j *journey) managed(n *spec.Network, up time.Duration, ph *Phases) string {
	d := n.DHCPv6
	linkLocal, verified := verification(j.m, j.p.Spec.NeighborDiscovery.RetransTimer), exactly(0)
	switch {
	case j.m.ND.LinkLocal == spec.LinkLocalBefore, ph.Detect.Min >= linkLocal.Max:
	case ph.Detect.Max <= linkLocal.Min:
		verified = Span{linkLocal.Min - ph.Detect.Max, linkLocal.Mean - ph.Detect.Mean, linkLocal.Max - ph.Detect.Min}
	default:
		return "the router advertisement may come before or after the verification of the link-local address"
	}
	if !d.ExcludesHosts {
		return "the address may be that of a fixed host"
	}
	if d.ServerDelay.Max()+2*exchange(n, dhcp6Request).Max > promptly {
		return "the DHCPv6 server may answer too late"
	}
	begun := up + ph.Detect.Mean + verified.Mean
	delay := spanOf(draw.Between(j.m.DHCPv6.Delay.Min, j.m.DHCPv6.Delay.Max))
	server := spanOf(d.ServerDelay)
	asks := func(octets int) Span { return cross(n, out, octets) }
	answers := func(octets int) Span { return cross(n, in, octets).plus(server) }
	took := verified.plus(delay)
	resolved := exchange(n, neighbour) // the server asks for the client before its first answer
	if j.seen6[n.Name] {
		resolved = Span{}
	}
	took = took.plus(resolved)
	if j.m.DHCPv6.Confirm && j.lease6.network != nil {
		if begun+delay.Max+time.Second > j.lease6.until {
			return "a lease may or may not have expired by then"
		}
		took = took.plus(asks(dhcp6Confirm)).plus(answers(dhcp6Confirmed))
		if j.lease6.network == n {
			ph.Address = ph.Address.plus(took)
			return ""
		}
	}
	advertise := dhcp6Reply
	if d.Preference > 0 {
		advertise += preference
	}
	switch {
	case j.m.DHCPv6.RapidCommit && d.RapidCommit:
		took = took.plus(asks(dhcp6Solicit + rapidCommit)).plus(answers(dhcp6Reply + rapidCommit))
	case d.Preference == 255:
		took = took.plus(asks(j.solicitation())).plus(answers(advertise)).plus(asks(dhcp6Request)).plus(answers(dhcp6Reply))
	default: // the answers of all servers are awaited, and no resolution is seen
		took = took.without(resolved).plus(spanOf(solicitWait)).plus(asks(dhcp6Request)).plus(answers(dhcp6Reply))
	}
	ph.Address = ph.Address.plus(took)
	return ""
}

func (j *journey) solicitation() int {
	if j.m.DHCPv6.RapidCommit {
		return dhcp6Solicit + rapidCommit
	}
	return dhcp6Solicit
}

// takeAlong6 notes the address that the node has when it leaves a network.
func (j *journey) takeAlong6(n *spec.Network, h Handover, start time.Duration) {
	if n.DHCPv6 == nil || !j.handedOut(n) {
		return
	}
	j.seen6[n.Name] = true
	if h.Note != "" {
		j.lease6 = lease6{n, 0} // open
		return
	}
	total := exactly(start).plus(h.Phases.L2).plus(h.Phases.Detect)
	j.lease6 = lease6{n, total.Min + n.DHCPv6.Valid}
}
