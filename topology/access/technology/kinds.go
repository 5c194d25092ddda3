// Package technology holds access technologies as data: for each a set of defaults for the
// keys of an access link, with where the figure is published. Radio is not modelled beyond
// them: no signal strength, no contention, no rate adaptation.
//
// Where a source gives bounds and no distribution, values are uniform between them; where a
// figure is a choice, its note says so.
package technology

// Technology is one access technology.
type Technology struct {
	Name string
	// Doc says in one sentence what it stands for.
	Doc      string
	Settings []Setting
}

// Setting is the default of one key of the access link under a technology.
type Setting struct {
	// Key is the name below link, such as rate, or up.rate for one direction.
	Key string
	// Value is as in a scenario: TOML, or a bare string where it does not parse.
	Value string
	// Doc says what the figure is made of, Source where it is published.
	Doc, Source string
}

// Kinds returns every technology, the ideal one first.
func Kinds() []Technology {
	return []Technology{ideal, ethernet, wifi, lte, nr5g, interRAT}
}

// Named returns the technology of that name; one without settings if there is none.
func Named(name string) Technology {
	for _, t := range Kinds() {
		if t.Name == name {
			return t
		}
	}
	return Technology{}
}
