package trace

import (
	"regexp"
	"testing"
)

// Every name in a report is a unique lower-case word: readers select by it.
func TestNames(t *testing.T) {
	word := regexp.MustCompile(`^[a-z0-9]+(_[a-z0-9]+)*$`)
	check := func(table string, n int, name func(int) string, none string) {
		t.Helper()
		seen := map[string]int{}
		for i := 1; i < n; i++ {
			s := name(i)
			if !word.MatchString(s) || s == none {
				t.Errorf("%s %d is called %q", table, i, s)
			}
			if j, ok := seen[s]; ok {
				t.Errorf("%s %d and %d are both called %q", table, i, j, s)
			}
			seen[s] = i
		}
		for _, i := range []int{0, n, 255} {
			if s := name(i); s != none {
				t.Errorf("%s %d is called %q, want %q", table, i, s, none)
			}
		}
	}
	check("reason", len(reasonWords), func(i int) string { return Reason(i).String() }, "none")
	check("kind", len(kindWords), func(i int) string { return Kind(i).String() }, "kind?")
	check("note", len(noteWords), func(i int) string { return NoteKind(i).String() }, "note?")
}

type names struct {
	to   *[]string
	name string
}

func (n names) Record(e *Event) { *n.to = append(*n.to, n.name+" "+e.Kind.String()) }

func TestSinksPassOnInOrder(t *testing.T) {
	var got []string
	s := Sinks{names{&got, "a"}, names{&got, "b"}}
	s.Record(&Event{Kind: Drop})
	if len(got) != 2 || got[0] != "a drop" || got[1] != "b drop" {
		t.Errorf("got %q", got)
	}
	Discard.Record(&Event{Kind: Drop}) // goes nowhere
}
