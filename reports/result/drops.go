package result

import (
	"maps"
	"slices"
)

// Drops counts dropped packets by the name of the reason.
type Drops map[string]int

// Reasons returns the reasons in alphabetical order, so that no output depends on the order
// of a map.
func (d Drops) Reasons() []string { return slices.Sorted(maps.Keys(d)) }

// Total returns the number of all dropped packets.
func (d Drops) Total() int {
	total := 0
	for _, n := range d {
		total += n
	}
	return total
}
