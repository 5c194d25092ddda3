package scenarios

import (
	"testing"
	"time"

	"dsmipsim/nodes/wire"
	"dsmipsim/reports/result"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
	"dsmipsim/topology"
)

// roamingWith loads the roaming scenario with more text behind it.
func roamingWith(t *testing.T, more string) *spec.Spec {
	t.Helper()
	base := load(t, "library/roaming.toml")
	s, err := spec.Load("test", append(base.Encode(), more...), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// injected runs a scenario and returns the dissected frames of the injector and the reasons
// for which its packets were dropped, by node.
func injected(t *testing.T, s *spec.Spec) (frames []frame, drops map[string]trace.Reason) {
	t.Helper()
	serials := map[uint64]bool{}
	drops = map[string]trace.Reason{}
	sink := sinkFunc(func(e *trace.Event) {
		switch {
		case e.Kind == trace.Transmission && e.Node == InjectName:
			link := wire.LinkEthernet
			if e.LinkType == trace.RawIP {
				link = wire.LinkRaw
			}
			serials[e.Serial] = true
			frames = append(frames, frame{e.Time, e.Node, e.Link, wire.Dissect(e.Octets, link, Dissection(s))})
		case e.Kind == trace.Drop && serials[e.Serial]:
			drops[e.Node] = e.Reason
		}
	})
	if _, err := Run("test", s, Options{Sinks: func(result.Setup) ([]trace.Sink, error) { return []trace.Sink{sink}, nil }}); err != nil {
		t.Fatal(err)
	}
	return frames, drops
}

const spoofedBU = `type = "BU", source = "2001:db8:c::66", destination = "2001:db8:100::1", home_address = "2001:db8:100::1000", care_of = "2001:db8:c::66", sequence = 7, lifetime = "60s", flags = "AH"`

// A forged packet travels like any other, and ends where and why a real one would.
func TestInject(t *testing.T) {
	for _, c := range []struct {
		name, inject, layers, link, node string
		reason                           trace.Reason
	}{
		{"a Binding Update without ESP", `link = "servers"` + "\n" + `packet = { ` + spoofedBU + ` }`,
			"Ethernet | IPv6 | Destination Options | Binding Update", "servers", "ha", trace.SecurityRequired},
		{"on a link between routers", `link = "servers-internet"` + "\n" + `node = "internet"` + "\n" + `packet = { ` + spoofedBU + ` }`,
			"IPv6 | Destination Options | Binding Update", "servers-internet", "ha", trace.SecurityRequired},
		{"a bad checksum", `node = "cn"` + "\n" + `packet = { type = "BRR", source = "2001:db8:c::66", destination = "2001:db8:c::2", bad_checksum = true }`,
			"Ethernet | IPv6 | Malformed", "servers", "cn", trace.BadChecksum},
		{"octets", `link = "servers"` + "\n" + `octets = "6000 0000 0000 3b40 2001 0db8 000c 0000 0000 0000 0000 0066 2001 0db8 dead 0000 0000 0000 0000 0001"`,
			"Ethernet | IPv6", "servers", "servers", trace.NoRoute},
		{"a frame for nobody", `link = "servers"` + "\n" + `frame = "020000009999 020000008888 86dd 60"`,
			"Ethernet | Malformed", "servers", InjectName, trace.NoReceiver},
		{"to a mobile node without a link", `node = "mn"` + "\n" + `octets = "60"`, "", "", InjectName, trace.LinkUnavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := roamingWith(t, "\n[[inject]]\nat = \"30.1s\"\n"+c.inject+"\n")
			frames, drops := injected(t, s)
			if c.layers == "" {
				if len(frames) != 0 {
					t.Errorf("%d frames were sent", len(frames))
				}
				return // dropped before anything was sent, so that no serial is known
			}
			if len(frames) != 1 {
				t.Fatalf("%d frames, want one", len(frames))
			}
			f := frames[0]
			if f.names() != c.layers || f.link != c.link || f.at != vtime.Time(30100*time.Millisecond) {
				t.Errorf("%s on %s at %s, want %s on %s at 30.1 s", f.names(), f.link, f.at, c.layers, c.link)
			}
			if drops[c.node] != c.reason {
				t.Errorf("dropped %v, want %v by %s", drops, c.reason, c.node)
			}
		})
	}
}

// A frame with the association of a mobile node is believed: the forger holds the key.
func TestInjectSecured(t *testing.T) {
	s := roamingWith(t, "\n[[inject]]\nat = \"5s\"\nlink = \"servers\"\npacket = { "+spoofedBU+`, secure_as = "mn" }`+"\n")
	var seen State
	_, err := Run("test", s, Options{Watch: &Watch{Every: time.Second, See: func(now vtime.Time, st State) {
		if now == vtime.Time(8*time.Second) {
			seen = st
		}
	}}})
	if err != nil {
		t.Fatal(err)
	}
	// The mobile node is at home and answers the home agent's probe: no binding.
	if b := seen.Agents[0].Bindings; len(b) != 0 {
		t.Errorf("bindings %v for an address that is in use on the home link", b)
	}
	if len(seen.Mobiles) != 1 || seen.Mobiles[0].Name != "mn" || seen.Mobiles[0].Place != "home" {
		t.Errorf("mobile nodes %+v", seen.Mobiles)
	}
}

// Watching and an idle tamper change no fact of the run.
func TestWatchingChangesNothing(t *testing.T) {
	s := load(t, "library/roaming.toml")
	plain, err := Run("test", s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	watched, err := Run("test", s, Options{
		Watch:  &Watch{Every: 10 * time.Millisecond, See: func(vtime.Time, State) {}},
		Tamper: func(_ vtime.Time, _ *topology.Port, b []byte) []byte { return b },
	})
	if err != nil {
		t.Fatal(err)
	}
	p, w := plain.Result.Fingerprint, watched.Result.Fingerprint
	if p.Trajectory != w.Trajectory || p.Wire != w.Wire {
		t.Errorf("fingerprints %+v and %+v differ", p, w)
	}
}
