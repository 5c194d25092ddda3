// Package store keeps the results of a sweep's runs in one SQLite file, by a key that tells all
// that a result depends on: what was run once is never run again.
//
// One process at a time writes a store. Each finished run is one transaction in a write-ahead
// log, so that a process that dies in whatever way loses no more than the runs that were under
// way. Nothing but a power failure can lose more, and that leaves the store whole, too.
//
// The view runs has all that other programs need: point, replication, key, status ("ok" or
// "failed"), error, and summary, the summary.json of the run compressed by zlib (RFC 1950).
package store

import (
	"bytes"
	"compress/zlib"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Run is what came of one run.
type Run struct {
	Key     string
	Error   string // why it failed; "" if it did not
	Summary []byte // the text of its summary.json; nil if it failed

	packed []byte
}

// Pack compresses the summary, which Put would have to do while others wait.
func (r *Run) Pack() {
	if r.Error != "" || r.packed != nil {
		return
	}
	w, _ := packers.Get().(*packer) // there is nothing else
	w.out.Reset()
	w.Reset(&w.out)
	_, _ = w.Write(r.Summary) // to memory
	_ = w.Close()
	r.packed = bytes.Clone(w.out.Bytes())
	packers.Put(w)
}

// packer compresses, many texts one after the other: each new one would take a megabyte.
type packer struct {
	*zlib.Writer
	out bytes.Buffer
}

var packers = sync.Pool{New: func() any {
	w, _ := zlib.NewWriterLevel(nil, zlib.BestSpeed) // the level is one
	return &packer{Writer: w}
}}

// Place is where in a sweep a run stands.
type Place struct{ Point, Replication int }

// ErrInUse tells that another process has the store.
var ErrInUse = errors.New("in use by another process")

// Store is an open store.
type Store struct {
	path string
	db   *sql.DB
}

const schema = `
create table if not exists about (name text primary key, value text not null) without rowid;
create table if not exists result (key text primary key, status text not null, error text not null, summary blob);
create table if not exists place (point integer, replication integer, key text not null, primary key (point, replication)) without rowid;
create table if not exists file (name text primary key, data blob not null) without rowid;
create view if not exists runs as select point, replication, key, status, error, summary from place join result using (key);
pragma user_version = 1;`

// Open opens a store for writing and makes it if there is none. The error is ErrInUse if another
// process has it.
func Open(path string) (*Store, error) {
	// The lock that is held from first to last spares the memory that processes share in a
	// write-ahead log, which network file systems do not have.
	s, err := open(path, "_pragma=busy_timeout(0)&_pragma=locking_mode(EXCLUSIVE)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)")
	if err != nil {
		return nil, err
	}
	if _, err := s.db.Exec("begin exclusive;" + schema + "commit;"); err != nil {
		_ = s.db.Close() // the other error tells more
		return nil, s.wrap(err)
	}
	return s, nil
}

// Read opens a store that nobody writes any more.
func Read(path string) (*Store, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	s, err := open(path, "mode=ro&immutable=1")
	if err != nil {
		return nil, err
	}
	version := 0
	if err := s.db.QueryRow("pragma user_version").Scan(&version); err != nil || version != 1 {
		_ = s.db.Close() // it was only read
		return nil, s.wrap(errors.Join(errors.New("found no store of runs"), err))
	}
	return s, nil
}

func open(path, options string) (*Store, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(abs), RawQuery: options}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	return &Store{path: path, db: db}, nil
}

// wrap puts the name of the store before an error of it.
func (s *Store) wrap(err error) error {
	var e *sqlite.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY:
		return fmt.Errorf("%s: %w", s.path, ErrInUse)
	}
	return fmt.Errorf("%s: %w", s.path, err)
}

// Put keeps a run and where it stands, in one transaction.
func (s *Store) Put(run Run, places ...Place) error {
	run.Pack()
	status := "ok"
	if run.Error != "" {
		status = "failed"
	}
	tx, err := s.db.Begin()
	if err != nil {
		return s.wrap(err)
	}
	defer func() { _ = tx.Rollback() }() // no effect after Commit
	if _, err := tx.Exec("insert or replace into result values (?, ?, ?, ?)", run.Key, status, run.Error, run.packed); err != nil {
		return s.wrap(err)
	}
	if err := link(tx, run.Key, places); err != nil {
		return s.wrap(err)
	}
	return s.wrap(tx.Commit())
}

// Link says that a run which is kept already stands at these places, too.
func (s *Store) Link(key string, places ...Place) error {
	tx, err := s.db.Begin()
	if err != nil {
		return s.wrap(err)
	}
	defer func() { _ = tx.Rollback() }() // no effect after Commit
	if err := link(tx, key, places); err != nil {
		return s.wrap(err)
	}
	return s.wrap(tx.Commit())
}

func link(tx *sql.Tx, key string, places []Place) error {
	for _, p := range places {
		if _, err := tx.Exec("insert or replace into place values (?, ?, ?)", p.Point, p.Replication, key); err != nil {
			return err
		}
	}
	return nil
}

// Unlink forgets where runs stand, of a sweep whose points have other numbers now. The runs stay.
func (s *Store) Unlink() error {
	_, err := s.db.Exec("delete from place")
	return s.wrap(err)
}

// Get returns a run by its key, and whether it is there.
func (s *Store) Get(key string) (Run, bool, error) {
	return s.one("select key, error, summary from result where key = ?", key)
}

// At returns the run at a place, and whether there is one.
func (s *Store) At(p Place) (Run, bool, error) {
	return s.one("select key, error, summary from runs where point = ? and replication = ?", p.Point, p.Replication)
}

func (s *Store) one(query string, args ...any) (Run, bool, error) {
	var r Run
	var packed []byte
	err := s.db.QueryRow(query, args...).Scan(&r.Key, &r.Error, &packed)
	if errors.Is(err, sql.ErrNoRows) {
		return r, false, nil
	}
	if err == nil {
		err = r.unpack(packed)
	}
	return r, err == nil, s.wrap(err)
}

// Keys returns the keys of all runs.
func (s *Store) Keys() (map[string]bool, error) {
	rows, err := s.db.Query("select key from result")
	if err != nil {
		return nil, s.wrap(err)
	}
	defer rows.Close()
	keys := map[string]bool{}
	for rows.Next() {
		var key string
		if err := rows.Scan(&key); err != nil {
			return nil, s.wrap(err)
		}
		keys[key] = true
	}
	return keys, s.wrap(rows.Err())
}

// Each calls a function with each place and its run, in order of points and replications, until
// it returns an error.
func (s *Store) Each(visit func(Place, Run) error) error {
	rows, err := s.db.Query("select point, replication, key, error, summary from runs order by point, replication")
	if err != nil {
		return s.wrap(err)
	}
	defer rows.Close()
	for rows.Next() {
		var p Place
		var r Run
		var packed []byte
		if err := rows.Scan(&p.Point, &p.Replication, &r.Key, &r.Error, &packed); err != nil {
			return s.wrap(err)
		}
		if err := r.unpack(packed); err != nil {
			return s.wrap(err)
		}
		if err := visit(p, r); err != nil {
			return err
		}
	}
	return s.wrap(rows.Err())
}

// About returns what the store says of itself under a name, "" for nothing.
func (s *Store) About(name string) (string, error) {
	var value string
	err := s.db.QueryRow("select value from about where name = ?", name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return value, s.wrap(err)
}

// Describe sets what the store says of itself under a name.
func (s *Store) Describe(name, value string) error {
	_, err := s.db.Exec("insert or replace into about values (?, ?)", name, value)
	return s.wrap(err)
}

// Import takes all runs of another store, in one transaction. What that store has before it turns
// out to be damaged is kept; the error then is about it.
func (s *Store) Import(from *Store) error {
	rows, err := from.db.Query("select key, status, error, summary from result")
	if err != nil {
		return from.wrap(err)
	}
	defer rows.Close()
	tx, err := s.db.Begin()
	if err != nil {
		return s.wrap(err)
	}
	defer func() { _ = tx.Rollback() }() // no effect after Commit
	var damaged error
	for rows.Next() {
		var status string
		var packed []byte
		var r Run
		if damaged = rows.Scan(&r.Key, &status, &r.Error, &packed); damaged != nil {
			break
		}
		if damaged = r.unpack(packed); damaged != nil {
			break
		}
		if _, err := tx.Exec("insert or ignore into result values (?, ?, ?, ?)", r.Key, status, r.Error, packed); err != nil {
			return s.wrap(err)
		}
	}
	return errors.Join(s.wrap(tx.Commit()), from.wrap(errors.Join(damaged, rows.Err())))
}

// PutFile keeps a file that the scenario names.
func (s *Store) PutFile(name string, data []byte) error {
	_, err := s.db.Exec("insert or replace into file values (?, ?)", name, append([]byte{}, data...)) // nil would be null
	return s.wrap(err)
}

// File returns a file that PutFile kept; fs.ErrNotExist says that there is none.
func (s *Store) File(name string) (data []byte, err error) {
	err = s.db.QueryRow("select data from file where name = ?", name).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fs.ErrNotExist
	}
	return data, s.wrap(err)
}

// Close closes the store, which may grow later.
func (s *Store) Close() error { return s.wrap(s.db.Close()) }

// Settle leaves a single file that needs no log beside it, and so can be read where nothing may be
// written. The store stays open, and nobody else's.
func (s *Store) Settle() error {
	_, err := s.db.Exec("pragma journal_mode = delete")
	return s.wrap(err)
}

// Finish settles the store and closes it.
func (s *Store) Finish() error { return errors.Join(s.Settle(), s.Close()) }

func (r *Run) unpack(packed []byte) error {
	if r.Error != "" {
		return nil
	}
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err == nil {
		r.Summary, err = io.ReadAll(z)
	}
	if err != nil {
		return fmt.Errorf("run %s: %w", r.Key, err)
	}
	return nil
}
