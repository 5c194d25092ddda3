package recompute

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

// Scenario is what the effective scenario says about the world.
type Scenario struct {
	End    int64 // of the run
	Mobile string
	Home   string // network
	Homes  int    // home addresses
	Stays  []Stay // of the mobile node, the first one at home
	Plans  []Plan

	channels map[string]channel // by link
	hosts    map[string]string  // network by correspondent
	mobility map[string]bool    // correspondents that know Mobile IPv6
	private  map[string]bool    // networks from which the draft cannot bind
}

// Stay is an attachment of the mobile node.
type Stay struct {
	Network  string
	Chosen   int64 // when the link before went down: the handover starts
	From, To int64 // attached
}

// Plan is what a flow is to send.
type Plan struct {
	Name, Kind, Family, From, To string
	Start, Stop                  int64
	Interval                     int64 // between packets; 0 if the scenario leaves it to chance
}

// TCP reports whether the flow is a TCP connection.
func (p *Plan) TCP() bool { return p.Kind == "tcp" || p.Kind == "request" }

// channel is a link, alike in both directions.
type channel struct {
	delay int64
	rate  int64 // bit/s
}

// crossing is the time from departure to arrival; serialisation is rounded up to whole nanoseconds.
func (c channel) crossing(octets int) int64 {
	return (int64(octets)*8*1e9+c.rate-1)/c.rate + c.delay
}

// file is scenario.toml, as far as it matters.
type file struct {
	Duration string
	Protocol struct {
		Cipher    string `toml:"esp_cipher"`
		Integrity string `toml:"esp_integrity"`
	}
	Network []struct {
		Name, Kind string
		Link       map[string]any
		Uplink     map[string]any
	}
	HomeAgent []struct{ Network string } `toml:"home_agent"`
	Node      []struct {
		Name, Network string
		MobileIPv6    bool `toml:"mobile_ipv6"`
	} `toml:"correspondent"`
	MobileNode []struct {
		Name  string
		Six   string `toml:"home_address"`
		Four  string `toml:"ipv4_home_address"`
		Visit []struct{ At, Network string }
	} `toml:"mobile_node"`
	Flow []struct {
		Name, Kind, Family, From, To, Start, Stop string
		Interval                                  any
	}
}

func readScenario(path string) (*Scenario, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var f file
	if err := toml.Unmarshal(text, &f); err != nil {
		return nil, err
	}
	if len(f.MobileNode) != 1 || len(f.HomeAgent) != 1 {
		return nil, fmt.Errorf("found %d mobile nodes and %d home agents, wanted one each", len(f.MobileNode), len(f.HomeAgent))
	}
	if f.Protocol.Cipher != "null" || f.Protocol.Integrity != "hmac-sha1-96" {
		return nil, fmt.Errorf("ESP with %s and %s cannot be read without its keys", f.Protocol.Cipher, f.Protocol.Integrity)
	}
	s := &Scenario{Mobile: f.MobileNode[0].Name, Home: f.HomeAgent[0].Network,
		channels: map[string]channel{}, hosts: map[string]string{}, mobility: map[string]bool{}, private: map[string]bool{}}
	for _, a := range []string{f.MobileNode[0].Six, f.MobileNode[0].Four} {
		if a != "" {
			s.Homes++
		}
	}
	if s.End, err = nanoseconds(f.Duration); err != nil {
		return nil, err
	}
	attach := map[string]any{}
	for _, n := range f.Network {
		if s.channels[n.Name], err = readChannel(n.Link); err != nil {
			return nil, fmt.Errorf("network %s: %w", n.Name, err)
		}
		attach[n.Name] = n.Link["attach"]
		s.private[n.Name] = n.Kind == "ipv4-private"
		if to, ok := n.Uplink["to"].(string); ok {
			if s.channels[n.Name+"-"+to], err = readChannel(n.Uplink); err != nil {
				return nil, fmt.Errorf("uplink of %s: %w", n.Name, err)
			}
		}
	}
	for _, n := range f.Node {
		s.hosts[n.Name], s.mobility[n.Name] = n.Network, n.MobileIPv6
	}
	s.Stays = []Stay{{Network: s.Home, To: s.End + 1}}
	for _, v := range f.MobileNode[0].Visit {
		at, err := nanoseconds(v.At)
		if err != nil {
			return nil, err
		}
		after, err := nanoseconds(attach[v.Network])
		if err != nil {
			return nil, fmt.Errorf("attach time of %s: %w", v.Network, err)
		}
		s.Stays[len(s.Stays)-1].To = at
		s.Stays = append(s.Stays, Stay{Network: v.Network, Chosen: at, From: at + after, To: s.End + 1})
	}
	for _, x := range f.Flow {
		p := Plan{Name: x.Name, Kind: x.Kind, Family: x.Family, From: x.From, To: x.To}
		if p.Start, err = nanoseconds(x.Start); err == nil && x.Stop != "" {
			p.Stop, err = nanoseconds(x.Stop)
		}
		if err == nil && (x.Kind == "cbr" || x.Kind == "ping") {
			p.Interval, err = nanoseconds(x.Interval)
		}
		if err != nil {
			return nil, fmt.Errorf("flow %s: %w", x.Name, err)
		}
		s.Plans = append(s.Plans, p)
	}
	return s, nil
}

// readChannel refuses links whose arrivals a capture of departures does not tell.
func readChannel(m map[string]any) (c channel, err error) {
	if len(m) == 0 {
		return channel{}, fmt.Errorf("no properties")
	}
	for key, want := range map[string]any{"loss": int64(0), "jitter": "0s", "frame_time": "0s", "reorder": false} {
		if m[key] != want {
			return channel{}, fmt.Errorf("found %s = %v, wanted %v: nobody could tell what arrives when", key, m[key], want)
		}
	}
	if medium, ok := m["medium"]; ok && medium != "switched" {
		return channel{}, fmt.Errorf("found medium %v, wanted switched", medium)
	}
	if c.delay, err = nanoseconds(m["delay"]); err != nil {
		return channel{}, err
	}
	rate, _ := m["rate"].(string)
	for unit, factor := range map[string]int64{"Gbps": 1e9, "Mbps": 1e6, "kbps": 1e3} {
		if number, ok := strings.CutSuffix(rate, unit); ok {
			n, err := strconv.ParseInt(number, 10, 64)
			c.rate = n * factor
			return c, err
		}
	}
	return channel{}, fmt.Errorf("found rate %q, wanted a whole number of Gbps, Mbps or kbps", rate)
}

func nanoseconds(v any) (int64, error) {
	text, ok := v.(string)
	if !ok {
		return 0, fmt.Errorf("found %v, wanted one duration", v)
	}
	d, err := time.ParseDuration(text)
	return int64(d), err
}

// on reports whether the mobile node is on a link from one instant to a later one.
func (s *Scenario) on(link string, from, to int64) bool {
	for _, stay := range s.Stays {
		if stay.Network == link && stay.From <= from && from < stay.To {
			return to < stay.To
		}
	}
	return false
}

// attachment counts the handovers that had started at an instant.
func (s *Scenario) attachment(at int64) int {
	n := 0
	for _, stay := range s.Stays[1:] {
		if stay.Chosen <= at {
			n++
		}
	}
	return n
}
