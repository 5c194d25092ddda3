package spec

// Profile names a set of defaults.
type Profile string

// ProfileStandard is what a good implementation does today: the defaults of the keys.
const ProfileStandard Profile = "standard"

// ProfileDoc describes a profile: which keys have another default under it.
type ProfileDoc struct {
	Name Profile
	// Doc says in one sentence what the profile stands for.
	Doc      string
	Settings []ProfileSetting
}

// ProfileSetting is the default of one key under a profile.
type ProfileSetting struct {
	// Key is the path of the key as in KeyDoc, such as network[].link.delay.
	Key string
	// Value is TOML, or a bare string where it does not parse, as in the default tags.
	Value string
	// Doc says why, and Ref where the value comes from.
	Doc, Ref string
}

// Profiles returns every profile, the standard one first. A key that a profile does not name
// has its usual default under it.
func Profiles() []ProfileDoc {
	return []ProfileDoc{
		{Name: ProfileStandard, Doc: "What a good implementation does today; the defaults of the keys."},
		{Name: "rfc-literal", Doc: "The timings that the standards print, for hosts and routers that nobody has tuned.", Settings: []ProfileSetting{
			{"network[].router_advertisement.interval", "['198s', '600s']", "MaxRtrAdvInterval 600 s, MinRtrAdvInterval a third of it.", "RFC 4861 section 6.2.1"},
			{"network[].router_advertisement.solicited_delay", "['0s', '500ms']", "MAX_RA_DELAY_TIME.", "RFC 4861 section 6.2.6"},
			{"network[].router_advertisement.min_delay", "3s", "MIN_DELAY_BETWEEN_RAS.", "RFC 4861 section 10"},
			{"mobile_node[].ipv4_detection", "sequential", "Three solicitations 4 s apart and 1 s more without an answer, then DHCP.", "RFC 4861 section 6.3.7"},
			{"mobile_node[].dhcp.init_delay", "['1s', '10s']", "A client waits between one and ten seconds.", "RFC 2131 section 4.4.1"},
			{"network[].dhcpv6.preference", "0", "A server that says nothing of its preference.", "RFC 8415 section 18.2.1"},
			{"mobile_node[].dhcpv6.delay", "['0s', '1s']", "SOL_MAX_DELAY and CNF_MAX_DELAY.", "RFC 8415 section 7.6"},
			{"mobile_node[].dhcpv6.confirm", "true", "A client confirms its address on a new link.", "RFC 8415 section 18.2.12"},
			{"mobile_node[].dhcp.acd", "true", "An address is probed for before it is used.", "RFC 5227 section 2.1"},
			{"mobile_node[].dhcp.known_network", "dna", "Known networks are tested for.", "RFC 4436 section 2"},
			{"mobile_node[].nd.rs_delay", "['0s', '1s']", "MAX_RTR_SOLICITATION_DELAY.", "RFC 4861 section 6.3.7"},
			{"mobile_node[].nd.dad_delay", "['0s', '1s']", "MAX_RTR_SOLICITATION_DELAY.", "RFC 4862 section 5.4.2"},
		}},
		{Name: "optimistic", Doc: "The shortest handovers that the standards allow: nothing is waited for that need not be.", Settings: []ProfileSetting{
			{"network[].router_advertisement.solicited_delay", "0s", "A router may draw a delay of 0 s every time.", "RFC 4861 section 6.2.6"},
			{"mobile_node[].v6_wait", "0s", "IPv4 is used as soon as DHCP has an address.", "RFC 8305 section 3"},
			{"mobile_node[].nd.optimistic_dad", "true", "Addresses are used while they are being verified.", "RFC 4429"},
		}},
		{Name: "inet2010", Doc: "The timings of the xMIPv6 model of the INET framework, which many published simulations used.", Settings: []ProfileSetting{
			{"network[].router_advertisement.interval", "['200s', '600s']", "minIntervalBetweenRAs and maxIntervalBetweenRAs.", "INET Ipv6NeighbourDiscovery.ned"},
			{"network[].router_advertisement.min_delay", "3s", "Fixed in the model.", "INET MIPv6 showcase"},
			{"protocol.first_binding_timeout", "1s", "The model does not wait longer for a first answer, and so sends twice.", "INET pull request 1134"},
			{"mobile_node[].nd.dad_delay", "['0s', '1s']", "IPv6_MAX_RTR_SOLICITATION_DELAY.", "INET Ipv6NeighbourDiscovery.cc"},
			{"mobile_node[].nd.dad_link_local", "before", "The model solicits from an address that is verified.", "INET Ipv6NeighbourDiscovery.cc"},
			{"mobile_node[].v6_wait", "5s", "The model has no IPv4: a router is waited for until its advertisement must have come.", "INET MIPv6 showcase"},
		}},
		{Name: "umip", Doc: "The defaults of the UMIP daemon mip6d on Linux, beside radvd as its documentation configures it.", Settings: []ProfileSetting{
			{"protocol.binding_lifetime", "262140s", "MnMaxHaBindingLife.", "mip6d.conf(5)"},
			{"network[].router_advertisement.interval", "['1s', '3s']", "MinRtrAdvInterval and MaxRtrAdvInterval of the examples.", "UMIP documentation, radvd.conf"},
			{"network[].router_advertisement.min_delay", "3s", "MinDelayBetweenRAs without the Mobile IPv6 extensions.", "radvd.conf(5)"},
		}},
	}
}

// settingsOf returns the defaults of a profile by key, nil for the standard one and for a name
// that is no profile.
func settingsOf(name Profile) map[string]ProfileSetting {
	for _, p := range Profiles() {
		if p.Name != name || len(p.Settings) == 0 {
			continue
		}
		byKey := make(map[string]ProfileSetting, len(p.Settings))
		for _, s := range p.Settings {
			byKey[s.Key] = s
		}
		return byKey
	}
	return nil
}

// profileOf reads the profile of a scenario before anything else is bound.
func profileOf(root *node) map[string]ProfileSetting {
	name, _ := root.get("profile").text()
	return settingsOf(Profile(name))
}
