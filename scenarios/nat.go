package scenarios

import (
	"net/netip"

	"dsmipsim/nodes/nat"
	"dsmipsim/nodes/wire"
	"dsmipsim/scenarios/spec"
)

// natConfig is what the scenario says of a translator of ports.
func (w *world) natConfig(n *spec.NAT) nat.Config {
	behaviors := map[spec.NATBehavior]nat.Behavior{
		spec.NATEndpointIndependent: nat.EndpointIndependent, spec.NATAddressDependent: nat.AddressDependent,
		spec.NATAddressAndPortDependent: nat.AddressAndPortDependent,
	}
	c := nat.Config{
		Mapping: behaviors[n.Mapping], Filtering: behaviors[n.Filtering],
		UDPTimeout: n.UDPTimeout, TCPEstablished: n.TCPEstablished, TCPTransitory: n.TCPTransitory, ICMPTimeout: n.ICMPTimeout,
		InboundRefresh: n.InboundRefresh, IgnoreParity: n.Parity == spec.NATIgnoreParity,
		FirstPort: uint16(n.FirstPort), LastPort: uint16(n.LastPort), MaxMappings: n.MaxMappings,
		DropErrors: n.ICMPErrors == spec.NATDropErrors,
		Ports: map[spec.NATPorts]nat.PortAssignment{
			spec.NATPreservePort: nat.PreservePort, spec.NATSequentialPort: nat.SequentialPort, spec.NATRandomPort: nat.RandomPort,
		}[n.Ports],
		Hairpin: map[spec.NATHairpin]nat.Hairpinning{
			spec.NATHairpinExternal: nat.HairpinExternal, spec.NATHairpinInternal: nat.HairpinInternal, spec.NATNoHairpin: nat.NoHairpin,
		}[n.Hairpin],
		Fragments: map[spec.NATFragments]nat.Fragments{
			spec.NATFragmentsOutOfOrder: nat.FragmentsOutOfOrder, spec.NATFragmentsInOrder: nat.FragmentsInOrder, spec.NATNoFragments: nat.NoFragments,
		}[n.Fragments],
	}
	for _, f := range n.Forwards {
		protocol := map[spec.NATProtocol]uint8{spec.NATForwardUDP: wire.ProtoUDP, spec.NATForwardTCP: wire.ProtoTCP}[f.Protocol]
		inside := netip.AddrPortFrom(w.plan.Host(f.To).IPv4.Addr(), uint16(f.ToPort))
		c.Forwards = append(c.Forwards, nat.Forward{Protocol: protocol, Public: uint16(f.Port), Inside: inside})
	}
	return c
}

// portInside returns the port of a flow at its receiver: the one that it is sent to, unless a
// NAT forwards that to another one.
func portInside(s *spec.Spec, f *spec.Flow, port uint16) uint16 {
	host := s.Correspondent(f.To)
	if !f.Address.IsValid() || host == nil {
		return port
	}
	protocol := spec.NATForwardUDP
	if f.Kind.TCP() {
		protocol = spec.NATForwardTCP
	}
	for _, forward := range s.Network(host.Network).NAT.Forwards {
		if forward.To == f.To && forward.Port == int(port) && forward.Protocol == protocol {
			return uint16(forward.ToPort)
		}
	}
	return port
}
