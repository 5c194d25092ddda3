// Package machine is the contract between protocol machines and the world.
//
// A machine does no input or output. Packets, link changes and one deadline go in; effects
// come out. Time is an argument and work is returned as values, which makes a machine
// deterministic, testable as a readable transcript, and usable outside the simulator.
//
//	HandlePacket ─┐                      ┌─ Send, Deliver
//	HandleLink   ─┼─▶ Machine ─▶ Poll ─▶─┼─ Drop, Absorb
//	HandleDeadline┘   Deadline           └─ Address, Group, Note, Turn
package machine

import (
	"net/netip"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Iface names an interface of the machine's node, counted from 0.
type Iface int

// Local as the interface of a packet means that it comes from the upper layer of the same
// node. Such a packet starts with its IP header.
const Local Iface = -1

// Machine is a protocol, or the whole of the protocols of one node.
//
// After any of the Handle methods the caller drains Poll until it reports false, carries
// out the effects in order, and then arms its clock for Deadline.
type Machine interface {
	// HandlePacket takes over the packet.
	HandlePacket(now vtime.Time, in Iface, p *packet.Buf)
	HandleLink(now vtime.Time, e LinkEvent)
	// HandleDeadline is called when the time that Deadline named has come.
	HandleDeadline(now vtime.Time)
	// Deadline returns the earliest time at which the machine has something to do, or Never.
	Deadline() vtime.Time
	// Poll returns the next effect, or false if there is none.
	Poll() (Effect, bool)
}

// LinkEvent tells that an interface went up or down.
type LinkEvent struct {
	Iface Iface
	Up    bool
	MTU   int // largest IP packet of the link that is up, octets; 0 if the link does not say
}

// EffectKind tells which effect an Effect is and which of its fields are set.
type EffectKind uint8

// The effects. Each of the first four ends the machine's ownership of Packet.
const (
	Send    EffectKind = iota + 1 // transmit Packet on Iface: an Ethernet frame or, on a point-to-point link, an IP packet
	Deliver                       // hand Packet, which starts at the transport header, to the upper layer: Protocol, Source, Destination
	Drop                          // Packet ends for Reason
	Absorb                        // Packet was for the machine itself and has served its purpose
	Turn                          // Packet, an echo request, is being answered; the machine keeps it
	Address                       // the address Source was configured on Iface (On) or given up
	Group                         // the machine listens to multicast MAC on Iface (On) or no longer does
	Note                          // a milestone for the reports
)

// Effect is something that a machine wants done.
type Effect struct {
	Kind        EffectKind
	On          bool
	Protocol    uint8
	Reason      trace.Reason
	MAC         wire.MAC
	Iface       Iface
	Packet      *packet.Buf
	Source      netip.Addr
	Destination netip.Addr
	Note        *trace.Note
}
