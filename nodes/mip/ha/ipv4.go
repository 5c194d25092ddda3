package ha

import (
	"net/netip"
	"time"

	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// bindIPv4 acts on the IPv4 home address option of an accepted Binding Update and returns
// the acknowledgement for it; nil if the option was absent, which ends an IPv4 binding that
// was there (draft section 3.4; RFC 5555 section 4.4.2.1 for the absent option).
func (a *Agent) bindIPv4(now vtime.Time, r *request, granted time.Duration, address netip.Addr, status wire.IPv4Status) *wire.IPv4Acknowledgement {
	if r.ipv4 == nil {
		a.removeIPv4(r.home)
		return nil
	}
	if !status.IsSuccess() {
		// Nothing is assigned; the field repeats what was asked for. An earlier binding must
		// not survive with a care-of address that is no longer true.
		a.removeIPv4(r.home)
		return &wire.IPv4Acknowledgement{Status: status, Address: r.ipv4.Address}
	}
	old := a.cache.Live(address)
	a.cache.Put(&mip.Binding{
		HomeAddress: address, Owner: r.home, CareOf: r.careOf, Home: true, Sequence: r.sequence,
		Lifetime: granted, Expires: now.Add(granted),
	})
	kind := trace.BindingUpdated
	if old == nil {
		kind = trace.BindingCreated
		a.defend(r.home, address)
	}
	a.s.Out.Note(trace.Note{Kind: kind, Home: address, CareOf: r.careOf, Sequence: r.sequence, Lifetime: int64(granted / time.Second)})
	return &wire.IPv4Acknowledgement{Status: status, Address: address}
}

// ipv4For decides which IPv4 home address the mobile node gets. What belongs to an IPv6
// home address is in the agent's own table, so that a valid security association for the
// one authorises the other (draft section 4).
func (a *Agent) ipv4For(r *request) (netip.Addr, wire.IPv4Status) {
	if r.ipv4 == nil {
		return netip.Addr{}, wire.IPv4Success
	}
	mobile, asked := a.mobiles[r.home], r.ipv4.Address
	lease, leased := a.leases[r.home]
	switch {
	case mobile.RefuseIPv4 != 0:
		return netip.Addr{}, mobile.RefuseIPv4
	case r.clash:
		return netip.Addr{}, wire.IPv4Unspecified
	case asked.IsUnspecified() && mobile.IPv4.IsValid():
		return mobile.IPv4, wire.IPv4Success
	case asked.IsUnspecified() && leased:
		return lease, wire.IPv4Success
	case asked.IsUnspecified():
		return a.allocate(r.home, mobile)
	case !a.isUnicast(asked):
		return netip.Addr{}, wire.IPv4InvalidAddress
	case asked == mobile.IPv4 || leased && asked == lease:
		return asked, wire.IPv4Success
	}
	return netip.Addr{}, wire.IPv4IncorrectAddress
}

// allocate leases the lowest free address of the pool.
func (a *Agent) allocate(home netip.Addr, mobile *Mobile) (netip.Addr, wire.IPv4Status) {
	if mobile.Dynamic && a.cfg.Pool.IsValid() {
		for x := a.cfg.Pool.Masked().Addr(); a.cfg.Pool.Contains(x); x = x.Next() {
			if !a.taken[x] && a.isUnicast(x) && x != a.cfg.IPv4 && !a.isStatic(x) {
				a.taken[x] = true
				a.leases[home] = x
				return x, wire.IPv4Success
			}
		}
	}
	return netip.Addr{}, wire.IPv4NoDynamic
}

func (a *Agent) isStatic(x netip.Addr) bool {
	for i := range a.cfg.Mobiles {
		if a.cfg.Mobiles[i].IPv4 == x {
			return true
		}
	}
	return false
}

// isUnicast reports whether an address may be a host's: not multicast, reserved, loopback,
// or the network or broadcast address of the home prefix.
func (a *Agent) isUnicast(x netip.Addr) bool {
	b := x.As4()
	if b[0] == 0 || b[0] == 127 || b[0] >= 224 {
		return false
	}
	if p := a.cfg.IPv4Prefix; p.IsValid() && p.Contains(x) && p.Bits() < 31 {
		return x != p.Masked().Addr() && p.Contains(x.Next())
	}
	return true
}

// removeIPv4 ends the IPv4 binding of a mobile node. A dynamic address returns to the pool.
func (a *Agent) removeIPv4(home netip.Addr) {
	if b := a.cache.IPv4Of(home); b != nil {
		a.nd.StopProxy(b.HomeAddress)
		a.cache.Delete(b.HomeAddress)
		a.s.Out.Note(trace.Note{Kind: trace.BindingRemoved, Home: b.HomeAddress, CareOf: b.CareOf})
	}
	if lease, ok := a.leases[home]; ok {
		delete(a.leases, home)
		delete(a.taken, lease)
	}
}
