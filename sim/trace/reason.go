package trace

// Reason tells why a packet ended before its destination. A dropped packet is a counted
// fact, never an error.
type Reason uint8

// Reasons, by the place that drops.
const (
	// Links.
	QueueFull       Reason = iota + 1 // the port's queue was at its limit
	LinkLoss                          // the link's loss process took it
	Detached                          // the receiver or sender left the link while it was queued or in flight
	NoReceiver                        // no port on the link has the frame's destination
	LinkUnavailable                   // the node is attached to no link

	// Internet layer.
	Malformed       // a header does not parse
	BadChecksum     // a checksum is wrong
	HopLimit        // hop limit or TTL ran out
	NoRoute         // no route to the destination
	Unreachable     // address resolution failed
	ResolutionFull  // too many packets waited for address resolution
	NotForUs        // the destination is another node and this one does not forward
	NoSource        // no usable source address
	TooBig          // larger than the MTU and not to be fragmented
	UnknownProtocol // nobody handles the next header
	NoSocket        // no application listens
	BadSource       // the source address may not be used there

	// Mobility.
	NoBinding         // no binding for the home address
	NoCareOfAddress   // away from home without a usable care-of address
	TunnelSource      // a tunnel packet came from an address that is not the peer of the tunnel
	TunnelInner       // the inner packet of a tunnel is not for or from the mobile node
	MapMismatch       // IPv4-mapped source differs from the outer source
	MobilityRejected  // a mobility message that the rules tell to discard silently
	RoutingHeader     // a type 2 routing header that the rules refuse
	HomeAddressOption // a home address option that the rules refuse
	SecurityRequired  // a message that needs ESP came without
	SecurityFailed    // ESP: unknown SA, bad integrity value or replay

	// Middleboxes and configuration.
	NATProtocol  // the NAT translates only UDP, TCP and ICMP
	NATMapping   // no mapping for an inbound packet
	NATFiltered  // the NAT's filter, or another of its rules, lets nothing of the kind through
	NATExhausted // the NAT has no port, or no room, for a further mapping
	NATFragment  // a fragment whose ports the NAT does not know
	Tentative    // addressed to an address whose DAD is not over

	// Reassembly and tunnels.
	ReassemblyTimeout // other fragments of the packet did not come in time
	ReassemblyFull    // too many octets of incomplete packets were held
	FragmentOverlap   // fragments of the packet contradict each other
	CongestionMarked  // the tunnel reports congestion and the inner packet cannot carry the mark

	Disabled // IPv6 is disabled on the interface: its link-local address is somebody else's
	// Further reasons come last: their numbers are part of the trajectory fingerprint.
	LinkOutage // the link was out while the frame was on it
	QueueDelay // the queue's management dropped it because frames waited too long
)

var reasonNames = [...]string{
	QueueFull: "queue_full", LinkLoss: "link_loss", Detached: "detached", NoReceiver: "no_receiver",
	LinkUnavailable: "link_unavailable",
	Malformed:       "malformed", BadChecksum: "bad_checksum", HopLimit: "hop_limit", NoRoute: "no_route",
	Unreachable: "unreachable", ResolutionFull: "resolution_full", NotForUs: "not_for_us", NoSource: "no_source",
	TooBig: "too_big", UnknownProtocol: "unknown_protocol", NoSocket: "no_socket", BadSource: "bad_source",
	NoBinding: "no_binding", NoCareOfAddress: "no_care_of_address", TunnelSource: "tunnel_source",
	TunnelInner: "tunnel_inner", MapMismatch: "map_mismatch", MobilityRejected: "mobility_rejected",
	RoutingHeader: "routing_header", HomeAddressOption: "home_address_option",
	SecurityRequired: "security_required", SecurityFailed: "security_failed",
	NATProtocol: "nat_protocol", NATMapping: "nat_mapping", NATFiltered: "nat_filtered",
	NATExhausted: "nat_exhausted", NATFragment: "nat_fragment", Tentative: "tentative",
	ReassemblyTimeout: "reassembly_timeout", ReassemblyFull: "reassembly_full", FragmentOverlap: "fragment_overlap",
	CongestionMarked: "congestion_marked", Disabled: "interface_disabled", LinkOutage: "link_outage", QueueDelay: "queue_delay",
}

// String returns the name used in reports.
func (r Reason) String() string {
	if int(r) < len(reasonNames) && reasonNames[r] != "" {
		return reasonNames[r]
	}
	return "none"
}
