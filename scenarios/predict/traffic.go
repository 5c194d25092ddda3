package predict

import (
	"time"

	"dsmipsim/nodes/traffic/codec"
	"dsmipsim/nodes/wire"
	"dsmipsim/scenarios/plan"
	"dsmipsim/scenarios/spec"
)

// rhythm is how a flow sends: the mean time between its packets while it sends, and the payload
// of the largest.
type rhythm struct {
	interval time.Duration
	payload  int  // after the UDP header
	random   bool // packets may come several at a time
}

// fullSegment makes a packet of 1500 octets.
const fullSegment = 1500 - wire.IPv6HeaderLen - wire.UDPHeaderLen

func rhythmOf(f *spec.Flow) rhythm {
	switch f.Kind {
	case spec.FlowVoIP:
		c, _ := codec.Named(f.Codec)
		return rhythm{interval: c.Interval, payload: wire.RTPHeaderLen + c.Octets} // pauses make it less
	case spec.FlowPoisson:
		return rhythm{interval: f.Interval, payload: f.Payload, random: true}
	case spec.FlowOnOff:
		return rhythm{interval: f.Interval, payload: f.Payload, random: true}
	case spec.FlowVideo, spec.FlowTrace:
		return replayed(f)
	case spec.FlowTCP, spec.FlowRequest:
		return rhythm{interval: time.Millisecond, payload: fullSegment, random: true}
	}
	return rhythm{interval: f.Interval, payload: f.Payload}
}

// replayed is the rhythm of a flow out of a file.
func replayed(f *spec.Flow) rhythm {
	r := rhythm{interval: time.Second, random: true}
	n := 0
	for _, u := range f.Units {
		if f.Kind == spec.FlowVideo {
			n += max(1, (u.Octets+f.Payload-1)/f.Payload)
			r.payload = max(r.payload, wire.RTPHeaderLen+min(u.Octets, f.Payload))
			continue
		}
		n++
		r.payload = max(r.payload, u.Octets-wire.UDPHeaderLen, spec.MinPayload)
	}
	if n > 1 {
		r.interval = max(1, f.Units[len(f.Units)-1].At/time.Duration(n-1))
	}
	return r
}

// share is the part of a link's time that the flow takes in one direction.
func (r rhythm) share(packet time.Duration) float64 { return float64(packet) / float64(r.interval) }

// background reports whether a flow runs between fixed nodes over a link between routers.
func (j *journey) background(f *spec.Flow, over plan.Link) bool {
	from, to := j.p.Host(f.From), j.p.Host(f.To)
	if from == nil || to == nil {
		return false
	}
	for _, l := range j.p.Way(from.Network.Name, to.Network.Name) {
		if l.Name == over.Name && l.A == over.A && l.B == over.B {
			return true
		}
	}
	return false
}

// reached reports whether packets come to the mobile node by themselves. While it is where no
// binding is possible they go on to the network before, whose router searches for it in vain; when
// it returns there, the acknowledgement gets into that search, and may be lost with it.
func (j *journey) reached() bool {
	for i := range j.p.Spec.Flows {
		if f := &j.p.Spec.Flows[i]; f.To == j.m.Name || f.From == j.m.Name && f.Kind != spec.FlowCBR {
			return true
		}
	}
	return false
}

// crossing returns the flows that may have packets on a link between routers: all of mobile
// nodes, which are now here and now there, and those of fixed nodes whose way leads over it.
func (j *journey) crossing(l plan.Link) []*spec.Flow {
	all := j.mobileFlows()
	for i := range j.p.Spec.Flows {
		if f := &j.p.Spec.Flows[i]; j.background(f, l) {
			all = append(all, f)
		}
	}
	return all
}
