package spec

import (
	"net/netip"
	"time"
)

// NAT is the address translator of a private IPv4 network. All keys but public and kind are
// those of kind napt, and zero for kind basic.
type NAT struct {
	Pos    Pos
	Public netip.Addr `key:"public" required:"true" unit:"ipv4" doc:"The public IPv4 address that the network's hosts share."`
	Kind   NATKind    `key:"kind" default:"napt" values:"napt basic" doc:"What is translated: addresses and ports of UDP, TCP and ICMP, or only the addresses of one host, whatever the protocol. All further keys are for napt." ref:"RFC 2663 section 4.1"`

	Mapping   NATBehavior `key:"mapping" default:"endpoint-independent" encode:"nonzero" values:"endpoint-independent address-dependent address-and-port-dependent" doc:"Which packets of one host and port get the same public port: all, those to one address, or those to one address and port." ref:"RFC 4787 section 4.1, REQ-1"`
	Filtering NATBehavior `key:"filtering" default:"endpoint-independent" encode:"nonzero" values:"endpoint-independent address-dependent address-and-port-dependent" doc:"Who may send to a mapped public port: everybody, addresses that the host inside has sent to, or addresses and ports that it has sent to." ref:"RFC 4787 section 5, REQ-8"`

	UDPTimeout     time.Duration `key:"udp_timeout" default:"300s" encode:"nonzero" unit:"duration" min:">0s" doc:"Time after the last packet from inside until a UDP mapping ends; at least 120s in RFC 4787." ref:"RFC 4787 section 4.3, REQ-5"`
	TCPEstablished time.Duration `key:"tcp_established_timeout" default:"7440s" encode:"nonzero" unit:"duration" min:">0s" doc:"Time without a packet until the mapping of an established TCP connection ends." ref:"RFC 5382 section 5, REQ-5"`
	TCPTransitory  time.Duration `key:"tcp_transitory_timeout" default:"240s" encode:"nonzero" unit:"duration" min:">0s" doc:"The same before a TCP connection is established, and after it is closed." ref:"RFC 5382 section 5, REQ-5"`
	ICMPTimeout    time.Duration `key:"icmp_timeout" default:"60s" encode:"nonzero" unit:"duration" min:">0s" doc:"Time after the last echo request until its mapping ends." ref:"RFC 5508 section 3.2, REQ-2"`
	InboundRefresh bool          `key:"inbound_refresh" default:"false" encode:"nonzero" doc:"Whether packets from outside keep a UDP mapping alive, too." ref:"RFC 4787 REQ-6"`

	Ports       NATPorts  `key:"ports" default:"preserve" encode:"nonzero" values:"preserve sequential random" doc:"Which public port a new mapping gets: the port inside, or the lowest free one if that is taken; the one after that of the mapping before; or any." ref:"RFC 4787 section 4.2.1"`
	Parity      NATParity `key:"parity" default:"preserve" encode:"nonzero" values:"preserve ignore" doc:"Whether even ports are mapped to even ones, and odd ports to odd ones." ref:"RFC 4787 section 4.2.2, REQ-4"`
	FirstPort   int       `key:"first_port" default:"1024" encode:"nonzero" min:"1" max:"65535" doc:"Lowest public port that is assigned, where the port inside is not preserved and not below 1024 itself." ref:"RFC 4787 REQ-3"`
	LastPort    int       `key:"last_port" default:"65535" encode:"nonzero" min:"1" max:"65535" doc:"Highest such port." ref:"RFC 4787 REQ-3"`
	MaxMappings int       `key:"max_mappings" default:"0" encode:"nonzero" min:"0" doc:"How many mappings there may be at once; 0 for as many as there are ports."`

	Hairpin    NATHairpin   `key:"hairpin" default:"external" encode:"nonzero" values:"external internal none" doc:"Packets from inside to the public address come back with the sender's public address and port, with those inside, or not at all." ref:"RFC 4787 section 6, REQ-9"`
	Fragments  NATFragments `key:"fragments" default:"out-of-order" encode:"nonzero" values:"out-of-order in-order none" doc:"Which fragments pass: all, where those that come before the first wait for it; those that come after the first; or none." ref:"RFC 4787 section 11, REQ-14"`
	ICMPErrors NATErrors    `key:"icmp_errors" default:"translate" encode:"nonzero" values:"translate drop" doc:"What becomes of ICMP errors about translated packets." ref:"RFC 4787 section 9, REQ-12"`
	Forwards   []NATForward `key:"forward" doc:"Public ports that lead to a host inside, whoever sends."`
}

// NATForward is a mapping that is always there.
type NATForward struct {
	Pos      Pos
	Protocol NATProtocol `key:"protocol" default:"udp" values:"udp tcp" doc:"The protocol."`
	Port     int         `key:"port" required:"true" min:"1" max:"65535" doc:"Port on the public address."`
	To       string      `key:"to" required:"true" unit:"name" doc:"A correspondent of the network."`
	ToPort   int         `key:"to_port" derived:"the same port" min:"1" max:"65535" doc:"Port of the correspondent."`
}

// The values of the keys of a NAT.
type (
	NATKind      string
	NATBehavior  string
	NATPorts     string
	NATParity    string
	NATHairpin   string
	NATFragments string
	NATErrors    string
	NATProtocol  string
)

// The kinds of translators.
const (
	NATPortTranslation NATKind = "napt"  // addresses and ports; other protocols do not pass
	NATBasic           NATKind = "basic" // addresses alone
)

// What mappings and filters depend on, beside the endpoint inside.
const (
	NATEndpointIndependent     NATBehavior = "endpoint-independent"
	NATAddressDependent        NATBehavior = "address-dependent"
	NATAddressAndPortDependent NATBehavior = "address-and-port-dependent"
)

// How public ports are chosen.
const (
	NATPreservePort   NATPorts = "preserve"
	NATSequentialPort NATPorts = "sequential"
	NATRandomPort     NATPorts = "random"
)

// NATIgnoreParity gives no heed to even and odd ports.
const NATIgnoreParity NATParity = "ignore"

// What hairpinned packets look like.
const (
	NATHairpinExternal NATHairpin = "external"
	NATHairpinInternal NATHairpin = "internal"
	NATNoHairpin       NATHairpin = "none"
)

// Which fragments pass.
const (
	NATFragmentsOutOfOrder NATFragments = "out-of-order"
	NATFragmentsInOrder    NATFragments = "in-order"
	NATNoFragments         NATFragments = "none"
)

// NATDropErrors drops ICMP errors about translated packets.
const NATDropErrors NATErrors = "drop"

// The protocols of forwards.
const (
	NATForwardUDP NATProtocol = "udp"
	NATForwardTCP NATProtocol = "tcp"
)

// complete gives the keys their values that depend on others.
func (n *NAT) complete() {
	if n.Kind == NATBasic {
		*n = NAT{Pos: n.Pos, Public: n.Public, Kind: n.Kind}
	}
	for i := range n.Forwards {
		if f := &n.Forwards[i]; f.ToPort == 0 {
			f.ToPort = f.Port
		}
	}
}
