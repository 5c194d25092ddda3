// Package limits knows published limits of transmission quality, against which delays, losses,
// interruptions and the ratings of calls are held.
package limits

import "slices"

// Limit is one published limit.
type Limit struct {
	Name     string  // as in plots: the document and what it calls the limit
	Quantity string  // OneWayDelay, Interruption, Rating
	Value    float64 // seconds, or a rating
	Source   string
	About    string
	Radio    bool // about the radio part of a handover only
}

// Quantities that limits are about.
const (
	OneWayDelay  = "one-way delay"
	Interruption = "interruption"
	Rating       = "rating" // R of the E-model; more is better
)

// All returns the limits, by quantity and from strict to lax.
func All() []Limit {
	const g109 = "ITU-T G.109 (09/1999) table 1"
	return []Limit{
		{"Y.1541 classes 0, 2", OneWayDelay, interactive, "ITU-T Y.1541 (12/2011) table 1", "Mean transfer delay of real-time, highly interactive traffic.", false},
		{"G.114 preferred", OneWayDelay, preferred, "ITU-T G.114 (05/2003) section 4", "From mouth to ear: most applications are not affected by less.", false},
		{"G.114 limit", OneWayDelay, acceptable, "ITU-T G.114 (05/2003) section 4", "From mouth to ear: networks should not be planned for more. Y.1541 classes 1 and 3 have the same as a mean.", false},
		{"M.2134 intra", Interruption, 0.0275, "ITU-R M.2134 (2008) section 4.7", "Radio part of a handover within one frequency.", true},
		{"M.2134 inter", Interruption, 0.060, "ITU-R M.2134 (2008) section 4.7", "Radio part of a handover between spectrum bands.", true},
		{"25.913 real time", Interruption, 0.3, "3GPP TR 25.913 section 8.4", "Real-time services, handover between E-UTRAN and UTRAN or GERAN.", false},
		{"25.913 other", Interruption, 0.5, "3GPP TR 25.913 section 8.4", "Other services, handover between E-UTRAN and UTRAN or GERAN.", false},
		{"G.109 best", Rating, 90, g109, "Users are very satisfied above.", false},
		{"G.109 high", Rating, 80, g109, "Users are satisfied above.", false},
		{"G.109 medium", Rating, 70, g109, "Some users are dissatisfied above.", false},
		{"G.109 low", Rating, 60, g109, "Many users are dissatisfied above.", false},
		{"G.109 poor", Rating, 50, g109, "Nearly all users are dissatisfied above; less is not recommended.", false},
	}
}

// Of returns the limits of one quantity.
func Of(quantity string) []Limit {
	return slices.DeleteFunc(All(), func(l Limit) bool { return l.Quantity != quantity })
}

// interactive is the mean delay in seconds that the strictest classes of Y.1541 allow.
const interactive = 0.100

// Seconds from mouth to ear that G.114 names.
const (
	preferred  = 0.150
	acceptable = 0.400
)

// G114 classes a one-way delay in seconds: preferred, acceptable or unacceptable.
func G114(delay float64) string {
	switch {
	case delay <= preferred:
		return "preferred"
	case delay <= acceptable:
		return "acceptable"
	}
	return "unacceptable"
}

// Class is a network class of Y.1541. A limit of 0 does not limit.
type Class struct {
	Number    int
	Delay     float64 // IPTD: mean one-way delay, seconds
	Variation float64 // IPDV: 99.9 % quantile less the least delay, seconds
	Loss      float64 // IPLR: ratio
}

// Classes returns the network classes of ITU-T Y.1541 (12/2011) table 1. Its IPER, errors that
// reach the user, is 0 here: damaged packets are dropped.
func Classes() []Class {
	return []Class{
		{0, interactive, 0.050, 1e-3}, {1, acceptable, 0.050, 1e-3}, {2, interactive, 0, 1e-3},
		{3, acceptable, 0, 1e-3}, {4, 1, 0, 1e-3}, {5, 0, 0, 0},
	}
}

// Y1541 returns the numbers of the classes whose limits are kept: mean delay and variation in
// seconds, loss as a ratio.
func Y1541(delay, variation, loss float64) []int {
	var kept []int
	for _, c := range Classes() {
		within := func(value, limit float64) bool { return limit == 0 || value <= limit }
		if within(delay, c.Delay) && within(variation, c.Variation) && within(loss, c.Loss) {
			kept = append(kept, c.Number)
		}
	}
	return kept
}
