package spec

import "time"

// NeighborDiscovery holds the variables that all nodes share (RFC 4861 section 10).
type NeighborDiscovery struct {
	Pos              Pos
	Unreachability   bool          `key:"unreachability_detection" default:"true" doc:"Whether nodes ask neighbours, IPv4 ones too, whether they are still there; otherwise what is known about them holds until the link goes down." ref:"RFC 4861 section 7.3"`
	ReachableTime    time.Duration `key:"reachable_time" default:"30s" unit:"duration" min:"1ms" max:"3600s" doc:"How long an answer of a neighbour counts, on average, until a router advertises another time; every node draws its own from half to one and a half of it." ref:"RFC 4861 section 6.3.2"`
	DelayFirstProbe  time.Duration `key:"delay_first_probe" default:"5s" unit:"duration" doc:"From the first packet to a neighbour that has been silent for longer until it is asked." ref:"RFC 4861 section 7.3.3"`
	UnicastSolicit   int           `key:"unicast_solicit" default:"3" min:"1" max:"255" doc:"How often it is asked before it counts as gone, MAX_UNICAST_SOLICIT." ref:"RFC 4861 section 10"`
	MulticastSolicit int           `key:"multicast_solicit" default:"3" min:"1" max:"255" doc:"How often all are asked for the link-layer address of a neighbour, MAX_MULTICAST_SOLICIT." ref:"RFC 4861 section 7.2.2"`
	RetransTimer     time.Duration `key:"retrans_timer" default:"1s" unit:"duration" min:"1ms" doc:"Time between solicitations and after the last one of duplicate address detection, at home agents too, until a router advertises another one." ref:"RFC 4861 section 10"`
}

// HostDiscovery is how a mobile node looks for routers and verifies its addresses.
type HostDiscovery struct {
	Pos            Pos
	SolicitDelay   Range          `key:"rs_delay" default:"0s" unit:"range" doc:"Random delay before the first Router Solicitation, up to MAX_RTR_SOLICITATION_DELAY of 1s by the book; a node that has moved need not wait." ref:"RFC 4861 section 6.3.7"`
	Solicitations  int            `key:"rs_count" default:"3" min:"0" max:"255" doc:"How many Router Solicitations are sent while no router answers; 0 to wait for unsolicited advertisements." ref:"RFC 4861 section 6.3.7"`
	SolicitSpacing time.Duration  `key:"rs_interval" default:"4s" unit:"duration" min:"1ms" doc:"Time between them, RTR_SOLICITATION_INTERVAL." ref:"RFC 4861 section 6.3.7"`
	DADTransmits   int            `key:"dad_transmits" default:"1" min:"0" max:"255" doc:"Solicitations of duplicate address detection; 0 takes every address as unique." ref:"RFC 4862 section 5.1"`
	DADDelay       Range          `key:"dad_delay" default:"0s" unit:"range" doc:"Random delay before duplicate address detection of each address, up to 1s by the book; a mobile node need not wait." ref:"RFC 4862 section 5.4.2"`
	LinkLocal      LinkLocalOrder `key:"dad_link_local" default:"parallel" values:"parallel before" doc:"Whether the link-local address is verified beside everything else, or before the node listens to routers: it then passes over earlier advertisements and solicits from that address." ref:"RFC 4862 section 5.4"`
	OptimisticDAD  bool           `key:"optimistic_dad" default:"false" doc:"Whether addresses are used while they are being verified." ref:"RFC 4429"`
}

// LinkLocalOrder says when a link-local address is verified.
type LinkLocalOrder string

// Orders of the verification of a link-local address.
const (
	LinkLocalParallel LinkLocalOrder = "parallel"
	LinkLocalBefore   LinkLocalOrder = "before"
)

// RouterAdvertisement says what a router advertises, and when.
type RouterAdvertisement struct {
	Pos            Pos
	Interval       Range         `key:"interval" default:"['0.5s', '1.5s']" unit:"range" min:"30ms" max:"1800s" doc:"Time between unsolicited advertisements, MinRtrAdvInterval to MaxRtrAdvInterval: drawn uniformly from a pair (at least 30ms and 70ms), or fixed by a single value." ref:"RFC 6275 section 7.5"`
	SolicitedDelay Range         `key:"solicited_delay" default:"['0s', '500ms']" unit:"range" doc:"Delay before answering a solicitation, MAX_RA_DELAY_TIME." ref:"RFC 4861 section 6.2.6"`
	MinDelay       time.Duration `key:"min_delay" default:"30ms" unit:"duration" doc:"Least time between two multicast advertisements, MinDelayBetweenRAs; 3s in RFC 4861." ref:"RFC 6275 section 7.5"`
	Answer         RAAnswer      `key:"answer" default:"multicast" values:"multicast unicast" doc:"Whether solicitations are answered to all nodes, or to the one that asked, if it asked from an address." ref:"RFC 4861 section 6.2.6"`
	ShowInterval   bool          `key:"advertisement_interval" default:"true" doc:"Whether advertisements tell how far apart they are at most." ref:"RFC 6275 section 7.3"`
	Lifetime       time.Duration `key:"lifetime" derived:"three times the greatest interval, from 1s to 9000s; 1800s for isatap" unit:"duration" max:"9000s" doc:"How long the router is a default router, in whole seconds, AdvDefaultLifetime; 0s for never." ref:"RFC 4861 section 6.2.1"`
	Valid          time.Duration `key:"valid_lifetime" default:"2592000s" unit:"duration" doc:"How long the prefix is valid." ref:"RFC 4861 section 6.2.1"`
	Preferred      time.Duration `key:"preferred_lifetime" default:"604800s" unit:"duration" doc:"How long addresses of the prefix are preferred." ref:"RFC 4861 section 6.2.1"`
	OnLink         bool          `key:"on_link" default:"true" doc:"Whether hosts reach addresses of the prefix directly, the L flag." ref:"RFC 4861 section 4.6.2"`
	Autonomous     bool          `key:"autonomous" default:"true" derived:"false with dhcpv6" doc:"Whether hosts make addresses of the prefix, the A flag." ref:"RFC 4862 section 5.5.3"`
	HopLimit       int           `key:"hop_limit" default:"64" min:"0" max:"255" doc:"Hop limit that hosts use, AdvCurHopLimit; 0 leaves it to them." ref:"RFC 4861 section 6.3.4"`
	ReachableTime  time.Duration `key:"reachable_time" default:"0s" unit:"duration" max:"3600s" doc:"Reachable time that hosts use, in whole milliseconds; 0s leaves it to them." ref:"RFC 4861 section 6.3.4"`
	RetransTimer   time.Duration `key:"retrans_timer" default:"0s" unit:"duration" max:"4294967s" doc:"Time between solicitations that hosts use, in whole milliseconds; 0s leaves it to them." ref:"RFC 4861 section 6.3.4"`
	MTU            int           `key:"mtu" default:"0B" unit:"size" max:"65535B" doc:"Largest IPv6 packet that hosts send on the link, from 1280B to the MTU of the link; 0B leaves it to them." ref:"RFC 4861 section 4.6.4"`
	Managed        bool          `key:"managed" default:"false" derived:"true with dhcpv6" doc:"Whether hosts get addresses by DHCPv6, the M flag." ref:"RFC 4861 section 4.2"`
	OtherConfig    bool          `key:"other_config" default:"false" doc:"Whether hosts get other information by DHCPv6, the O flag." ref:"RFC 4861 section 4.2"`
}

// RAAnswer says to whom a router answers.
type RAAnswer string

// Ways to answer a solicitation.
const (
	AnswerMulticast RAAnswer = "multicast"
	AnswerUnicast   RAAnswer = "unicast"
)

// Bounds of a router's lifetime (RFC 4861 section 6.2.1) and what an ISATAP router, which
// advertises nothing unasked, has.
const (
	leastRouterLifetime  = time.Second
	mostRouterLifetime   = 9000 * time.Second
	isatapRouterLifetime = 1800 * time.Second
)

// routerLifetime is the lifetime of a router that is given none.
func routerLifetime(kind NetworkKind, interval Range) time.Duration {
	if kind == KindISATAP {
		return isatapRouterLifetime
	}
	return min(max((3*interval.Max).Truncate(time.Second), leastRouterLifetime), mostRouterLifetime)
}
