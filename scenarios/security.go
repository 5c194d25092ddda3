package scenarios

import (
	"crypto/sha256"
	"encoding/binary"
	"net/netip"
	"strings"

	"dsmipsim/nodes/esp"
	"dsmipsim/nodes/mip"
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
	// In tunnel mode, from and to the mobile node; without an SPI if they are not used.
	testInit, test         esp.Config
	payloadUp, payloadDown esp.Config
}

// all returns them in a fixed order.
func (p protection) all() []esp.Config {
	all := []esp.Config{p.update, p.acknowledgement, p.solicitation, p.advertisement}
	for _, c := range []esp.Config{p.testInit, p.test, p.payloadUp, p.payloadDown} {
		if c.SPI != 0 {
			all = append(all, c)
		}
	}
	return all
}

// tunnelEnd makes one end of the protection of the tunnel: it seals with what goes up and opens
// what comes down, or the other way round.
func (w *world) tunnelEnd(node string, tests, payload [2]esp.Config) (p mip.Protection, inbound []*esp.SA, err error) {
	for i, pair := range [][2]esp.Config{tests, payload} {
		if pair[0].SPI == 0 {
			continue
		}
		out, err := w.sealer(node, pair[0])
		if err != nil {
			return p, nil, err
		}
		in, err := esp.NewSA(pair[1])
		if err != nil {
			return p, nil, err
		}
		inbound = append(inbound, in)
		p.Ends = append(p.Ends, in)
		if i == 0 {
			p.Tests = out
		} else {
			p.Payload = out
		}
	}
	return p, inbound, nil
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
	p := protection{
		update:          make("binding-update", m.HomeAddress, h.IPv6, wire.ProtoMobility, uint8(wire.MobilityBindingUpdate)),
		acknowledgement: make("binding-acknowledgement", h.IPv6, m.HomeAddress, wire.ProtoMobility, uint8(wire.MobilityBindingAcknowledgement)),
		solicitation:    make("prefix-solicitation", m.HomeAddress, h.IPv6, wire.ProtoICMPv6, wire.ICMPv6PrefixSolicitation),
		advertisement:   make("prefix-advertisement", h.IPv6, m.HomeAddress, wire.ProtoICMPv6, wire.ICMPv6PrefixAdvertisement),
	}
	tunnel := func(purpose string, src, dst netip.Addr, protocol, typ uint8) esp.Config {
		c := make(purpose, src, dst, protocol, typ)
		c.Mode = esp.Tunnel
		return c
	}
	anybody := netip.Addr{}
	if s.Protocol.IPsecHomeTests && s.Protocol.RouteOptimization {
		p.testInit = tunnel("home-test-init", m.HomeAddress, anybody, wire.ProtoMobility, uint8(wire.MobilityHomeTestInit))
		p.test = tunnel("home-test", anybody, m.HomeAddress, wire.ProtoMobility, uint8(wire.MobilityHomeTest))
	}
	if s.Protocol.IPsecPayload {
		p.payloadUp = tunnel("payload-up", anybody, anybody, 0, 0)
		p.payloadDown = tunnel("payload-down", anybody, anybody, 0, 0)
	}
	return p
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
			var more []*esp.SA
			a.Tunnel, more, err = w.tunnelEnd(m.Name, [2]esp.Config{sas.testInit, sas.test}, [2]esp.Config{sas.payloadUp, sas.payloadDown})
			if err != nil {
				return nil, nil, err
			}
			inbound = append(inbound, more...)
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
			SPI: c.SPI, Tunnel: c.Mode == esp.Tunnel, Cipher: c.Cipher.String(), CipherKey: c.CipherKey, Integrity: c.Algorithm.String(), Key: c.Key,
		}
		if c.Mode == esp.Transport && c.Selector.Source != c.HomeAddress {
			a.Source = c.Selector.Source
		}
		if c.Mode == esp.Transport && c.Selector.Destination != c.HomeAddress {
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
