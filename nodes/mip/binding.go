package mip

import (
	"net/netip"
	"time"

	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/vtime"
)

// Binding is a binding cache entry: one per home address (RFC 6275 section 9.1).
type Binding struct {
	HomeAddress netip.Addr // IPv6 or IPv4
	Owner       netip.Addr // IPv6 home address of the mobile node
	CareOf      netip.Addr // IPv6 or IPv4
	Home        bool       // a home registration
	Sequence    uint16     // of the last accepted Binding Update
	Lifetime    time.Duration
	Expires     vtime.Time

	// Deleted marks an entry that was deregistered and is kept for a while, so that a late
	// Binding Update is recognised as old (RFC 6275 section 10.3.2).
	Deleted bool

	Indices wire.NonceIndices // that authorized the entry, at a correspondent node
	Used    vtime.Time        // when a packet was last sent by the entry, at a correspondent node

	Timer *machine.Timer // expiry; on the entry of the IPv6 home address only
}

// Cache is a binding cache in the order of registration.
type Cache struct {
	byHome map[netip.Addr]*Binding
	order  []*Binding
}

// Get returns the entry for a home address, a deleted one included, or nil.
func (c *Cache) Get(home netip.Addr) *Binding { return c.byHome[home] }

// Live returns the entry for a home address if it is in force.
func (c *Cache) Live(home netip.Addr) *Binding {
	if b := c.byHome[home]; b != nil && !b.Deleted {
		return b
	}
	return nil
}

// Put adds an entry, or replaces the one of the same home address.
func (c *Cache) Put(b *Binding) {
	if c.byHome == nil {
		c.byHome = map[netip.Addr]*Binding{}
	}
	c.Delete(b.HomeAddress)
	c.byHome[b.HomeAddress] = b
	c.order = append(c.order, b)
}

// Delete removes the entry of a home address.
func (c *Cache) Delete(home netip.Addr) {
	b := c.byHome[home]
	if b == nil {
		return
	}
	if b.Timer != nil {
		b.Timer.Stop()
	}
	delete(c.byHome, home)
	for i, o := range c.order {
		if o == b {
			c.order = append(c.order[:i], c.order[i+1:]...)
			return
		}
	}
}

// IPv4Of returns the live entry of the IPv4 home address that belongs to an IPv6 one.
func (c *Cache) IPv4Of(owner netip.Addr) *Binding {
	for _, b := range c.order {
		if b.Owner == owner && b.HomeAddress.Is4() && !b.Deleted {
			return b
		}
	}
	return nil
}

// Snapshot returns a copy of the entries.
func (c *Cache) Snapshot() []Binding {
	all := make([]Binding, len(c.order))
	for i, b := range c.order {
		all[i] = *b
		all[i].Timer = nil
	}
	return all
}
