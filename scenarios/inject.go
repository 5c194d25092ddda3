package scenarios

import (
	"dsmipsim/nodes"
	"dsmipsim/nodes/wire"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
	"dsmipsim/topology"
)

// InjectName is the node that forged frames appear to come from.
const InjectName = "inject"

// forgery puts one forged packet on its link when the time has come.
type forgery struct {
	w  *world
	by *topology.Injector
	in *spec.Inject
	ip []byte // the IP packet, or
	l2 []byte // the frame
}

// addInjects prepares the forged packets of the scenario.
func (w *world) addInjects() error {
	s := w.plan.Spec
	if len(s.Injects) == 0 {
		return nil
	}
	by := w.net.NewInjector(InjectName)
	for i := range s.Injects {
		in := &s.Injects[i]
		f := &forgery{w: w, by: by, in: in}
		var err error
		switch {
		case in.Frame != "":
			f.l2, err = spec.Octets(in.Frame)
		case in.Octets != "":
			f.ip, err = spec.Octets(in.Octets)
		default:
			f.ip, err = w.forge(in.Packet)
		}
		if err != nil {
			return err
		}
		w.loop.At(vtime.Time(in.At), f, nil)
	}
	return nil
}

// HandleEvent implements sim.Handler.
func (f *forgery) HandleEvent(vtime.Time, any) {
	link, to := f.place()
	octets := f.ip
	if f.l2 != nil {
		octets = f.l2
	}
	b := f.w.pool.From(octets)
	if link == nil || to == nil {
		f.w.net.Drop(InjectName, b, trace.LinkUnavailable)
		return
	}
	if link.Type == trace.Ethernet && f.l2 == nil {
		f.frame(b, to)
	}
	f.by.Put(link, to, b)
}

// place finds the link and who the frame is for, as things are now.
func (f *forgery) place() (*topology.Link, *topology.Port) {
	node := f.in.Node
	if f.in.Link != "" {
		link := f.w.link(f.in.Link)
		if node == "" {
			node = f.in.Link
		}
		return link, link.Interface(f.w.nodeName(node), f.in.Interface)
	}
	for _, p := range f.w.ports(node) {
		if f.in.Interface == "" || p.Name == f.in.Interface {
			return p.Link(), p
		}
	}
	return nil, nil
}

// link returns a link by its name, which for a shared link is that of its network.
func (w *world) link(name string) *topology.Link {
	for _, l := range w.net.Links() {
		if l.Name == name {
			return l
		}
	}
	return nil
}

// nodeName resolves the name of a network to that of its router.
func (w *world) nodeName(name string) string {
	if r := w.plan.Router(name); r != nil {
		return r.Name
	}
	return name
}

// ports returns the interfaces of a node, or of the router of a network.
func (w *world) ports(name string) []*topology.Port {
	var h *nodes.Host
	switch r := w.routers[w.nodeName(name)]; {
	case r != nil:
		h = r.Host
	case w.mobiles[name] != nil:
		h = w.mobiles[name].Host
	case w.hosts[name] != nil:
		h = w.hosts[name].Host
	default:
		return nil
	}
	return h.Ports
}

// frame puts an Ethernet header in front of an IP packet: to the port that shall get it, or to
// the group of a multicast packet.
func (f *forgery) frame(b *packet.Buf, to *topology.Port) {
	octets := b.Bytes()
	dst, etherType := to.MAC, uint16(wire.EtherTypeIPv4)
	if octets[0]>>4 == 6 {
		etherType = wire.EtherTypeIPv6
		if h, err := wire.ParseIPv6(octets); err == nil && h.Destination().IsMulticast() {
			dst = wire.MulticastMAC(h.Destination())
		}
	}
	wire.PutEthernet(b.Prepend(wire.EthernetLen), dst, f.by.MAC(), etherType)
}
