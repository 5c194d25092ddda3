package spec

import (
	"strings"
	"testing"
	"time"

	"dsmipsim/sim/draw"
)

func TestSet(t *testing.T) {
	src := fixtures(t, "good")["design-sketch.toml"]
	for _, tc := range []struct {
		set string
		ok  func(*Spec) bool
	}{
		{"seed=7", func(s *Spec) bool { return s.Seed == 7 }},
		{" seed = 7 ", func(s *Spec) bool { return s.Seed == 7 }},
		{"title=two words", func(s *Spec) bool { return s.Title == "two words" }},
		{`title="7"`, func(s *Spec) bool { return s.Title == "7" }},
		{"protocol.ipsec=false", func(s *Spec) bool { return !s.Protocol.IPsec }},
		{"network.campus.link.delay=20ms", func(s *Spec) bool { return s.Network("campus").Link.Delay == 20*time.Millisecond }},
		{"network.cafe.link.delay=20ms", func(s *Spec) bool { return s.Network("cafe").Link.Delay == 20*time.Millisecond }},
		{`network.campus.link.attach={dist="exponential",mean="20ms"}`, func(s *Spec) bool {
			a := s.Network("campus").Link.Attach
			return a.Kind == draw.Exponential && a.Centre == 20*time.Millisecond
		}},
		{"network[1].link.delay=20ms", func(s *Spec) bool { return s.Network("campus").Link.Delay == 20*time.Millisecond }},
		{`network.campus.link={delay="20ms"}`, func(s *Spec) bool { return s.Network("campus").Link.Delay == 20*time.Millisecond }},
		{`network.cell.dhcp.lease=60s`, func(s *Spec) bool { return s.Network("cell").DHCP.Lease == time.Minute }},
		{`mobile_node.mn.visit=[{at="5s",network="campus"}]`, func(s *Spec) bool {
			v := s.MobileNode("mn").Visits
			return len(v) == 1 && v[0].At == 5*time.Second && v[0].Network == "campus" && v[0].Pos == Pos{}
		}},
		{"mobile_node.mn.visit[0].at=5s", func(s *Spec) bool { return s.MobileNode("mn").Visits[0].At == 5*time.Second }},
		{`mobile_node.mn.visit[0]={at="5s",network="cell"}`, func(s *Spec) bool { return s.MobileNode("mn").Visits[0].Network == "cell" }},
		{"network.campus.router_advertisement.interval[0]=50ms", func(s *Spec) bool {
			return s.Network("campus").RouterAdvertisement.Interval == Range{50 * time.Millisecond, 70 * time.Millisecond}
		}},
		{"sweep.replications=3", func(s *Spec) bool { return s.Sweep.Replications == 3 }},
		{"flow.voice6.from=mn", nil},
	} {
		s, err := Load("sketch", []byte(src), []string{tc.set})
		if tc.ok == nil {
			if err == nil {
				t.Errorf("%s is accepted", tc.set)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tc.set, err)
		} else if !tc.ok(s) {
			t.Errorf("%s has no effect", tc.set)
		} else {
			roundTrip(t, s)
		}
	}
}

// The last override of a key counts.
func TestSetTwice(t *testing.T) {
	s := mustLoad(t, "minimal", "duration = \"1s\"", "seed=2", "seed=3")
	if s.Seed != 3 {
		t.Errorf("seed %d", s.Seed)
	}
}

func TestSetCount(t *testing.T) {
	s := mustLoad(t, "base", fixtures(t, "good")["base.toml"], "mobile_node.mn.count=2")
	if len(s.MobileNodes) != 2 || len(s.Flows) != 2 {
		t.Errorf("%+v %+v", s.MobileNodes, s.Flows)
	}
}

// A link without a name is found under the name that it gets.
func TestSetLink(t *testing.T) {
	s := mustLoad(t, "full", fixtures(t, "good")["full.toml"], "link.r2-servers.delay=7ms")
	if s.Links[1].Delay != 7*time.Millisecond {
		t.Errorf("%+v", s.Links[1])
	}
}

func TestSetMistakes(t *testing.T) {
	src := fixtures(t, "good")["design-sketch.toml"]
	var got strings.Builder
	for _, set := range []string{
		"seed", "=1", "",
		"sed=1", "SEED=1",
		"network.campsu.link.delay=1ms",
		"router.x.name=1",
		"link.x.delay=1ms",
		"network.campus.link.dealy=1ms",
		"network.campus.link.delay=20",
		"network.campus.link.delay=1ms\nseed=2",
		"network.campus.link.delay.x=1",
		"network.campus.link.loss=nan",
		"seed.x=1",
		"mobile_node.mn.visit[9].at=1s",
		"mobile_node.mn.visit[x].at=1s",
		"mobile_node.mn.visit[-1].at=1s",
		"network=7",
		"protocol=7",
		"protocol.mode=rfc5555",
		"network.servers.ipv6=2001:db8:a::/64",
		"correspondent.cn.network=server",
		"correspondent.cn.name=mn",
		"duration=5s",
		"inject[0].at=1s",
	} {
		_, err := Load("sketch.toml", []byte(src), []string{set})
		if err == nil {
			t.Errorf("%q is accepted", set)
			continue
		}
		got.WriteString(err.Error() + "\n")
	}
	golden(t, "testdata/set.want", got.String())
}

// Mistakes of the file come first, in its order, and then those of the flags.
func TestSetAfterFile(t *testing.T) {
	_, err := Load("f", []byte("seed = -1\nduration = 1\n"), []string{"zzz=1", "title=1"})
	var lines []string
	for _, line := range strings.Split(err.Error(), "\n") {
		if strings.HasPrefix(line, "f:") || strings.HasPrefix(line, "--set") {
			lines = append(lines, strings.SplitN(line, ": ", 2)[0])
		}
	}
	if got := strings.Join(lines, " "); got != "f:1:8 f:2:12 --set zzz=1 --set title=1" {
		t.Error(got)
	}
}
