package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func open2(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func put(t *testing.T, s *Store, r Run, places ...Place) {
	t.Helper()
	if err := s.Put(r, places...); err != nil {
		t.Fatal(err)
	}
}

// What is put comes back, where it was put, also from a store that is finished and cannot be
// written.
func TestStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a name with ? and #.sqlite")
	s := open2(t, path)
	put(t, s, Run{Key: "b", Summary: []byte("second")}, Place{1, 0}, Place{2, 7})
	put(t, s, Run{Key: "a", Summary: []byte(strings.Repeat("first ", 10_000))}, Place{0, 1})
	put(t, s, Run{Key: "c", Error: "no\nway"}, Place{0, 0})
	if err := errors.Join(s.Describe("x", "1"), s.Describe("x", "2"), s.PutFile("data/f", nil), s.PutFile("data/g", []byte{0, 1})); err != nil {
		t.Fatal(err)
	}
	check := func(s *Store) {
		t.Helper()
		var all []string
		if err := s.Each(func(p Place, r Run) error {
			all = append(all, fmt.Sprintf("%d/%d %s %.8s %q", p.Point, p.Replication, r.Key, r.Summary, r.Error))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		want := `0/0 c  "no\nway", 0/1 a first fi "", 1/0 b second "", 2/7 b second ""`
		if got := strings.Join(all, ", "); got != want {
			t.Errorf("stored: %s\nwant: %s", got, want)
		}
		if r, ok, err := s.Get("a"); err != nil || !ok || len(r.Summary) != 60_000 {
			t.Errorf("a is %d octets: %v, %v", len(r.Summary), ok, err)
		}
		if _, ok, err := s.At(Place{2, 8}); err != nil || ok {
			t.Errorf("there is a run where none is: %v", err)
		}
		if v, err := s.About("x"); err != nil || v != "2" {
			t.Errorf("about x: %q, %v", v, err)
		}
		if v, err := s.About("y"); err != nil || v != "" {
			t.Errorf("about y: %q, %v", v, err)
		}
		if f, err := s.File("data/g"); err != nil || string(f) != "\x00\x01" {
			t.Errorf("file: %q, %v", f, err)
		}
		if _, err := s.File("data/h"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("no file: %v", err)
		}
	}
	check(s)
	if _, err := Open(path); !errors.Is(err, ErrInUse) {
		t.Errorf("opened twice: %v", err)
	}
	if err := s.Settle(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); !errors.Is(err, ErrInUse) {
		t.Errorf("opened twice: %v", err)
	}
	if settled, err := Read(path); err != nil {
		t.Errorf("it cannot be read before it is closed: %v", err)
	} else {
		check(settled)
		settled.Close()
	}
	if err := s.Finish(); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(files) != 1 {
		t.Errorf("left: %v, %v", files, err)
	}
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	finished, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	defer finished.Close()
	check(finished)
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}

	// It may grow again.
	again := open2(t, path)
	check(again)
	if err := again.Unlink(); err != nil {
		t.Fatal(err)
	}
	if err := again.Link("a", Place{5, 5}); err != nil {
		t.Fatal(err)
	}
	if r, ok, err := again.At(Place{5, 5}); err != nil || !ok || r.Key != "a" {
		t.Errorf("linked: %v, %v, %v", r.Key, ok, err)
	}
	if keys, err := again.Keys(); err != nil || len(keys) != 3 {
		t.Errorf("keys: %v, %v", keys, err)
	}
}

// A store takes what is sound in another.
func TestImport(t *testing.T) {
	dir := t.TempDir()
	from := open2(t, filepath.Join(dir, "from.sqlite"))
	for i := range 50 {
		put(t, from, Run{Key: fmt.Sprint("key", i), Summary: fmt.Appendf(nil, "result %d", i)})
	}
	to := open2(t, filepath.Join(dir, "to.sqlite"))
	put(t, to, Run{Key: "key7", Summary: []byte("is here already")})
	if err := to.Import(from); err != nil {
		t.Fatal(err)
	}
	if keys, err := to.Keys(); err != nil || len(keys) != 50 {
		t.Errorf("%d keys: %v", len(keys), err)
	}
	if r, _, err := to.Get("key7"); err != nil || string(r.Summary) != "is here already" {
		t.Errorf("key7: %q, %v", r.Summary, err)
	}
	// The summary of one is damaged.
	if _, err := from.db.Exec("update result set summary = x'789c00' where key = 'key20'"); err != nil {
		t.Fatal(err)
	}
	rest := open2(t, filepath.Join(dir, "rest.sqlite"))
	if err := rest.Import(from); err == nil || !strings.Contains(err.Error(), "from.sqlite: run key20") {
		t.Errorf("damage: %v", err)
	}
	if keys, err := rest.Keys(); err != nil || len(keys) != 20 || keys["key20"] {
		t.Errorf("%d keys before the damage: %v", len(keys), err)
	}
}

func TestReadRefusesOtherFiles(t *testing.T) {
	dir := t.TempDir()
	if _, err := Read(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("nothing: %v", err)
	}
	for _, text := range []string{"", "nonsense that is long enough for a header, is it not? "} {
		path := filepath.Join(dir, "x")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(path); err == nil || !strings.Contains(err.Error(), "x: found no store of runs") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
