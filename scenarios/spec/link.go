package spec

import (
	"reflect"
	"strings"
	"time"

	"dsmipsim/sim/draw"
	"dsmipsim/topology/access/technology"
)

// Link is a point-to-point link between two routers, or the routers of two networks.
type Link struct {
	Pos     Pos
	Name    string    `key:"name" derived:"the two ends, as in a-b" unit:"name" doc:"Name of the link."`
	Between [2]string `key:"between" required:"true" unit:"name" doc:"The two ends: routers, or networks for their routers."`
	LinkParams
}

// Uplink connects a network's router to a router or to another network's router.
type Uplink struct {
	Pos Pos
	To  string `key:"to" required:"true" unit:"name" doc:"The router, or the network for its router, at the other end."`
	LinkParams
}

// AccessLink is the shared link of a network as an attached node sees it.
type AccessLink struct {
	Pos        Pos
	Technology string `key:"technology" default:"ideal" values:"ideal ethernet wifi lte nr5g inter-rat" doc:"Access technology: a set of defaults for the other keys of the link, from published figures; a key that is given for the link holds for both directions."`
	LinkParams
	Medium         Medium            `key:"medium" default:"switched" values:"switched shared" doc:"Whether each port has a transmitter of its own, as behind a switch, or one transmits at a time, as on a radio channel; contention is not modelled, ports that wait take turns."`
	Attach         draw.Distribution `key:"attach" default:"0s" unit:"distribution" doc:"Time from choosing the network until the link is up, besides the three parts below; drawn for every attachment."`
	Scan           draw.Distribution `key:"scan" default:"0s" unit:"distribution" doc:"Time for finding an access point, which comes before the rest of the attachment." ref:"IEEE Std 802.11-2016 section 11.1.4"`
	Authentication draw.Distribution `key:"authentication" default:"0s" unit:"distribution" doc:"Time for authentication with the access point, which is part of the attachment." ref:"IEEE Std 802.11-2016 section 11.3"`
	Association    draw.Distribution `key:"association" default:"0s" unit:"distribution" doc:"Time for association with the access point, which is part of the attachment." ref:"IEEE Std 802.11-2016 section 11.3"`
}

// AttachParts returns the parts of the time from choosing the network until the link is up.
func (a *AccessLink) AttachParts() []draw.Distribution {
	var all []draw.Distribution
	for _, part := range a.attaching() {
		all = append(all, *part.delay)
	}
	return all
}

// attachPart is one of these parts and its key.
type attachPart struct {
	key   string
	delay *draw.Distribution
}

func (a *AccessLink) attaching() []attachPart {
	return []attachPart{
		{"scan", &a.Scan}, {"authentication", &a.Authentication}, {"association", &a.Association}, {"attach", &a.Attach},
	}
}

// Medium says who may transmit at the same time.
type Medium string

// The media of access links.
const (
	MediumSwitched Medium = "switched"
	MediumShared   Medium = "shared"
)

// Channel says how a link treats packets in one direction.
type Channel struct {
	Delay     time.Duration     `key:"delay" default:"0s" unit:"duration" doc:"Propagation delay, one way."`
	Rate      int64             `key:"rate" default:"1Gbps" unit:"rate" min:">0bps" doc:"Bits per second."`
	Queue     Queue             `key:"queue" default:"1000packets" unit:"queue" doc:"What may wait for transmission before packets are dropped; as a table with kind = \"codel\", packets that wait too long are dropped too." ref:"RFC 8289"`
	Loss      Loss              `key:"loss" default:"0.0" unit:"loss" doc:"Which packets are lost: a probability for each by itself, or as a table with model = \"gilbert-elliott\" a Markov chain with a good and a bad state, p and r the probabilities of going bad and good, good and bad those of a loss."`
	Jitter    draw.Distribution `key:"jitter" default:"0s" unit:"distribution" doc:"Further delay, drawn for every packet."`
	Reorder   bool              `key:"reorder" default:"false" doc:"Whether jitter lets packets overtake each other; otherwise they arrive in order."`
	FrameTime time.Duration     `key:"frame_time" default:"0s" unit:"duration" doc:"Time that every packet occupies the transmitter besides its octets: preamble, gaps, acknowledgement of the link layer."`
}

// Direction is a Channel whose keys, where absent, are those of the link.
type Direction struct {
	Delay     time.Duration     `key:"delay" derived:"as the link" unit:"duration" doc:"Propagation delay in this direction."`
	Rate      int64             `key:"rate" derived:"as the link" unit:"rate" min:">0bps" doc:"Bits per second in this direction."`
	Queue     Queue             `key:"queue" derived:"as the link" unit:"queue" doc:"Queue in this direction."`
	Loss      Loss              `key:"loss" derived:"as the link" unit:"loss" doc:"Loss in this direction."`
	Jitter    draw.Distribution `key:"jitter" derived:"as the link" unit:"distribution" doc:"Jitter in this direction."`
	Reorder   bool              `key:"reorder" derived:"as the link" doc:"Whether packets overtake each other in this direction."`
	FrameTime time.Duration     `key:"frame_time" derived:"as the link" unit:"duration" doc:"Time besides the octets in this direction."`
}

// LinkParams says how a link treats packets.
type LinkParams struct {
	Channel
	MTU int `key:"mtu" default:"1500B" unit:"size" min:"576B" max:"65535B" doc:"Largest IP packet; at least 1280B where IPv6 passes." ref:"RFC 2460 section 5"`
	// Up and Down are nil where both directions are alike; otherwise they are complete.
	Up      *Direction `key:"up" doc:"What is different from a node to its router, from a network's router to the far end of its uplink, or from the first end of a [[link]]."`
	Down    *Direction `key:"down" doc:"What is different in the other direction."`
	Outages []Outage   `key:"outage" doc:"Times when the link carries nothing: packets on it are lost, and nobody is told."`
}

// Directions returns both directions, whatever is different in them.
func (p *LinkParams) Directions() (up, down Channel) {
	up, down = p.Channel, p.Channel
	if p.Up != nil {
		up = Channel(*p.Up)
	}
	if p.Down != nil {
		down = Channel(*p.Down)
	}
	return up, down
}

// Lossy reports whether packets may be lost on the link, in either direction.
func (p *LinkParams) Lossy() bool {
	up, down := p.Directions()
	return up.Loss.Any() || down.Loss.Any()
}

// Outage is a time when a link carries nothing.
type Outage struct {
	Pos Pos
	At  time.Duration `key:"at" required:"true" unit:"duration" doc:"When the outage begins, since the run began."`
	For time.Duration `key:"for" required:"true" unit:"duration" min:">0s" doc:"How long it lasts."`
}

// directions completes what is different in one direction of a link: a key that is absent there
// is taken from the link if the file has it there, else from the access technology, else from
// the link's defaults.
func (b *binder) directions(path string, p *LinkParams, n *node, settings map[string]string) {
	for _, dir := range []struct {
		key string
		to  **Direction
	}{{"up", &p.Up}, {"down", &p.Down}} {
		at := n.get(dir.key)
		d, differs := Direction(p.Channel), at != nil
		v := reflect.ValueOf(&d).Elem()
		for _, f := range fieldsOf(v.Type()) {
			text, special := settings[dir.key+"."+f.key]
			switch {
			case at.get(f.key) != nil: // was bound with the table
				v.FieldByIndex(f.index).Set(reflect.ValueOf(*dir.to).Elem().FieldByIndex(f.index))
			case special && n.get(f.key) == nil:
				b.value(dot(path, dir.key+"."+f.key), f, v.FieldByIndex(f.index), newTree(parseLoose(text), nil, "technology"))
				differs = true
			}
		}
		if differs {
			*dir.to = &d
		}
	}
}

// links completes the directions of all links.
func (b *binder) links(s *Spec, root *node) {
	networks := root.items("network")
	for i := range s.Networks {
		n := &s.Networks[i]
		settings := map[string]string{}
		for _, t := range technology.Named(n.Link.Technology).Settings {
			settings[t.Key] = t.Value
		}
		b.directions("network[].link", &n.Link.LinkParams, networks[i].get("link"), settings)
		for _, part := range n.Link.attaching() {
			if n.Kind == KindWired && networks[i].get("link", part.key) == nil { // nobody attaches
				*part.delay = draw.Distribution{}
			}
		}
		if n.Uplink != nil {
			b.directions("network[].uplink", &n.Uplink.LinkParams, networks[i].get("uplink"), nil)
		}
	}
	links := root.items("link")
	for i := range s.Links {
		b.directions("link[]", &s.Links[i].LinkParams, links[i], nil)
	}
}

// technologyOf reads the access technology of a network's link before its other keys are
// bound, as defaults by key.
func technologyOf(path string, link *node) map[string]string {
	name, _ := link.get("technology").text()
	t := technology.Named(name)
	if path != "network[].link" || len(t.Settings) == 0 {
		return nil
	}
	byKey := make(map[string]string, len(t.Settings))
	for _, s := range t.Settings {
		if !strings.Contains(s.Key, ".") { // those of one direction come later
			byKey[path+"."+s.Key] = s.Value
		}
	}
	return byKey
}
