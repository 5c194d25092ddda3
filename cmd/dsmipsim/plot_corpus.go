package main

import (
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat"

	"dsmipsim/reports/curve"
	"dsmipsim/reports/plot"
	"dsmipsim/reports/quantity"
	"dsmipsim/reports/result"
	"dsmipsim/scenarios"
	"dsmipsim/scenarios/spec"
	"dsmipsim/scenarios/sweep"
)

// corpus is what curves are made of: single runs, or the points of sweeps.
type corpus interface {
	size() int                                     // runs or points
	runs(i int) int                                // how many runs the i-th is made of
	key(i int, key string) (string, error)         // value of a key in the i-th, as TOML
	values(key string) []string                    // all values of a factor, in their order
	free(held []condition) []string                // factors that have several values under these conditions
	tied(a, b string) bool                         // whether two keys are one, or one says what the other is
	measure(paths []string) ([][][]float64, error) // by path and i: a value of each run that has one
	visit(func(*result.Result)) error              // all runs
	metrics() []string                             // that are worth showing
	shown(key string) curve.Key
}

// showKey is how a key is called beside an axis, under the name that it has on one.
func showKey(key, name string) curve.Key {
	k := curve.Key{Name: name}
	switch last := key[strings.LastIndex(key, ".")+1:]; {
	case key == metricKey || key == directoryKey || strings.HasSuffix(key, ".kind") && attributes[key] != nil || key == "handovers.mobile_node" || key == "flows.name":
		k.Show = func(v string) string { return strings.ReplaceAll(v, "->", " → ") }
	case key == "handovers.from" || key == "handovers.to":
		k.Show = func(v string) string { return last + " " + v }
	case name == key && key != "": // the end of a path tells enough
		k.Show = func(v string) string { return last + " = " + quantity.Plain(v) }
	}
	return k
}

// directoryKey is a key whose values are the directories that are compared.
const directoryKey = "directory"

// singles are runs from directories of their own. What their scenarios have in different ways
// only the user knows, so that they have no factors.
type singles struct {
	dirs  []string
	all   []plot.Run
	known map[int][]spec.Explained
}

func (s *singles) size() int                 { return len(s.all) }
func (s *singles) runs(int) int              { return 1 }
func (s *singles) values(string) []string    { return nil }
func (s *singles) free([]condition) []string { return nil }
func (s *singles) tied(a, b string) bool     { return a == b }
func (s *singles) metrics() []string         { return nil }

func (s *singles) shown(key string) curve.Key { return showKey(key, key) }

func (s *singles) key(i int, key string) (string, error) {
	if key == directoryKey {
		return s.all[i].Name, nil
	}
	file := filepath.Join(s.dirs[i], effectiveScenario)
	all, ok := s.known[i]
	if !ok {
		text, err := readFile(file)
		if err != nil {
			return "", usagef("plot: %w", err)
		}
		if all, err = spec.Explain(file, text, nil, filesBeside(file)); err != nil {
			return "", invalid(err)
		}
		s.known[i] = all
	}
	n := slices.IndexFunc(all, func(x spec.Explained) bool { return x.Path == key })
	if n < 0 {
		var paths []string
		for _, x := range all {
			paths = append(paths, x.Path)
		}
		return "", usagef("%s: no key is called %s%s\n`dsmipsim explain` lists them.", file, key, didYouMean(key, paths))
	}
	return all[n].Value, nil
}

// measure takes the mean of several values of one run, such as those of its handovers: they are
// not independent as runs are.
func (s *singles) measure(paths []string) ([][][]float64, error) {
	all := make([][][]float64, len(paths))
	for k, path := range paths {
		all[k] = make([][]float64, len(s.all))
		for i, r := range s.all {
			found, err := scenarios.Measure(r.Result, path)
			if err != nil {
				return nil, err
			}
			if len(found) > 0 {
				all[k][i] = []float64{stat.Mean(found, nil)}
			}
		}
	}
	return all, nil
}

func (s *singles) visit(see func(*result.Result)) error {
	for _, r := range s.all {
		see(r.Result)
	}
	return nil
}

// sweeps are the points of one sweep or of several with the same factors.
type sweeps struct {
	names []string
	all   []*sweep.Sweep
	at    []place
}

// place is where a point is.
type place struct{ sweep, point int }

func openSweeps(dirs []string) (*sweeps, error) {
	s := &sweeps{names: distinctNames(dirs)}
	for i, dir := range dirs {
		one, err := sweep.Open(dir)
		if err != nil {
			return nil, usagef("plot: %w", err)
		}
		s.all = append(s.all, one)
		for p := range one.Points {
			s.at = append(s.at, place{i, p})
		}
	}
	return s, nil
}

func (s *sweeps) size() int      { return len(s.at) }
func (s *sweeps) runs(i int) int { return s.all[s.at[i].sweep].Points[s.at[i].point].Replications }

// factor finds a factor by its path or its name.
func (s *sweeps) factor(in *sweep.Sweep, key string) int {
	return slices.IndexFunc(in.Factors, func(f sweep.Factor) bool { return f.Set == key || f.Name == key })
}

func (s *sweeps) key(i int, key string) (string, error) {
	at := s.at[i]
	if key == directoryKey {
		return s.names[at.sweep], nil
	}
	in := s.all[at.sweep]
	n := s.factor(in, key)
	if n < 0 {
		var names []string
		for _, f := range in.Factors {
			names = append(names, f.Set)
		}
		return "", usagef("%s: no factor is called %s%s; wanted one of %s", s.names[at.sweep], key, didYouMean(key, names), strings.Join(names, ", "))
	}
	return in.Points[at.point].Values[n], nil
}

func (s *sweeps) values(key string) (values []string) {
	for i := range s.at {
		if v, err := s.key(i, key); err == nil && !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	return values
}

func (s *sweeps) free(held []condition) (keys []string) {
	candidates := []string{}
	if len(s.all) > 1 {
		candidates = append(candidates, directoryKey)
	}
	for _, f := range s.all[0].Factors {
		candidates = append(candidates, f.Set)
	}
	for _, key := range candidates {
		var values []string
		for i := range s.at {
			keep := true
			for _, h := range held {
				v, err := s.key(i, h.key)
				keep = keep && (err != nil || quantity.Same(v, h.value))
			}
			if v, err := s.key(i, key); keep && err == nil && !slices.Contains(values, v) {
				values = append(values, v)
			}
		}
		if len(values) > 1 && !slices.ContainsFunc(keys, func(other string) bool { return s.tied(other, key) }) {
			keys = append(keys, key)
		}
	}
	return keys
}

// tied reports whether each value of one key always comes with the same value of the other, as
// of factors that advance together.
func (s *sweeps) tied(a, b string) bool {
	if a == b {
		return true
	}
	there, back := map[string]string{}, map[string]string{}
	for i := range s.at {
		v, errA := s.key(i, a)
		w, errB := s.key(i, b)
		if errA != nil || errB != nil {
			return false
		}
		if known, ok := there[v]; ok && known != w {
			return false
		}
		if known, ok := back[w]; ok && known != v {
			return false
		}
		there[v], back[w] = w, v
	}
	return true
}

func (s *sweeps) measure(paths []string) ([][][]float64, error) {
	all := make([][][]float64, len(paths))
	for _, one := range s.all {
		found, err := one.MeasureAll(paths)
		if err != nil {
			return nil, err
		}
		for k := range paths {
			for _, values := range found[k] {
				var plain []float64
				for _, v := range values {
					plain = append(plain, v.V)
				}
				all[k] = append(all[k], plain)
			}
		}
	}
	return all, nil
}

func (s *sweeps) visit(see func(*result.Result)) error {
	for _, one := range s.all {
		err := one.Each(func(r sweep.Run) error {
			if r.Result != nil {
				see(r.Result)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *sweeps) metrics() (all []string) {
	for _, one := range s.all {
		for _, m := range one.Metrics {
			if !slices.Contains(all, m) {
				all = append(all, m)
			}
		}
	}
	return all
}

func (s *sweeps) shown(key string) curve.Key {
	name := key
	if n := s.factor(s.all[0], key); n >= 0 {
		name = s.all[0].Factors[n].Name
		key = s.all[0].Factors[n].Set
	}
	return showKey(key, name)
}

// distinctNames calls directories by their last names, and by their paths where these are equal.
func distinctNames(dirs []string) []string {
	names, count := make([]string, len(dirs)), map[string]int{}
	for i, dir := range dirs {
		names[i] = filepath.Base(dir)
		if abs, err := filepath.Abs(dir); err == nil {
			names[i] = filepath.Base(abs)
		}
		count[names[i]]++
	}
	for i, dir := range dirs {
		if count[names[i]] > 1 {
			names[i] = filepath.ToSlash(filepath.Clean(dir))
		}
	}
	return names
}
