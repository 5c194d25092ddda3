package spec

import (
	"errors"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/BurntSushi/toml"
)

// Load reads a scenario. The name stands for the file in messages. Each entry of sets is a
// path=value override such as network.campus.link.delay=20ms, or a factor of the sweep as
// FactorOverride makes it, applied in order before anything is checked. The error is a *Report of all mistakes together. A scenario that names files
// needs LoadFiles.
func Load(name string, src []byte, sets []string) (*Spec, error) {
	return LoadFiles(name, src, sets, Files{})
}

// LoadFiles is Load for a scenario that may name files, which it reads.
func LoadFiles(name string, src []byte, sets []string, files Files) (*Spec, error) {
	l := load(name, src, sets, files)
	if err := l.report(); err != nil {
		return nil, err
	}
	return l.spec, nil
}

// loaded is a scenario with all that was known while it was read.
type loaded struct {
	*reporter
	spec    *Spec
	root    *node
	binder  *binder
	checker *checker
}

// load reads a scenario as far as its mistakes, which it reports, let it.
func load(name string, src []byte, sets []string, files Files) *loaded {
	text := strings.TrimPrefix(string(src), "\ufeff")
	r := newReporter(name, text)
	var raw map[string]any
	if _, err := toml.Decode(text, &raw); err != nil {
		r.syntax(text, err)
		return &loaded{reporter: r}
	}
	root := newTree(raw, scanPositions(text), "")
	if raw == nil {
		root.value = &table{kids: map[string]*node{}}
	}
	ofTopology := func(set string) bool { return strings.HasPrefix(strings.TrimSpace(set), "topology") }
	for _, set := range sets {
		if ofTopology(set) {
			r.set(root, set)
		}
	}
	b := &binder{reporter: r, profile: profileOf(root), files: files}
	if !b.topology(root) {
		return &loaded{reporter: r}
	}
	for _, set := range sets { // which may name routers and links of the topology
		if !ofTopology(set) {
			r.set(root, set)
		}
	}

	replicate(root)
	b.profile = profileOf(root)
	spec := new(Spec)
	b.table("", reflect.ValueOf(spec).Elem(), root)
	b.complete(spec, root)
	spec.Files = b.read
	c := newChecker(r, spec, root)
	c.expand()
	c.check()
	b.sweep(spec, root)
	spec.Files = b.read // of factors, too
	return &loaded{reporter: r, spec: spec, root: root, binder: b, checker: c}
}

// syntax reports the mistake at which the TOML library gave up.
func (r *reporter) syntax(text string, err error) {
	var pe toml.ParseError
	if !errors.As(err, &pe) {
		r.place("", Pos{}, Problem{Message: err.Error()})
		return
	}
	// The library's column counts octets, and its line is off for some errors at a line's end.
	at := posOf(text, lineStarts(text), min(max(pe.Position.Start, 0), len(text)))
	if pe.Position.Line > 0 && at.Line != pe.Position.Line {
		at = Pos{Line: pe.Position.Line, Col: pe.Position.Col}
	}
	r.place("", at, Problem{Message: "not TOML: " + pe.Message})
}

// parseTOML reads a single TOML value.
func parseTOML(text string) (any, error) {
	var raw map[string]any
	if _, err := toml.Decode("v = "+text, &raw); err != nil {
		return nil, err
	}
	if len(raw) != 1 {
		return nil, errors.New("more than one value")
	}
	return raw["v"], nil
}

// parseLoose reads a value as TOML if it is TOML, and as a bare string otherwise: what a shell
// user writes without a second pair of quotes.
func parseLoose(text string) any {
	if v, err := parseTOML(text); err == nil {
		return v
	}
	return text
}

// written are the values of parseTag, by text.
var written sync.Map

// parseTag is parseLoose for what stands in tags and profiles, which is asked for time and again.
// Nobody may change the value.
func parseTag(text string) any {
	if v, ok := written.Load(text); ok {
		return v
	}
	v := parseLoose(text)
	written.Store(text, v)
	return v
}

// complete fills in the values that follow from other keys.
func (b *binder) complete(s *Spec, root *node) {
	networks := root.items("network")
	for i := range s.Networks {
		n := &s.Networks[i]
		if n.NAT != nil {
			n.NAT.complete()
		}
		if n.RouterAdvertisement == nil && n.IPv6.IsValid() && n.Kind != KindWired {
			ra := b.defaults("network[].router_advertisement", reflect.TypeFor[RouterAdvertisement]()).Interface().(RouterAdvertisement)
			n.RouterAdvertisement = &ra
		}
		if ra := n.RouterAdvertisement; ra != nil && networks[i].get("router_advertisement").get("lifetime") == nil {
			ra.Lifetime = routerLifetime(n.Kind, ra.Interval)
		}
		if ra := root.items("network")[i].get("router_advertisement"); n.DHCPv6 != nil && n.RouterAdvertisement != nil {
			if ra == nil || ra.get("managed") == nil {
				n.RouterAdvertisement.Managed = true
			}
			if ra == nil || ra.get("autonomous") == nil {
				n.RouterAdvertisement.Autonomous = false
			}
		}
		if n.DHCP == nil && n.IPv4.IsValid() && n.Kind.handsOut() {
			dhcp := b.defaults("network[].dhcp", reflect.TypeFor[DHCP]()).Interface().(DHCP)
			n.DHCP = &dhcp
		}
		if at := root.items("network")[i].get("dhcp"); n.DHCP != nil && (at == nil || at.get("server_delay") == nil) {
			n.DHCP.ServerDelay = n.DHCP.Server.delay()
		}
		if n.DHCP != nil {
			n.DHCP.Server = serverIdeal // it has said what it had to say
		}
	}
	for i, item := range root.items("mobile_node") {
		if m := &s.MobileNodes[i]; m.IPv4Detection == DetectSequential && item.get("v6_wait") == nil {
			m.V6Wait = 0
		}
		completeMovement(&s.MobileNodes[i], item)
	}
	b.links(s, root)
	for i := range s.Links {
		if l := &s.Links[i]; l.Name == "" {
			l.Name = l.Between[0] + "-" + l.Between[1]
		}
	}
	items := root.items("flow")
	for i := range s.Flows {
		f := &s.Flows[i]
		if takes, _ := f.Kind.takes("payload"); takes && items[i].get("payload") == nil {
			f.Payload = 160
			switch f.Kind {
			case FlowPing:
				f.Payload = 56
			case FlowVideo:
				f.Payload = 1200
			}
		}
		if takes, _ := f.Kind.takes("codec"); takes && items[i].get("codec") == nil {
			f.Codec = "g711"
		}
		if takes, _ := f.Kind.takes("playout"); takes && items[i].get("playout") == nil {
			f.Playout = 60 * time.Millisecond
		}
		if takes, _ := f.Kind.takes("voice_model"); takes && items[i].get("voice_model") == nil {
			f.VoiceModel = VoiceColeRosenbluth
		}
		if f.Kind == FlowRequest && items[i].get("request_size") == nil {
			f.Request = 200
		}
		if f.Kind == FlowRequest && items[i].get("response_size") == nil {
			f.Response = 10_000
		}
		if items[i].get("stop") == nil {
			f.Stop = s.Duration
		}
	}
}
