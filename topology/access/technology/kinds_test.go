package technology

import "testing"

// Every technology and every figure says what it is and where it comes from.
func TestKinds(t *testing.T) {
	if Kinds()[0].Name != "ideal" || len(Kinds()[0].Settings) != 0 {
		t.Error("the first technology is not the one without settings")
	}
	for _, k := range Kinds() {
		if k.Doc == "" || Named(k.Name).Doc != k.Doc {
			t.Errorf("%s: no sentence, or not found by its name", k.Name)
		}
		seen := map[string]bool{}
		for _, s := range k.Settings {
			if s.Value == "" || s.Doc == "" || s.Source == "" || seen[s.Key] {
				t.Errorf("%s: incomplete or twice: %+v", k.Name, s)
			}
			seen[s.Key] = true
		}
	}
	if Named("telegraph").Settings != nil {
		t.Error("an unknown technology has settings")
	}
}
