package scenarios

import (
	"dsmipsim/nodes/nd"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/draw"
)

// discovery is how the nodes of a scenario find their neighbours.
func discovery(s *spec.Spec) nd.Config {
	d, cfg := &s.NeighborDiscovery, nd.Defaults()
	cfg.Unreachability, cfg.ReachableTime, cfg.DelayFirstProbe = d.Unreachability, d.ReachableTime, d.DelayFirstProbe
	cfg.UnicastMax, cfg.MulticastMax, cfg.RetransTimer = d.UnicastSolicit, d.MulticastSolicit, d.RetransTimer
	return cfg
}

// hostDiscovery adds how a mobile node looks for routers and verifies its addresses.
func hostDiscovery(s *spec.Spec, m *spec.MobileNode) nd.Config {
	d, cfg := &m.ND, discovery(s)
	cfg.SolicitDelay = draw.Between(d.SolicitDelay.Min, d.SolicitDelay.Max)
	cfg.SolicitMax, cfg.SolicitInterval = d.Solicitations, d.SolicitSpacing
	cfg.ProbeDelay = draw.Between(d.DADDelay.Min, d.DADDelay.Max)
	cfg.ProbeTransmits, cfg.LinkLocalFirst, cfg.Optimistic = d.DADTransmits, d.LinkLocal == spec.LinkLocalBefore, d.OptimisticDAD
	return cfg
}
