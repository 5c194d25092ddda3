package conformance

import (
	"fmt"
	"slices"
	"sync"
)

// scenarioNames are the scenarios of the library, in the order in which they run.
var scenarioNames = []string{
	"case-a", "case-b", "case-c", "dual-stack", "managed", "isatap", "roaming", "return-home", "return-from-ipv4", "no-ipv4-home", "dynamic",
	"pool", "home-link", "private-home", "refresh", "no-answer", "no-answer-again", "lossy", "movement", "refusals", "attacks", "sequence",
	"no-ipsec", "duplicate", "unknown-status", "plain-agent", "reprobe", "refusing-agent",
	"policies", "advice", "short-lease", "discovery", "discovery-unanswered", "renumbering", "prefixes-over-ipv4", "encrypted", "plain-mipv6", "private-registered", "oversize", "narrow", "route-optimization", "ro-attacks", "ro-refresh",
}

// pending are scenarios that need keys which are not built yet. They are skipped as long as the
// loader says so.
var pending = []string{}

// Catalogue returns every row, in the order of the catalogue.
func Catalogue() []Row {
	return slices.Concat(rowsD1(), rowsD2(), rowsD22(), rowsD221(), rowsD222(), rowsD23(), rowsD3(), rowsD33(), rowsD34(), rowsD4(),
		rowsB1(), rowsB2(), rowsB3(), rowsB4())
}

// Report is the outcome of a judgement of all rows.
type Report struct {
	Judgements []Judgement
	Scenarios  []string
	Skipped    []Skipped
}

// Judge runs the library and judges every row.
func Judge() (*Report, error) { return judgeAll(scenarioNames, Breakage{}) }

// judgeAll judges every row over the named scenarios, broken or not. The runs are made in
// parallel and judged in order.
func judgeAll(names []string, b Breakage, sets ...string) (*Report, error) {
	runs := make([]*Run, len(names))
	skipped := make([]*Skipped, len(names))
	errs := make([]error, len(names))
	var group sync.WaitGroup
	slots := make(chan struct{}, 2)
	for i, name := range names {
		group.Add(1)
		go func() {
			defer group.Done()
			slots <- struct{}{}
			defer func() { <-slots }()
			s, skip, err := load(name, sets...)
			if skip != nil && !slices.Contains(pending, name) {
				err = fmt.Errorf("scenario %s: %s", name, skip.Why)
			}
			if err != nil || skip != nil {
				skipped[i], errs[i] = skip, err
				return
			}
			runs[i], errs[i] = gather(name, s, b)
		}()
	}
	group.Wait()
	report := &Report{}
	var made []*Run
	for i := range names {
		switch {
		case errs[i] != nil:
			return nil, errs[i]
		case skipped[i] != nil:
			report.Skipped = append(report.Skipped, *skipped[i])
		default:
			made = append(made, runs[i])
			report.Scenarios = append(report.Scenarios, names[i])
		}
	}
	rows := Catalogue()
	for i := range rows {
		report.Judgements = append(report.Judgements, rows[i].judge(made))
	}
	return report, nil
}
