package conformance

import (
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"time"

	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/mip/mn"
	"dsmipsim/nodes/wire"
	"dsmipsim/reports/result"
	"dsmipsim/scenarios"
	"dsmipsim/scenarios/plan"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
	"dsmipsim/topology"
)

// Run is the evidence of one run: what was on the links, what the nodes knew at chosen times,
// and what became of the test packets. Milestones that machines state about themselves are not
// part of it.
type Run struct {
	Name      string
	Spec      *spec.Spec
	Plan      *plan.Plan
	Packets   []*Packet
	Updates   []*Update // Binding Updates as they left their senders
	Acks      []*Ack    // Binding Acknowledgements as they left theirs
	Mobiles   []*Mobile
	Stays     []*Stay
	Ends      []End
	Forgeries []*Packet // what the injector put on links

	states    []sample
	end       vtime.Time
	tunnelled []*Tunnelled // as tunnels returns them
}

// Mobile is what the scenario says about a mobile node: the judge's own copy.
type Mobile struct {
	Name       string
	Home       netip.Addr
	IPv4       netip.Addr // static; not valid if it has none
	Dynamic    bool
	Agent      string // name of the home agent's node
	HomeAgent  netip.Addr
	HomeAgent4 netip.Addr
	Pool       netip.Prefix
	HomeLink   string
}

// WantsIPv4 reports whether the node has or needs an IPv4 home address.
func (m *Mobile) WantsIPv4() bool { return m.IPv4.IsValid() || m.Dynamic }

// Stay is the time that a mobile node was attached to a network.
type Stay struct {
	Mobile  *Mobile
	Network *spec.Network
	From    vtime.Time
	To      vtime.Time
}

// In reports whether a time lies in the stay.
func (s *Stay) In(t vtime.Time) bool { return s.From <= t && t < s.To }

// End is the fate of a test packet.
type End struct {
	Flow      int // index in the scenario
	Sequence  uint32
	Time      vtime.Time
	Delivered bool
	Reason    trace.Reason
}

// Case is how a Binding Update travels.
type Case string

// The ways of Binding Updates.
const (
	CaseA Case = "A" // over IPv6
	CaseB Case = "B" // in an IPv4 tunnel
	Home  Case = "home"
)

// Update is a Binding Update at its first hop.
type Update struct {
	*Packet
	Mobile *Mobile // whose home address it is about; nil if nobody's
	Forged bool    // not sent by that node
	Case   Case
	AtHome bool // Case Home
	ToHA   bool // for the home agent, not for a correspondent
	HoA    netip.Addr
	CareOf netip.Addr // IPv4 in case B
	U      wire.BindingUpdate
	IPv4   *netip.Addr // content of the IPv4 home address option
	Alt    netip.Addr
	Last   *Packet // the same message on the last link before its destination; nil if it got lost
}

// Ack is a Binding Acknowledgement at its first hop.
type Ack struct {
	*Packet
	Mobile *Mobile // who it is for; nil if nobody that is known
	FromHA bool
	Sealed bool // under the association of the home agent with the mobile node, forged or not
	A      wire.BindingAcknowledgement
	IPv4   *wire.IPv4Acknowledgement
	Of     *Update // what it answers; nil if nothing
	Last   *Packet // the same message on the link of the mobile node; nil if it got lost
}

// sample is the state of the world from At until the next sample, so far as looking every
// while can tell.
type sample struct {
	At    vtime.Time
	State scenarios.State
}

// look is how often the judge looks at the nodes.
const look = 20 * time.Millisecond

// Breakage is what a mutation test does to a run; the zero value does nothing.
type Breakage struct {
	Tamper topology.Tamper
	State  func(t vtime.Time, s *scenarios.State)
	Event  func(e *trace.Event) bool // false hides a transmission
	Spec   func(s *spec.Spec)        // alters the scenario behind the judge's back
}

// gather runs a scenario and collects the evidence.
func gather(name string, s *spec.Spec, b Breakage) (*Run, error) {
	p, err := plan.New(s)
	if err != nil {
		return nil, err
	}
	r := &Run{Name: name, Spec: s, Plan: p, end: vtime.Time(s.Duration)}
	r.addMobiles()
	c := &collector{r: r, breakage: b, lost: map[lostAt]bool{}}
	watch := &scenarios.Watch{Every: look, See: c.see}
	really := s
	if b.Spec != nil {
		altered := *s
		altered.MobileNodes, altered.HomeAgents = slices.Clone(s.MobileNodes), slices.Clone(s.HomeAgents)
		b.Spec(&altered)
		really = &altered
	}
	o, err := scenarios.Run(name, really, scenarios.Options{
		Sinks:  func(result.Setup) ([]trace.Sink, error) { return []trace.Sink{c}, nil },
		Watch:  watch,
		Tamper: b.Tamper,
	})
	if err != nil {
		return nil, err
	}
	d := decoder{layout: scenarios.Dissection(s).Layout, sas: o.Associations}
	n := 0
	for i := range c.events {
		n++
		p := d.decode(n, &c.events[i])
		p.Lost = c.lost[lostAt{p.serial, p.Link}]
		r.Packets = append(r.Packets, p)
		if forged(p) {
			r.Forgeries = append(r.Forgeries, p)
		}
	}
	for _, st := range r.Stays {
		if st.To == 0 {
			st.To = r.end + 1
		}
	}
	r.index(d.layout)
	return r, nil
}

func (r *Run) addMobiles() {
	s := r.Spec
	for i := range s.MobileNodes {
		m := &s.MobileNodes[i]
		h := agentOf(s, m)
		r.Mobiles = append(r.Mobiles, &Mobile{
			Name: m.Name, Home: m.HomeAddress, IPv4: m.IPv4HomeAddress.Static, Dynamic: m.IPv4HomeAddress.Dynamic,
			Agent: h.Name, HomeAgent: h.IPv6, HomeAgent4: h.IPv4, Pool: h.IPv4Pool, HomeLink: h.Network,
		})
	}
}

// agentOf returns the home agent of a mobile node: the one it names, or the one that it will
// find, which has the greatest preference.
func agentOf(s *spec.Spec, m *spec.MobileNode) *spec.HomeAgent {
	if h := s.HomeAgent(m.HomeAgent); h != nil {
		return h
	}
	var best *spec.HomeAgent
	for i := range s.HomeAgents {
		h := &s.HomeAgents[i]
		if s.Network(h.Network).IPv6.Contains(m.HomeAddress) && (best == nil || h.Preference > best.Preference) {
			best = h
		}
	}
	return best
}

// collector keeps the facts of a run that are evidence.
type collector struct {
	r        *Run
	breakage Breakage
	events   []trace.Event
	lost     map[lostAt]bool
}

// lostAt is a packet and the link that lost it.
type lostAt struct {
	serial uint64
	link   string
}

// Record implements trace.Sink.
func (c *collector) Record(e *trace.Event) {
	switch e.Kind {
	case trace.Transmission:
		kept := *e
		kept.Octets = slices.Clone(e.Octets)
		if c.breakage.Event == nil || c.breakage.Event(&kept) {
			c.events = append(c.events, kept)
		}
	case trace.LinkUp:
		if m := c.r.mobile(e.Node); m != nil {
			c.r.Stays = append(c.r.Stays, &Stay{Mobile: m, Network: c.r.Spec.Network(e.Link), From: e.Time})
		}
	case trace.LinkDown:
		for _, s := range c.r.Stays {
			if s.Mobile.Name == e.Node && s.To == 0 {
				s.To = e.Time
			}
		}
	case trace.Delivery, trace.Drop:
		if e.Kind == trace.Drop && e.Link != "" {
			c.lost[lostAt{e.Serial, e.Link}] = true
		}
		if e.Flow != 0 {
			c.r.Ends = append(c.r.Ends, End{int(e.Flow) - 1, e.Sequence, e.Time, e.Kind == trace.Delivery, e.Reason})
		}
	}
}

func (c *collector) see(now vtime.Time, s scenarios.State) {
	if c.breakage.State != nil {
		c.breakage.State(now, &s)
	}
	if n := len(c.r.states); n > 0 && reflect.DeepEqual(c.r.states[n-1].State, s) {
		return
	}
	c.r.states = append(c.r.states, sample{now, s})
}

func (r *Run) mobile(name string) *Mobile {
	for _, m := range r.Mobiles {
		if m.Name == name {
			return m
		}
	}
	return nil
}

func (r *Run) byHome(a netip.Addr) *Mobile {
	for _, m := range r.Mobiles {
		if m.Home == a {
			return m
		}
	}
	return nil
}

// State returns what the nodes knew at a time: the last look not after it.
func (r *Run) State(t vtime.Time) scenarios.State {
	i, found := slices.BinarySearchFunc(r.states, t, func(s sample, t vtime.Time) int { return int(min(max(s.At-t, -1), 1)) })
	if !found {
		i--
	}
	if i < 0 {
		return scenarios.State{}
	}
	return r.states[i].State
}

// After returns what the nodes knew just after a time: at the first look that can have seen
// what happened then.
func (r *Run) After(t vtime.Time) scenarios.State {
	step := vtime.Time(look)
	return r.State((t + step) / step * step)
}

// bindings returns the live bindings that an agent holds for a mobile node.
func bindings(s scenarios.State, m *Mobile) (v6, v4 *mip.Binding) {
	for i := range s.Agents {
		if s.Agents[i].Name != m.Agent {
			continue
		}
		for k := range s.Agents[i].Bindings {
			switch b := &s.Agents[i].Bindings[k]; {
			case b.Owner != m.Home || b.Deleted:
			case unmap(b.HomeAddress).Is4():
				v4 = b
			default:
				v6 = b
			}
		}
	}
	return v6, v4
}

// entries returns the Binding Update List of a mobile node: those about its two home addresses
// at the home agent, and the others.
func entries(s scenarios.State, m *Mobile) (v6, v4 *mn.Entry, others []mn.Entry) {
	for i := range s.Mobiles {
		if s.Mobiles[i].Name != m.Name {
			continue
		}
		for k := range s.Mobiles[i].Entries {
			switch e := &s.Mobiles[i].Entries[k]; {
			case e.Peer != m.HomeAgent:
				others = append(others, *e)
			case unmap(e.HomeAddress).Is4():
				v4 = e
			default:
				v6 = e
			}
		}
	}
	return v6, v4, others
}

// node returns the state of a mobile node.
func node(s scenarios.State, m *Mobile) scenarios.MobileState {
	for i := range s.Mobiles {
		if s.Mobiles[i].Name == m.Name {
			return s.Mobiles[i]
		}
	}
	return scenarios.MobileState{}
}

// stay returns where a mobile node was at a time, or nil.
func (r *Run) stay(m *Mobile, t vtime.Time) *Stay {
	for _, s := range r.Stays {
		if s.Mobile == m && s.In(t) {
			return s
		}
	}
	return nil
}

// From returns the packets that a node put on links itself.
func (r *Run) From(node string) func(yield func(*Packet) bool) {
	return func(yield func(*Packet) bool) {
		for _, p := range r.Packets {
			if p.Node == node && !yield(p) {
				return
			}
		}
	}
}

func unmap(a netip.Addr) netip.Addr { return a.Unmap() }

func mapped(a netip.Addr) netip.Addr { return netip.AddrFrom16(a.As16()) }

// forged reports whether the injector transmitted the packet.
func forged(p *Packet) bool { return p.Node == scenarios.InjectName }

// in reports whether a word is in a list of words.
func in(word, list string) bool { return slices.Contains(strings.Fields(list), word) }
