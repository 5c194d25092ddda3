package spec

import (
	"net/netip"
	"time"
)

// NetworkKind says which address families a network offers, and to whom.
type NetworkKind string

// The kinds of networks that are built.
const (
	// KindHome is a dual-stack network with a home agent.
	KindHome NetworkKind = "home"
	// KindIPv6 offers IPv6 only.
	KindIPv6 NetworkKind = "ipv6"
	// KindIPv4Public offers public IPv4 addresses only, by DHCP.
	KindIPv4Public NetworkKind = "ipv4-public"
	// KindIPv4Private offers private IPv4 addresses behind a NAT, by DHCP.
	KindIPv4Private NetworkKind = "ipv4-private"
	// KindISATAP offers private IPv4 addresses by DHCP, and IPv6 through an ISATAP router.
	KindISATAP NetworkKind = "isatap"
	// KindDualStack offers IPv6 and public IPv4.
	KindDualStack NetworkKind = "dual-stack"
	// KindWired is a LAN of fixed nodes; mobile nodes cannot visit it.
	KindWired NetworkKind = "wired"
)

// handsOut reports whether the router of such a network runs a DHCP server if it has IPv4.
func (k NetworkKind) handsOut() bool { return k != KindHome && k != KindWired }

// hides reports whether the IPv4 addresses of such a network are private ones that the rest
// of the internet has no route to.
func (k NetworkKind) hides() bool { return k == KindIPv4Private || k == KindISATAP }

// Network is a subnet with its own router.
type Network struct {
	Pos    Pos
	Name   string       `key:"name" required:"true" unit:"name" doc:"Name of the network and of its router."`
	Kind   NetworkKind  `key:"kind" required:"true" values:"home ipv6 ipv4-public ipv4-private dual-stack isatap wired" doc:"Which address families the network offers, and to whom."`
	IPv6   netip.Prefix `key:"ipv6" unit:"ipv6" doc:"IPv6 prefix, a /64; absent in IPv4-only networks." ref:"RFC 4862 section 5.5.3"`
	IPv4   netip.Prefix `key:"ipv4" unit:"ipv4" doc:"IPv4 prefix; absent in IPv6-only networks."`
	Uplink *Uplink      `key:"uplink" doc:"Link from the network's router to another router; absent if a [[link]] connects it."`
	Link   AccessLink   `key:"link" doc:"The access link between a node and the network; absent, it is ideal."`
	Cells  []Cell       `key:"cell" doc:"Where mobile nodes with a motion are in reach of it: in any of these cells."`
	// Priority is compared among networks with cells.
	Priority int `key:"priority" default:"0" encode:"nonzero" doc:"Which network mobile nodes with a motion choose where cells overlap: that with the highest number."`
	// RouterAdvertisement is nil exactly if the network has no IPv6 prefix or is wired.
	RouterAdvertisement *RouterAdvertisement `key:"router_advertisement" derived:"its defaults, on networks with IPv6 that nodes visit" doc:"How the router advertises the IPv6 prefix."`
	// NAT is nil if the kind is neither ipv4-private, which needs it, nor isatap.
	NAT *NAT `key:"nat" derived:"required for ipv4-private, allowed for isatap, refused elsewhere" doc:"The address translator of a private network."`
	// PrefixChange is nil for a prefix that stays as it is.
	PrefixChange *PrefixChange `key:"prefix_change" doc:"A renumbering of a home network."`
	// DHCP is nil exactly if the network has no IPv4 prefix, or is a home or wired network.
	DHCP *DHCP `key:"dhcp" derived:"its defaults, on networks with IPv4 that nodes visit" doc:"How the router hands out IPv4 addresses."`
	// DHCPv6 is nil without a server.
	DHCPv6 *DHCPv6 `key:"dhcpv6" doc:"How the router hands out IPv6 addresses; absent, nodes make them from the advertised prefix." ref:"RFC 8415"`
}

// PrefixChange renumbers a home network: the IPv6 prefix gets other lifetimes, and another one
// may be advertised beside it.
type PrefixChange struct {
	Pos       Pos
	At        time.Duration `key:"at" required:"true" unit:"duration" doc:"When, since the run began."`
	Preferred time.Duration `key:"preferred" default:"0s" unit:"duration" doc:"Preferred lifetime of the old prefix from then on; 0s deprecates it." ref:"RFC 4862 section 5.5.4"`
	Valid     time.Duration `key:"valid" default:"7200s" unit:"duration" min:"4s" doc:"Valid lifetime of the old prefix from then on, which no binding outlives." ref:"RFC 6275 section 10.6.4"`
	IPv6      netip.Prefix  `key:"ipv6" unit:"ipv6" doc:"A new prefix that is advertised besides, a /64; no node of the scenario has an address in it."`
}

// Range is an interval of time from which values are drawn uniformly. Min equals Max if the
// value is fixed.
type Range struct {
	Min, Max time.Duration
}
