package trace

// Reason tells why a packet ended before its destination. A dropped packet is a counted
// fact, never an error.
type Reason uint8

// Reasons, by the place that drops; reasonWords says what they mean.
const (
	// Links.
	QueueFull Reason = iota + 1
	LinkLoss
	Detached
	NoReceiver
	LinkUnavailable

	// Internet layer.
	Malformed
	BadChecksum
	HopLimit
	NoRoute
	Unreachable
	ResolutionFull
	NotForUs
	NoSource
	TooBig
	UnknownProtocol
	NoSocket
	BadSource

	// Mobility.
	NoBinding
	NoCareOfAddress
	TunnelSource
	TunnelInner
	MapMismatch
	MobilityRejected
	RoutingHeader
	HomeAddressOption
	SecurityRequired
	SecurityFailed

	// Middleboxes and configuration.
	NATProtocol
	NATMapping
	NATFiltered
	NATExhausted
	NATFragment
	Tentative

	// Reassembly and tunnels.
	ReassemblyTimeout
	ReassemblyFull
	FragmentOverlap
	CongestionMarked

	Disabled
	// Further reasons come last: their numbers are part of the trajectory fingerprint.
	LinkOutage
	QueueDelay
)

var reasonWords = [...]words{
	QueueFull:         {"queue_full", "The port's queue was at its limit."},
	LinkLoss:          {"link_loss", "The link's loss process took it."},
	Detached:          {"detached", "The receiver or sender left the link while it was queued or in flight."},
	NoReceiver:        {"no_receiver", "No port on the link has the frame's destination."},
	LinkUnavailable:   {"link_unavailable", "The node is attached to no link."},
	Malformed:         {"malformed", "A header does not parse."},
	BadChecksum:       {"bad_checksum", "A checksum is wrong."},
	HopLimit:          {"hop_limit", "Hop limit or TTL ran out."},
	NoRoute:           {"no_route", "No route to the destination."},
	Unreachable:       {"unreachable", "Address resolution failed."},
	ResolutionFull:    {"resolution_full", "Too many packets waited for address resolution."},
	NotForUs:          {"not_for_us", "The destination is another node and this one does not forward."},
	NoSource:          {"no_source", "No usable source address."},
	TooBig:            {"too_big", "Larger than the MTU and not to be fragmented."},
	UnknownProtocol:   {"unknown_protocol", "Nobody handles the next header."},
	NoSocket:          {"no_socket", "No application listens."},
	BadSource:         {"bad_source", "The source address may not be used there."},
	NoBinding:         {"no_binding", "No binding for the home address."},
	NoCareOfAddress:   {"no_care_of_address", "Away from home without a usable care-of address."},
	TunnelSource:      {"tunnel_source", "A tunnel packet came from an address that is not the peer of the tunnel."},
	TunnelInner:       {"tunnel_inner", "The inner packet of a tunnel is not for or from the mobile node."},
	MapMismatch:       {"map_mismatch", "IPv4-mapped source differs from the outer source."},
	MobilityRejected:  {"mobility_rejected", "A mobility message that the rules tell to discard silently."},
	RoutingHeader:     {"routing_header", "A type 2 routing header that the rules refuse."},
	HomeAddressOption: {"home_address_option", "A home address option that the rules refuse."},
	SecurityRequired:  {"security_required", "A message that needs ESP came without."},
	SecurityFailed:    {"security_failed", "ESP: unknown SA, bad integrity value or replay."},
	NATProtocol:       {"nat_protocol", "The NAT translates only UDP, TCP and ICMP."},
	NATMapping:        {"nat_mapping", "No mapping for an inbound packet."},
	NATFiltered:       {"nat_filtered", "The NAT's filter, or another of its rules, lets nothing of the kind through."},
	NATExhausted:      {"nat_exhausted", "The NAT has no port, or no room, for a further mapping."},
	NATFragment:       {"nat_fragment", "A fragment whose ports the NAT does not know."},
	Tentative:         {"tentative", "Addressed to an address whose DAD is not over."},
	ReassemblyTimeout: {"reassembly_timeout", "Other fragments of the packet did not come in time."},
	ReassemblyFull:    {"reassembly_full", "Too many octets of incomplete packets were held."},
	FragmentOverlap:   {"fragment_overlap", "Fragments of the packet contradict each other."},
	CongestionMarked:  {"congestion_marked", "The tunnel reports congestion and the inner packet cannot carry the mark."},
	Disabled:          {"interface_disabled", "IPv6 is disabled on the interface: its link-local address is somebody else's."},
	LinkOutage:        {"link_outage", "The link was out while the frame was on it."},
	QueueDelay:        {"queue_delay", "The queue's management dropped it because frames waited too long."},
}

// String returns the name used in reports.
func (r Reason) String() string {
	if int(r) < len(reasonWords) && reasonWords[r].name != "" {
		return reasonWords[r].name
	}
	return "none"
}

// About says when a packet is dropped for the reason.
func (r Reason) About() string { return reasonWords[r].about }

// Reasons returns all reasons.
func Reasons() []Reason { return numbers[Reason](len(reasonWords)) }
