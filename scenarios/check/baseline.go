package check

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"dsmipsim/reports"
	"dsmipsim/reports/listing"
	"dsmipsim/reports/result"
)

// BaselineFormat names the layout of a baseline. A change that breaks a reader raises its number.
const BaselineFormat = "dsmipsim/baseline/1"

// BaselineFile is what a baseline is called where nobody gives it another name.
const BaselineFile = "dsmipsim.baseline.json"

// listed is how many replications of a scenario have a listing in the baseline: a change shows
// in the first ones, and listings are large.
const listed = 10

// Baseline is a file with the fingerprints of runs as they should be. A folder of the same name,
// without its ending, has the listing of each run beside it.
type Baseline struct {
	path    string
	text    []byte // of the file as it is; nil if there is none
	Entries []Entry
}

// Entry is one run of a scenario.
type Entry struct {
	Scenario    string             `json:"scenario"` // path from the folder of the baseline, or name of a bundled scenario
	Seed        int64              `json:"seed"`
	Replication int                `json:"replication"`
	Source      string             `json:"source_sha256"` // of the text of the scenario
	Fingerprint result.Fingerprint `json:"fingerprint"`
	Listing     string             `json:"listing,omitempty"` // path from the folder of the baseline
}

// baselineFile is the JSON of a baseline.
type baselineFile struct {
	Format string  `json:"format"`
	Runs   []Entry `json:"runs"`
}

// OpenBaseline reads a baseline. One that does not exist is empty.
func OpenBaseline(path string) (*Baseline, error) {
	b := &Baseline{path: path}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return b, nil
	}
	if err != nil {
		return nil, fmt.Errorf("baseline: %w", err)
	}
	var f baselineFile
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&f); err != nil {
		line := 1 + bytes.Count(text[:min(int(dec.InputOffset()), len(text))], []byte("\n"))
		return nil, fmt.Errorf("%s:%d: found no baseline: %w", path, line, err)
	}
	if f.Format != BaselineFormat {
		return nil, fmt.Errorf("%s: found format %q, wanted %q", path, f.Format, BaselineFormat)
	}
	for _, e := range f.Runs {
		if e.Listing != "" && !filepath.IsLocal(filepath.FromSlash(e.Listing)) {
			return nil, fmt.Errorf("%s: found listing %q, wanted a path below the folder of the baseline", path, e.Listing)
		}
	}
	b.text, b.Entries = text, f.Runs
	return b, nil
}

// Path is where the baseline is.
func (b *Baseline) Path() string { return b.path }

// Exists reports whether there is a file.
func (b *Baseline) Exists() bool { return b.text != nil }

// Name is what the baseline calls a scenario file.
func (b *Baseline) Name(file string) (string, error) {
	dir, err := filepath.Abs(filepath.Dir(b.path))
	if err != nil {
		return "", err
	}
	if file, err = filepath.Abs(file); err != nil {
		return "", err
	}
	name, err := filepath.Rel(dir, file)
	return filepath.ToSlash(name), err
}

// sourceSum is the SHA-256 of the text of a scenario, in hex.
func (s *Scenario) sourceSum() string {
	sum := sha256.Sum256(s.Source)
	return hex.EncodeToString(sum[:])
}

// find returns the entry of a run, or nil.
func (b *Baseline) find(s *Scenario, replication int) *Entry {
	for i := range b.Entries {
		if e := &b.Entries[i]; e.Scenario == s.Key && e.Seed == s.Spec.Seed && e.Replication == replication {
			return e
		}
	}
	return nil
}

// listing reads the listing of an entry.
func (b *Baseline) listing(e *Entry) (*listing.Listing, error) {
	if e.Listing == "" {
		return nil, fmt.Errorf("the baseline has listings of the first %d replications only", listed)
	}
	file := filepath.Join(filepath.Dir(b.path), filepath.FromSlash(e.Listing))
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	l, err := listing.Decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if l.Fingerprint != e.Fingerprint {
		return nil, fmt.Errorf("%s is of another run", file)
	}
	return l, nil
}

// pending is an entry in the making.
type pending struct {
	Entry
	scenario *Scenario
	data     []byte // of its listing; nil if that is there already
}

// Update puts the runs of those scenarios that are compared with the baseline into it, in the
// place of all that it had of them, and writes it. It returns what has changed, a line for each
// scenario. Runs that have changed are carried out again, to be listed.
func (b *Baseline) Update(ctx context.Context, all []Scenario, prints [][]result.Fingerprint, o Options) ([]string, error) {
	var changes []string
	var fresh []*pending
	var kept []Entry
	own := map[string]bool{}
	for i := range all {
		s := &all[i]
		if s.Baseline != b || own[s.Key] {
			continue
		}
		own[s.Key] = true
		before := slices.DeleteFunc(slices.Clone(b.Entries), func(e Entry) bool { return e.Scenario != s.Key })
		changed := map[string]bool{}
		for r, print := range prints[i] {
			p := &pending{Entry: Entry{Scenario: s.Key, Seed: s.Spec.Seed, Replication: r, Source: s.sourceSum(), Fingerprint: print}, scenario: s}
			if r < listed {
				p.Listing = b.listingName(s.Key, r)
			}
			if old := b.find(s, r); old != nil {
				for name := range differing(old.Fingerprint, print) {
					changed[name] = true
				}
				if _, err := b.listing(old); old.Fingerprint == print && old.Listing == p.Listing && (err == nil || p.Listing == "") {
					kept = append(kept, p.Entry)
					continue
				}
			}
			fresh = append(fresh, p)
		}
		if text := change(before, len(prints[i]), s.Spec.Seed, changed); text != "" {
			changes = append(changes, s.Key+": "+text)
		}
	}
	if err := listAll(ctx, fresh, o); err != nil {
		return nil, err
	}
	for _, e := range b.Entries {
		switch {
		case own[e.Scenario]:
		case b.gone(e.Scenario):
			changes = append(changes, e.Scenario+": removed, since there is no such file any more")
		default:
			kept = append(kept, e)
		}
	}
	return changes, b.write(kept, fresh)
}

// gone reports whether the file of a scenario is no more. A bundled scenario has none.
func (b *Baseline) gone(key string) bool {
	if filepath.Ext(key) != ".toml" {
		return false
	}
	_, err := os.Stat(filepath.Join(filepath.Dir(b.path), filepath.FromSlash(key)))
	return errors.Is(err, fs.ErrNotExist)
}

// change says what an update changes of a scenario; "" for nothing.
func change(before []Entry, replications int, seed int64, changed map[string]bool) string {
	var names []string
	for _, name := range fingerprintNames {
		if changed[name] {
			names = append(names, name)
		}
	}
	switch {
	case len(before) == 0:
		return fmt.Sprintf("added, %d runs", replications)
	case before[0].Seed != seed:
		return fmt.Sprintf("seed %d in the place of %d", seed, before[0].Seed)
	case len(before) != replications:
		return fmt.Sprintf("%d runs in the place of %d", replications, len(before))
	case len(names) > 0:
		return "changed: " + strings.Join(names, ", ")
	}
	return ""
}

// listAll makes the listings of the entries that have one.
func listAll(ctx context.Context, fresh []*pending, o Options) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(o.jobs())
	for _, p := range fresh {
		if p.Listing == "" {
			continue
		}
		group.Go(func() error {
			l, err := p.scenario.list(ctx, p.Replication, firstPass, o)
			if err == nil {
				p.data, err = l.Encode()
			}
			return err
		})
	}
	return group.Wait()
}

// listingName is where the listing of a run goes. Folders of scenarios are part of the name, so
// that all listings are in one folder.
func (b *Baseline) listingName(key string, replication int) string {
	folder := strings.TrimSuffix(filepath.Base(b.path), ".json")
	if folder == filepath.Base(b.path) {
		folder += ".listings"
	}
	name := strings.NewReplacer("../", "up~", "/", "~").Replace(key)
	return fmt.Sprintf("%s/%s-%d.json.gz", folder, name, replication)
}

// write puts the listings in place, then the baseline, and removes what nothing names any more.
func (b *Baseline) write(entries []Entry, fresh []*pending) error {
	dir := filepath.Dir(b.path)
	for _, p := range fresh {
		entries = append(entries, p.Entry)
		if p.data == nil {
			continue
		}
		path := filepath.Join(dir, filepath.FromSlash(p.Listing))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return fmt.Errorf("baseline: %w", err)
		}
		if err := reports.Replace(path, p.data); err != nil {
			return fmt.Errorf("baseline: %w", err)
		}
	}
	slices.SortFunc(entries, func(x, y Entry) int {
		return cmp.Or(cmp.Compare(x.Scenario, y.Scenario), cmp.Compare(x.Seed, y.Seed), cmp.Compare(x.Replication, y.Replication))
	})
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(baselineFile{BaselineFormat, entries}); err != nil {
		return err
	}
	if !bytes.Equal(text.Bytes(), b.text) {
		if err := reports.Replace(b.path, text.Bytes()); err != nil {
			return fmt.Errorf("baseline: %w", err)
		}
	}
	named := map[string]bool{}
	for _, e := range entries {
		named[e.Listing] = true
	}
	for _, e := range b.Entries {
		if e.Listing != "" && !named[e.Listing] {
			if err := os.Remove(filepath.Join(dir, filepath.FromSlash(e.Listing))); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("baseline: %w", err)
			}
		}
	}
	b.text, b.Entries = text.Bytes(), entries
	return nil
}
