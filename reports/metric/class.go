package metric

import "dsmipsim/sim/trace"

// Class is what signalling accounts need to know of a frame.
type Class struct {
	Message  string // "BU", "RA", "DHCPv4 DISCOVER", ...
	Group    string // mobility, discovery, address, resolution; others are not signalling
	IPOctets int    // length of the outermost IP packet, or of the ARP packet
}

// Classify reads a frame. It must not keep the octets.
type Classify func(octets []byte, link trace.LinkType) Class
