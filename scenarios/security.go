package scenarios

import (
	"crypto/sha256"
	"encoding/binary"
	"net/netip"
	"strings"

	"dsmipsim/nodes/esp"
	"dsmipsim/nodes/mip/mn"
	"dsmipsim/nodes/wire"
	"dsmipsim/reports/result"
	"dsmipsim/scenarios/spec"
)

// protection is the security associations between a mobile node and a home agent (RFC 4877
// section 4), described as both ends know them.
type protection struct {
	update, acknowledgement     esp.Config
	solicitation, advertisement esp.Config // of the home prefixes
}

// all returns them in a fixed order.
func (p protection) all() []esp.Config {
	return []esp.Config{p.update, p.acknowledgement, p.solicitation, p.advertisement}
}

// protect works out the security associations between a home agent and a mobile node. Keys
// and SPIs follow from the names alone.
func protect(s *spec.Spec, h *spec.HomeAgent, m *spec.MobileNode) protection {
	integrity, cipher := algorithms(s)
	make := func(purpose string, src, dst netip.Addr, protocol, typ uint8) esp.Config {
		return esp.Config{
			SPI:       deriveSPI(h.Name, m.Name, purpose),
			Algorithm: integrity, Key: esp.DeriveKey(integrity, h.Name, m.Name, purpose),
			Cipher: cipher, CipherKey: esp.DeriveCipherKey(cipher, h.Name, m.Name, purpose),
			Selector: esp.Selector{Source: src, Destination: dst, Protocol: protocol, Type: typ},
			AnyOrder: !s.Protocol.ESPAntiReplay, HomeAddress: m.HomeAddress,
		}
	}
	return protection{
		update:          make("binding-update", m.HomeAddress, h.IPv6, wire.ProtoMobility, uint8(wire.MobilityBindingUpdate)),
		acknowledgement: make("binding-acknowledgement", h.IPv6, m.HomeAddress, wire.ProtoMobility, uint8(wire.MobilityBindingAcknowledgement)),
		solicitation:    make("prefix-solicitation", m.HomeAddress, h.IPv6, wire.ProtoICMPv6, wire.ICMPv6PrefixSolicitation),
		advertisement:   make("prefix-advertisement", h.IPv6, m.HomeAddress, wire.ProtoICMPv6, wire.ICMPv6PrefixAdvertisement),
	}
}

// algorithms returns what the scenario protects messages with.
func algorithms(s *spec.Spec) (esp.Algorithm, esp.Cipher) {
	a, _ := esp.AlgorithmNamed(string(s.Protocol.ESPIntegrity))
	c, _ := esp.CipherNamed(string(s.Protocol.ESPCipher))
	return a, c
}

// deriveSPI chooses an SPI from names, so that a further mobile node moves nobody else's. Values
// below 256 are reserved (RFC 4303 section 2.1).
func deriveSPI(names ...string) uint32 {
	sum := sha256.Sum256([]byte(strings.Join(names, "/")))
	return binary.BigEndian.Uint32(sum[:4]) | 1<<8
}

// associations returns the security associations of all mobile nodes, in the order of the
// scenario; none without IPsec.
func associations(s *spec.Spec) []esp.Config {
	var all []esp.Config
	if !s.Protocol.IPsec {
		return nil
	}
	for i := range s.MobileNodes {
		m := &s.MobileNodes[i]
		for _, h := range s.AgentsOf(m) {
			all = append(all, protect(s, h, m).all()...)
		}
	}
	return all
}

// sealer makes the sending end of an association. Its initialisation vectors come from a
// stream of the sender's.
func (w *world) sealer(node string, c esp.Config) (*esp.SA, error) {
	return esp.NewSealer(c, w.loop.Rand(node+"/esp-iv"))
}

// receive appends the receiving ends of associations.
func receive(to []*esp.SA, configs ...esp.Config) ([]*esp.SA, error) {
	for _, c := range configs {
		sa, err := esp.NewSA(c)
		if err != nil {
			return nil, err
		}
		to = append(to, sa)
	}
	return to, nil
}

// homeAgentsOf returns what a mobile node shares with each home agent that it may register
// with, and the associations that it opens with.
func (w *world) homeAgentsOf(m *spec.MobileNode) (agents []mn.HomeAgent, inbound []*esp.SA, err error) {
	s := w.plan.Spec
	for _, h := range s.AgentsOf(m) {
		a := mn.HomeAgent{Address: h.IPv6, IPv4: h.IPv4}
		if s.Protocol.Mode == spec.ModeMIPv6 {
			a.IPv4 = netip.Addr{} // it reaches nobody over IPv4
		}
		if s.Protocol.IPsec {
			sas := protect(s, h, m)
			if a.Seal, err = w.sealer(m.Name, sas.update); err != nil {
				return nil, nil, err
			}
			if a.SealPrefix, err = w.sealer(m.Name, sas.solicitation); err != nil {
				return nil, nil, err
			}
			if inbound, err = receive(inbound, sas.acknowledgement, sas.advertisement); err != nil {
				return nil, nil, err
			}
		}
		agents = append(agents, a)
	}
	return agents, inbound, nil
}

// describe puts associations in the words of reports. The end that moves has no address: the
// IP header shows its care-of address of the day.
func describe(configs []esp.Config) []result.Association {
	all := make([]result.Association, len(configs))
	for i, c := range configs {
		a := result.Association{
			SPI: c.SPI, Cipher: c.Cipher.String(), CipherKey: c.CipherKey, Integrity: c.Algorithm.String(), Key: c.Key,
		}
		if c.Selector.Source != c.HomeAddress {
			a.Source = c.Selector.Source
		}
		if c.Selector.Destination != c.HomeAddress {
			a.Destination = c.Selector.Destination
		}
		all[i] = a
	}
	return all
}

// Dissection tells decoders what the octets of the scenario's packets alone do not.
func Dissection(s *spec.Spec) wire.DissectOptions {
	integrity, cipher := algorithms(s)
	o := wire.DissectOptions{Layout: layout(s), ICVLen: integrity.ICVLen()}
	if cipher == esp.NullCipher {
		o.ESPNull = true
		return o
	}
	reader, err := esp.Reader(associations(s))
	if err != nil {
		panic("scenarios: " + err.Error()) // they are made from the same Spec to run it
	}
	o.ESP = reader
	return o
}
