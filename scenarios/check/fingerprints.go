package check

import (
	"context"
	"fmt"
	"strings"

	"dsmipsim/reports/listing"
	"dsmipsim/reports/result"
)

// fingerprintNames are the fingerprints in the order in which they are told.
var fingerprintNames = [Fingerprints]string{"trajectory", "wire", "result"}

// Fingerprints is how many a run has.
const Fingerprints = 3

// parts are the fingerprints by name.
func parts(f result.Fingerprint) map[string]string {
	return map[string]string{"trajectory": f.Trajectory, "wire": f.Wire, "result": f.Result}
}

// differing are the names of the fingerprints that differ.
func differing(a, b result.Fingerprint) map[string]bool {
	of, names := parts(b), map[string]bool{}
	for name, print := range parts(a) {
		if of[name] != print {
			names[name] = true
		}
	}
	return names
}

// Match is the verdict on one fingerprint of a scenario, over all its replications.
type Match struct {
	Scenario    string
	Name        string // trajectory, wire, result
	Pass        bool
	Want, Got   string // of the first replication that differs, or else of the first; Want is "" if none is known
	Replication int
	Problem     string              // why it is not compared, or why nothing more is known; "" for nothing
	Divergence  *listing.Divergence // the first event that differs; nil if none is known
	Changes     []listing.Change    // of the summary
}

// shownChanges is how many values of the summary that differ are shown.
const shownChanges = 8

// Lines tells why the runs do not match.
func (m *Match) Lines() []string {
	if m.Pass {
		return nil
	}
	var all []string
	if m.Problem != "" {
		all = append(all, m.Problem)
	}
	if m.Divergence != nil && m.Name != "result" {
		all = append(all, m.Divergence.Lines()...)
	}
	for i, c := range m.Changes {
		if m.Name != "result" {
			break
		}
		if i == shownChanges {
			all = append(all, fmt.Sprintf("and %d more values of summary.json", len(m.Changes)-i))
			break
		}
		all = append(all, "summary.json: "+c.String())
	}
	return all
}

// Compare judges the fingerprints of the scenarios that have a baseline: three for each. Of what
// differs the first such replication is carried out again, to find the first event that does.
func Compare(ctx context.Context, all []Scenario, prints [][]result.Fingerprint, o Options) ([]Match, error) {
	var matches []Match
	for i := range all {
		s := &all[i]
		if s.Baseline == nil {
			continue
		}
		own, err := s.compare(ctx, prints[i], o)
		if err != nil {
			return nil, err
		}
		matches = append(matches, own...)
	}
	return matches, nil
}

func (s *Scenario) compare(ctx context.Context, prints []result.Fingerprint, o Options) ([]Match, error) {
	for r, print := range prints {
		e := s.Baseline.find(s, r)
		if e == nil {
			return s.unknown(r, print), nil
		}
		if e.Fingerprint == print {
			continue
		}
		got, err := s.list(ctx, r, firstPass, o)
		if err != nil {
			return nil, err
		}
		var problems []string
		if e.Source != s.sourceSum() {
			problems = append(problems, "the text of the scenario has changed since the baseline was written")
		}
		want, err := s.Baseline.listing(e)
		if err != nil {
			problems = append(problems, "the first difference is not known: "+err.Error())
		}
		return s.matches(r, e.Fingerprint, print, strings.Join(problems, "; "), want, got), nil
	}
	return s.matches(0, prints[0], prints[0], "", nil, nil), nil
}

// unknown are the verdicts on a run that the baseline has not.
func (s *Scenario) unknown(replication int, got result.Fingerprint) []Match {
	why := fmt.Sprintf("%s has no run of %s with seed %d, replication %d; check --update adds it", s.Baseline.Path(), s.Key, s.Spec.Seed, replication)
	return s.matches(replication, result.Fingerprint{}, got, why, nil, nil)
}

// matches are the verdicts on the fingerprints of one run.
func (s *Scenario) matches(replication int, want, got result.Fingerprint, problem string, wanted, listed *listing.Listing) []Match {
	var divergence *listing.Divergence
	var changes []listing.Change
	if wanted != nil {
		divergence, changes = listing.Compare(wanted, listed), listing.Changes(wanted, listed)
		if divergence == nil && (want.Trajectory != got.Trajectory || want.Wire != got.Wire) {
			problem = strings.TrimPrefix(problem+fmt.Sprintf("; the first %d events are equal, and later ones are not listed", listing.Limit), "; ")
		}
	}
	var all []Match
	differ, of, are := differing(want, got), parts(want), parts(got)
	for _, name := range fingerprintNames {
		m := Match{Scenario: s.Name, Name: name, Pass: !differ[name], Want: of[name], Got: are[name], Replication: replication}
		if differ[name] {
			m.Problem, m.Divergence, m.Changes = problem, divergence, changes
		}
		all = append(all, m)
	}
	return all
}
