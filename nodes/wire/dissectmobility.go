package wire

import "fmt"

func (d *dissector) mobility(b []byte, a addresses) {
	m, err := ParseMobility(b, a.src, a.dst)
	if err != nil {
		d.malformed(b, err)
		return
	}
	name, summary, fields := m.describe()
	fields = append([]Field{field("Type", uint8(m.Type())), hexField("Checksum", m.Checksum())}, fields...)
	options := m.Options()
	d.add(len(m), name, summary, append(fields, mobilityOptionFields(options, d.opts.Layout)...)...)
	if err := options.Check(d.opts.Layout); err != nil {
		// The message itself is shown above; what is left is the complaint.
		d.malformed(nil, err)
	}
}

func (m Mobility) describe() (name, summary string, fields []Field) {
	switch m.Type() {
	case MobilityBindingUpdate:
		u := BindingUpdate{m.Options()}
		return "Binding Update", fmt.Sprintf("sequence %d, flags %v, lifetime %v", u.Sequence(), u.Flags(), u.Lifetime()),
			[]Field{field("Sequence", u.Sequence()), field("Flags", u.Flags()), field("Lifetime", u.Lifetime())}
	case MobilityBindingAcknowledgement:
		a := BindingAcknowledgement{m.Options()}
		return "Binding Acknowledgement", fmt.Sprintf("%v, sequence %d, lifetime %v", a.Status(), a.Sequence(), a.Lifetime()),
			[]Field{{"Status", fmt.Sprintf("%d (%v)", uint8(a.Status()), a.Status())}, field("Flags", a.Flags()),
				field("Sequence", a.Sequence()), field("Lifetime", a.Lifetime())}
	case MobilityHomeTestInit, MobilityCareOfTestInit:
		c := HomeTestInit{m.Options()}.Cookie() // both have the same layout
		return map[bool]string{true: "Home Test Init", false: "Care-of Test Init"}[m.Type() == MobilityHomeTestInit],
			fmt.Sprintf("cookie %x", c), []Field{bytesField("Init cookie", c[:])}
	case MobilityHomeTest, MobilityCareOfTest:
		t := HomeTest{m.Options()} // both have the same layout
		c, k := t.Cookie(), t.KeygenToken()
		return map[bool]string{true: "Home Test", false: "Care-of Test"}[m.Type() == MobilityHomeTest],
			fmt.Sprintf("nonce index %d, cookie %x", t.NonceIndex(), c),
			[]Field{field("Nonce index", t.NonceIndex()), bytesField("Init cookie", c[:]), bytesField("Keygen token", k[:])}
	case MobilityBindingError:
		e := BindingError{m.Options()}
		return "Binding Error", fmt.Sprintf("%v, home address %v", e.Status(), e.HomeAddress()),
			[]Field{{"Status", fmt.Sprintf("%d (%v)", uint8(e.Status()), e.Status())}, field("Home Address", e.HomeAddress())}
	}
	return "Binding Refresh Request", "please register again", nil
}

// mobilityOptionFields describes every option up to the first that runs past
// the end. A known option of the wrong length is shown as octets.
func mobilityOptionFields(o MobilityOptions, layout IPv4Layout) []Field {
	var fields []Field
	o.All(layout)(func(opt MobilityOption) bool {
		if opt.Type != MobOptPad1 && opt.Type != MobOptPadN {
			// A list of one option lets the typed accessors do the decoding.
			fields = append(fields, mobilityOptionField(opt, o.only(opt, layout), layout))
		}
		return true
	})
	return fields
}

// only returns the list that begins with opt and ends where opt ends.
func (o MobilityOptions) only(opt MobilityOption, layout IPv4Layout) MobilityOptions {
	_, next, _ := o.at(opt.Offset, layout)
	return MobilityOptions{b: o.b[:next], start: opt.Offset}
}

func mobilityOptionField(opt MobilityOption, o MobilityOptions, layout IPv4Layout) Field {
	if advice, ok := o.RefreshAdvice(); ok {
		return field("Binding Refresh Advice", advice)
	}
	if a, ok := o.AlternateCareOf(); ok {
		return field("Alternate Care-of Address", a)
	}
	if n, ok := o.NonceIndices(); ok {
		return Field{"Nonce Indices", fmt.Sprintf("home %d, care-of %d", n.Home, n.CareOf)}
	}
	if auth, ok := o.AuthorizationData(); ok {
		return bytesField("Binding Authorization Data", auth)
	}
	if h, ok := o.IPv4HomeAddress(layout); ok {
		return Field{"IPv4 Home Address", fmt.Sprintf("%v/%d", h.Address, h.PrefixLen)}
	}
	if a, ok := o.IPv4Acknowledgement(layout); ok {
		return Field{"IPv4 Address Acknowledgement", fmt.Sprintf("%v, %d (%v)", a.Address, uint8(a.Status), a.Status)}
	}
	if a, ok := o.IPv4CareOf(layout); ok {
		return field("IPv4 Care-of Address", a)
	}
	if n, ok := o.NATDetection(layout); ok {
		return Field{"NAT Detection", fmt.Sprintf("refresh %v, force UDP %v", n.Refresh, n.ForceUDP)}
	}
	return bytesField(fmt.Sprintf("Option %d", opt.Type), opt.Data)
}
