package scenarios

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"

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
	"behind-nat",
	"dynamic-addresses",
	"dual-stack-access",
	"dhcpv6",
	"fixed-timing",
	"movement-detection",
	"two-interfaces",
	"no-answer",
	"lossy-access",
	"wifi-to-lte",
	"troubled-links",
	"two-mobiles",
	"wifi-walk",
	"manhattan",
	"vehicles",
	"tunnel-mtu",
	"esp-aes",
	"home-agent-discovery",
	"prefix-discovery",
	"route-optimization",
	"traffic-mix",
	"tcp-loss",
	"tcp-roaming",
	"alpine-network",
	"all-handovers",
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
		e, err := entry(name)
		if err != nil {
			panic(fmt.Sprintf("bundled scenario %s: %v", name, err)) // the list and the folder disagree
		}
		all[i] = e
	}
	return all
}

// Find returns the bundled scenario of that name, of the folders too.
func Find(name string) (Entry, bool) {
	if !slices.Contains(bundled, name) && !slices.Contains(folders, path.Dir(name)) {
		return Entry{}, false
	}
	e, err := entry(name)
	return e, err == nil
}

// Folders of bundled scenarios: the validation pack has published numbers and exact arithmetic
// that a faithful simulator reproduces, experiments are sweeps whose figures answer a question.
const (
	Validation  = "validation"
	Experiments = "experiments"
)

var folders = []string{Validation, Experiments}

// Folder returns the bundled scenarios of a folder in order of their names; none if there is no
// such folder.
func Folder(name string) []Entry {
	if !slices.Contains(folders, name) {
		return nil
	}
	files, err := library.ReadDir("library/" + name)
	if err != nil {
		panic(fmt.Sprintf("bundled folder %s: %v", name, err))
	}
	var all []Entry
	for _, f := range files {
		base, ok := strings.CutSuffix(f.Name(), ".toml")
		if !ok {
			continue
		}
		e, err := entry(name + "/" + base)
		if err != nil {
			panic(fmt.Sprintf("bundled scenario %s: %v", e.Name, err))
		}
		all = append(all, e)
	}
	return all
}

// entry reads a bundled scenario.
func entry(name string) (Entry, error) {
	e := Entry{Name: name}
	var err error
	if e.Source, err = library.ReadFile("library/" + name + ".toml"); err != nil {
		return e, err
	}
	s, err := e.Load()
	if err != nil {
		return e, err
	}
	e.Title = s.Title
	return e, nil
}

// Text returns the TOML of the bundled scenario of that name, or the bundled file of that path
// which scenarios name.
func Text(name string) ([]byte, bool) {
	if e, ok := Find(name); ok {
		return e.Source, true
	}
	if !strings.HasPrefix(name, "data/") {
		return nil, false
	}
	text, err := library.ReadFile(path.Join("library", name))
	return text, err == nil
}
