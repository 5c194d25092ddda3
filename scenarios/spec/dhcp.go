package spec

import (
	"time"

	"dsmipsim/sim/draw"
)

// DHCP holds the options of a network's DHCP server.
type DHCP struct {
	Pos           Pos
	Lease         time.Duration     `key:"lease" default:"3600s" unit:"duration" min:"1s" max:"4294967294s" doc:"Lifetime of the leases." ref:"RFC 2132 section 9.2"`
	Renewal       time.Duration     `key:"renewal" default:"0s" unit:"duration" doc:"T1, after what part of the lease clients ask for more time; 0s for their default, half of it." ref:"RFC 2131 section 4.4.5"`
	Rebinding     time.Duration     `key:"rebinding" default:"0s" unit:"duration" doc:"T2, after what part of the lease clients ask any server; 0s for their default, seven eighths of it." ref:"RFC 2131 section 4.4.5"`
	Server        DHCPServer        `key:"server" default:"ideal" encode:"-" values:"ideal warm cold" doc:"What server_delay is if it is absent: 0s; 3.75ms, of a server that answers from memory (7.5 ms for the four messages); 259ms, of one that first probes for the address (518 ms)."`
	ServerDelay   draw.Distribution `key:"server_delay" derived:"what server says" unit:"distribution" doc:"Time that the server takes before each answer, drawn for every one."`
	ExcludesHosts bool              `key:"excludes_hosts" default:"true" doc:"Whether the addresses of the network's fixed hosts are left out of what the server gives away, as they ought to be." ref:"RFC 5227 section 1"`
	StopsAt       time.Duration     `key:"stops_at" default:"0s" unit:"duration" doc:"When the server falls silent, since the run began; 0s for never."`
	RestartsAt    time.Duration     `key:"restarts_at" default:"0s" unit:"duration" doc:"When it answers again; 0s for never."`
	KeepsLeases   bool              `key:"keeps_leases" default:"true" doc:"Whether it then still knows its clients." ref:"RFC 4436 section 2"`
}

// DHCPServer names how fast a server is.
type DHCPServer string

// The kinds of servers. A loaded Spec has the ideal one, and a ServerDelay.
const (
	serverIdeal DHCPServer = "ideal"
	serverWarm  DHCPServer = "warm"
	serverCold  DHCPServer = "cold"
)

// delay returns the usual time before an answer of a server.
func (s DHCPServer) delay() draw.Distribution {
	switch s {
	case serverWarm:
		return draw.Always(3750 * time.Microsecond)
	case serverCold:
		return draw.Always(259 * time.Millisecond)
	}
	return draw.Always(0)
}

// IPv4Detection says when a mobile node looks for IPv4.
type IPv4Detection string

// The ways of finding an IPv4-only network.
const (
	DetectParallel   IPv4Detection = "parallel"   // DHCP beside router solicitation
	DetectSequential IPv4Detection = "sequential" // DHCP after it
)

// KnownNetwork says what a mobile node makes of leases in networks that it has left.
type KnownNetwork string

// The uses of leases that still last.
const (
	KnownDiscover KnownNetwork = "discover"
	KnownReboot   KnownNetwork = "init-reboot"
	KnownDetect   KnownNetwork = "dna"
)

// MobileDHCP holds the options of a mobile node's DHCP client.
type MobileDHCP struct {
	Pos          Pos
	InitDelay    Range        `key:"init_delay" default:"0s" unit:"range" max:"3600s" doc:"Delay before the first DISCOVER on a link: drawn uniformly from a pair, or fixed; 1 to 10 s in the standard." ref:"RFC 2131 section 4.4.1"`
	ACD          bool         `key:"acd" default:"false" doc:"Whether the node probes for an address before it uses it, which takes 4 to 7 s, and defends it afterwards." ref:"RFC 5227 section 2.1"`
	KnownNetwork KnownNetwork `key:"known_network" default:"discover" values:"discover init-reboot dna" doc:"What it does where it has leases that still last: it begins anew; it asks for the last one again; or it asks the routers of all such networks by ARP too, and takes the first answer." ref:"RFC 4436 section 2"`
	Release      bool         `key:"release" default:"false" doc:"Whether it gives the lease of a care-of address back when the network turns out to have IPv6." ref:"RFC 2131 section 4.4.6"`
}

// DHCPv6 holds the options of a network's DHCPv6 server. Where there is one, the network's
// router advertises no prefix to make addresses in.
type DHCPv6 struct {
	Pos           Pos
	Preferred     time.Duration     `key:"preferred" default:"3600s" unit:"duration" min:"1s" max:"4294967294s" doc:"Preferred lifetime of the addresses." ref:"RFC 8415 section 21.6"`
	Valid         time.Duration     `key:"valid" default:"7200s" unit:"duration" min:"1s" max:"4294967294s" doc:"Valid lifetime of the addresses." ref:"RFC 8415 section 21.6"`
	Renewal       time.Duration     `key:"renewal" default:"0s" unit:"duration" doc:"T1, when clients ask for more time; 0s leaves it to them, which take half the preferred lifetime." ref:"RFC 8415 section 21.4"`
	Rebinding     time.Duration     `key:"rebinding" default:"0s" unit:"duration" doc:"T2, when clients ask any server; 0s leaves it to them, which take 0.8 of the preferred lifetime." ref:"RFC 8415 section 21.4"`
	Preference    int               `key:"preference" default:"255" min:"0" max:"255" doc:"What the server tells of itself; below 255, which is 0 in the standard, clients wait a second for answers of other servers." ref:"RFC 8415 section 18.2.1"`
	RapidCommit   bool              `key:"rapid_commit" default:"true" doc:"Whether it lets clients that ask for it have their address with two messages instead of four." ref:"RFC 8415 section 18.3.1"`
	ServerDelay   draw.Distribution `key:"server_delay" default:"0s" unit:"distribution" doc:"Time that the server takes before each answer, drawn for every one."`
	ExcludesHosts bool              `key:"excludes_hosts" default:"true" doc:"Whether the addresses of the network's fixed hosts are left out of what the server gives away, as they ought to be." ref:"RFC 8415 section 18.2.8"`
}

// MobileDHCPv6 holds the options of a mobile node's DHCPv6 client.
type MobileDHCPv6 struct {
	Pos         Pos
	Delay       Range `key:"delay" default:"0s" unit:"range" max:"3600s" doc:"Delay before the first message on a link: drawn uniformly from a pair, or fixed; SOL_MAX_DELAY and CNF_MAX_DELAY allow 1 s." ref:"RFC 8415 section 18.2.1"`
	RapidCommit bool  `key:"rapid_commit" default:"false" doc:"Whether it asks for an address with two messages instead of four." ref:"RFC 8415 section 18.2.1"`
	Confirm     bool  `key:"confirm" default:"false" doc:"Whether it asks on a new link if the address of the link before is right there, while that lasts, instead of beginning anew." ref:"RFC 8415 section 18.2.3"`
}
