// Package spec turns a scenario file into a checked, typed Spec.
//
// A Spec is plain data: it says what the user asked for, knows no node, link or clock, and is
// the same on every machine. Load reads the TOML text, applies --set overrides, binds every
// value to its field with its unit, checks the whole for sense and either returns a Spec or
// one Report with all the mistakes of the file and where they are. Encode writes a Spec back
// as TOML that loads to the same Spec.
//
// The struct tags are the single source of the format: the binder, Encode, the reference page,
// `dsmipsim explain` and the JSON Schema all read them (see Keys):
//
//	key       name of the key in TOML
//	default   value of an absent key unless the profile has another, as TOML or, where that
//	          does not parse, as a bare string (see Profiles)
//	derived   what an absent key becomes when that depends on other keys, in words
//	required  "true": the key must be there
//	of        key and values: the key is there only if that other key of its table has one of the
//	          values; it is refused elsewhere and not encoded
//	unit      duration | range | distribution | rate | size | queue | loss | probability | number | name | ipv4 |
//	          ipv6 | ipv4home | want | hex | file | length | speed | speeds | angle | position | positions
//	encode    "-": Encode leaves the key out, because Load has used it up; "nonzero": it leaves
//	          out a zero value, which stands for a key that the kind of element does not have
//	values    the allowed texts that are built, separated by spaces
//	planned   values that are in the format but not built yet
//	min, max  bounds of the value; a leading ">" excludes the bound itself
//	doc, ref  one sentence of meaning and where it comes from
//
// Counted elements (count = N) are expanded: a Spec holds mn1 .. mnN with Count 1 each, and
// Encode writes them so. A flow from or to a counted name becomes one flow per node.
//
// An address that a correspondent does not give stays the zero netip.Addr: the addressing plan
// of the topology chooses one from the network's prefix.
package spec

import "time"

// Pos is a place in the scenario file. Line and Col count characters from 1; both are 0 for an
// element that does not come from the file.
type Pos struct {
	Line, Col int
}

// Spec is a whole scenario. All lists are in file order.
type Spec struct {
	Title             string            `key:"title" doc:"What the scenario shows, for headings."`
	Duration          time.Duration     `key:"duration" required:"true" unit:"duration" min:">0s" doc:"Length of the run in virtual time."`
	Seed              int64             `key:"seed" default:"1" min:"0" doc:"Seed of all random streams of the run."`
	Profile           Profile           `key:"profile" default:"standard" values:"standard rfc-literal optimistic inet2010 umip" doc:"Which defaults absent keys have: what a good implementation does today, what the standards print, or another set."`
	Protocol          Protocol          `key:"protocol" doc:"The mobility protocol and its options."`
	Draft00           Draft00           `key:"draft00" doc:"Readings of the draft where it contradicts itself or is silent."`
	NeighborDiscovery NeighborDiscovery `key:"neighbor_discovery" doc:"Variables of Neighbor Discovery and ARP that all nodes share."`
	Topology          *Topology         `key:"topology" doc:"Routers and links from a file. In a loaded Spec they are among the others, and this is nil."`
	Routers           []Router          `key:"router" doc:"A router of the core; every network has its own besides."`
	Networks          []Network         `key:"network" doc:"A subnet with its router, where nodes attach."`
	Links             []Link            `key:"link" doc:"A point-to-point link between two routers."`
	HomeAgents        []HomeAgent       `key:"home_agent" doc:"A home agent on a home network."`
	MobileNodes       []MobileNode      `key:"mobile_node" doc:"A mobile node and its itinerary; it starts attached at home."`
	Correspondents    []Correspondent   `key:"correspondent" doc:"A fixed node that flows come from or go to."`
	Flows             []Flow            `key:"flow" doc:"Test traffic from one node to another."`
	Expects           []Expect          `key:"expect" doc:"A statement about the result that 'check' judges."`
	Injects           []Inject          `key:"inject" doc:"A forged packet put on a link."`
	Sweep             *Sweep            `key:"sweep" doc:"Factors and replications for 'sweep'; a single run ignores it."`

	// Files are the files that the scenario names, in the order in which they were read.
	Files []File
}

// Mode names the mobility protocol of a run.
type Mode string

// ModeDraft00 is Dual Stack Mobile IPv6 as in draft-soliman-v4v6-mipv6-00.
const ModeDraft00 Mode = "draft00"

// ModeMIPv6 is Mobile IPv6 alone (RFC 6275).
const ModeMIPv6 Mode = "mipv6"

// ESPCipher names what ESP encrypts with.
type ESPCipher string

// ESPIntegrity names what ESP authenticates with.
type ESPIntegrity string

// MaxBindingLifetime is the longest lifetime that a Binding Update can carry: 16 bits of
// 4-second units (RFC 6275 section 6.1.7).
const MaxBindingLifetime = 65535 * BindingLifetimeUnit

// BindingLifetimeUnit is the unit of lifetimes in Binding Updates and Acknowledgements
// (RFC 6275 section 6.1.7).
const BindingLifetimeUnit = 4 * time.Second

// Protocol holds the options of the mobility protocol.
type Protocol struct {
	Pos               Pos
	Mode              Mode          `key:"mode" default:"draft00" values:"draft00 mipv6" planned:"rfc5555 mip4" doc:"The mobility protocol: with the IPv4 extensions of the draft, or Mobile IPv6 alone." ref:"draft-soliman-v4v6-mipv6-00"`
	RouteOptimization bool          `key:"route_optimization" default:"false" doc:"Whether mobile nodes register with correspondents too, for IPv6 traffic while they are in networks with IPv6." ref:"RFC 6275 section 11.7.2"`
	DeregisterCNOnV4  bool          `key:"deregister_cn_on_v4" default:"true" doc:"Whether mobile nodes delete their bindings at correspondents when they enter an IPv4-only network; otherwise these send to the old place until the bindings expire." ref:"RFC 5555 section 5.1"`
	IPsec             bool          `key:"ipsec" default:"true" doc:"Whether ESP protects the signalling between mobile node and home agent." ref:"RFC 6275 section 5.1"`
	IPsecHomeTests    bool          `key:"ipsec_home_tests" default:"true" doc:"With ipsec, whether ESP in tunnel mode protects the messages of return routability between mobile node and home agent." ref:"RFC 3776 section 3.3"`
	IPsecPayload      bool          `key:"ipsec_payload" default:"false" doc:"With ipsec, whether ESP in tunnel mode protects everything else in the tunnel between mobile node and home agent." ref:"RFC 3776 section 3.4"`
	ESPCipher         ESPCipher     `key:"esp_cipher" default:"null" values:"null aes-cbc" doc:"What ESP encrypts with; null leaves messages readable in every capture." ref:"RFC 3602"`
	ESPIntegrity      ESPIntegrity  `key:"esp_integrity" default:"hmac-sha1-96" values:"hmac-sha1-96 hmac-sha-256-128" doc:"What ESP authenticates with." ref:"RFC 4868"`
	ESPAntiReplay     bool          `key:"esp_anti_replay" default:"true" doc:"Whether receivers refuse ESP sequence numbers that they have seen or that lie behind a window of 64." ref:"RFC 4303 section 3.4.3"`
	MPSOverIPv4       bool          `key:"mps_over_ipv4" default:"false" doc:"Whether mobile nodes ask about their home prefixes from IPv4-only networks too, through the tunnel." ref:"draft-soliman-v4v6-mipv6-00 section 2.1"`
	BindingLifetime   time.Duration `key:"binding_lifetime" default:"600s" unit:"duration" min:"4s" max:"262140s" doc:"Lifetime that mobile nodes ask for, a multiple of 4 s." ref:"RFC 6275 section 6.1.7"`
	// FirstBindingTimeout is InitialBindackTimeoutFirstReg.
	FirstBindingTimeout time.Duration `key:"first_binding_timeout" default:"1500ms" unit:"duration" min:"1s" max:"32s" doc:"How long a mobile node waits for the first answer of a home agent that has no binding for it, and so verifies the home address first, until it sends the Binding Update again: InitialBindackTimeoutFirstReg." ref:"RFC 6275 section 13"`
	TunnelMTU           int           `key:"tunnel_mtu" default:"1280B" unit:"size" min:"1280B" max:"1480B" doc:"Largest IPv6 packet that enters a tunnel over IPv4; sources of larger ones are told." ref:"RFC 4213 section 3.2.1"`
}

// Draft00 selects among the readings of draft-soliman-v4v6-mipv6-00; the defaults are the
// rulings that the simulator goes by.
type Draft00 struct {
	Pos                 Pos
	HomeAddressType     int           `key:"home_address_type" default:"253" min:"6" max:"255" doc:"Number of the IPv4 home address option, which the draft leaves open." ref:"draft-soliman-v4v6-mipv6-00 section 3.1.1"`
	AcknowledgementType int           `key:"acknowledgement_type" default:"254" min:"6" max:"255" doc:"Number of the IPv4 address acknowledgement option, which the draft leaves open." ref:"draft-soliman-v4v6-mipv6-00 section 3.2.1"`
	LenientLength       bool          `key:"lenient_length" default:"false" doc:"Whether the Length 1 that the draft prints for its options is accepted beside the count of octets." ref:"draft-soliman-v4v6-mipv6-00 section 3.1.1"`
	LiteralLength       bool          `key:"literal_length" default:"false" doc:"Whether that Length 1 is sent." ref:"draft-soliman-v4v6-mipv6-00 section 3.1.1"`
	AltCoAv4            bool          `key:"altcoa_v4" default:"true" doc:"Whether a Binding Update over IPv4 names the mapped care-of address in an Alternate Care-of Address option too." ref:"RFC 6275 section 11.7.1"`
	ReprobeInterval     time.Duration `key:"reprobe_interval" default:"0s" unit:"duration" doc:"After what time a mobile node tries the IPv4 option again with a home agent that did not know it; 0s for never." ref:"draft-soliman-v4v6-mipv6-00 section 3.3"`
}

// Router is a router of the core, which belongs to no network.
type Router struct {
	Pos  Pos
	Name string `key:"name" required:"true" unit:"name" doc:"Name of the router."`
}

// Network returns the network of that name, or nil.
func (s *Spec) Network(name string) *Network {
	for i := range s.Networks {
		if s.Networks[i].Name == name {
			return &s.Networks[i]
		}
	}
	return nil
}

// HomeAgent returns the home agent of that name, or nil.
func (s *Spec) HomeAgent(name string) *HomeAgent {
	for i := range s.HomeAgents {
		if s.HomeAgents[i].Name == name {
			return &s.HomeAgents[i]
		}
	}
	return nil
}

// MobileNode returns the mobile node of that name, or nil.
func (s *Spec) MobileNode(name string) *MobileNode {
	for i := range s.MobileNodes {
		if s.MobileNodes[i].Name == name {
			return &s.MobileNodes[i]
		}
	}
	return nil
}

// Correspondent returns the correspondent of that name, or nil.
func (s *Spec) Correspondent(name string) *Correspondent {
	for i := range s.Correspondents {
		if s.Correspondents[i].Name == name {
			return &s.Correspondents[i]
		}
	}
	return nil
}
