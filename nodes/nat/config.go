// Package nat translates IPv4 addresses and ports as RFC 4787 tells: the Table decides,
// the Box rewrites packets at a router.
package nat

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"dsmipsim/nodes/wire"
)

// Behavior is how much of the remote endpoint a mapping or a filter depends on (RFC 4787
// sections 4.1 and 5).
type Behavior uint8

// Behaviors.
const (
	EndpointIndependent     Behavior = iota // as a "full cone" NAT
	AddressDependent                        // on the remote address
	AddressAndPortDependent                 // on remote address and port; with mappings, a "symmetric" NAT
)

// relevant zeroes what the behaviour does not depend on. The far end of an echo has no port.
func (b Behavior) relevant(protocol uint8, remote netip.AddrPort) netip.AddrPort {
	switch {
	case b == EndpointIndependent:
		return netip.AddrPort{}
	case b == AddressDependent || protocol == wire.ProtoICMPv4:
		return netip.AddrPortFrom(remote.Addr(), 0)
	}
	return remote
}

// PortAssignment is how a new mapping gets its public port (RFC 4787 section 4.2.1). A port
// that another mapping has is never given away again, which would be port overloading.
type PortAssignment uint8

// Port assignments.
const (
	PreservePort   PortAssignment = iota // the port inside; if that is taken, the lowest free one
	SequentialPort                       // the one after that of the mapping before
	RandomPort                           // drawn uniformly; if that is taken, the next free one
)

// Hairpinning is what becomes of packets from inside to the public address (RFC 4787 section 6).
type Hairpinning uint8

// Hairpinning behaviours.
const (
	HairpinExternal Hairpinning = iota // they come with the sender's public address and port
	HairpinInternal                    // they come with the sender's inside address and port
	NoHairpin                          // they are dropped
)

// Fragments is what becomes of fragments (RFC 4787 section 11).
type Fragments uint8

// Fragment behaviours.
const (
	FragmentsOutOfOrder Fragments = iota // those that come before the first wait for it
	FragmentsInOrder                     // those that come before the first are dropped
	NoFragments                          // all are dropped
)

// Forward is a mapping that somebody has configured. It never expires, and lets everybody in.
type Forward struct {
	Protocol uint8  // UDP or TCP
	Public   uint16 // port on the public address
	Inside   netip.AddrPort
}

// Config are the options of a translator. The zero Config is that of RFC 4787's advice.
type Config struct {
	Mapping   Behavior
	Filtering Behavior

	// Time after the last packet that refreshes a mapping until it ends. Zero stands for 300 s
	// (RFC 4787 section 4.3), 2 h 4 min and 4 min (RFC 5382 section 5) and 60 s (RFC 5508
	// section 3.2).
	UDPTimeout     time.Duration
	TCPEstablished time.Duration // while a connection is established
	TCPTransitory  time.Duration // before and after
	ICMPTimeout    time.Duration

	// InboundRefresh lets packets from outside refresh UDP mappings, too (RFC 4787 REQ-6a).
	InboundRefresh bool

	Ports        PortAssignment
	IgnoreParity bool // a mapping's public port need not be even where the port inside is (RFC 4787 REQ-4)
	// FirstPort and LastPort bound the ports given to mappings whose own port is not
	// preserved; 0 stands for 1024 and 65535. Ports below 1024 are mapped to such ports
	// (RFC 4787 REQ-3a).
	FirstPort, LastPort uint16
	Rand                *rand.Rand // for RandomPort

	// MaxMappings bounds the mappings that are not Forwards; 0 for no bound but the ports.
	MaxMappings int

	Hairpin    Hairpinning
	Fragments  Fragments
	DropErrors bool // ICMP errors about translated packets are dropped (against RFC 4787 REQ-12b)
	Forwards   []Forward
}

func (c *Config) setDefaults() {
	c.UDPTimeout = orElse(c.UDPTimeout, 300*time.Second)
	c.TCPEstablished = orElse(c.TCPEstablished, 7440*time.Second)
	c.TCPTransitory = orElse(c.TCPTransitory, 240*time.Second)
	c.ICMPTimeout = orElse(c.ICMPTimeout, 60*time.Second)
	c.FirstPort = orElse(c.FirstPort, 1024)
	c.LastPort = orElse(c.LastPort, 65535)
}

func orElse[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}
