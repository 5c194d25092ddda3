package result

import (
	"net/netip"
	"time"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim/trace"
)

// Setup is what is known before the first fact: the names behind the numbers and links that
// facts mention.
type Setup struct {
	Scenario string
	Mode     string
	Seed     int64
	Duration time.Duration // as the scenario asks; a Result states the end that was reached

	Flows       []FlowInfo // a fact's Flow is the position in this list, counted from 1
	MobileNodes []string
	HomeAgents  map[string]netip.Addr // IPv6 address of each mobile node's home agent
	Networks    []NetworkInfo
	Links       []LinkInfo
	Nodes       []NodeInfo // in order of creation

	Associations []Association // of ESP, for whoever reads the capture
}

// Association is an ESP security association in one direction.
type Association struct {
	Source, Destination netip.Addr // not valid: any, since the mobile node's end moves
	SPI                 uint32
	Tunnel              bool   // in tunnel mode, whose outer packets are of either family
	Cipher, Integrity   string // usual names: "NULL", "AES-CBC"; "HMAC-SHA1-96", "HMAC-SHA-256-128"
	CipherKey, Key      []byte
}

// FlowInfo describes one test flow.
type FlowInfo struct {
	Name   string
	Kind   string // "cbr", "ping"
	Family string // "ipv4", "ipv6"
	From   string // name of the sending node
	To     string // name of the receiving node

	MobileNode    string // the end that moves, "" if neither does
	TowardsMobile bool   // the mobile node is the receiving end
}

// Ping reports whether the flow is made of echo requests and replies.
func (f FlowInfo) Ping() bool { return f.Kind == "ping" }

// TCP reports whether the flow is made of the segments of a TCP connection.
func (f FlowInfo) TCP() bool { return f.Bulk() || f.Kind == "request" }

// Bulk reports whether the flow is one long transfer over TCP.
func (f FlowInfo) Bulk() bool { return f.Kind == "tcp" }

// NetworkInfo describes an access network or another network of the scenario.
type NetworkInfo struct {
	Name string
	Kind string // "home", "ipv6", "ipv4-public", ...

	Cells []CellInfo // where it is in reach; none if it is everywhere, or the scenario has no places
}

// CellInfo is a part of the plane that a network covers: a disc or, with corners, a polygon. All
// in metres, to the east and to the north.
type CellInfo struct {
	X, Y, Radius float64
	Corners      [][2]float64
}

// LinkInfo describes a link.
type LinkInfo struct {
	Name    string
	Type    trace.LinkType
	Network string    // the network whose shared link this is, "" for a link between routers
	Ends    [2]string // the two routers that a link between routers joins
}

// Roles of nodes.
const (
	RoleRouter        = "router"
	RoleHomeAgent     = "home agent"
	RoleCorrespondent = "correspondent node"
	RoleMobileNode    = "mobile node"
)

// NodeInfo describes a node.
type NodeInfo struct {
	Name  string
	Role  string
	Ports []PortInfo
}

// PortInfo describes an interface of a node.
type PortInfo struct {
	Link string   // that it is attached to all the time; "" of a mobile node
	MAC  wire.MAC // unused on a link between routers
}

// NetworkOf returns the network that a link belongs to and that network's kind. A link that
// belongs to none stands for itself.
func (s *Setup) NetworkOf(link string) (name, kind string) {
	name = link
	for i := range s.Links {
		if s.Links[i].Name == link && s.Links[i].Network != "" {
			name = s.Links[i].Network
		}
	}
	for i := range s.Networks {
		if s.Networks[i].Name == name {
			kind = s.Networks[i].Kind
		}
	}
	return name, kind
}

// Flow returns the description of the flow that facts number n.
func (s *Setup) Flow(n uint32) (FlowInfo, bool) {
	if n == 0 || int(n) > len(s.Flows) {
		return FlowInfo{}, false
	}
	return s.Flows[n-1], true
}
