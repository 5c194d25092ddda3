package scenarios

import (
	"net/netip"
	"time"

	"dsmipsim/nodes"
	"dsmipsim/nodes/traffic"
	"dsmipsim/nodes/traffic/codec"
	"dsmipsim/nodes/traffic/tcp"
	"dsmipsim/nodes/wire"
	"dsmipsim/reports/result"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/draw"
	"dsmipsim/sim/vtime"
)

// addFlows makes what the flows' ends need, and schedules the flows.
func (w *world) addFlows() error {
	s := w.plan.Spec
	for i := range s.Flows {
		f := &s.Flows[i]
		number := uint32(i + 1)
		info := result.FlowInfo{Name: f.Name, Kind: string(f.Kind), Family: string(f.Family), From: f.From, To: f.To}
		if w.mobiles[f.To] != nil {
			info.MobileNode, info.TowardsMobile = f.To, true
		} else if w.mobiles[f.From] != nil {
			info.MobileNode = f.From
		}
		w.setup.Flows = append(w.setup.Flows, info)
		for _, name := range []string{f.From, f.To} {
			if w.sinks[name] == nil {
				w.sinks[name] = traffic.Listen(w.host(name))
			}
		}
		if f.Kind.TCP() {
			if err := w.connection(f, number); err != nil {
				return err
			}
			continue
		}
		if f.Kind != spec.FlowPing {
			port := uint16(f.Port)
			if port == 0 {
				port = traffic.Port(number)
			}
			w.listen(f.To, portInside(s, f, port))
		}
		if f.SourcePort != 0 { // a port that others may send to
			w.listen(f.From, uint16(f.SourcePort))
		}
		cfg := traffic.Config{
			Number: number, From: w.end(f.From, f.Family), To: w.end(f.To, f.Family),
			Start: vtime.Time(f.Start), Stop: vtime.Time(f.Stop), DSCP: uint8(f.DSCP),
			SourcePort: uint16(f.SourcePort), Port: uint16(f.Port),
		}
		if f.Address.IsValid() {
			cfg.To.Address = func() (netip.Addr, bool) { return f.Address, true }
		}
		w.pattern(f, &cfg)
		traffic.NewSource(w.loop, cfg)
	}
	return nil
}

// connection schedules a flow over TCP.
func (w *world) connection(f *spec.Flow, number uint32) error {
	from, err := w.transport(f.From)
	if err != nil {
		return err
	}
	to, err := w.transport(f.To)
	if err != nil {
		return err
	}
	cfg := tcp.Config{
		Number: number, From: tcp.End{Endpoint: from, Address: w.end(f.From, f.Family).Address},
		To:    tcp.End{Endpoint: to, Address: w.end(f.To, f.Family).Address},
		Start: vtime.Time(f.Start), Stop: vtime.Time(f.Stop), DSCP: uint8(f.DSCP), Size: int64(f.Size),
		SourcePort: uint16(f.SourcePort), Port: uint16(f.Port), Address: f.Address,
	}
	if cfg.SourcePort == 0 {
		cfg.SourcePort = traffic.Port(number)
	}
	if cfg.Port == 0 {
		cfg.Port = traffic.Port(number)
	}
	cfg.Listen = portInside(w.plan.Spec, f, cfg.Port)
	if f.Kind == spec.FlowRequest {
		cfg.Request = &tcp.Request{Size: int64(f.Request), Response: int64(f.Response), Think: f.Think, Count: f.Requests}
	}
	tcp.Start(w.loop, cfg)
	return nil
}

// transport returns the transport layer of a node, and makes it when the first flow needs it.
func (w *world) transport(name string) (*tcp.Endpoint, error) {
	if e := w.tcp[name]; e != nil {
		return e, nil
	}
	var e *tcp.Endpoint
	var err error
	if m := w.mobiles[name]; m != nil {
		m.Node.AcceptTCP()
		home := w.plan.Spec.HomeNetwork(w.plan.Spec.MobileNode(name)).Name
		e, err = tcp.New(m.Host, w.mtu(home), m.Node.LargestPacket)
	} else {
		c := w.hosts[name]
		c.Stack.AcceptTCP()
		e, err = tcp.New(c.Host, w.mtu(w.plan.Host(name).Network.Name), c.LargestPacket)
	}
	if err != nil {
		return nil, err
	}
	w.tcp[name] = e
	w.sinks[name].Transport = e
	return e, nil
}

// mtu returns the MTU of a network's link, which TCP announces to its peers.
func (w *world) mtu(network string) int {
	if mtu := w.access[network].Link.Params.MTU; mtu > 0 {
		return mtu
	}
	return nodes.MTU
}

func (w *world) host(name string) *nodes.Host {
	if m := w.mobiles[name]; m != nil {
		return m.Host
	}
	return w.hosts[name].Host
}

func (w *world) listen(name string, port uint16) {
	if m := w.mobiles[name]; m != nil {
		m.Node.Listen(port)
		return
	}
	w.hosts[name].Stack.Listen(port)
}

// end returns one end of a flow: a mobile node is reached at its home address of the
// family, wherever it is.
func (w *world) end(name string, family spec.Family) traffic.End {
	if m := w.mobiles[name]; m != nil {
		cfg := w.plan.Spec.MobileNode(name)
		return traffic.End{Host: m.Host, Address: func() (netip.Addr, bool) {
			if family == spec.IPv6 {
				return cfg.HomeAddress, true
			}
			a := m.Node.IPv4HomeAddress()
			return a, a.IsValid()
		}}
	}
	h := w.plan.Host(name)
	a := h.IPv6.Addr()
	if family == spec.IPv4 {
		a = h.IPv4.Addr()
	}
	return traffic.End{Host: w.hosts[name].Host, Address: func() (netip.Addr, bool) { return a, a.IsValid() }}
}

// pattern says what a flow sends and when.
func (w *world) pattern(f *spec.Flow, cfg *traffic.Config) {
	switch f.Kind {
	case spec.FlowPing:
		cfg.Format = traffic.Echo
		cfg.Pattern = traffic.Constant(f.Interval, f.Payload)
	case spec.FlowPoisson:
		gaps := draw.NewSource(draw.Distribution{Kind: draw.Exponential, Centre: f.Interval}, w.loop.Rand("flow/"+f.Name+"/arrivals"))
		cfg.Pattern = traffic.Renewal(gaps.Next, f.Payload)
	case spec.FlowVoIP:
		c, _ := codec.Named(f.Codec)
		cfg.Format, cfg.PayloadType, cfg.Clock = traffic.Media, c.PayloadType, codec.Clock
		var on, off traffic.Draw
		if !f.On.Zero() || !f.Off.Zero() {
			on, off = w.spurts(f)
		}
		cfg.Pattern = traffic.Voice(c, on, off)
	case spec.FlowOnOff:
		on, off := w.spurts(f)
		cfg.Pattern = traffic.OnOff(on, off, f.Interval, f.Payload)
	case spec.FlowVideo:
		cfg.Format, cfg.PayloadType, cfg.Clock = traffic.Media, videoPayloadType, videoClock
		cfg.Pattern = traffic.Listed(packets(f), again(f))
	case spec.FlowTrace:
		cfg.Pattern = traffic.Listed(packets(f), again(f))
	default:
		cfg.Pattern = traffic.Constant(f.Interval, f.Payload)
	}
}

// Video in RTP: a payload type of the dynamic range and the clock of all video formats
// (RFC 3551 section 5).
const (
	videoPayloadType = 97
	videoClock       = 90_000
)

// spurts draws how long a flow sends and how long it pauses.
func (w *world) spurts(f *spec.Flow) (on, off traffic.Draw) {
	return draw.NewSource(f.On, w.loop.Rand("flow/"+f.Name+"/on")).Next, draw.NewSource(f.Off, w.loop.Rand("flow/"+f.Name+"/off")).Next
}

// packets turns what stands in the file of a flow into packets. A frame becomes as many as its
// size needs, sent at one instant, the last one marked; a captured packet becomes one datagram.
func packets(f *spec.Flow) []traffic.Packet {
	var all []traffic.Packet
	before := time.Duration(0)
	for _, u := range f.Units {
		gap := u.At - before
		before = u.At
		if f.Kind == spec.FlowTrace {
			all = append(all, traffic.Packet{Gap: gap, Octets: max(u.Octets-wire.UDPHeaderLen, traffic.PayloadLen)})
			continue
		}
		for left := u.Octets; ; left -= f.Payload {
			all = append(all, traffic.Packet{Gap: gap, Octets: min(left, f.Payload), Marker: left <= f.Payload})
			if gap = 0; left <= f.Payload {
				break
			}
		}
	}
	return all
}

// again is how long after the last packet of a repeated file its first one follows: the mean
// distance of what stands in it.
func again(f *spec.Flow) time.Duration {
	if !f.Repeat || len(f.Units) < 2 {
		return 0
	}
	return max(1, f.Units[len(f.Units)-1].At/time.Duration(len(f.Units)-1))
}
