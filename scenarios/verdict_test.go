package scenarios

import (
	"strings"
	"testing"

	"dsmipsim/scenarios/spec"
)

// expectation makes an expectation of the lines of an [[expect]].
func expectation(t *testing.T, lines string) *spec.Expect {
	t.Helper()
	s, err := spec.Load("x", []byte("duration = \"1s\"\n[[network]]\nname = \"a\"\nkind = \"ipv6\"\nipv6 = \"2001:db8::/64\"\n[[expect]]\nmetric = \"flows.lost\"\n"+lines), nil)
	if err != nil {
		t.Fatal(err)
	}
	return &s.Expects[0]
}

// findings makes one finding of each list of values.
func findings(replications ...[]any) []Finding {
	var all []Finding
	for _, values := range replications {
		all = append(all, Finding{Values: values})
	}
	return all
}

func TestVerdicts(t *testing.T) {
	one := func(v ...any) []any { return v }
	for _, c := range []struct {
		expect string
		found  []Finding
		pass   bool
		got    any
		margin float64
		note   string
	}{
		// Without an aggregate each replication has to pass, and the worst is shown.
		{`max = 3`, findings(one(1.0), one(2.5), one(2.0)), true, 2.5, 0.5, ""},
		{`max = 3`, findings(one(1.0), one(5.0), one(3.5)), false, 5.0, -2, ""},
		{`max = 3`, findings(one(1.0), nil), false, nil, 0, ""},
		{`equal = "yes"`, findings(one("yes"), one("no")), false, "no", 0, ""},
		{`equal = 3` + "\ntolerance = 0.5", findings(one(3.25)), true, 3.25, 0.25, ""},
		// Aggregates pool the values of all replications, the mean those of each first.
		{`aggregate = "mean"` + "\nequal = 2", findings(one(1.0), one(3.0)), true, 2.0, 0, ""},
		{`aggregate = "mean"` + "\nequal = 2.5", findings(one(1.0, 1.0, 1.0), one(4.0)), true, 2.5, 0, ""},
		{`aggregate = "median"` + "\nmin = 2", findings(one(1.0), one(3.0), one(2.0)), true, 2.0, 0, ""},
		{`aggregate = "max"` + "\nmax = 2", findings(one(1.0), one(3.0)), false, 3.0, -1, ""},
		{`aggregate = "min"` + "\nmin = 1", findings(one(1.0), one(3.0)), true, 1.0, 0, ""},
		{`aggregate = "sum"` + "\nequal = 4", findings(one(1.0), one(3.0)), true, 4.0, 0, ""},
		{`aggregate = "p95"` + "\nmax = 3", findings(one(1.0), one(3.0)), true, 3.0, 0, ""},
		{`aggregate = "mean"` + "\nmax = 2", findings(one("text")), false, nil, 0, "not a number"},
		{`aggregate = "mean"` + "\nmax = 2", findings(nil, nil), false, nil, 0, ""},
		// By standard errors: of 99, 100, 101, 104 the mean is 101 and the standard error 1.08.
		{`aggregate = "mean"` + "\nequal = 105\ntolerance_se = 4", findings(one(99.0), one(100.0), one(101.0), one(104.0)), false, 101.0, 4*1.080123449734643 - 4, "more than 1 %"},
		{`aggregate = "mean"` + "\nequal = 112\ntolerance_se = 4", findings(one(99.0), one(100.0), one(101.0), one(104.0)), false, 101.0, 4*1.080123449734643 - 11, ""},
		{`aggregate = "mean"` + "\nequal = 110\ntolerance_se = 9", findings(one(99.0), one(100.0), one(101.0), one(104.0)), true, 101.0, 9*1.080123449734643 - 9, ""},
		{`aggregate = "mean"` + "\nequal = 110\ntolerance_se = 4", findings(one(110.0)), false, 110.0, 0, "judged over replications"},
		{`max = 3`, []Finding{{Problem: "nothing is called so"}}, false, nil, 0, "nothing is called so"},
	} {
		e := expectation(t, c.expect)
		d := Verdict(e, c.found)
		if d.Pass != c.pass || d.Got != c.got || !strings.Contains(d.Note, c.note) || c.note == "" && d.Note != "" {
			t.Errorf("%s of %v: %+v", c.expect, c.found, d)
		}
		if d.Margin != nil && !near(*d.Margin, c.margin) || d.Margin == nil && c.margin != 0 {
			t.Errorf("%s of %v: margin %v, want %v", c.expect, c.found, d.Margin, c.margin)
		}
	}
	// An expectation that explains why it is not met must not be met.
	for _, c := range []struct {
		found          []Finding
		pass, deviates bool
	}{
		{findings(one(4.0)), false, true},
		{findings(one(2.0)), false, false},
		{findings(nil), false, false},
	} {
		if d := Verdict(expectation(t, "max = 3\ndeviation = \"by the book\""), c.found); d.Pass != c.pass || d.Deviates != c.deviates {
			t.Errorf("%v with a deviation: %+v", c.found, d)
		}
	}
	if d := Verdict(expectation(t, "aggregate = \"mean\"\nequal = 1\ntolerance_se = 4"), findings(one(1.0))); !d.Unjudged {
		t.Error("one replication cannot be judged by standard errors")
	}
}

func near(a, b float64) bool { return a-b < 1e-6 && b-a < 1e-6 }
