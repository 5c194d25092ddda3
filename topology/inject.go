package topology

import (
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/vtime"
)

// Injector puts forged frames on links. It is no node: it has no address, hears nothing, and
// needs no place on a link, so that a scenario without forged frames is the same with it.
type Injector struct {
	name string
	net  *Net
	port Port // as the sender of what is in flight; never attached
}

// NewInjector returns an Injector that appears as the sender called name.
func (n *Net) NewInjector(name string) *Injector {
	return &Injector{name: name, net: n, port: Port{Node: name, net: n}}
}

// Put takes over a frame and transmits it at once. On a point-to-point link it goes to the
// port to, on a shared link to whom its Ethernet destination names.
func (i *Injector) Put(l *Link, to *Port, b *packet.Buf) {
	i.port.link, i.port.sends = l, down
	if l.byMAC == nil {
		i.port.towards = to
	} else if len(b.Bytes()) >= wire.EthernetLen {
		to = l.byMAC[wire.MAC(b.Bytes()[:6])]
	}
	if to != nil && to.sends == down {
		i.port.sends = up
	}
	i.port.latest = [2]vtime.Time{}
	i.port.transmit(i.net.Loop.Now(), b, 0)
	i.port.link, i.port.towards = nil, nil
}

// MAC returns a hardware address for the frames of the injector, which belongs to nobody.
func (i *Injector) MAC() wire.MAC { return wire.MAC{0x02, 0, 0, 0, 0, 0} }

// Interface returns the port of that name on a link that belongs to the node, or nil. An empty
// name takes the first.
func (l *Link) Interface(node, name string) *Port {
	for _, p := range l.ports {
		if p.Node == node && (name == "" || p.Name == name) {
			return p
		}
	}
	return nil
}
