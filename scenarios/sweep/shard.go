package sweep

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"dsmipsim/reports"
	"dsmipsim/scenarios/sweep/store"
)

// Shard is one of several parts of a sweep that are run apart, such as by the tasks of a cluster:
// number Index, from 1, of Of. The zero Shard is the whole sweep. Runs are dealt one by one, or by
// points where a stop rule says how many there are.
type Shard struct{ Index, Of int }

// ParseShard reads a text such as 2/8.
func ParseShard(text string) (Shard, error) {
	left, right, ok := strings.Cut(text, "/")
	i, err1 := strconv.Atoi(left)
	n, err2 := strconv.Atoi(right)
	if !ok || err1 != nil || err2 != nil || i < 1 || i > n {
		return Shard{}, fmt.Errorf("found %q, wanted a number and how many there are, such as 2/8", text)
	}
	return Shard{Index: i, Of: n}, nil
}

// String writes a shard as ParseShard reads it.
func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Of) }

// file is the name of the store of a shard that is complete.
func (s Shard) file() string { return fmt.Sprintf("%d-of-%d.sqlite", s.Index, s.Of) }

// aboutShard is the shard that a store is of.
const aboutShard = "shard"

// RunShard runs a shard of a sweep into a store of its own below the directory, and returns how many
// of its runs failed. What it has done it keeps when it is interrupted or killed. Several processes
// may run the same shard at once, as happens if a cluster gives up a machine that is still alive:
// each has a file of its own until it is done, and all come to the same.
func (d *Design) RunShard(ctx context.Context, dir string, shard Shard, o Options) (failed int, err error) {
	folder := filepath.Join(dir, shardFolder)
	if err := mayShard(dir); err != nil {
		return 0, err
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return 0, err
	}
	final := filepath.Join(folder, shard.file())
	if done, err := d.complete(final, o.Version); done || err != nil {
		return failures(final, err)
	}
	f, err := os.CreateTemp(folder, shard.file()+".*.part")
	if err != nil {
		return 0, err
	}
	own := f.Name()
	if err := f.Close(); err != nil {
		return 0, err
	}
	db, err := store.Open(own)
	if err != nil {
		return 0, err
	}
	if err := d.beginShard(db, shard, o.Version, own); err != nil {
		return 0, errors.Join(err, db.Close())
	}
	o.shard = shard
	if _, err := d.execute(ctx, db, o); err != nil {
		return 0, errors.Join(err, db.Close())
	}
	if err := db.Finish(); err != nil {
		return 0, err
	}
	if err := os.Chmod(own, 0o644); err != nil { // CreateTemp lets nobody else read
		return 0, err
	}
	if err := os.Rename(own, final); err != nil {
		// Another process may have put the same together with others, and removed the rest.
		if done, _ := d.complete(final, o.Version); !done {
			return 0, err
		}
	}
	return failures(final, nil)
}

// mayShard tells whether a directory may have shards in it.
func mayShard(dir string) error {
	has := func() bool {
		_, err := os.Stat(filepath.Join(dir, shardFolder))
		return err == nil
	}
	if has() {
		return nil
	}
	if _, err := os.Stat(filepath.Join(dir, storeFile)); err == nil {
		return refused("%s holds a sweep that was not run in shards: remove it, or choose another directory", dir)
	}
	if _, err := os.Stat(filepath.Join(dir, manifestFile)); err == nil {
		return refused("%s holds a result: remove it, or choose another directory", dir)
	}
	// Other shards may have begun since the first look.
	if err := reports.Replaceable(dir); err != nil && !has() {
		return err
	}
	return nil
}

// beginShard fills a new store with what it is about, and with what earlier attempts at the same
// shard have left.
func (d *Design) beginShard(db *store.Store, shard Shard, version, own string) error {
	err := errors.Join(d.describe(db, version), db.Describe(aboutShard, shard.String()))
	for i := range d.Files {
		err = errors.Join(err, db.PutFile(d.Files[i].Name, d.Files[i].Data))
	}
	if err != nil {
		return err
	}
	others, err := filepath.Glob(filepath.Join(filepath.Dir(own), shard.file()+".*.part"))
	if err != nil {
		return err
	}
	for _, other := range others {
		if other != own {
			salvage(db, other)
		}
	}
	return nil
}

// salvage takes what can be read of a store that another process may still be writing. It looks at
// a copy: not even the locks of the other are touched, which a network file system may lack. What
// cannot be read will be run again.
func salvage(db *store.Store, other string) {
	dir, err := os.MkdirTemp("", "dsmipsim-shard-")
	if err != nil {
		return
	}
	defer os.RemoveAll(dir)
	at := filepath.Join(dir, "part.sqlite")
	if copyFile(other+"-wal", at+"-wal") != nil || copyFile(other, at) != nil {
		return
	}
	from, err := store.Open(at)
	if err != nil {
		return
	}
	_ = db.Import(from)
	_ = from.Close()
}

// copyFile copies a file, and nothing if there is none.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// complete reports whether a shard is there and of this sweep; of another it is an error.
func (d *Design) complete(final, version string) (bool, error) {
	db, err := store.Read(final)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer db.Close()
	different, err := d.differences(db, version)
	if err == nil && len(different) > 0 {
		err = refused("%s is of another sweep: remove it, or choose another directory\n  %s", final, strings.Join(different, "\n  "))
	}
	return err == nil, err
}

// failures counts the failed runs of a shard that is complete.
func failures(final string, err error) (failed int, _ error) {
	if err != nil {
		return 0, err
	}
	db, err := store.Read(final)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	err = db.Each(func(_ store.Place, run store.Run) error {
		if run.Error != "" {
			failed++
		}
		return nil
	})
	return failed, err
}
