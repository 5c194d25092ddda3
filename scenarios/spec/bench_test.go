package spec

import "testing"

func BenchmarkLoad(b *testing.B) {
	src := []byte(fixtures(b, "good")["design-sketch.toml"])
	for b.Loop() {
		if _, err := Load("sketch", src, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// Ten thousand counted nodes with a flow each must not take quadratic time.
func BenchmarkLoadCounted(b *testing.B) {
	src := []byte(fixtures(b, "good")["base.toml"])
	sets := []string{
		"mobile_node.mn.count=10000", "network.home.ipv4=172.16.0.0/12", "home_agent.ha.ipv4=172.16.0.1",
		"home_agent.ha.ipv4_pool=172.31.0.0/24", "mobile_node.mn.ipv4_home_address=172.17.0.1",
	}
	for b.Loop() {
		if _, err := Load("base", src, sets); err != nil {
			b.Fatal(err)
		}
	}
}
