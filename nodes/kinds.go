package nodes

import (
	"fmt"
	"net/netip"
	"strconv"

	"dsmipsim/nodes/dhcp"
	"dsmipsim/nodes/dhcp6"
	"dsmipsim/nodes/esp"
	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/isatap"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/mip/cn"
	"dsmipsim/nodes/mip/ha"
	"dsmipsim/nodes/mip/mn"
	"dsmipsim/nodes/nat"
	"dsmipsim/nodes/nd"
	"dsmipsim/nodes/router"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/vtime"
	"dsmipsim/topology"
)

// MTU is the largest IP packet of a link that does not say its own, octets: that of Ethernet.
const MTU = 1500

// Role is what a node can be in a scenario.
type Role struct {
	Name string // the scenario's table
	Doc  string
}

// Roles lists the roles; each has its constructor below.
var Roles = []Role{
	{"router", "forwards packets, advertises its network, hands out IPv4 addresses, translates addresses"},
	{"home_agent", "a router that binds home addresses to care-of addresses and tunnels between them"},
	{"mobile_node", "moves between networks and keeps its home addresses"},
	{"correspondent", "a fixed host that flows come from or go to"},
}

// stack makes the internet layer of a host from its ports. Further interfaces after those of
// the ports are for ISATAP.
func stack(h *Host, sites int, ethernet func(port int) bool) *ip.Stack {
	ifaces := make([]ip.Interface, len(h.Ports)+sites)
	for i := range sites {
		ifaces[len(h.Ports)+i].Name = "isatap" + strconv.Itoa(i)
	}
	for i, p := range h.Ports {
		ifaces[i] = ip.Interface{Name: p.Name, MAC: p.MAC, Ethernet: ethernet(i), MTU: MTU}
	}
	return ip.New(h.Name, h.Net.Pool, ifaces)
}

// neighbours attaches neighbour discovery to a stack. The zero Config stands for the defaults.
// What it leaves to chance is drawn from streams of the node.
func neighbours(net *topology.Net, name string, s *ip.Stack, cfg nd.Config) *nd.Neighbours {
	n := nd.New(s)
	if cfg.RetransTimer == 0 {
		cfg = nd.Defaults()
	}
	cfg.SolicitRand = net.Loop.Rand(name + "/router-solicitation-delay")
	cfg.ProbeRand = net.Loop.Rand(name + "/dad-delay")
	cfg.ReachableRand = net.Loop.Rand(name + "/reachable-time")
	n.Configure(cfg)
	return n
}

// LAN is a router's shared link: always its first port.
type LAN struct {
	IPv6, IPv4    netip.Prefix // the router's address with the length of the link's prefix; not valid for a family that it lacks
	Advertisement *router.Config
	DHCP          *dhcp.ServerConfig
	DHCPv6        *dhcp6.ServerConfig
	NAT           netip.Addr     // public address that hosts on the LAN share; not valid without translation
	BasicNAT      bool           // only addresses are translated, of one host and whatever the protocol
	NATConfig     nat.Config     // of a NAT that is not basic
	ISATAP        *isatap.Config // the IPv6 prefix is offered over ISATAP, not on the link itself
	HomeAgent     *ha.Config
	Inbound       []*esp.SA // opens what mobile nodes protect, for a home agent
}

// RouterConfig describes a router.
type RouterConfig struct {
	Name       string
	LAN        *LAN     // nil for a router of the core
	Neighbours []string // routers at the other ends of its point-to-point links, in order
	Loopback6  netip.Addr
	Loopback4  netip.Addr // what ICMP errors come from when no other address fits; may be not valid
	Discovery  nd.Config

	// Gateway6 and Gateway4 are the router of the LAN, for one that is not it.
	Gateway6, Gateway4 netip.Addr
}

// Router is a router with all that it does.
type Router struct {
	*Host
	Stack *ip.Stack
	ND    *nd.Neighbours
	Agent *ha.Agent    // nil if it is no home agent
	NAT   *nat.Box     // nil if it translates no ports
	DHCP  *dhcp.Server // nil if it hands out no IPv4 addresses
	Lan   *topology.Port
	links map[way]machine.Iface
}

// way is one of the links to a neighbouring router, counted from 0.
type way struct {
	neighbour string
	parallel  int
}

// NewRouter makes a router, a home agent if its LAN says so. It has no routes beyond its
// own link yet.
func NewRouter(net *topology.Net, cfg RouterConfig) (*Router, error) {
	h := NewHost(net, cfg.Name)
	r := &Router{Host: h, links: map[way]machine.Iface{}}
	if cfg.LAN != nil {
		r.Lan = h.AddPort("lan")
		r.Lan.Serves = true
	}
	parallel := map[string]int{}
	for _, n := range cfg.Neighbours {
		port := "to-" + n
		if parallel[n] > 0 {
			port = fmt.Sprintf("%s-%d", port, parallel[n]+1)
		}
		r.links[way{n, parallel[n]}] = machine.Iface(len(h.Ports))
		parallel[n]++
		h.AddPort(port)
	}
	r.Stack = stack(h, 1, func(port int) bool { return cfg.LAN != nil && port == 0 })
	r.Stack.Forwarding = true
	r.ND = neighbours(net, cfg.Name, r.Stack, cfg.Discovery)
	if cfg.LAN != nil {
		if err := r.serve(cfg); err != nil {
			return nil, fmt.Errorf("router %s: %w", cfg.Name, err)
		}
	}
	for _, g := range []netip.Addr{cfg.Gateway6, cfg.Gateway4} {
		defaultRoute(r.Stack, g)
	}
	for _, a := range []netip.Addr{cfg.Loopback6, cfg.Loopback4} {
		if a.IsValid() {
			r.Stack.AddAddress(ip.Virtual, a, a.BitLen(), ip.Preferred)
		}
	}
	h.Run(r.Stack)
	return r, nil
}

func (r *Router) serve(cfg RouterConfig) error {
	s, lan := r.Stack, cfg.LAN
	const eth machine.Iface = 0
	on6 := eth
	if lan.ISATAP != nil {
		on6 = machine.Iface(len(r.Ports))
		site := isatap.New(s, on6)
		site.Up(lan.IPv4.Addr(), false, nil)
		isatap.Advertise(site, r.Net.Loop.Rand(cfg.Name+"/isatap"), *lan.ISATAP)
	}
	if p := lan.IPv6; p.IsValid() {
		s.AddAddress(on6, p.Addr(), p.Bits(), ip.Preferred)
		s.AddRoute(ip.Route{Prefix: p.Masked(), Iface: on6})
	}
	if p := lan.IPv4; p.IsValid() {
		s.AddAddress(eth, p.Addr(), p.Bits(), ip.Preferred)
		s.AddRoute(ip.Route{Prefix: p.Masked(), Iface: eth})
	}
	if lan.IPv6.IsValid() && lan.ISATAP == nil {
		s.AddAddress(eth, wire.LinkLocal(s.Interface(eth).MAC), 64, ip.Preferred)
		s.JoinGroup(eth, wire.AllNodes)
	}
	if lan.DHCP != nil {
		server, err := dhcp.NewServer(s, eth, *lan.DHCP)
		if err != nil {
			return err
		}
		r.DHCP = server
	}
	if lan.DHCPv6 != nil {
		if _, err := dhcp6.NewServer(s, eth, *lan.DHCPv6); err != nil {
			return err
		}
	}
	if lan.NAT.IsValid() {
		if len(cfg.Neighbours) != 1 {
			return fmt.Errorf("a network behind a NAT needs exactly one link to the rest, has %d", len(cfg.Neighbours))
		}
		outside := r.links[way{cfg.Neighbours[0], 0}]
		if lan.BasicNAT {
			nat.NewBasic(s, eth, outside, lan.NAT)
		} else {
			c := lan.NATConfig
			c.Rand = r.Net.Loop.Rand(cfg.Name + "/nat-ports")
			r.NAT = nat.New(s, []machine.Iface{eth}, outside, lan.NAT, c)
		}
	}
	if lan.HomeAgent != nil {
		lan.HomeAgent.Home = eth
		r.Agent = ha.New(s, r.ND, *lan.HomeAgent)
		if err := secure(s, lan.Inbound); err != nil {
			return err
		}
	}
	if lan.Advertisement != nil {
		router.Advertise(r.Net.Loop.Now(), s, r.ND, eth, r.Net.Loop.Rand(cfg.Name+"/router-advertisement"), *lan.Advertisement)
	}
	return nil
}

// secure gives a stack the security associations that it opens with.
func secure(s *ip.Stack, inbound []*esp.SA) error {
	if len(inbound) == 0 {
		return nil
	}
	db := &esp.Database{}
	for _, sa := range inbound {
		if err := db.AddInbound(sa); err != nil {
			return err
		}
	}
	s.Security = db
	return nil
}

// LinkTo returns the port that leads to a neighbouring router, over one of parallel links.
func (r *Router) LinkTo(neighbour string, parallel int) *topology.Port {
	return r.Ports[r.towards(neighbour, parallel)]
}

func (r *Router) towards(neighbour string, parallel int) machine.Iface {
	i, ok := r.links[way{neighbour, parallel}]
	if !ok {
		r.Net.Loop.Fail("router %s has no link to %s", r.Name, neighbour)
	}
	return i
}

// RouteVia adds a route to a prefix through a neighbouring router, over one of parallel links.
func (r *Router) RouteVia(neighbour string, parallel int, prefix netip.Prefix) {
	r.Stack.AddRoute(ip.Route{Prefix: prefix, Iface: r.towards(neighbour, parallel)})
}

// Mobile is a mobile node.
type Mobile struct {
	*Host
	Node *mn.Node
	ND   *nd.Neighbours
}

// MobileConfig describes a mobile node.
type MobileConfig struct {
	mn.Config // but for Interfaces and what is drawn from streams of the node
	Name      string
	Discovery nd.Config
	Inbound   []*esp.SA // opens what home agents protect

	// Ports names its interfaces in order of preference; none stands for one. AtHome is the
	// number of the one that will find itself at home when it is attached for the first time,
	// or -1.
	Ports  []string
	AtHome int
}

// NewMobile makes a mobile node whose interfaces are attached to nothing yet.
func NewMobile(net *topology.Net, cfg MobileConfig) (*Mobile, error) {
	h, name := NewHost(net, cfg.Name), cfg.Name
	m := &Mobile{Host: h}
	ports := cfg.Ports
	if len(ports) == 0 {
		ports = []string{"wlan0"}
	}
	for _, p := range ports {
		h.AddPort(p)
	}
	s := stack(h, len(ports), func(int) bool { return true })
	if err := secure(s, cfg.Inbound); err != nil {
		return nil, fmt.Errorf("mobile node %s: %w", name, err)
	}
	cfg.Rand = net.Loop.Rand(name + "/route-optimization")
	cfg.DHCPv6.Rand = net.Loop.Rand(name + "/dhcpv6")
	for i, p := range h.Ports {
		one := mn.Interface{Iface: machine.Iface(i), ISATAP: machine.Iface(len(ports) + i)}
		if len(ports) > 1 {
			p.Label, one.Name = p.Name, p.Name
		}
		if i > 0 {
			one.Rand = net.Loop.Rand(name + "/" + p.Name + "/dhcp")
		}
		cfg.Interfaces = append(cfg.Interfaces, one)
	}
	m.ND = neighbours(net, name, s, cfg.Discovery)
	m.Node = mn.New(s, m.ND, net.Loop.Rand(name+"/dhcp"), cfg.Config)
	if cfg.AtHome >= 0 {
		m.Node.StartAtHome(cfg.AtHome)
	} else {
		m.Node.StartAway()
	}
	h.Run(m.Node)
	return m, nil
}

// CorrespondentConfig describes a correspondent node: static addresses with the lengths of
// their prefixes, and its default routers. What is not valid it lacks.
type CorrespondentConfig struct {
	Name               string
	IPv6, IPv4         netip.Prefix
	Gateway6, Gateway4 netip.Addr
	Discovery          nd.Config
	MobileIPv6         bool // whether it knows Mobile IPv6; without, it is an ordinary IPv6 host
}

// Correspondent is a correspondent node.
type Correspondent struct {
	*Host
	Stack *ip.Stack
	Node  *cn.Node // nil without Mobile IPv6
	Port  *topology.Port
}

// NewCorrespondent makes a correspondent node.
func NewCorrespondent(net *topology.Net, cfg CorrespondentConfig) *Correspondent {
	h := NewHost(net, cfg.Name)
	c := &Correspondent{Host: h, Port: h.AddPort("eth0")}
	s := stack(h, 1, func(int) bool { return true })
	c.Stack = s
	neighbours(net, cfg.Name, s, cfg.Discovery)
	if cfg.MobileIPv6 {
		c.Node = cn.New(s, net.Loop.Rand(cfg.Name+"/route-optimization"))
	}
	if cfg.IPv6.IsValid() {
		s.AddAddress(0, wire.LinkLocal(c.Port.MAC), 64, ip.Preferred)
		s.JoinGroup(0, wire.AllNodes)
		host(s, cfg.IPv6, cfg.Gateway6)
	}
	if cfg.IPv4.IsValid() {
		host(s, cfg.IPv4, cfg.Gateway4)
	}
	h.Run(s)
	return c
}

// host configures a static address with its on-link and default route.
func host(s *ip.Stack, a netip.Prefix, gateway netip.Addr) {
	s.AddAddress(0, a.Addr(), a.Bits(), ip.Preferred)
	s.AddRoute(ip.Route{Prefix: a.Masked(), Iface: 0})
	defaultRoute(s, gateway)
}

// defaultRoute makes a gateway the default router of its family; one that is not valid is none.
func defaultRoute(s *ip.Stack, gateway netip.Addr) {
	if !gateway.IsValid() {
		return
	}
	any := netip.IPv6Unspecified()
	if gateway.Is4() {
		any = netip.IPv4Unspecified()
	}
	s.AddRoute(ip.Route{Prefix: netip.PrefixFrom(any, 0), Iface: 0, Gateway: gateway})
}

// LargestPacket returns the largest packet from one of the node's addresses to another
// node's that leaves the node as it is.
func (c *Correspondent) LargestPacket(now vtime.Time, src, dst netip.Addr) int {
	if c.Node != nil {
		return c.Node.LargestPacket(now, src, dst)
	}
	return c.Stack.LargestPacket(now, src, dst)
}
