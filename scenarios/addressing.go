package scenarios

import (
	"net/netip"

	"dsmipsim/nodes/dhcp"
	"dsmipsim/nodes/dhcp6"
	"dsmipsim/nodes/mip/mn"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/draw"
	"dsmipsim/sim/vtime"
)

// dhcpServer adds what a network's DHCP server does beyond giving addresses away.
func (w *world) dhcpServer(n *spec.Network, cfg *dhcp.ServerConfig) {
	d := n.DHCP
	cfg.Renewal, cfg.Rebinding = d.Renewal, d.Rebinding
	if d.ExcludesHosts {
		cfg.Exclude = w.staticIn(n)
	}
	if !d.ServerDelay.Zero() {
		cfg.Delay = draw.NewSource(d.ServerDelay, w.loop.Rand(n.Name+"/dhcp-server")).Next
	}
	if d.StopsAt > 0 {
		cfg.Stops, cfg.Restarts, cfg.Forgets = vtime.Time(d.StopsAt), vtime.Never, !d.KeepsLeases
		if d.RestartsAt > 0 {
			cfg.Restarts = vtime.Time(d.RestartsAt)
		}
	}
}

// dhcpv6Server is the DHCPv6 server of a network.
func (w *world) dhcpv6Server(n *spec.Network) *dhcp6.ServerConfig {
	d := n.DHCPv6
	if d == nil {
		return nil
	}
	cfg := &dhcp6.ServerConfig{
		Prefix: n.IPv6, Preferred: d.Preferred, Valid: d.Valid, Renewal: d.Renewal, Rebind: d.Rebinding,
		Preference: uint8(d.Preference), RapidCommit: d.RapidCommit,
	}
	for i := range w.plan.Hosts {
		if h := &w.plan.Hosts[i]; d.ExcludesHosts && h.Network == n && h.IPv6.IsValid() {
			cfg.Exclude = append(cfg.Exclude, h.IPv6.Addr())
		}
	}
	if !d.ServerDelay.Zero() {
		cfg.Delay = draw.NewSource(d.ServerDelay, w.loop.Rand(n.Name+"/dhcpv6-server")).Next
	}
	return cfg
}

// dhcpv6Client is how a mobile node gets IPv6 addresses that are handed out.
func dhcpv6Client(m *spec.MobileNode) mn.DHCPv6 {
	d := m.DHCPv6
	return mn.DHCPv6{Config: dhcp6.Config{DelayMin: d.Delay.Min, DelayMax: d.Delay.Max, RapidCommit: d.RapidCommit, Confirm: d.Confirm}}
}

// staticIn returns the addresses of fixed hosts in a network, which DHCP must not give away.
func (w *world) staticIn(n *spec.Network) []netip.Addr {
	var all []netip.Addr
	for i := range w.plan.Hosts {
		if h := &w.plan.Hosts[i]; h.Network == n {
			all = append(all, h.IPv4.Addr())
		}
	}
	return all
}

// dhcpClient is how a mobile node gets IPv4 addresses.
func (w *world) dhcpClient(m *spec.MobileNode) mn.DHCP {
	d := mn.DHCP{Relinquish: m.DHCP.Release}
	d.InitDelayMin, d.InitDelayMax = m.DHCP.InitDelay.Min, m.DHCP.InitDelay.Max
	if m.DHCP.ACD {
		d.Conflicts = w.loop.Rand(m.Name + "/address-conflict-detection")
	}
	switch m.DHCP.KnownNetwork {
	case spec.KnownReboot:
		d.KnownNetwork = mn.Reboot
	case spec.KnownDetect:
		d.KnownNetwork = mn.Detect
	}
	return d
}
