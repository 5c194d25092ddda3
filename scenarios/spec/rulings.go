package spec

// Ruling says how the simulator reads a place where draft-soliman-v4v6-mipv6-00 contradicts
// itself or is silent.
type Ruling struct {
	ID      string // as in the requirement catalogue
	Where   string // section of the draft
	Problem string
	Reading string // what the simulator does
	Switch  string // the key that selects another reading; empty if there is none
}

// Rulings returns all rulings in the order of their numbers.
func Rulings() []Ruling { return rulings }

var rulings = []Ruling{
	{"X-1", "2.2.2", "The last sentence lets the Binding Update travel to the care-of address.", "It means the Binding Acknowledgement.", ""},
	{"X-2", "2.2.1, 3.3", "After an acknowledgement without the IPv4 option it should not be sent again, and may be.", "It is not sent to that home agent again.", "draft00.reprobe_interval"},
	{"X-3", "2.2.1", "A routing header in the Binding Update is spoken of.", "The Binding Update has a Home Address option; the routing header is in the acknowledgement.", ""},
	{"X-4", "3.1.1, 3.2.1", "Both options have Length 1, while Mobile IPv6 counts octets.", "4 and 6 are sent, and nothing else is accepted.", "draft00.literal_length, draft00.lenient_length"},
	{"X-5", "3.1.1, 3.2.1", "The option types are open.", "253 and 254, which nobody has been assigned.", "draft00.home_address_type, draft00.acknowledgement_type"},
	{"X-6", "2.2.2", "A tunnel packet from an unknown address with an IPv4-mapped source, which RFC 4213 has decapsulators drop.", "It is accepted if it is a Binding Update whose mapped address is that of the tunnel; all else obeys RFC 4213.", ""},
	{"X-7", "3.3", "Mobile IPv6 wants an Alternate Care-of Address in home registrations; a mapped address is not routable.", "It holds the mapped care-of address, which must agree with both headers.", "draft00.altcoa_v4"},
	{"X-8", "3.4", "What becomes of the IPv6 binding when the IPv4 one fails is not said.", "Each has its own status; a refused Binding Update gets no IPv4 acknowledgement.", "home_agent[].policy[].ipv4_status"},
	{"X-9", "3.2.1", "The acknowledgement always holds the IPv4 address, also where there is none.", "A refusal repeats the field of the Binding Update.", ""},
	{"X-10", "2.2, 3.3", "The effect of a later Binding Update without the option is not said.", "It ends the IPv4 binding and keeps the IPv6 one.", ""},
	{"X-11", "all", "The return home of the IPv4 home address is not described.", "Deregistration ends both bindings; the mobile node announces its IPv4 address by gratuitous ARP.", ""},
	{"X-12", "2.4", "Renewal and release of a dynamic address are not defined.", "Every registration renews the lease; 0.0.0.0 again returns the same address; expiry and deregistration release it.", "home_agent[].lease"},
	{"X-13", "2.2.2, 3.3", "The option must or may be sent over IPv4.", "It is sent whenever an IPv4 home address is configured or wanted.", "mobile_node[].ipv4_home_address"},
	{"X-14", "2.1", "Home agent discovery and prefix solicitation are mixed up.", "They are two mechanisms.", ""},
	{"X-15", "2.2.1", "The reference [1] is another text.", "It means Mobile IPv6.", ""},
	{"X-16", "2.1, 4", "Messages in IPv4 cannot be protected, and the Binding Update in IPv4 is protected.", "ESP is inside the IPv6 packet and goes by the home address; the first sentence is about the outer packet.", "protocol.ipsec"},
	{"X-17", "3.3", "A mapped address must be configured on the interface.", "Only while the care-of address is an IPv4 one, and only to receive.", ""},
	{"X-18", "2.2", "What a mobile node does with private IPv4 only is open.", "It reports the network as unsupported and sends nothing.", "mobile_node[].force_register"},
	{"X-19", "2.3", "What becomes of bindings at correspondents on entering an IPv4-only network is open.", "They are deleted through the home agent.", "protocol.deregister_cn_on_v4"},
	{"X-20", "2.2.2", "The home agent creates a new binding, also for a renewal.", "It creates or updates one.", ""},
	{"X-21", "3.4", "The meaning of status 130 and 131, and the status for an empty pool, are not fixed.", "130: not the address of this mobile node; 131: not a unicast address; 132: none available.", "home_agent[].policy[].ipv4"},
	{"X-22", "3.1.1", "How the home agent defends the IPv4 home address is open.", "By proxy ARP and gratuitous ARP, as in Mobile IPv4.", ""},
	{"X-23", "1, 2", "Several care-of addresses at once are spoken of.", "A mobile node has one, of either family.", ""},
	{"X-24", "3.2, 3.4", "The acknowledgement option has several names.", "There is one option.", ""},
	{"X-25", "3.3", "The actions on an acknowledgement are introduced with MUST and listed with should and may.", "Each has the strength of its own sentence; what should be done is done.", ""},
	{"X-26", "header", "The dates disagree.", "Nothing depends on it.", ""},
	{"X-27", "3.1, 3.2", "The alignment of the options is not stated.", "4n+2 and 4n, as they are drawn.", ""},
	{"X-28", "3.1.1, 3.2.1", "The options may go to a Mobility Anchor Point, of which nothing more is said.", "There are no such nodes.", ""},
}
