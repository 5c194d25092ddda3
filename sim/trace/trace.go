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

// The kinds of facts.
const (
	Origin       Kind = iota + 1 // an application handed a test packet to its node
	Delivery                     // an application received a test packet
	Turn                         // a node answered an echo request of a test flow
	Transmission                 // a frame left a port onto a link
	Drop                         // a packet ended for Reason
	Held                         // at the end of the run the packet was still in a queue or in flight
	LinkDown                     // a mobile node's attachment to Link ended
	LinkUp                       // a mobile node's attachment to Link began
	Milestone                    // a protocol machine reached Note

	Connected // the application that asked for a TCP connection at Born has it
	Progress  // an application read Count new octets of a stream, which came with packet Sequence
	Completed // an application has all of what it asked for at Born: a transfer, or a response
	Aborted   // an application lost its TCP connection, or never got it
	Position  // a mobile node is at Place; until its next Position it moves there in a straight line
)

var kindNames = [...]string{
	Origin: "origin", Delivery: "delivery", Turn: "turn", Transmission: "transmission", Drop: "drop",
	Held: "held", LinkDown: "link_down", LinkUp: "link_up", Milestone: "milestone",
	Connected: "connected", Progress: "progress", Completed: "completed", Aborted: "aborted",
	Position: "position",
}

// String returns the name used in events.jsonl.
func (k Kind) String() string {
	if int(k) < len(kindNames) && kindNames[k] != "" {
		return kindNames[k]
	}
	return "kind?"
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
	MovementDetected         NoteKind = iota + 1 // MN knows that it has moved and what the network offers (CareOf: prefix or address)
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

var noteNames = [...]string{
	MovementDetected: "movement_detected", CareOfAddressReady: "care_of_address_ready",
	BindingUpdateSent: "binding_update_sent", BindingAccepted: "binding_accepted",
	BindingRejected: "binding_rejected", BindingDeregistered: "binding_deregistered",
	UnsupportedNetwork: "unsupported_network", IPv4HomeAccepted: "ipv4_home_accepted",
	IPv4HomeRefused: "ipv4_home_refused", BindingCreated: "binding_created",
	BindingUpdated: "binding_updated", BindingRemoved: "binding_removed",
	DADStarted: "dad_started", DADSucceeded: "dad_succeeded", DADFailed: "dad_failed",
	AddressAdded: "address_added", AddressRemoved: "address_removed", RouterFound: "router_found",
	DHCPBound: "dhcp_bound", LeaseGranted: "lease_granted", ResolutionFailed: "resolution_failed",
	RouteOptimizationStarted: "route_optimization_started", RouteOptimizationFailed: "route_optimization_failed",
	HomeAgentChosen: "home_agent_chosen",
	InterfaceChosen: "interface_chosen",
}

// String returns the name used in events.jsonl.
func (k NoteKind) String() string {
	if int(k) < len(noteNames) && noteNames[k] != "" {
		return noteNames[k]
	}
	return "note?"
}
