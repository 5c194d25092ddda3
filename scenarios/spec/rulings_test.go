package spec

import (
	"fmt"
	"strings"
	"testing"
)

// Every ruling is there once, and every switch is a key of the format.
func TestRulings(t *testing.T) {
	keys := map[string]bool{}
	for _, k := range Keys() {
		keys[k.Path] = true
	}
	for i, r := range Rulings() {
		if want := fmt.Sprintf("X-%d", i+1); r.ID != want {
			t.Errorf("ruling %d is %s, want %s", i, r.ID, want)
		}
		if r.Switch == "" {
			continue
		}
		for _, key := range strings.Split(r.Switch, ", ") {
			if !keys[key] {
				t.Errorf("%s: %q is no key", r.ID, key)
			}
		}
	}
	if n := len(Rulings()); n != 28 {
		t.Errorf("%d rulings, want 28", n)
	}
}
