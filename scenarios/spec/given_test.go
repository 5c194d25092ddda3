package spec

import (
	"os"
	"path/filepath"
	"testing"
)

// What is given loads to the same scenario as the file with its overrides, and says the same if it
// is given again.
func TestGivenLoadsTheSame(t *testing.T) {
	files, err := filepath.Glob("../library/*.toml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		beside := Files{Beside: func(path string) ([]byte, error) { return os.ReadFile(filepath.Join("../library", path)) }}
		for _, sets := range [][]string{nil, {"seed=7", "title=other", "network[0].link.delay=3ms", "profile=rfc-literal"}} {
			want, err := LoadFiles(file, src, sets, beside)
			if err != nil {
				if sets == nil {
					t.Errorf("%s: %v", file, err)
				}
				continue
			}
			text, err := Given(file, src, sets, beside)
			if err != nil {
				t.Errorf("%s: %v", file, err)
				continue
			}
			byName := Files{Beside: func(name string) ([]byte, error) {
				for _, f := range want.Files {
					if f.Name == name {
						return f.Data, nil
					}
				}
				return nil, os.ErrNotExist
			}}
			got, err := LoadFiles("given.toml", text, nil, byName)
			if err != nil {
				t.Errorf("%s: %v\n%s", file, err, text)
				continue
			}
			if string(got.Encode()) != string(want.Encode()) {
				t.Errorf("%s with %v: what is given loads to another scenario", file, sets)
			}
			again, err := Given("given.toml", text, nil, byName)
			if err != nil || string(again) != string(text) {
				t.Errorf("%s: given again, it differs: %v", file, err)
			}
		}
	}
}

// Files that are values of factors go by their names, too.
func TestGivenFilesOfFactors(t *testing.T) {
	src, err := os.ReadFile("../library/vehicles.toml")
	if err != nil {
		t.Fatal(err)
	}
	read := func(path string) ([]byte, error) { return os.ReadFile("../library/data/town.fcd.xml") }
	sets := []string{FactorOverride("mobile_node[0].motion.file=one/a.xml,two/b.xml")}
	text, err := Given("vehicles", src, sets, Files{Beside: read, Here: read})
	if err != nil {
		t.Fatal(err)
	}
	s, err := LoadFiles("vehicles", text, nil, Files{Beside: read})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range s.Files {
		names = append(names, f.Name)
	}
	if got := FormatValue(s.Sweep.Factors[0].Values); got != `["data/a.xml", "data/b.xml"]` || len(names) != 3 || names[2] != "data/b.xml" {
		t.Errorf("values %s of the files %v", got, names)
	}
}
