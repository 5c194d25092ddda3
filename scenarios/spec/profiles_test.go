package spec

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

const profiled = `
duration = "10s"
[[network]]
name = "home"
kind = "home"
ipv6 = "2001:db8:100::/64"
ipv4 = "192.0.2.0/24"
[[network]]
name = "campus"
kind = "ipv6"
ipv6 = "2001:db8:a::/64"
router_advertisement = { interval = "1s" }
uplink = { to = "home" }
[[home_agent]]
name = "ha"
network = "home"
ipv6 = "2001:db8:100::1"
[[mobile_node]]
name = "mn"
home_agent = "ha"
home_address = "2001:db8:100::1000"
`

// Every profile is a value of the key, names keys of the format, once, with values that those
// take, and says where they come from.
func TestProfiles(t *testing.T) {
	var names []string
	for _, p := range Profiles() {
		names = append(names, string(p.Name))
		var seen []string
		for _, s := range p.Settings {
			if slices.Contains(seen, s.Key) {
				t.Errorf("%s names %s twice", p.Name, s.Key)
			}
			seen = append(seen, s.Key)
			f, ok := fieldAt(reflect.TypeFor[Spec](), strings.Split(strings.ReplaceAll(s.Key, "[]", ""), "."))
			if !ok {
				t.Errorf("%s: %s is no key", p.Name, s.Key)
				continue
			}
			b := &binder{reporter: newReporter("", ""), profile: settingsOf(p.Name)}
			b.absent(s.Key, f, reflect.New(f.typ).Elem())
			if len(b.problems) > 0 {
				t.Errorf("%s: %s does not take %s: %v", p.Name, s.Key, s.Value, b.report())
			}
			if s.Doc == "" || s.Ref == "" {
				t.Errorf("%s: %s has no meaning or no source", p.Name, s.Key)
			}
		}
	}
	f, _ := findField(fieldsOf(reflect.TypeFor[Spec]()), "profile")
	if !slices.Equal(f.values, names) {
		t.Errorf("the key takes %v, there are %v", f.values, names)
	}
}

// fieldAt follows the keys of a path without list marks.
func fieldAt(t reflect.Type, path []string) (field, bool) {
	f, ok := findField(fieldsOf(t), path[0])
	if !ok || len(path) == 1 {
		return f, ok
	}
	inner, _, isTable := f.tableType()
	if !isTable {
		return f, false
	}
	return fieldAt(inner, path[1:])
}

// A profile sets what the file leaves out, in tables that the file lacks too; what the file says
// stands; and the effective scenario does not depend on the profile any more.
func TestProfileFillsIn(t *testing.T) {
	s := mustLoad(t, "profiled", profiled, "profile=rfc-literal")
	home, campus := s.Network("home").RouterAdvertisement, s.Network("campus").RouterAdvertisement
	if home.MinDelay != 3*time.Second || campus.MinDelay != 3*time.Second {
		t.Errorf("min_delay is %v at home, %v in the campus", home.MinDelay, campus.MinDelay)
	}
	if home.Interval != (Range{198 * time.Second, 600 * time.Second}) {
		t.Errorf("interval at home is %v", home.Interval)
	}
	if campus.Interval != (Range{time.Second, time.Second}) {
		t.Errorf("interval in the campus is %v", campus.Interval)
	}
	if m := s.MobileNodes[0]; m.IPv4Detection != DetectSequential || m.V6Wait != 0 {
		t.Errorf("ipv4_detection is %v, v6_wait %v", m.IPv4Detection, m.V6Wait)
	}
	roundTrip(t, s)
	if text := string(s.Encode()); !strings.Contains(text, `min_delay = "3s"`) {
		t.Errorf("the effective scenario does not spell the profile out:\n%s", text)
	}
}
