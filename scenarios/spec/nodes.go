package spec

import (
	"net/netip"
	"time"
)

// HomeAgent is a home agent. The first of a network is its router.
type HomeAgent struct {
	Pos           Pos
	Name          string        `key:"name" required:"true" unit:"name" doc:"Name of the home agent."`
	Network       string        `key:"network" required:"true" unit:"name" doc:"Its network, of kind home."`
	IPv6          netip.Addr    `key:"ipv6" required:"true" unit:"ipv6" doc:"Its IPv6 address on the home network."`
	IPv4          netip.Addr    `key:"ipv4" unit:"ipv4" doc:"Its IPv4 address on the home network; without one it serves nodes in IPv6 networks only." ref:"draft-soliman-v4v6-mipv6-00 section 2"`
	IPv4Support   bool          `key:"ipv4_support" default:"true" doc:"Whether it knows the IPv4 extensions; without them it is a plain home agent of Mobile IPv6." ref:"draft-soliman-v4v6-mipv6-00 section 2.2.1"`
	MaxLifetime   time.Duration `key:"max_lifetime" default:"262140s" unit:"duration" min:"4s" max:"262140s" doc:"Longest binding that it grants." ref:"RFC 6275 section 10.3.1"`
	RefreshAdvice time.Duration `key:"refresh_advice" default:"0s" unit:"duration" max:"262140s" doc:"After what time it advises mobile nodes to register again; 0s for no advice." ref:"RFC 6275 section 6.2.4"`
	MaxBindings   int           `key:"max_bindings" default:"0" min:"0" doc:"How many mobile nodes it serves at once; 0 for no limit." ref:"RFC 6275 section 9.5.1"`
	Lease         time.Duration `key:"lease" default:"0s" unit:"duration" max:"262140s" doc:"How long an IPv4 home address from the pool is leased, which bounds the lifetime of the binding; 0s for no bound." ref:"draft-soliman-v4v6-mipv6-00 section 2.4"`
	DAD           bool          `key:"dad" default:"true" doc:"Whether it verifies on the home link, before the first registration of a mobile node, that nobody else has the home address, which takes a second." ref:"RFC 6275 section 10.3.1"`
	Policies      []Policy      `key:"policy" doc:"What its table says of a mobile node, where that is not what the mobile node expects."`
	Preference    int           `key:"preference" default:"0" min:"0" max:"65535" doc:"Its preference among the home agents of the network, which mobile nodes that discover their home agent try in this order." ref:"RFC 6275 section 7.4"`
	IPv4Pool      netip.Prefix  `key:"ipv4_pool" unit:"ipv4" doc:"Addresses that it hands out to mobile nodes that ask for an IPv4 home address." ref:"draft-soliman-v4v6-mipv6-00 section 2.4"`
}

// Policy is an entry of a home agent's table that differs from the mobile node's own idea.
type Policy struct {
	Pos        Pos
	MobileNode string     `key:"mobile_node" required:"true" unit:"name" doc:"The mobile node."`
	Unknown    bool       `key:"unknown" default:"false" doc:"Whether the table lacks the mobile node."`
	Status     int        `key:"status" default:"0" min:"0" max:"255" doc:"Status of every Binding Acknowledgement, from 128 a refusal; 0 for the rules alone." ref:"RFC 6275 section 6.1.8"`
	IPv4Status int        `key:"ipv4_status" default:"0" min:"0" max:"255" doc:"Status of every IPv4 address acknowledgement, from 128 a refusal; 0 for the rules alone." ref:"draft-soliman-v4v6-mipv6-00 section 3.2.1"`
	IPv4       netip.Addr `key:"ipv4" unit:"ipv4" doc:"IPv4 home address that the table ties to the mobile node." ref:"draft-soliman-v4v6-mipv6-00 section 4"`
}

// MobileNode is a mobile node with its home addresses and itinerary.
type MobileNode struct {
	Pos             Pos
	Name            string        `key:"name" required:"true" unit:"name" doc:"Name of the node; counted nodes are numbered from 1."`
	Count           int           `key:"count" default:"1" min:"1" max:"10000" encode:"-" doc:"How many such nodes; their addresses count up from the first. 1 in a loaded Spec."`
	HomeAgent       string        `key:"home_agent" required:"true" unit:"name" doc:"Its home agent, or 'discover' to find one among those of its home network by dynamic home agent address discovery." ref:"RFC 6275 section 11.4.1"`
	HomeAddress     netip.Addr    `key:"home_address" required:"true" unit:"ipv6" doc:"Its IPv6 home address, in the prefix of the home network." ref:"RFC 6275 section 3"`
	IPv4HomeAddress IPv4Home      `key:"ipv4_home_address" unit:"ipv4home" doc:"Its IPv4 home address, or 'dynamic' to ask the home agent for one; absent, it has none." ref:"draft-soliman-v4v6-mipv6-00 section 2.4"`
	ND              HostDiscovery `key:"nd" doc:"How it looks for routers and verifies its addresses."`
	Visits          []Visit       `key:"visit" doc:"Where it goes, in order of time; before the first visit it is at home."`
	Motion          *Motion       `key:"motion" doc:"How it moves on the plane and so comes into the cells of networks, in place of visit; if it is not in that of its home network when the run begins it is away from the beginning."`
	ForceRegister   bool          `key:"force_register" default:"false" doc:"Whether it sends Binding Updates even from a private IPv4 address, which no home agent can answer." ref:"draft-soliman-v4v6-mipv6-00 section 2.2"`

	Interfaces      []Interface   `key:"interface" doc:"Its interfaces, in order of preference, if it has several: the first that works carries the binding. A node with one has visit."`
	Hold            time.Duration `key:"hold" default:"0s" unit:"duration" doc:"How long an interface must have been usable before the node changes to it from one that works, so that it does not follow a better one that comes and goes."`
	MakeBeforeBreak bool          `key:"make_before_break" default:"true" doc:"Whether a node with several interfaces still accepts packets at the old care-of address, for as long as that link lasts, when it has chosen another interface." ref:"RFC 6275 section 11.5.4"`

	MovementDetection    MovementDetection `key:"movement_detection" default:"link" values:"link eager lazy advertisement-interval nud" doc:"How it finds out that it has moved: by the layer 2 event of the new link; or without that by a prefix that was not advertised before (eager), when unreachability detection gives the default router up (lazy), when advertisements of the default router are missing (advertisement-interval), or by asking it from time to time and when another router is heard (nud)." ref:"RFC 6275 section 11.5.1"`
	MissedAdvertisements int               `key:"missed_advertisements" derived:"3 with movement_detection 'advertisement-interval' or 'eager', else 0" min:"0" max:"1000" doc:"How many Advertisement Intervals of silence make a router one that is not heard any more; it counts its lifetime instead where the router does not tell the interval." ref:"RFC 6275 section 11.5.1"`
	ProbeInterval        time.Duration     `key:"probe_interval" derived:"1s with movement_detection 'nud', else 0s" unit:"duration" doc:"Time between the questions to the default router, or the gateway of an IPv4 network, whether it is still there." ref:"RFC 6275 section 11.5.1"`

	V6Wait        time.Duration `key:"v6_wait" default:"1s" unit:"duration" doc:"How long it waits for a Router Advertisement beside DHCP before it concludes that a network is IPv4-only."`
	IPv4Detection IPv4Detection `key:"ipv4_detection" default:"parallel" values:"parallel sequential" doc:"Whether it looks for IPv4 beside router solicitation, for v6_wait, or only when no router has answered any solicitation." ref:"RFC 4861 section 6.3.7"`
	DHCP          MobileDHCP    `key:"dhcp" doc:"How it gets IPv4 addresses."`
	DHCPv6        MobileDHCPv6  `key:"dhcpv6" doc:"How it gets IPv6 addresses in networks with DHCPv6."`
}

// IPv4Home is the IPv4 home address of a mobile node: Static, or assigned by the home agent,
// or none if both fields are zero.
type IPv4Home struct {
	Static  netip.Addr
	Dynamic bool
}

// None reports whether the node has no IPv4 home address at all.
func (h IPv4Home) None() bool { return !h.Dynamic && !h.Static.IsValid() }

// Visit is one step of an itinerary: from At on, the node is in Network.
type Visit struct {
	Pos     Pos
	At      time.Duration `key:"at" required:"true" unit:"duration" doc:"When the node leaves the network before and chooses this one, since the run began."`
	Network string        `key:"network" required:"true" unit:"name" doc:"The network, of any kind but wired."`
}

// Correspondent is a fixed node. It has an address of each family that its network offers; the
// zero Addr leaves the choice to the addressing plan.
type Correspondent struct {
	Pos        Pos
	Name       string     `key:"name" required:"true" unit:"name" doc:"Name of the node; counted nodes are numbered from 1."`
	Count      int        `key:"count" default:"1" min:"1" max:"10000" encode:"-" doc:"How many such nodes; their addresses count up from the first. 1 in a loaded Spec."`
	Network    string     `key:"network" required:"true" unit:"name" doc:"Its network."`
	Duplicate  bool       `key:"duplicate" default:"false" doc:"Whether its addresses may be those of another node: it then has a duplicate address." ref:"RFC 4862 section 5.4"`
	IPv6       netip.Addr `key:"ipv6" derived:"the next free address of the network" unit:"ipv6" doc:"Its IPv6 address."`
	IPv4       netip.Addr `key:"ipv4" derived:"the next free address of the network" unit:"ipv4" doc:"Its IPv4 address."`
	MobileIPv6 bool       `key:"mobile_ipv6" default:"true" doc:"Whether it knows Mobile IPv6 and so takes part in route optimization." ref:"RFC 6275 section 9"`
}
