package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Groups of packages that the arrows name.
const (
	core     = "sim/vtime sim/draw sim/packet sim/trace nodes/wire"                      // what every machine may know
	support  = "nodes/nd nodes/dhcp nodes/dhcp6 nodes/acd nodes/dna nodes/esp nodes/nat" // what the protocol stands on
	protocol = "nodes/mip nodes/mip/mn nodes/mip/ha nodes/mip/cn"
)

// arrows says which packages of ours each package may import. A pattern that ends in /...
// stands for all packages below. The first row that matches a package holds for it; a
// package without a row is an error, so that a new one is placed on purpose.
var arrows = []struct{ packages, imports string }{
	{"nodes/wire", ""},
	{"sim/vtime sim/draw", ""},
	{"sim/packet sim/trace sim", "sim/vtime"},

	{"nodes/machine", core},
	{"nodes/ip", core + " nodes/machine"},
	{"nodes/dna", core + " nodes/machine nodes/ip nodes/dhcp"},
	{support, core + " nodes/machine nodes/ip"},
	{"nodes/router nodes/isatap", core + " nodes/machine nodes/ip " + support},
	{"nodes/mip nodes/mip/internal/...", core + " nodes/machine nodes/ip nodes/router nodes/isatap " + support},
	{"nodes/mip/mn nodes/mip/ha nodes/mip/cn", core + " nodes/machine nodes/ip nodes/router nodes/isatap nodes/mip nodes/mip/internal/... " + support},

	{"topology/access/technology", ""},
	{"topology", core + " sim"},
	{"topology/motion/plane", "sim/vtime"},
	{"topology/motion/models", "sim/vtime sim/draw topology/motion/plane"},
	{"topology/...", core + " sim topology topology/..."},
	{"nodes", core + " sim topology topology/... nodes/machine nodes/ip nodes/router nodes/isatap " + support + " " + protocol},
	{"nodes/traffic/codec", ""},
	{"nodes/traffic/tcp", core + " sim topology nodes nodes/machine nodes/ip nodes/traffic"},
	{"nodes/traffic", core + " sim topology nodes nodes/machine nodes/ip nodes/traffic/codec"},

	{"reports/result reports/handover", "sim/vtime sim/trace nodes/wire"},
	{"reports/...", "sim/vtime sim/trace nodes/wire reports/..."},
	{"reports", "sim/vtime sim/trace nodes/wire reports/..."},

	{"scenarios/spec", "scenarios/graphml scenarios/replay scenarios/movements topology/motion/plane nodes/traffic/codec sim/draw topology/access/technology"},
	{"scenarios/movements", ""},
	{"scenarios/replay", "reports/capture"},
	{"scenarios/graphml", ""},
	{"scenarios/plan", "scenarios/spec sim/vtime topology topology/motion/plane topology/motion/models"},
	{"scenarios/predict", "scenarios/spec scenarios/plan topology sim/draw reports/result nodes/wire nodes/esp nodes/mip nodes/traffic/codec sim/vtime"},
	{"scenarios/sweep/store scenarios/sweep/slurm scenarios/sweep/batch", ""},
	{"scenarios/check scenarios/sweep", "scenarios scenarios/... reports reports/... sim/..."},
	// The judge knows of the machines no more than their codecs and the types of snapshots.
	{"scenarios/conformance", "scenarios scenarios/spec scenarios/plan reports/result reports/table nodes/wire nodes/esp nodes/mip nodes/mip/mn topology sim/trace sim/vtime"},
	{"scenarios", "scenarios/spec scenarios/plan scenarios/predict reports reports/... nodes nodes/... topology topology/... sim sim/..."},

	{"cmd/dsmipsim", "scenarios scenarios/... reports reports/... nodes/wire sim/trace sim/vtime sim/draw topology/access/technology"},
	// The judge of the outputs reads captures without any of our code.
	{"cmd/dsmipsim/internal/recompute", ""},
}

const module = "dsmipsim"

// pkg is what `go list -json` tells of a package.
type pkg struct {
	ImportPath, Dir string
	GoFiles         []string
	Imports         []string
}

func (p pkg) name() string { return strings.TrimPrefix(p.ImportPath, module+"/") }

func listPackages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Dir,GoFiles,Imports", module+"/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 20 {
		t.Fatalf("go list found only %d packages", len(all))
	}
	return all
}

// within reports whether a package matches one of the patterns.
func within(name, patterns string) bool {
	for _, p := range strings.Fields(patterns) {
		if parent, ok := strings.CutSuffix(p, "/..."); ok && strings.HasPrefix(name, parent+"/") || name == p {
			return true
		}
	}
	return false
}

// againstArrows tells which imports of a package the arrows do not have.
func againstArrows(p pkg) (faults []string) {
	for _, row := range arrows {
		if !within(p.name(), row.packages) {
			continue
		}
		for _, i := range p.Imports {
			if own, ok := strings.CutPrefix(i, module+"/"); ok && !within(own, row.imports) {
				faults = append(faults, fmt.Sprintf("%s imports %s, wanted only: %s", p.name(), own, row.imports))
			}
		}
		return faults
	}
	return []string{p.name() + " has no row in the table of arrows"}
}

// simulated are the packages below scenarios: what they do must follow from scenario and seed.
const simulated = "sim sim/... topology topology/... nodes nodes/..."

// banned are packages that would let the machine, or chance, into a run. sync is among them
// because one goroutine runs a replication, and sync.Pool gives what the collector left.
var banned = []string{"os", "log", "sync", "math/rand", "crypto/rand", "net/http", "runtime"}

// excused are packages that may import what is banned: the netstack has a goroutine of its
// own, which the package holds still whenever it could matter.
var excused = map[string]string{"nodes/traffic/tcp": "sync runtime"}

func againstBans(p pkg) (faults []string) {
	for _, i := range p.Imports {
		for _, b := range banned {
			if within(b, excused[p.name()]) {
				continue
			}
			// math/rand/v2 is another package, and what it may be used for is checked below.
			if i == b || strings.HasPrefix(i, b+"/") && i != "math/rand/v2" {
				faults = append(faults, fmt.Sprintf("%s imports %s, which is banned below scenarios", p.name(), i))
			}
		}
	}
	return faults
}

// wallClock are the functions of package time that read or wait for the real time.
var wallClock = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}

// seeded are the names of math/rand/v2 that use no global source.
var seeded = []string{"New", "NewPCG", "NewChaCha8", "NewZipf", "Rand", "PCG", "ChaCha8", "Source", "Zipf"}

// machines are the packages whose code must not see what belongs to the simulator: a packet's
// tag, and its buffer's end.
const machines = "nodes/machine nodes/ip nodes/router nodes/isatap " + protocol + " " + support

// ofTheSimulator are the methods of packet.Buf that no machine may call. Nothing else in a
// machine may go by these names, which lets the test do without types.
var ofTheSimulator = []string{"Tag", "SetTag", "Release"}

// againstNames tells what a file below scenarios uses that it must not.
func againstNames(name string, file *ast.File, fset *token.FileSet) (faults []string) {
	imported := map[string]string{} // local name -> path
	for _, i := range file.Imports {
		path, _ := strconv.Unquote(i.Path.Value) // the parser has checked it
		local := filepath.Base(path)
		if path == "math/rand/v2" {
			local = "rand"
		}
		if i.Name != nil {
			local = i.Name.Name
		}
		if local == "." && (path == "time" || path == "math/rand/v2") {
			faults = append(faults, fmt.Sprintf("%s: a dot import of %s hides what is used of it", fset.Position(i.Pos()), path))
		}
		imported[local] = path
	}
	ast.Inspect(file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		at := fset.Position(sel.Pos())
		if x, ok := sel.X.(*ast.Ident); ok {
			switch path := imported[x.Name]; {
			case path == "time" && slices.Contains(wallClock, sel.Sel.Name):
				faults = append(faults, fmt.Sprintf("%s: time.%s reads the wall clock; time is an argument here", at, sel.Sel.Name))
			case path == "math/rand/v2" && !slices.Contains(seeded, sel.Sel.Name):
				faults = append(faults, fmt.Sprintf("%s: rand.%s draws from the global source; take a named stream", at, sel.Sel.Name))
			}
		}
		if within(name, machines) && slices.Contains(ofTheSimulator, sel.Sel.Name) {
			faults = append(faults, fmt.Sprintf("%s: a machine must not use %s of a packet", at, sel.Sel.Name))
		}
		return true
	})
	return faults
}

// inProgram returns the packages that the program is made of. An internal package that is not
// among them serves tests, which may read files.
func inProgram(t *testing.T) map[string]bool {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", module+"/cmd/dsmipsim").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	all := map[string]bool{}
	for _, path := range strings.Fields(string(out)) {
		all[path] = true
	}
	return all
}

func TestArchitecture(t *testing.T) {
	program := inProgram(t)
	for _, p := range listPackages(t) {
		for _, f := range againstArrows(p) {
			t.Error(f)
		}
		serves := strings.Contains(p.ImportPath, "/internal/") && !program[p.ImportPath]
		if !within(p.name(), simulated) || serves {
			continue
		}
		for _, f := range againstBans(p) {
			t.Error(f)
		}
		for _, f := range p.GoFiles {
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, filepath.Join(p.Dir, f), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, fault := range againstNames(p.name(), file, fset) {
				t.Error(fault)
			}
		}
	}
}

// The checks find what they are for.
func TestArchitectureFindsFaults(t *testing.T) {
	for _, p := range []pkg{
		{ImportPath: "dsmipsim/nodes/wire", Imports: []string{"dsmipsim/sim/vtime"}},
		{ImportPath: "dsmipsim/nodes/mip/mn", Imports: []string{"dsmipsim/sim"}},
		{ImportPath: "dsmipsim/nodes/ip", Imports: []string{"dsmipsim/nodes/nd"}},
		{ImportPath: "dsmipsim/scenarios/spec", Imports: []string{"dsmipsim/topology"}},
		{ImportPath: "dsmipsim/reports/metric", Imports: []string{"dsmipsim/reports"}},
		{ImportPath: "dsmipsim/nodes/new"},
	} {
		if len(againstArrows(p)) != 1 {
			t.Errorf("%s importing %v was not found", p.name(), p.Imports)
		}
	}
	for _, i := range []string{"os", "os/exec", "log", "log/slog", "sync", "sync/atomic", "math/rand", "crypto/rand"} {
		if len(againstBans(pkg{ImportPath: "dsmipsim/nodes/nat", Imports: []string{i, "math/rand/v2", "net/netip"}})) != 1 {
			t.Errorf("%s was not found", i)
		}
	}
	for code, found := range map[string]bool{
		`import "time"; var _ = time.Now()`:                      true,
		`import clock "time"; var _ = clock.After(0)`:            true,
		`import . "time"; var _ = Now()`:                         true,
		`import "time"; var _ = time.Second`:                     false,
		`import "math/rand/v2"; var _ = rand.IntN(5)`:            true,
		`import "math/rand/v2"; var r *rand.Rand; var _ = r.N()`: false,
		`var p buf; var _ = p.Tag()`:                             true,
		`func f() { p.Release() }`:                               true,
		`func f() { p.Prepend(4) }`:                              false,
	} {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, "x.go", "package x; "+code, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(againstNames("nodes/nat", file, fset)) > 0; got != found {
			t.Errorf("%s: found %v, want %v", code, got, found)
		}
	}
}
