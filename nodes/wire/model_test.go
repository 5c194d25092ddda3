package wire

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"fmt"
	"net/netip"
)

// A packet in a test is a list of layers, outermost first. build turns it
// into octets and parse back into a list, so one table drives both ways.
// Lengths, protocol numbers and checksums are not in the list: build computes
// them and parse verifies them.
type (
	ethLayer  struct{ dst, src MAC }
	haoLayer  struct{ home netip.Addr }
	rh2Layer  struct{ home netip.Addr }
	espLayer  struct{ spi, sequence uint32 } // NULL cipher, HMAC-SHA1-96 with espKey
	udpLayer  struct{ source, destination uint16 }
	dataLayer string
	hotiLayer struct{ cookie Cookie }
	cotiLayer struct{ cookie Cookie }
	hotLayer  struct {
		index  uint16
		cookie Cookie
		token  Token
	}
	cotLayer hotLayer
	brrLayer struct{}
	beLayer  struct {
		status BindingErrorStatus
		home   netip.Addr
	}
	rsLayer struct{ mac MAC }
	nsLayer struct {
		target netip.Addr
		mac    MAC
	}
	dhaadRequest struct{ id uint16 }
	dhaadReply   struct {
		id     uint16
		agents []netip.Addr
	}
	mpsLayer struct{ id uint16 }
	rrqLayer struct {
		RegistrationRequestFields
		spi uint32 // authenticated by HMAC-MD5 with mip4Key
	}
	rrpLayer struct {
		RegistrationReplyFields
		spi uint32
	}
)

const icvLen = 12

var (
	espKey  = []byte(" !\"#$%&'()*+,-./0123") // 20 21 .. 33
	mip4Key = []byte("secretsecretsec!")
)

func icv(b []byte) []byte {
	mac := hmac.New(sha1.New, espKey)
	mac.Write(b)
	return mac.Sum(nil)[:icvLen]
}

func mip4MAC(b []byte) []byte {
	mac := hmac.New(md5.New, mip4Key)
	mac.Write(b)
	return mac.Sum(nil)
}

// build returns the octets of the layers and the number that announces them.
func build(layers []any, layout IPv4Layout, a addresses) (proto int, b []byte) {
	if len(layers) == 0 {
		return ProtoNone, nil
	}
	rest := layers[1:]
	mh := func(b []byte) (int, []byte) {
		SetMobilityChecksum(b, a.src, a.dst)
		return ProtoMobility, b
	}
	switch l := layers[0].(type) {
	case ethLayer:
		proto, inner := build(rest, layout, a)
		b = append(make([]byte, EthernetLen), inner...)
		PutEthernet(b, l.dst, l.src, map[int]uint16{ProtoIPv4: EtherTypeIPv4, ProtoIPv6: EtherTypeIPv6, EtherTypeARP: EtherTypeARP}[proto])
		return 0, b
	case ARPFields:
		b = make([]byte, ARPLen)
		PutARP(b, l)
		return EtherTypeARP, b
	case IPv4Fields:
		proto, inner := build(rest, layout, addresses{l.Source, l.Destination})
		b = append(make([]byte, IPv4HeaderLen), inner...)
		l.TotalLen, l.Protocol = len(b), uint8(proto)
		PutIPv4(b, l)
		return ProtoIPv4, b
	case IPv6Fields:
		proto, inner := build(rest, layout, addresses{l.Source, l.Destination})
		b = append(make([]byte, IPv6HeaderLen), inner...)
		l.PayloadLen, l.NextHeader = len(inner), uint8(proto)
		PutIPv6(b, l)
		return ProtoIPv6, b
	case haoLayer:
		proto, inner := build(rest, layout, addresses{l.home, a.dst})
		b = append(make([]byte, DestOptsHomeAddressLen), inner...)
		PutDestOptsHomeAddress(b, uint8(proto), l.home)
		return ProtoDestOpts, b
	case rh2Layer:
		proto, inner := build(rest, layout, addresses{a.src, l.home})
		b = append(make([]byte, Routing2Len), inner...)
		PutRouting2(b, uint8(proto), l.home)
		return ProtoRouting, b
	case espLayer:
		proto, inner := build(rest, layout, a)
		b = AppendESP(nil, ESPFields{SPI: l.spi, Sequence: l.sequence, Payload: inner, NextHeader: uint8(proto), ICVLen: icvLen})
		e, err := ParseESP(b, 0, icvLen)
		if err != nil {
			panic(err)
		}
		e.SetICV(hmac.New(sha1.New, espKey))
		return ProtoESP, b
	case udpLayer:
		_, inner := build(rest, layout, a)
		b = append(make([]byte, UDPHeaderLen), inner...)
		PutUDP(b, l.source, l.destination, a.src, a.dst)
		return ProtoUDP, b
	case dataLayer:
		return 0, []byte(l)
	case BindingUpdateFields:
		return mh(AppendBindingUpdate(nil, l, layout))
	case BindingAcknowledgementFields:
		return mh(AppendBindingAcknowledgement(nil, l, layout))
	case hotiLayer:
		return mh(AppendHomeTestInit(nil, l.cookie))
	case cotiLayer:
		return mh(AppendCareOfTestInit(nil, l.cookie))
	case hotLayer:
		return mh(AppendHomeTest(nil, l.index, l.cookie, l.token))
	case cotLayer:
		return mh(AppendCareOfTest(nil, l.index, l.cookie, l.token))
	case brrLayer:
		return mh(AppendBindingRefreshRequest(nil))
	case beLayer:
		return mh(AppendBindingError(nil, l.status, l.home))
	case rsLayer:
		return ProtoICMPv6, AppendRouterSolicitation(nil, l.mac, a.src, a.dst)
	case RouterAdvertisementFields:
		return ProtoICMPv6, AppendRouterAdvertisement(nil, l, a.src, a.dst)
	case nsLayer:
		return ProtoICMPv6, AppendNeighborSolicitation(nil, l.target, l.mac, a.src, a.dst)
	case NeighborAdvertisementFields:
		return ProtoICMPv6, AppendNeighborAdvertisement(nil, l, a.src, a.dst)
	case dhaadRequest:
		return ProtoICMPv6, AppendHomeAgentRequest(nil, l.id, a.src, a.dst)
	case dhaadReply:
		return ProtoICMPv6, AppendHomeAgentReply(nil, l.id, l.agents, a.src, a.dst)
	case mpsLayer:
		return ProtoICMPv6, AppendPrefixSolicitation(nil, l.id, a.src, a.dst)
	case PrefixAdvertisementFields:
		return ProtoICMPv6, AppendPrefixAdvertisement(nil, l, a.src, a.dst)
	case rrqLayer:
		b = AppendMobileHomeAuthentication(AppendRegistrationRequest(nil, l.RegistrationRequestFields), l.spi, md5.Size)
		auth, _ := RegistrationRequest(b).Extensions().MobileHomeAuthentication()
		copy(auth.Authenticator, mip4MAC(auth.Covered))
		return 0, b
	case rrpLayer:
		b = AppendMobileHomeAuthentication(AppendRegistrationReply(nil, l.RegistrationReplyFields), l.spi, md5.Size)
		auth, _ := RegistrationReply(b).Extensions().MobileHomeAuthentication()
		copy(auth.Authenticator, mip4MAC(auth.Covered))
		return 0, b
	}
	panic(fmt.Sprintf("no builder for %T", layers[0]))
}

// parseFrame and parseIP return the layers of a packet; every parser on the
// way must accept its octets.
func parseFrame(b []byte, layout IPv4Layout) ([]any, error) {
	e, err := ParseEthernet(b)
	if err != nil {
		return nil, err
	}
	head := ethLayer{e.Destination(), e.Source()}
	if e.EtherType() == EtherTypeARP {
		a, err := ParseARP(e.Payload())
		if err != nil {
			return nil, err
		}
		return []any{head, ARPFields{a.Operation(), a.SenderMAC(), a.SenderIP(), a.TargetMAC(), a.TargetIP()}}, nil
	}
	if e.EtherType() != EtherTypeIPv4 && e.EtherType() != EtherTypeIPv6 {
		return nil, &Error{Kind: ErrType}
	}
	rest, err := parseIP(e.Payload(), layout)
	return append([]any{head}, rest...), err
}

func parseIP(b []byte, layout IPv4Layout) ([]any, error) {
	if len(b) > 0 && b[0]>>4 == 4 {
		h, err := ParseIPv4(b)
		if err != nil {
			return nil, err
		}
		if len(h) != len(b) {
			return nil, errIPv4Total
		}
		f := IPv4Fields{TOS: h.TOS(), ID: h.ID(), DontFragment: h.DontFragment(), MoreFragments: h.MoreFragments(),
			FragmentOffset: h.FragmentOffset(), TTL: h.TTL(), Source: h.Source(), Destination: h.Destination()}
		rest, err := parseUpper(h.Protocol(), h.Payload(), layout, addresses{h.Source(), h.Destination()})
		return append([]any{f}, rest...), err
	}
	h, err := ParseIPv6(b)
	if err != nil {
		return nil, err
	}
	if len(h) != len(b) {
		return nil, errIPv6Cut
	}
	layers := []any{IPv6Fields{TrafficClass: h.TrafficClass(), FlowLabel: h.FlowLabel(), HopLimit: h.HopLimit(),
		Source: h.Source(), Destination: h.Destination()}}
	c, err := WalkIPv6(h)
	if err != nil {
		return layers, err
	}
	if c.RoutingHome.IsValid() {
		layers = append(layers, rh2Layer{c.RoutingHome})
	}
	if c.HomeAddress.IsValid() {
		layers = append(layers, haoLayer{c.HomeAddress})
	}
	src, dst := c.UpperAddresses()
	rest, err := parseUpper(c.Upper, h[c.UpperOffset:], layout, addresses{src, dst})
	return append(layers, rest...), err
}

func parseUpper(proto uint8, b []byte, layout IPv4Layout, a addresses) ([]any, error) {
	switch proto {
	case ProtoIPv4, ProtoIPv6:
		return parseIP(b, layout)
	case ProtoESP:
		e, err := ParseESP(b, 0, icvLen)
		if err != nil {
			return nil, err
		}
		if !hmac.Equal(e.ICV(), icv(e.Authenticated())) {
			return nil, ErrChecksum
		}
		payload, next, err := OpenESP(e.Ciphertext())
		if err != nil {
			return nil, err
		}
		rest, err := parseUpper(next, payload, layout, a)
		return append([]any{espLayer{e.SPI(), e.Sequence()}}, rest...), err
	case ProtoUDP:
		u, err := ParseUDP(b, a.src, a.dst)
		if err != nil {
			return nil, err
		}
		rest, err := parseService(u, layout)
		return append([]any{udpLayer{u.SourcePort(), u.DestinationPort()}}, rest...), err
	case ProtoMobility:
		m, err := ParseMobility(b, a.src, a.dst)
		if err != nil {
			return nil, err
		}
		l, err := mobilityLayer(m, layout)
		return []any{l}, err
	case ProtoICMPv6:
		m, err := ParseICMPv6(b, a.src, a.dst)
		if err != nil {
			return nil, err
		}
		l, err := icmpv6Layer(m)
		return []any{l}, err
	case ProtoNone:
		return nil, nil
	}
	return nil, &Error{Layer: "protocol", Kind: ErrUnsupported}
}

func parseService(u UDP, layout IPv4Layout) ([]any, error) {
	p := u.Payload()
	switch udpService(u) {
	case PortDSMIPv6:
		return parseIP(p, layout)
	case PortMobileIPv4:
		if r, err := ParseRegistrationRequest(p); err == nil {
			auth, _ := r.Extensions().MobileHomeAuthentication()
			if !hmac.Equal(auth.Authenticator, mip4MAC(auth.Covered)) {
				return nil, ErrChecksum
			}
			return []any{rrqLayer{RegistrationRequestFields{r.Flags(), r.Lifetime(), r.HomeAddress(), r.HomeAgent(),
				r.CareOfAddress(), r.Identification()}, auth.SPI}}, nil
		}
		r, err := ParseRegistrationReply(p)
		if err != nil {
			return nil, err
		}
		auth, _ := r.Extensions().MobileHomeAuthentication()
		if !hmac.Equal(auth.Authenticator, mip4MAC(auth.Covered)) {
			return nil, ErrChecksum
		}
		return []any{rrpLayer{RegistrationReplyFields{r.Code(), r.Lifetime(), r.HomeAddress(), r.HomeAgent(),
			r.Identification()}, auth.SPI}}, nil
	}
	return []any{dataLayer(p)}, nil
}

func mobilityLayer(m Mobility, layout IPv4Layout) (any, error) {
	if err := m.Options().Check(layout); err != nil {
		return nil, err
	}
	switch m.Type() {
	case MobilityBindingUpdate:
		u, err := m.BindingUpdate()
		f := BindingUpdateFields{Sequence: u.Sequence(), Flags: u.Flags(), Lifetime: u.Lifetime()}
		f.AlternateCareOf, _ = u.AlternateCareOf()
		f.IPv4CareOf, _ = u.IPv4CareOf(layout)
		if n, ok := u.NonceIndices(); ok {
			f.NonceIndices = &n
		}
		if h, ok := u.IPv4HomeAddress(layout); ok {
			f.IPv4HomeAddress = &h
		}
		if x, ok := u.AuthorizationData(); ok {
			f.Authenticator = (*[AuthenticatorLen]byte)(x)
		}
		return f, err
	case MobilityBindingAcknowledgement:
		a, err := m.BindingAcknowledgement()
		f := BindingAcknowledgementFields{Status: a.Status(), Flags: a.Flags(), Sequence: a.Sequence(), Lifetime: a.Lifetime()}
		f.RefreshAdvice, _ = a.RefreshAdvice()
		if k, ok := a.IPv4Acknowledgement(layout); ok {
			f.IPv4Acknowledgement = &k
		}
		if n, ok := a.NATDetection(layout); ok {
			f.NATDetection = &n
		}
		if x, ok := a.AuthorizationData(); ok {
			f.Authenticator = (*[AuthenticatorLen]byte)(x)
		}
		return f, err
	case MobilityHomeTestInit:
		t, err := m.HomeTestInit()
		return hotiLayer{t.Cookie()}, err
	case MobilityCareOfTestInit:
		t, err := m.CareOfTestInit()
		return cotiLayer{t.Cookie()}, err
	case MobilityHomeTest:
		t, err := m.HomeTest()
		return hotLayer{t.NonceIndex(), t.Cookie(), t.KeygenToken()}, err
	case MobilityCareOfTest:
		t, err := m.CareOfTest()
		return cotLayer{t.NonceIndex(), t.Cookie(), t.KeygenToken()}, err
	case MobilityBindingError:
		e, err := m.BindingError()
		return beLayer{e.Status(), e.HomeAddress()}, err
	}
	_, err := m.BindingRefreshRequest()
	return brrLayer{}, err
}

func icmpv6Layer(m ICMPv6) (any, error) {
	switch m.Type() {
	case ICMPv6RouterSolicitation:
		rs, err := m.RouterSolicitation()
		if err != nil {
			return nil, err
		}
		mac, _ := rs.Options().SourceLinkLayer()
		return rsLayer{mac}, nil
	case ICMPv6RouterAdvertisement:
		ra, err := m.RouterAdvertisement()
		if err != nil {
			return nil, err
		}
		f := RouterAdvertisementFields{CurHopLimit: ra.CurHopLimit(), Managed: ra.Managed(), OtherConfig: ra.OtherConfig(),
			HomeAgent: ra.HomeAgent(), Preference: ra.Preference(), RouterLifetime: ra.RouterLifetime(), ReachableTime: ra.ReachableTime(), RetransTimer: ra.RetransTimer()}
		o := ra.Options()
		f.SourceLinkLayer, _ = o.SourceLinkLayer()
		f.MTU, _ = o.MTU()
		f.AdvertisementInterval, _ = o.AdvertisementInterval()
		if h, ok := o.HomeAgentInformation(); ok {
			f.HomeAgentInformation = &h
		}
		for o.Next() {
			if p, ok := o.PrefixInformation(); ok {
				f.Prefixes = append(f.Prefixes, p)
			}
			if p, ok := o.MobilityAnchorPoint(); ok {
				f.MAPs = append(f.MAPs, p)
			}
		}
		return f, nil
	case ICMPv6NeighborSolicitation:
		ns, err := m.NeighborSolicitation()
		if err != nil {
			return nil, err
		}
		mac, _ := ns.Options().SourceLinkLayer()
		return nsLayer{ns.Target(), mac}, nil
	case ICMPv6NeighborAdvertisement:
		na, err := m.NeighborAdvertisement()
		if err != nil {
			return nil, err
		}
		mac, _ := na.Options().TargetLinkLayer()
		return NeighborAdvertisementFields{na.Router(), na.Solicited(), na.Override(), na.Target(), mac}, nil
	case ICMPv6HomeAgentRequest:
		r, err := m.HomeAgentRequest()
		if err != nil {
			return nil, err
		}
		return dhaadRequest{r.Identifier()}, nil
	case ICMPv6HomeAgentReply:
		r, err := m.HomeAgentReply()
		if err != nil {
			return nil, err
		}
		l := dhaadReply{id: r.Identifier()}
		for i := range r.Agents() {
			l.agents = append(l.agents, r.Agent(i))
		}
		return l, nil
	case ICMPv6PrefixSolicitation:
		p, err := m.PrefixSolicitation()
		if err != nil {
			return nil, err
		}
		return mpsLayer{p.Identifier()}, nil
	case ICMPv6PrefixAdvertisement:
		p, err := m.PrefixAdvertisement()
		if err != nil {
			return nil, err
		}
		f := PrefixAdvertisementFields{Identifier: p.Identifier(), Managed: p.Managed(), OtherConfig: p.OtherConfig()}
		for o := p.Options(); o.Next(); {
			if x, ok := o.PrefixInformation(); ok {
				f.Prefixes = append(f.Prefixes, x)
			}
		}
		return f, nil
	}
	return nil, &Error{Layer: "ICMPv6", Kind: ErrUnsupported}
}
