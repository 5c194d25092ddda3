package curve

import (
	"slices"

	"dsmipsim/reports/quantity"
)

// axis places the values of the factor.
type axis struct {
	position map[string]float64
	names    []string // of positions 0, 1, ... if the values are no numbers
	label    string
}

// axis places the values on an axis: as numbers with a unit if all are such, else as names in the
// order in which they come.
func (c *Curves) axis() axis {
	values := c.distinct(c.X, func(p *Point) string { return p.X })
	a := axis{position: map[string]float64{}, label: c.X.Name}
	least, greatest, unit, numbers := quantity.Span(values)
	if !numbers {
		for _, v := range values {
			name := quantity.Plain(v)
			if !slices.Contains(a.names, name) {
				a.names = append(a.names, name)
			}
			a.position[v] = float64(slices.Index(a.names, name))
		}
		return a
	}
	name, factor := scaled(unit, max(-least, greatest))
	for _, text := range values {
		v, _, _ := quantity.Parse(text)
		a.position[text] = v / factor
	}
	if name != "" {
		a.label += " (" + name + ")"
	}
	return a
}

// decades is how far values must reach for an axis to be logarithmic by itself.
const decades = 50

// Logarithmic reports whether values are best shown on a logarithmic axis: at least three, all
// above 0, which span decades.
func Logarithmic(values []string) bool {
	least, greatest, _, ok := quantity.Span(values)
	return ok && len(values) >= 3 && least > 0 && greatest >= decades*least
}

// scaled chooses the unit of an axis by its greatest value.
func scaled(unit string, greatest float64) (name string, factor float64) {
	switch {
	case unit == "s" && greatest < 1:
		return "ms", 1e-3
	case unit == "b/s" && greatest >= 1e9:
		return "Gb/s", 1e9
	case unit == "b/s" && greatest >= 1e6:
		return "Mb/s", 1e6
	case unit == "b/s" && greatest >= 1e3:
		return "kb/s", 1e3
	}
	return unit, 1
}
