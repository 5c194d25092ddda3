package conformance

import (
	"bytes"
	"slices"
	"strconv"
	"time"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim/vtime"
)

// rowsD3 are the rows of sections 3.1 and 3.2 of the draft: the two options.
func rowsD3() []Row {
	const a, b = "3.1.1", "3.2.1"
	return []Row{
		{ID: "D-3.1.1-1", Section: a, Role: "MN", Strength: "fact", Text: "the option is in Binding Updates to a home agent",
			In: "case-a", Judge: optionOnlyIn(optHome4, func(r *Run, p *Packet) bool {
				bu, err := p.Mobility.BindingUpdate()
				return err == nil && bu.Has(wire.BUHomeRegistration)
			})},
		{ID: "D-3.1.1-2", Section: a, Role: "MN", Strength: "fact", Text: "layout: type, length, IPv4 address",
			In: "case-a", Judge: optionLayout(optHome4, 4, 2)},
		{ID: "D-3.1.1-3", Section: a, Role: "HA", Strength: "should", Text: "the home agent defends the address",
			In: "home-link", Parts: "announces replies", Judge: defendsIPv4},
		{ID: "D-3.1.1-4", Section: a, Role: "MN", Strength: "fact", Text: "any unicast address, public or private",
			In: "private-home refusals", Parts: "private refused", Judge: anyUnicast},
		{ID: "D-3.1.1-5", Section: a, Role: "MN", Strength: "fact", Text: "0.0.0.0 requests an address",
			In: "dynamic", Judge: unspecifiedAsks},
		{ID: "D-3.2.1-1", Section: b, Role: "HA", Strength: "fact", Text: "the acknowledgement option is in acknowledgements of a home agent",
			In: "case-a", Judge: optionOnlyIn(optAck4, func(r *Run, p *Packet) bool {
				return p.Is(wire.MobilityBindingAcknowledgement)
			})},
		{ID: "D-3.2.1-2", Section: b, Role: "HA", Strength: "fact", Text: "it says whether an entry was created",
			In: "case-a refusals", Parts: "created not-created", Judge: saysWhetherCreated},
		{ID: "D-3.2.1-3", Section: b, Role: "HA", Strength: "fact", Text: "it can carry an address for a node that had none",
			In: "dynamic", Judge: allocates},
		{ID: "D-3.2.1-4", Section: b, Role: "MN", Strength: "fact", Text: "0 to 127 is success, higher is failure",
			In: "unknown-status", Parts: "success failure", Judge: unknownStatus},
		{ID: "D-3.2.1-5", Section: b, Role: "HA", Strength: "fact", Text: "codes 0, 128, 129, 130, 131, 132",
			In: "refusals policies", Parts: "0 128 129 130 131 132", Judge: eachStatus},
		{ID: "D-3.2.1-6", Section: b, Role: "HA", Strength: "MUST", Text: "the address field always holds the IPv4 address",
			In: "case-a refusals", Parts: "success failure", Judge: addressField},
		{ID: "D-3.2.1-7", Section: b, Role: "HA", Strength: "will", Text: "dynamic: the allocated address",
			In: "dynamic", Judge: allocates},
		{ID: "D-3.2.1-8", Section: b, Role: "HA", Strength: "will", Text: "static: copied from the update",
			In: "case-a", Judge: func(r *Run, j *Jury) {
				for _, a := range r.Acks {
					if a.FromHA && a.Of != nil && a.Of.IPv4 != nil && a.IPv4 != nil && !a.Of.IPv4.IsUnspecified() {
						j.Check(a.IPv4.Address == *a.Of.IPv4, a.Packet, "%s in both", a.IPv4.Address)
					}
				}
			}},
	}
}

// optionOnlyIn wants an option in no other message than the one that right accepts.
func optionOnlyIn(typ uint8, right func(*Run, *Packet) bool) func(*Run, *Jury) {
	return func(r *Run, j *Jury) {
		for _, p := range r.Packets {
			if isSignalling(p) && !forged(p) && find(options(p.Mobility), typ) != nil {
				j.Check(right(r, p), p, "option %d in a %s", typ, p.Mobility.Type())
			}
		}
	}
}

// optionLayout wants the length and the alignment 4n+y of an option (rulings ).
func optionLayout(typ uint8, length, y int) func(*Run, *Jury) {
	return func(r *Run, j *Jury) {
		if r.Spec.Draft00.LiteralLength {
			return // shows the defect on purpose
		}
		for _, p := range r.Packets {
			if !isSignalling(p) || forged(p) {
				continue
			}
			if o := find(options(p.Mobility), typ); o != nil {
				j.Check(len(o.data) == length && o.offset%4 == y, p, "length %d at offset %d", len(o.data), o.offset)
			}
		}
	}
}

// defendsIPv4 wants a gratuitous ARP after each first binding of an IPv4 home address, and the
// home agent's answer to whoever asks for a bound one.
func defendsIPv4(r *Run, j *Jury) {
	for _, a := range r.grants("A B") {
		if before, v4 := bindings(r.State(a.Time-vtime.Time(2*look)), a.Mobile); v4 != nil || before != nil {
			continue // renewed, or moved
		}
		link := a.Mobile.HomeLink
		var announced *Packet
		for p := range r.From(a.Mobile.Agent) {
			if p.ARP != nil && p.Link == link && p.ARP.IsGratuitous() && p.ARP.SenderIP() == a.bound4() && p.Time >= a.Time-vtime.Time(2*look) && p.Time <= a.Time+vtime.Time(1e9) {
				announced = p
				break
			}
		}
		if announced == nil {
			j.Bad(a.Packet, "no gratuitous ARP for %s", a.bound4())
			continue
		}
		good := announced.ARP.SenderMAC() == announced.Ethernet.Source() && announced.Ethernet.Destination() == wire.Broadcast
		j.CheckPart("announces", good, announced, "gratuitous ARP for %s", a.bound4())
	}
	for _, p := range r.Packets {
		if p.ARP == nil || p.ARP.Operation() != wire.ARPRequest || p.ARP.IsGratuitous() {
			continue
		}
		for _, m := range r.Mobiles {
			_, v4 := bindings(r.State(p.Time), m)
			if v4 == nil || p.Link != m.HomeLink || unmap(v4.HomeAddress) != p.ARP.TargetIP() || p.Node == m.Name || p.Node == m.Agent || p.ARP.SenderIP().IsUnspecified() {
				continue
			}
			answer := r.next(p, func(q *Packet) bool {
				return q.Node == m.Agent && q.ARP != nil && q.ARP.Operation() == wire.ARPReply && q.ARP.SenderIP() == p.ARP.TargetIP()
			})
			if answer == nil {
				j.Bad(p, "nobody answers for %s", p.ARP.TargetIP())
				continue
			}
			j.CheckPart("replies", answer.ARP.SenderMAC() == answer.Ethernet.Source(), answer, "the home agent answers for %s", p.ARP.TargetIP())
		}
	}
}

// next returns the first packet within a second after another that a test accepts.
func (r *Run) next(after *Packet, right func(*Packet) bool) *Packet {
	return r.within(after, time.Second, right)
}

// within is next for another span.
func (r *Run) within(after *Packet, span time.Duration, right func(*Packet) bool) *Packet {
	for _, q := range r.Packets[after.N:] {
		if q.Time > after.Time.Add(span) {
			return nil
		}
		if right(q) {
			return q
		}
	}
	return nil
}

func anyUnicast(r *Run, j *Jury) {
	for _, a := range r.Acks {
		if !a.FromHA || a.Of == nil || a.Of.IPv4 == nil || a.IPv4 == nil {
			continue
		}
		asked := *a.Of.IPv4
		switch {
		case asked.IsPrivate() && a.Mobile != nil && asked == a.Mobile.IPv4:
			j.CheckPart("private", a.IPv4.Status.IsSuccess(), a.Packet, "private %s is bound", asked)
		case asked.IsMulticast():
			j.CheckPart("refused", a.IPv4.Status == wire.IPv4InvalidAddress, a.Packet, "multicast %s gives status %d", asked, a.IPv4.Status)
		}
	}
}

func saysWhetherCreated(r *Run, j *Jury) {
	for _, a := range r.Acks {
		if !a.FromHA || a.Mobile == nil || a.Of == nil || a.IPv4 == nil || a.A.Lifetime() == 0 || !a.A.Status().IsAccepted() {
			continue
		}
		_, v4 := r.binding(a)
		part := "not-created"
		if a.IPv4.Status.IsSuccess() {
			part = "created"
		}
		j.CheckPart(part, (v4 != nil) == a.IPv4.Status.IsSuccess(), a.Packet, "status %d, entry: %t", a.IPv4.Status, v4 != nil)
	}
}

// unknownStatus looks at what mobile nodes do on status codes that nobody has defined.
func unknownStatus(r *Run, j *Jury) {
	for _, a := range r.Acks {
		if a.Mobile == nil || a.IPv4 == nil || slices.Contains([]wire.IPv4Status{0, 128, 129, 130, 131, 132}, a.IPv4.Status) {
			continue
		}
		t, ok := r.delivered(a)
		if !ok {
			continue
		}
		_, v4, _ := entries(r.State(t), a.Mobile)
		part := "failure"
		if a.IPv4.Status < 128 {
			part = "success"
		}
		j.CheckPart(part, (v4 != nil) == (a.IPv4.Status < 128), a.Packet, "status %d, entry in the update list: %t", a.IPv4.Status, v4 != nil)
	}
}

// eachStatus wants each code for the reason that the protocol reference gives it.
func eachStatus(r *Run, j *Jury) {
	for _, a := range r.Acks {
		if !a.FromHA || a.Of == nil || a.Mobile == nil || a.IPv4 == nil || a.Of.IPv4 == nil || a.A.Lifetime() == 0 {
			continue
		}
		asked, status := *a.Of.IPv4, a.IPv4.Status
		good := false
		switch status {
		case wire.IPv4Success:
			good = asked.IsUnspecified() || asked == r.ipv4Home(a.Mobile, a.Time)
		case wire.IPv4IncorrectAddress:
			good = asked.IsValid() && !asked.IsUnspecified() && asked != a.Mobile.IPv4
		case wire.IPv4InvalidAddress:
			b := asked.As4()
			good = b[0] == 0 && !asked.IsUnspecified() || b[0] == 127 || b[0] >= 224 || !asked.IsUnspecified() && r.Spec.Network(a.Mobile.HomeLink).IPv4.Contains(asked)
		case wire.IPv4NoDynamic:
			good = asked.IsUnspecified()
		case wire.IPv4Unspecified, wire.IPv4Prohibited:
			good = true
		}
		j.CheckPart(strconv.Itoa(int(status)), good, a.Packet, "status %d for %s", status, asked)
	}
}

func addressField(r *Run, j *Jury) {
	for _, a := range r.Acks {
		if !a.FromHA || a.Of == nil || a.Of.IPv4 == nil || a.IPv4 == nil || a.A.Lifetime() == 0 {
			continue
		}
		if a.IPv4.Status.IsSuccess() {
			_, v4 := r.binding(a)
			good := !a.IPv4.Address.IsUnspecified() && (v4 == nil || unmap(v4.HomeAddress) == a.IPv4.Address)
			j.CheckPart("success", good, a.Packet, "%s, the address that is bound", a.IPv4.Address)
		} else {
			j.CheckPart("failure", a.IPv4.Address == *a.Of.IPv4, a.Packet, "%s, as it was asked for (X-9)", a.IPv4.Address)
		}
	}
}

// contains reports whether the octets hold the IPv4-mapped form of an address.
func containsMapped(p *Packet, a [4]byte) bool {
	want := append([]byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, a[:]...)
	return bytes.Contains(p.Octets, want)
}
