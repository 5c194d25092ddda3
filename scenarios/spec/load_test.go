package spec

import (
	"errors"
	"flag"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var update = flag.Bool("update", false, "rewrite the .want files of testdata")

// fixtures returns the scenario files of a folder of testdata by name.
func fixtures(t testing.TB, folder string) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", folder, "*.toml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no fixtures in testdata/%s: %v", folder, err)
	}
	texts := map[string]string{}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(path)] = string(b)
	}
	return texts
}

// golden compares a text with a .want file, or rewrites the file with -update.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("differs from %s (-want +got):\n%s", path, diff)
	}
}

func wantFile(folder, name string) string {
	return filepath.Join("testdata", folder, strings.TrimSuffix(name, ".toml")+".want")
}

// testFiles reads what fixtures name, below testdata.
var testFiles = Files{Beside: func(path string) ([]byte, error) { return os.ReadFile(filepath.Join("testdata", path)) }}

func mustLoad(t testing.TB, name, src string, sets ...string) *Spec {
	t.Helper()
	s, err := LoadFiles(name, []byte(src), sets, testFiles)
	if err != nil {
		t.Fatalf("%s does not load:\n%v", name, err)
	}
	return s
}

func TestBadScenarios(t *testing.T) {
	for name, src := range fixtures(t, "bad") {
		t.Run(name, func(t *testing.T) {
			s, err := LoadFiles(name, []byte(src), nil, testFiles)
			if err == nil || s != nil {
				t.Fatal("the mistake goes unnoticed")
			}
			var r *Report
			if !errors.As(err, &r) {
				t.Fatalf("not a *Report: %T", err)
			}
			golden(t, wantFile("bad", name), err.Error()+"\n")
		})
	}
}

// The effective scenario is pinned, and loads to the scenario that it was made from.
func TestGoodScenarios(t *testing.T) {
	for name, src := range fixtures(t, "good") {
		t.Run(name, func(t *testing.T) {
			s := mustLoad(t, name, src)
			golden(t, wantFile("good", name), string(s.Encode()))
			roundTrip(t, s)
		})
	}
}

func roundTrip(t testing.TB, s *Spec) {
	t.Helper()
	encoded := s.Encode()
	again, err := LoadFiles("encoded", encoded, nil, Files{Beside: func(path string) ([]byte, error) {
		for _, f := range s.Files {
			if f.Name == path && !f.Spent {
				return f.Data, nil
			}
		}
		return nil, fs.ErrNotExist
	}})
	if err != nil {
		t.Fatalf("the encoded scenario does not load: %v\n%s", err, encoded)
	}
	if diff := cmp.Diff(s, again, cmpopts.IgnoreTypes(Pos{}), cmpopts.IgnoreFields(File{}, "Path"), cmpopts.IgnoreFields(Spec{}, "Files"), cmpopts.IgnoreUnexported(Sweep{}), cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{})); diff != "" {
		t.Errorf("the encoded scenario differs (-before +after):\n%s\n%s", diff, encoded)
	}
	if twice := again.Encode(); string(twice) != string(encoded) {
		t.Errorf("encoding is not stable:\n%s", cmp.Diff(string(encoded), string(twice)))
	}
}

// Four mistakes of different kinds come in one report, each where it was made.
func TestOneReport(t *testing.T) {
	src := fixtures(t, "bad")["four-mistakes.toml"]
	_, err := Load("four-mistakes.toml", []byte(src), nil)
	var r *Report
	if !errors.As(err, &r) {
		t.Fatalf("not a *Report: %v", err)
	}
	type place struct {
		Line, Col int
		Path      string
		Text      string // what stands there
	}
	lines := strings.Split(src, "\n")
	var got []place
	for _, p := range r.Problems {
		text := lines[p.Line-1][p.Col-1:]
		got = append(got, place{p.Line, p.Col, p.Path, text[:5]})
	}
	want := []place{
		{20, 10, "network.campus.link.dealy", "dealy"},
		{20, 32, "network.campus.link.rate", `"54ms`},
		{39, 8, "network.servers.ipv6", `"2001`},
		{56, 27, "mobile_node.mn.visit[1].network", `"cel"`},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if got := r.Problems[0].Suggestion; got != "delay" {
		t.Errorf("suggestion for dealy: %q", got)
	}
	if got := r.Problems[3].Suggestion; got != "cell" {
		t.Errorf("suggestion for cel: %q", got)
	}
}

func TestSketchOfTheDesign(t *testing.T) {
	s := mustLoad(t, "sketch", fixtures(t, "good")["design-sketch.toml"])
	if n := s.Network("campus"); n == nil || n.Link.Rate != 54e6 || n.Pos != (Pos{20, 1}) {
		t.Errorf("campus: %+v", n)
	}
	if s.Network("nowhere") != nil || s.HomeAgent("mn") != nil || s.MobileNode("ha") != nil || s.Correspondent("mn") != nil {
		t.Error("a name finds an element of another kind")
	}
	if s.HomeAgent("ha") == nil || s.Correspondent("cn") == nil || len(s.MobileNode("mn").Visits) != 4 {
		t.Error("a name finds nothing")
	}
	if cell := s.Network("cell"); cell.RouterAdvertisement != nil || cell.DHCP == nil {
		t.Errorf("cell: %+v", cell)
	}
}

func TestCounting(t *testing.T) {
	s := mustLoad(t, "full", fixtures(t, "good")["full.toml"])
	var got []string
	for _, m := range s.MobileNodes[:3] {
		got = append(got, m.Name+" "+m.HomeAddress.String()+" "+m.IPv4HomeAddress.Static.String())
	}
	for _, f := range s.Flows[:6] {
		got = append(got, f.Name+" "+f.From+" "+f.To)
	}
	want := []string{
		"mn1 2001:db8:100::ffff 192.0.2.10", "mn2 2001:db8:100::1:0 192.0.2.11", "mn3 2001:db8:100::1:1 192.0.2.12",
		"pairs-1 cn1 mn1", "pairs-2 cn2 mn2", "pairs-3 cn3 mn3",
		"echo-1 mn1 web", "echo-2 mn2 web", "echo-3 mn3 web",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("expanded (-want +got):\n%s", diff)
	}
	s.MobileNodes[0].Visits[0].Network = "changed"
	if s.MobileNodes[1].Visits[0].Network == "changed" {
		t.Error("counted nodes share their visits")
	}
}

// Every key of the format shows in the fixture that claims so, and has a sentence of its own.
func TestKeys(t *testing.T) {
	full := fixtures(t, "good")["full.toml"]
	for _, k := range Keys() {
		if k.Doc == "" || !strings.HasSuffix(k.Doc, ".") || k.Type == "" || k.Wanted == "" {
			t.Errorf("incomplete: %+v", k)
		}
		key := k.Path[strings.LastIndexByte(k.Path, '.')+1:]
		if !strings.Contains(full, key) {
			t.Errorf("%s is not in full.toml", k.Path)
		}
	}
}
