package scenarios

import (
	"embed"
	"fmt"
	"path"

	"dsmipsim/scenarios/spec"
)

//go:embed library
var library embed.FS

// bundled lists the scenarios that come with the program in the order in which a newcomer
// reads them: each needs only what those before it explain.
var bundled = []string{
	"first-registration",
	"return-home",
	"address-verification",
	"ipv4-access",
	"ipv4-by-the-book",
	"private-ipv4",
	"forced-private",
	"isatap-access",
	"dynamic-addresses",
	"dual-stack-access",
	"fixed-timing",
	"no-answer",
	"lossy-access",
	"wifi-to-lte",
	"troubled-links",
	"two-mobiles",
	"tunnel-mtu",
	"esp-aes",
	"home-agent-discovery",
	"prefix-discovery",
	"route-optimization",
	"traffic-mix",
	"tcp-roaming",
	"roaming",
}

// Entry is a bundled scenario.
type Entry struct {
	Name   string // what `run NAME` takes
	Title  string // one line
	Source []byte // the TOML
}

// ReadFile reads a file that the scenario names, which is bundled, too.
func (e Entry) ReadFile(name string) ([]byte, error) {
	return library.ReadFile(path.Join("library", path.Dir(e.Name), name))
}

// Load reads and checks the scenario with overrides, which name no files.
func (e Entry) Load(sets ...string) (*spec.Spec, error) {
	return spec.LoadFiles(e.Name, e.Source, sets, spec.Files{Beside: e.ReadFile})
}

// Library returns the bundled scenarios, in the order of bundled.
func Library() []Entry {
	all := make([]Entry, len(bundled))
	for i, name := range bundled {
		src, err := library.ReadFile("library/" + name + ".toml")
		if err != nil {
			panic(fmt.Sprintf("bundled scenario %s: %v", name, err)) // the list and the folder disagree
		}
		all[i] = Entry{Name: name, Source: src}
		s, err := all[i].Load()
		if err != nil {
			panic(fmt.Sprintf("bundled scenario %s: %v", name, err))
		}
		all[i].Title = s.Title
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
