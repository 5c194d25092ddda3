package sweep

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"dsmipsim/reports"
	"dsmipsim/scenarios/spec"
	"dsmipsim/scenarios/sweep/store"
)

// Merge puts the shards of a sweep together: all in the directory, or the given stores. It writes
// the artefacts into the directory, the same as if the sweep had been run at once. A *RefusedError
// tells which shards or runs are missing, or do not belong together; nothing is written then.
func Merge(ctx context.Context, dir string, shards []string, m reports.Manifest) (*Design, *Report, error) {
	if len(shards) == 0 {
		var err error
		if shards, err = filepath.Glob(filepath.Join(dir, shardFolder, "*.sqlite")); err != nil {
			return nil, nil, err
		}
		if len(shards) == 0 {
			return nil, nil, refused("%s: found no shard that is complete, wanted %s", dir, filepath.Join(dir, shardFolder, "1-of-N.sqlite"))
		}
	} else if err := mayMerge(dir); err != nil {
		return nil, nil, err
	}
	var parts []*store.Store
	defer func() {
		for _, p := range parts {
			_ = p.Close() // it was only read
		}
	}()
	for _, file := range shards {
		p, err := store.Read(file)
		if err != nil {
			return nil, nil, refused("shard: %v", err)
		}
		parts = append(parts, p)
	}
	version, err := oneSweep(shards, parts)
	if err != nil {
		return nil, nil, err
	}
	d, err := designOf(parts[0])
	if err != nil {
		return nil, nil, err
	}
	x, err := d.gather(ctx, dir, parts, version)
	if err != nil {
		return nil, nil, err
	}
	r, err := x.write(dir, m)
	return d, r, err
}

// mayMerge tells whether shards from elsewhere may be put together in a directory.
func mayMerge(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, shardFolder)); err == nil {
		return nil
	}
	return reports.Replaceable(dir)
}

// oneSweep checks that shards are of one sweep, and all of it, and returns the version of the
// program that ran them.
func oneSweep(files []string, parts []*store.Store) (version string, err error) {
	var first struct{ scenario, name, version, file string }
	var of int
	there := map[int]bool{}
	for i, p := range parts {
		about := map[string]string{}
		for _, name := range []string{aboutScenario, aboutName, aboutVersion, aboutShard} {
			if about[name], err = p.About(name); err != nil {
				return "", err
			}
		}
		shard, err := ParseShard(about[aboutShard])
		if err != nil {
			return "", refused("%s: found no shard of a sweep", files[i])
		}
		if i == 0 {
			first.scenario, first.name, first.version, first.file, of = about[aboutScenario], about[aboutName], about[aboutVersion], files[i], shard.Of
		}
		switch {
		case about[aboutScenario] != first.scenario || about[aboutName] != first.name:
			return "", refused("%s and %s are of different sweeps", first.file, files[i])
		case about[aboutVersion] != first.version:
			return "", refused("%s and %s were run by different versions of the program, %s and %s", first.file, files[i], first.version, about[aboutVersion])
		case shard.Of != of:
			return "", refused("%s is of %d shards, %s of %d", first.file, of, files[i], shard.Of)
		}
		there[shard.Index] = true
	}
	var missing []string
	for i := range of {
		if !there[i+1] {
			missing = append(missing, Shard{Index: i + 1, Of: of}.String())
		}
	}
	if len(missing) > 0 {
		return "", refused("%d of %d shards are missing: %s", len(missing), of, shorten(missing))
	}
	return first.version, nil
}

// shorten lists the first of many.
func shorten(all []string) string {
	const most = 10
	if len(all) > most {
		return strings.Join(all[:most], ", ") + fmt.Sprintf(" and %d more", len(all)-most)
	}
	return strings.Join(all, ", ")
}

// designOf works out the sweep that a shard is of.
func designOf(p *store.Store) (*Design, error) {
	scenario, err := p.About(aboutScenario)
	if err != nil {
		return nil, err
	}
	name, err := p.About(aboutName)
	if err != nil {
		return nil, err
	}
	return New(Source{Name: name, File: scenarioFile, Text: []byte(scenario), Files: spec.Files{Beside: p.File, Here: p.File}})
}

// gather puts the runs of all shards into one store.
func (d *Design) gather(ctx context.Context, dir string, parts []*store.Store, version string) (x *executor, err error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(dir, "."+storeFile+".*")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(f.Name()) }() // no effect after the renaming
	if err := f.Close(); err != nil {
		return nil, err
	}
	db, err := store.Open(f.Name())
	if err != nil {
		return nil, err
	}
	err = d.describe(db, version)
	for _, p := range parts {
		if err == nil {
			err = db.Import(p)
		}
	}
	if err == nil {
		x, err = d.execute(ctx, db, Options{Version: version, dry: true})
	}
	if err == nil && len(x.missing) > 0 {
		var missing []string
		for _, p := range x.missing {
			missing = append(missing, fmt.Sprintf("replication %d of point %d", p.Replication, p.Point))
		}
		err = refused("%d runs are missing in the shards: %s", len(missing), shorten(missing))
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := db.Finish(); err != nil {
		return nil, err
	}
	for _, name := range []string{manifestFile, summaryFile} { // see Begin
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	if err := os.Chmod(f.Name(), 0o644); err != nil { // CreateTemp lets nobody else read
		return nil, err
	}
	return x, os.Rename(f.Name(), filepath.Join(dir, storeFile))
}

// Tidy removes what attempts at shards have left that were given up. The shards themselves stay.
func Tidy(dir string) error {
	left, err := filepath.Glob(filepath.Join(dir, shardFolder, "*.part*"))
	slices.Sort(left)
	for _, name := range left {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}
