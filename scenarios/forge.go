package scenarios

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"

	"dsmipsim/nodes/wire"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/packet"
)

// forge builds a packet by its fields, from the inside out. It is written with the codecs
// alone, so that it can say what no machine would.
func (w *world) forge(f *spec.Forged) ([]byte, error) {
	src, dst := f.Source, f.Destination
	if f.HomeAddress.IsValid() && f.Type != spec.ForgedBE {
		src = f.HomeAddress
	}
	if f.RoutingHome.IsValid() {
		dst = f.RoutingHome
	}
	next, upper := w.message(f, src, dst)
	if f.SecureAs != "" {
		sealed, err := w.seal(f, next, upper)
		if err != nil {
			return nil, err
		}
		next, upper = wire.ProtoESP, sealed
	}
	if f.HomeAddress.IsValid() && f.Type != spec.ForgedBE {
		h := make([]byte, wire.DestOptsHomeAddressLen, wire.DestOptsHomeAddressLen+len(upper))
		wire.PutDestOptsHomeAddress(h, next, f.HomeAddress)
		next, upper = wire.ProtoDestOpts, append(h, upper...)
	}
	if f.RoutingHome.IsValid() {
		h := make([]byte, wire.Routing2Len, wire.Routing2Len+len(upper))
		wire.PutRouting2(h, next, f.RoutingHome)
		wire.Routing(h).SetSegmentsLeft(uint8(f.SegmentsLeft))
		next, upper = wire.ProtoRouting, append(h, upper...)
	}
	hops := uint8(f.HopLimit)
	if hops == 0 {
		hops = 64
		if f.Type == spec.ForgedNS || f.Type == spec.ForgedNA {
			hops = wire.NDHopLimit
		}
	}
	b := header(f.Source, f.Destination, next, hops, upper)
	if f.OuterSource.IsValid() {
		next = wire.ProtoIPv6
		if f.Source.Is4() {
			next = wire.ProtoIPv4
		}
		b = header(f.OuterSource, f.OuterDestination, next, 64, b)
	}
	return b, nil
}

// header puts an IP header in front of a payload.
func header(src, dst netip.Addr, next, hops uint8, payload []byte) []byte {
	if src.Is4() {
		b := append(make([]byte, wire.IPv4HeaderLen), payload...)
		wire.PutIPv4(b, wire.IPv4Fields{TotalLen: len(b), TTL: hops, Protocol: next, Source: src, Destination: dst})
		return b
	}
	b := append(make([]byte, wire.IPv6HeaderLen), payload...)
	wire.PutIPv6(b, wire.IPv6Fields{PayloadLen: len(payload), NextHeader: next, HopLimit: hops, Source: src, Destination: dst})
	return b
}

// message builds what follows the IP headers. The addresses are those that checksums cover.
func (w *world) message(f *spec.Forged, src, dst netip.Addr) (proto uint8, b []byte) {
	flag := func(letter string) bool { return strings.Contains(f.Flags, letter) }
	switch f.Type {
	case spec.ForgedUDP:
		b = make([]byte, wire.UDPHeaderLen+f.Payload)
		wire.PutUDP(b, uint16(f.SourcePort), uint16(f.DestinationPort), src, dst)
		return wire.ProtoUDP, spoil(b, 6, f.BadChecksum)
	case spec.ForgedNS:
		return wire.ProtoICMPv6, spoil(wire.AppendNeighborSolicitation(nil, f.Target, mac(f.LinkLayer), src, dst), 2, f.BadChecksum)
	case spec.ForgedNA:
		return wire.ProtoICMPv6, spoil(wire.AppendNeighborAdvertisement(nil, wire.NeighborAdvertisementFields{
			Router: flag("R"), Solicited: flag("S"), Override: flag("O"), Target: f.Target, TargetLinkLayer: mac(f.LinkLayer),
		}, src, dst), 2, f.BadChecksum)
	case spec.ForgedMPA:
		return wire.ProtoICMPv6, spoil(wire.AppendPrefixAdvertisement(nil, wire.PrefixAdvertisementFields{Identifier: uint16(f.Identifier)}, src, dst), 2, f.BadChecksum)
	}
	b = w.mobility(f)
	b[0] = uint8(f.PayloadProto)
	if f.MobilityType != 0 {
		b[2] = uint8(f.MobilityType)
	}
	if n := (f.HeaderLen + 1) * 8; f.HeaderLen >= 0 {
		b[1] = uint8(f.HeaderLen)
		b = append(b, make([]byte, max(0, n-len(b)))...)[:n]
	}
	wire.SetMobilityChecksum(b, src, dst)
	return wire.ProtoMobility, spoil(b, 4, f.BadChecksum)
}

// spoil inverts a checksum.
func spoil(b []byte, at int, really bool) []byte {
	if really {
		binary.BigEndian.PutUint16(b[at:], ^binary.BigEndian.Uint16(b[at:]))
	}
	return b
}

// octets decodes what the loader has checked.
func octets(text string) []byte {
	b, _ := spec.Octets(text)
	return b
}

func mac(text string) (m wire.MAC) {
	copy(m[:], octets(text))
	return m
}

// mobility builds the message of a Mobility Header.
func (w *world) mobility(f *spec.Forged) []byte {
	var cookie wire.Cookie
	var token wire.Token
	copy(cookie[:], octets(f.Cookie))
	copy(token[:], octets(f.Token))
	switch f.Type {
	case spec.ForgedBRR:
		return wire.AppendBindingRefreshRequest(nil)
	case spec.ForgedHoTI:
		return wire.AppendHomeTestInit(nil, cookie)
	case spec.ForgedCoTI:
		return wire.AppendCareOfTestInit(nil, cookie)
	case spec.ForgedHoT:
		return wire.AppendHomeTest(nil, uint16(f.HomeNonce), cookie, token)
	case spec.ForgedCoT:
		return wire.AppendCareOfTest(nil, uint16(f.CareOfNonce), cookie, token)
	case spec.ForgedBE:
		return wire.AppendBindingError(nil, wire.BindingErrorStatus(f.Status), f.HomeAddress)
	case spec.ForgedBA:
		fields := wire.BindingAcknowledgementFields{Status: wire.BindingStatus(f.Status), Sequence: uint16(f.Sequence), Lifetime: f.Lifetime}
		if f.IPv4Home.IsValid() {
			fields.IPv4Acknowledgement = &wire.IPv4Acknowledgement{Status: wire.IPv4Status(f.IPv4Status), Address: f.IPv4Home}
		}
		return insert(wire.AppendBindingAcknowledgement(nil, fields, layout(w.plan.Spec)), octets(f.Options))
	}
	fields := wire.BindingUpdateFields{Sequence: uint16(f.Sequence), Flags: updateFlags(f.Flags), Lifetime: f.Lifetime, AlternateCareOf: f.CareOf}
	if f.IPv4Home.IsValid() {
		fields.IPv4HomeAddress = &wire.IPv4HomeAddress{Address: f.IPv4Home, PrefixLen: 32}
	}
	if a := octets(f.Authenticator); len(a) == wire.AuthenticatorLen {
		fields.NonceIndices = &wire.NonceIndices{Home: uint16(f.HomeNonce), CareOf: uint16(f.CareOfNonce)}
		fields.Authenticator = (*[wire.AuthenticatorLen]byte)(a)
	}
	return insert(wire.AppendBindingUpdate(nil, fields, layout(w.plan.Spec)), octets(f.Options))
}

func updateFlags(letters string) (flags wire.BindingUpdateFlags) {
	for _, l := range []struct {
		letter string
		flag   wire.BindingUpdateFlags
	}{{"A", wire.BUAcknowledge}, {"H", wire.BUHomeRegistration}, {"L", wire.BULinkLocal}, {"K", wire.BUKeyManagement}} {
		if strings.Contains(letters, l.letter) {
			flags |= l.flag
		}
	}
	return flags
}

// updateFixed is how long BU and BA are before their options.
const updateFixed = 12

// insert puts raw options in front of the others of a BU or BA, filled up so that those keep
// their alignment.
func insert(mh, options []byte) []byte {
	if len(options) == 0 {
		return mh
	}
	switch n := -len(options) & 7; {
	case n == 1:
		options = append(options, wire.MobOptPad1)
	case n > 1:
		options = append(append(options, wire.MobOptPadN, uint8(n-2)), make([]byte, n-2)...)
	}
	b := append(append(append([]byte(nil), mh[:updateFixed]...), options...), mh[updateFixed:]...)
	b[1] = uint8(len(b)/8 - 1)
	return b
}

// seal protects a message with the association of a mobile node, as the node itself or its
// home agent would.
func (w *world) seal(f *spec.Forged, next uint8, payload []byte) ([]byte, error) {
	s := w.plan.Spec
	m := s.MobileNode(f.SecureAs)
	sas := protect(s, s.AgentsOf(m)[0], m)
	c := sas.update
	if f.Type == spec.ForgedBA {
		c = sas.acknowledgement
	}
	sa, err := w.sealer("inject", c)
	if err != nil {
		return nil, fmt.Errorf("inject: %w", err)
	}
	var pool packet.Pool // not the run's, which accounts for what travels
	p := pool.From(payload)

	sa.SealAs(p, next, uint32(f.ESPSequence))
	b := append([]byte(nil), p.Bytes()...)
	if f.BadICV {
		b[len(b)-1] ^= 0xff
	}
	return b, nil
}
