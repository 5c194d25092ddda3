package metric

import (
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/trace"
)

// arpOctets is the length of an ARP packet for IPv4 over Ethernet (RFC 826).
const arpOctets = 28

// Wire returns the Classify that reads real packets. The options tell how the run's packets
// are laid out; messages inside ESP are recognised where the options can open it.
func Wire(opts wire.DissectOptions) Classify {
	return func(octets []byte, link trace.LinkType) Class {
		lt := wire.LinkEthernet
		if link == trace.RawIP {
			lt = wire.LinkRaw
		}
		c := wire.Classify(octets, lt, opts)
		if c.IPOctets == 0 && (c.Group == wire.GroupResolution || c.Group == wire.GroupAddress) { // ARP
			c.IPOctets = arpOctets // ARP has no IP header to count from
		}
		return Class{Message: c.Message, Group: c.Group.String(), IPOctets: c.IPOctets}
	}
}
