package spec

import (
	"reflect"
	"strings"
	"testing"
)

// Every key of a scenario that uses all of them is explained, with a value unless it is absent,
// and what Explain says of a key is what Encode writes of it.
func TestExplainEveryKey(t *testing.T) {
	src := fixtures(t, "good")["full.toml"]
	all, err := Explain("full", []byte(src), []string{"network.home.uplink.delay=3ms"}, testFiles)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]Origin{}
	for _, x := range all {
		seen[x.Key] = x.Origin
		if (x.Value == "") != (x.Origin == FromNowhere) && x.Origin != FromFile {
			t.Errorf("%s = %q is %s", x.Path, x.Value, x.Origin)
		}
		if x.Path == "network.home.uplink.delay" && (x.Origin != FromSet || x.Value != `"3ms"`) {
			t.Errorf("%+v", x)
		}
		if x.Origin == FromFile && !strings.HasPrefix(x.Where, "line ") {
			t.Errorf("%+v", x)
		}
	}
	for _, k := range Keys() {
		if k.Type == "table" || k.Type == "tables" || strings.HasSuffix(k.Path, "].count") {
			continue
		}
		if _, ok := seen[k.Path]; !ok {
			t.Errorf("%s is not explained", k.Path)
		}
	}
	encoded := string(mustLoad(t, "full", src, "network.home.uplink.delay=3ms").Encode())
	used := map[string]bool{"network[].dhcp.server": true}
	usedUp("", reflect.TypeFor[Spec](), used)
	for _, x := range all {
		if key := x.Path[strings.LastIndexByte(x.Path, '.')+1:]; x.Value != "" && !used[x.Key] && !strings.HasPrefix(x.Key, "topology.") && !strings.Contains(encoded, key+" = "+x.Value) {
			t.Errorf("%s = %s is not in the effective scenario", x.Path, x.Value)
		}
	}
}

// usedUp collects the keys that Encode leaves out since Load has used them up.
func usedUp(prefix string, t reflect.Type, used map[string]bool) {
	for _, f := range fieldsOf(t) {
		path := dot(prefix, f.key)
		if !f.encode {
			used[path] = true
		}
		if inner, isList, isTable := f.tableType(); isTable && !f.encode {
			for _, below := range fieldsOf(inner) {
				used[dot(path, below.key)] = true
			}
		} else if isTable && isList {
			usedUp(path+"[]", inner, used)
		} else if isTable {
			usedUp(path, inner, used)
		}
	}
}

// A profile, a derived value and a misspelt scenario.
func TestExplainOrigins(t *testing.T) {
	const src = `duration = "10s"
profile = "rfc-literal"
[[network]]
name = "a"
kind = "home"
ipv6 = "2001:db8:1::/64"
ipv4 = "192.0.2.0/24"
link = { technology = "lte", delay = "1ms" }
[[link]]
between = ["a", "b"]
[[network]]
name = "b"
kind = "home"
ipv6 = "2001:db8:2::/64"
ipv4 = "192.0.3.0/24"
`
	all, err := Explain("x", []byte(src), nil, Files{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Origin{
		"network.a.router_advertisement.min_delay": FromProfile, "link.a-b.name": FromOthers, "seed": FromDefault,
		"network.a.link.rate": FromTechnology, "network.a.link.up.rate": FromTechnology, "network.a.link.attach": FromTechnology,
		"network.a.link.delay": FromFile, "network.a.link.up.delay": FromOthers, "network.a.link.scan": FromDefault, "network.b.link.rate": FromDefault,
		"title": FromNowhere, "profile": FromFile,
	}
	for _, x := range all {
		if o, ok := want[x.Path]; ok && x.Origin != o {
			t.Errorf("%s comes from %s, want %s", x.Path, x.Origin, o)
		}
		delete(want, x.Path)
	}
	if len(want) > 0 {
		t.Errorf("not explained: %v", want)
	}
	if _, err := Explain("x", []byte("nothing = 1"), nil, Files{}); err == nil || !strings.Contains(err.Error(), "nothing") {
		t.Errorf("%v", err)
	}
}
