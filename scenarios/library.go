package scenarios

import (
	"embed"
	"fmt"

	"dsmipsim/scenarios/spec"
)

//go:embed library/*.toml
var library embed.FS

// bundled lists the scenarios that come with the program in the order in which a newcomer
// reads them: each needs only what those before it explain.
var bundled = []string{
	"first-registration",
	"return-home",
	"ipv4-access",
	"private-ipv4",
	"forced-private",
	"isatap-access",
	"dynamic-addresses",
	"dual-stack-access",
	"fixed-timing",
	"no-answer",
	"lossy-access",
	"two-mobiles",
	"tunnel-mtu",
	"esp-aes",
	"home-agent-discovery",
	"prefix-discovery",
	"route-optimization",
	"roaming",
}

// Entry is a bundled scenario.
type Entry struct {
	Name   string // what `run NAME` takes
	Title  string // one line
	Source []byte // the TOML
}

// Library returns the bundled scenarios, in the order of bundled.
func Library() []Entry {
	all := make([]Entry, len(bundled))
	for i, name := range bundled {
		src, err := library.ReadFile("library/" + name + ".toml")
		if err != nil {
			panic(fmt.Sprintf("bundled scenario %s: %v", name, err)) // the list and the folder disagree
		}
		s, err := spec.Load(name, src, nil)
		if err != nil {
			panic(fmt.Sprintf("bundled scenario %s: %v", name, err))
		}
		all[i] = Entry{Name: name, Title: s.Title, Source: src}
	}
	return all
}

// Find returns the bundled scenario of that name.
func Find(name string) (Entry, bool) {
	for _, e := range Library() {
		if e.Name == name {
			return e, true
		}
	}
	return Entry{}, false
}
