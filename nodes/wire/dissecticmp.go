package wire

import "fmt"

func (d *dissector) icmpv4(b []byte) {
	m, err := ParseICMPv4(b)
	if err != nil {
		d.malformed(b, err)
		return
	}
	name, _ := icmpv4Name(m.Type())
	fields := []Field{field("Type", m.Type()), field("Code", m.Code())}
	summary := fmt.Sprintf("%s, code %d", name, m.Code())
	if m.Type() == ICMPv4DestinationUnreachable && m.Code() == ICMPv4CodeFragmentationNeeded {
		summary += fmt.Sprintf(", MTU %d", m.NextHopMTU())
		fields = append(fields, field("Next-hop MTU", m.NextHopMTU()))
	}
	if e, err := m.Echo(); err == nil {
		fields = append(fields, echoFields(e)...)
	}
	if h, err := ParseQuotedIPv4(m.Quoted()); err == nil {
		fields = append(fields, Field{"Quoted packet", fmt.Sprintf("IPv4 %v > %v, protocol %d", h.Source(), h.Destination(), h.Protocol())})
	}
	d.add(len(b), "ICMPv4", summary, fields...)
}

func echoFields(e Echo) []Field {
	return []Field{field("Identifier", e.Identifier()), field("Sequence", e.Sequence()), field("Data", octets(len(e.Data())))}
}

func (d *dissector) icmpv6(b []byte, a addresses) {
	m, err := ParseICMPv6(b, a.src, a.dst)
	if err != nil {
		d.malformed(b, err)
		return
	}
	name, group := icmpv6Name(m.Type())
	summary, fields, err := m.describe()
	if err != nil {
		d.malformed(b, err)
		return
	}
	if summary == "" {
		summary = fmt.Sprintf("%s, code %d", name, m.Code())
	}
	fields = append([]Field{field("Type", m.Type()), field("Code", m.Code())}, fields...)
	if group == GroupData || group == GroupError {
		name = "ICMPv6" // the summary says which
	}
	d.add(len(b), name, summary, fields...)
}

// describe returns summary and fields of the messages it knows, an empty
// summary for others.
func (m ICMPv6) describe() (string, []Field, error) {
	switch m.Type() {
	case ICMPv6EchoRequest, ICMPv6EchoReply:
		e, err := m.Echo()
		if err != nil {
			return "", nil, err
		}
		return "", echoFields(e), nil
	case ICMPv6RouterSolicitation:
		rs, err := m.RouterSolicitation()
		if err != nil {
			return "", nil, err
		}
		return "router solicitation", ndOptionFields(rs.Options()), nil
	case ICMPv6RouterAdvertisement:
		return m.describeRA()
	case ICMPv6NeighborSolicitation:
		ns, err := m.NeighborSolicitation()
		if err != nil {
			return "", nil, err
		}
		return fmt.Sprintf("who has %v?", ns.Target()),
			append([]Field{field("Target", ns.Target())}, ndOptionFields(ns.Options())...), nil
	case ICMPv6NeighborAdvertisement:
		na, err := m.NeighborAdvertisement()
		if err != nil {
			return "", nil, err
		}
		flags := flagNames("R", na.Router(), "S", na.Solicited(), "O", na.Override())
		return fmt.Sprintf("%v is here, flags %s", na.Target(), flags),
			append([]Field{{"Flags", flags}, field("Target", na.Target())}, ndOptionFields(na.Options())...), nil
	case ICMPv6HomeAgentRequest:
		r, err := m.HomeAgentRequest()
		if err != nil {
			return "", nil, err
		}
		return "home agent address discovery request", []Field{field("Identifier", r.Identifier())}, nil
	case ICMPv6HomeAgentReply:
		return m.describeHomeAgents()
	case ICMPv6PrefixSolicitation:
		p, err := m.PrefixSolicitation()
		if err != nil {
			return "", nil, err
		}
		return "mobile prefix solicitation", []Field{field("Identifier", p.Identifier())}, nil
	case ICMPv6PrefixAdvertisement:
		p, err := m.PrefixAdvertisement()
		if err != nil {
			return "", nil, err
		}
		flags := flagNames("M", p.Managed(), "O", p.OtherConfig())
		return "mobile prefix advertisement",
			append([]Field{field("Identifier", p.Identifier()), {"Flags", flags}}, ndOptionFields(p.Options())...), nil
	}
	if !m.IsError() {
		return "", nil, nil
	}
	var fields []Field
	switch m.Type() {
	case ICMPv6PacketTooBig:
		fields = append(fields, field("MTU", m.MTU()))
	case ICMPv6ParameterProblem:
		fields = append(fields, field("Pointer", m.Pointer()))
	}
	if h, err := ParseQuotedIPv6(m.Quoted()); err == nil {
		fields = append(fields, Field{"Quoted packet", fmt.Sprintf("IPv6 %v > %v, next header %d", h.Source(), h.Destination(), h.NextHeader())})
	}
	return "", fields, nil
}

func (m ICMPv6) describeRA() (string, []Field, error) {
	ra, err := m.RouterAdvertisement()
	if err != nil {
		return "", nil, err
	}
	flags := flagNames("M", ra.Managed(), "O", ra.OtherConfig(), "H", ra.HomeAgent())
	fields := []Field{field("Current hop limit", ra.CurHopLimit()), {"Flags", flags},
		field("Router lifetime", ra.RouterLifetime()), field("Reachable time", ra.ReachableTime()),
		field("Retrans timer", ra.RetransTimer())}
	return fmt.Sprintf("router advertisement, flags %s, lifetime %v", flags, ra.RouterLifetime()),
		append(fields, ndOptionFields(ra.Options())...), nil
}

func (m ICMPv6) describeHomeAgents() (string, []Field, error) {
	r, err := m.HomeAgentReply()
	if err != nil {
		return "", nil, err
	}
	fields := []Field{field("Identifier", r.Identifier())}
	for i := range r.Agents() {
		fields = append(fields, field("Home Agent", r.Agent(i)))
	}
	return fmt.Sprintf("%d home agents", r.Agents()), fields, nil
}

func ndOptionFields(o NDOptions) []Field {
	var fields []Field
	for o.Next() {
		one := NDOptions{rest: o.cur}
		var f Field
		if p, ok := o.PrefixInformation(); ok {
			f = Field{"Prefix", fmt.Sprintf("%v/%d, flags %s, valid %v, preferred %v", p.Address, p.PrefixLen,
				flagNames("L", p.OnLink, "A", p.Autonomous, "R", p.RouterAddress), p.ValidLifetime, p.PreferredLifetime)}
		} else if m, ok := o.MobilityAnchorPoint(); ok {
			f = Field{"MAP", fmt.Sprintf("%v, distance %d, preference %d, valid %v", m.Address, m.Distance, m.Preference, m.ValidLifetime)}
		} else if mac, ok := one.SourceLinkLayer(); ok {
			f = field("Source link-layer address", mac)
		} else if mac, ok := one.TargetLinkLayer(); ok {
			f = field("Target link-layer address", mac)
		} else if mtu, ok := one.MTU(); ok {
			f = field("MTU", mtu)
		} else if d, ok := one.AdvertisementInterval(); ok {
			f = field("Advertisement interval", d)
		} else if h, ok := one.HomeAgentInformation(); ok {
			f = Field{"Home agent", fmt.Sprintf("preference %d, lifetime %v", h.Preference, h.Lifetime)}
		} else {
			f = bytesField(fmt.Sprintf("Option %d", o.Type()), o.Data())
		}
		fields = append(fields, f)
	}
	return fields
}
