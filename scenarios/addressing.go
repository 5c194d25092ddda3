package scenarios

import (
	"net/netip"

	"dsmipsim/nodes/dhcp"
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
