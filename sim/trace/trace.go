// Package trace defines the facts that a run states about itself and who listens to them.
//
// Everything that a report, a capture or a fingerprint knows comes from these facts;
// nothing reads a machine's insides. Facts arrive in order of virtual time.
package trace

import (
	"net/netip"

	"dsmipsim/sim/vtime"
)

// Kind tells what sort of fact an Event is.
type Kind uint8

// The kinds of facts; kindWords says what they state.
const (
	Origin Kind = iota + 1
	Delivery
	Turn
	Transmission
	Drop
	Held
	LinkDown
	LinkUp
	Milestone

	Connected
	Progress
	Completed
	Aborted
	Position
)

// words are the name of something in reports, and its meaning in a sentence.
type words struct{ name, about string }

var kindWords = [...]words{
	Origin:       {"origin", "An application handed a test packet to its node."},
	Delivery:     {"delivery", "An application received a test packet."},
	Turn:         {"turn", "A node answered an echo request of a test flow."},
	Transmission: {"transmission", "A frame left a port onto a link."},
	Drop:         {"drop", "A packet ended before its destination, for a reason."},
	Held:         {"held", "When the run ended the packet was still in a queue or in flight."},
	LinkDown:     {"link_down", "A mobile node's attachment to a link ended."},
	LinkUp:       {"link_up", "A mobile node's attachment to a link began."},
	Milestone:    {"milestone", "A protocol machine reached what the note says."},
	Connected:    {"connected", "The application that asked for a TCP connection has it."},
	Progress:     {"progress", "An application read new octets of a stream."},
	Completed:    {"completed", "An application has all of what it asked for: a transfer, or a response."},
	Aborted:      {"aborted", "An application lost its TCP connection, or never got it."},
	Position:     {"position", "A mobile node is at a place; until its next position it moves there in a straight line."},
}

// String returns the name used in events.jsonl.
func (k Kind) String() string {
	if int(k) < len(kindWords) && kindWords[k].name != "" {
		return kindWords[k].name
	}
	return "kind?"
}

// About says what facts of the kind state.
func (k Kind) About() string { return kindWords[k].about }

// Kinds returns all kinds.
func Kinds() []Kind { return numbers[Kind](len(kindWords)) }

// numbers returns all values of an enumeration that begins with 1.
func numbers[T ~uint8](n int) []T {
	all := make([]T, 0, n-1)
	for i := 1; i < n; i++ {
		all = append(all, T(i))
	}
	return all
}

// LinkType tells how the octets of a Transmission start.
type LinkType uint8

// Link types of captures.
const (
	Ethernet LinkType = iota // an Ethernet header
	RawIP                    // an IPv4 or IPv6 header
)

// Event is one fact. A Sink must not keep the Event or its Octets after Record returns.
type Event struct {
	Time   vtime.Time
	Kind   Kind
	Node   string // who states it; for a Transmission the sender
	Link   string // Transmission, LinkDown, LinkUp, and drops on a link
	Target string // LinkDown: the link that the node moves to
	// Interface is the interface of a LinkDown or LinkUp; empty for a node that has only one.
	Interface string

	Flow     uint32     // the test flow, 0 for protocol traffic
	Sequence uint32     // within the flow
	Serial   uint64     // the packet's number within the run
	Born     vtime.Time // when the test packet was handed to its node
	Overhead int        // Delivery, Drop, Held: octets of encapsulation added on the way
	Count    int        // Progress: octets
	Waited   vtime.Time // Transmission: how long the frame was in its port's queue

	Reason   Reason   // Drop
	LinkType LinkType // Transmission
	Octets   []byte   // Transmission: the whole frame; Origin: the whole IP packet
	Note     Note     // Milestone
	Place    Place    // Position
}

// Place is where a mobile node is on the plane.
type Place struct {
	X, Y    float64 // metres to the east and to the north of the scenario's origin
	Nowhere bool    // from this place on it is nowhere, until its next Position
}

// Sink listens to the facts of a run.
type Sink interface {
	Record(e *Event)
}

// Sinks passes each fact to all its members, in order.
type Sinks []Sink

// Record passes e on.
func (s Sinks) Record(e *Event) {
	for _, k := range s {
		k.Record(e)
	}
}

// Discard is a Sink that keeps nothing.
var Discard Sink = Sinks(nil)

// Note is a milestone of a protocol machine. Only the fields that NoteKind names are set.
type Note struct {
	Kind     NoteKind
	Home     netip.Addr // home address, or the address that the note is about
	CareOf   netip.Addr // care-of address
	Peer     netip.Addr // the other node: home agent, correspondent, router, server
	Sequence uint16     // sequence number of a BU or BA
	Status   uint8      // status of a BA or of the IPv4 acknowledgement
	Lifetime int64      // seconds
	// Interface is the interface that MovementDetected, CareOfAddressReady, UnsupportedNetwork or
	// InterfaceChosen is about; empty at a node that has only one.
	Interface string
}

// NoteKind tells which milestone a Note is.
type NoteKind uint8

// Milestones of mobile nodes, home agents and address configuration.
const (
	MovementDetected         NoteKind = iota + 1 // CareOf
	CareOfAddressReady                           // MN may use CareOf
	BindingUpdateSent                            // MN sent a BU to Peer: Home, CareOf, Sequence, Lifetime
	BindingAccepted                              // MN accepted a BA from Peer: Home, CareOf, Sequence, Status, Lifetime
	BindingRejected                              // MN got a refusing BA from Peer: Sequence, Status
	BindingDeregistered                          // Peer confirmed that it deleted the binding; of the home agent, MN is at home: Home, Sequence
	UnsupportedNetwork                           // MN cannot bind from here: CareOf
	IPv4HomeAccepted                             // MN: HA bound the IPv4 home address Home: Status
	IPv4HomeRefused                              // MN: HA refused it (Status), or does not know the option (Status 255)
	BindingCreated                               // HA or CN: Home, CareOf, Lifetime
	BindingUpdated                               // HA or CN: Home, CareOf, Lifetime
	BindingRemoved                               // HA or CN: Home
	DADStarted                                   // a node probes Home for duplicates
	DADSucceeded                                 // nobody else has Home
	DADFailed                                    // somebody else has Home
	AddressAdded                                 // a node configured Home
	AddressRemoved                               // a node gave up Home
	RouterFound                                  // a host heard router Peer
	DHCPBound                                    // a client got Home from server Peer: Lifetime
	LeaseGranted                                 // a DHCP server gave Home: Lifetime
	ResolutionFailed                             // nobody on the link answered for Home
	RouteOptimizationStarted                     // MN begins to update Peer, a correspondent: Home, CareOf (Home to delete its binding)
	RouteOptimizationFailed                      // MN gave up on Peer: Home, CareOf
	HomeAgentChosen                              // MN registers with Peer, which discovery named: Home, CareOf
	InterfaceChosen                              // MN takes Interface for its primary care-of address, or to be at home: Home, CareOf
)

var noteWords = [...]words{
	MovementDetected:         {"movement_detected", "A mobile node knows that it has moved and what the network offers; care_of is its prefix or address."},
	CareOfAddressReady:       {"care_of_address_ready", "A mobile node may use its care-of address."},
	BindingUpdateSent:        {"binding_update_sent", "A mobile node sent a Binding Update to the peer."},
	BindingAccepted:          {"binding_accepted", "A mobile node accepted a Binding Acknowledgement of the peer."},
	BindingRejected:          {"binding_rejected", "A mobile node got a Binding Acknowledgement that refuses."},
	BindingDeregistered:      {"binding_deregistered", "The peer confirmed that it deleted the binding; if it is the home agent, the mobile node is at home."},
	UnsupportedNetwork:       {"unsupported_network", "A mobile node cannot bind from this network."},
	IPv4HomeAccepted:         {"ipv4_home_accepted", "The home agent bound the IPv4 home address of a mobile node."},
	IPv4HomeRefused:          {"ipv4_home_refused", "The home agent refused the IPv4 home address, or (status 255) does not know the option."},
	BindingCreated:           {"binding_created", "A home agent or correspondent has a new binding."},
	BindingUpdated:           {"binding_updated", "A home agent or correspondent renewed or changed a binding."},
	BindingRemoved:           {"binding_removed", "A home agent or correspondent has the binding no longer."},
	DADStarted:               {"dad_started", "A node probes an address for duplicates."},
	DADSucceeded:             {"dad_succeeded", "Nobody else has the address."},
	DADFailed:                {"dad_failed", "Somebody else has the address."},
	AddressAdded:             {"address_added", "A node configured an address."},
	AddressRemoved:           {"address_removed", "A node gave up an address."},
	RouterFound:              {"router_found", "A host heard the router that is the peer."},
	DHCPBound:                {"dhcp_bound", "A DHCP client got an address from the server that is the peer."},
	LeaseGranted:             {"lease_granted", "A DHCP server gave an address."},
	ResolutionFailed:         {"resolution_failed", "Nobody on the link answered for the address."},
	RouteOptimizationStarted: {"route_optimization_started", "A mobile node begins to update the correspondent that is the peer; care_of is the home address if the binding there is to be deleted."},
	RouteOptimizationFailed:  {"route_optimization_failed", "A mobile node gave up on the correspondent that is the peer."},
	HomeAgentChosen:          {"home_agent_chosen", "A mobile node registers with the peer, which discovery named."},
	InterfaceChosen:          {"interface_chosen", "A mobile node takes the interface for its primary care-of address, or to be at home."},
}

// String returns the name used in events.jsonl.
func (k NoteKind) String() string {
	if int(k) < len(noteWords) && noteWords[k].name != "" {
		return noteWords[k].name
	}
	return "note?"
}

// About says what a node states by the milestone.
func (k NoteKind) About() string { return noteWords[k].about }

// NoteKinds returns all milestones.
func NoteKinds() []NoteKind { return numbers[NoteKind](len(noteWords)) }
