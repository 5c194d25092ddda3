// Package limits knows published limits of transmission quality, against which delays, losses
// and interruptions are held.
package limits

import "slices"

// Limit is one published limit.
type Limit struct {
	Name     string  // as in plots and tables
	Quantity string  // OneWayDelay, Interruption
	Seconds  float64 // the limit
	Source   string
	About    string
}

// Quantities that limits are about.
const (
	OneWayDelay  = "one-way delay"
	Interruption = "interruption"
)

// All returns the limits, by quantity and from strict to lax.
func All() []Limit {
	return []Limit{
		{"G.114 preferred", OneWayDelay, preferred, "ITU-T G.114 (05/2003) section 4", "From mouth to ear: most applications are not affected by less."},
		{"G.114 limit", OneWayDelay, acceptable, "ITU-T G.114 (05/2003) section 4", "From mouth to ear: networks should not be planned for more."},
		{"IMT-Advanced, within a frequency", Interruption, 0.0275, "ITU-R M.2134 (2008) section 4.7", "Radio part of a handover within one frequency."},
		{"IMT-Advanced, between bands", Interruption, 0.060, "ITU-R M.2134 (2008) section 4.7", "Radio part of a handover between spectrum bands."},
		{"3GPP inter-RAT, real time", Interruption, 0.3, "3GPP TR 25.913 section 8.4", "Real-time services, handover between E-UTRAN and UTRAN or GERAN."},
		{"3GPP inter-RAT, non-real time", Interruption, 0.5, "3GPP TR 25.913 section 8.4", "Other services, handover between E-UTRAN and UTRAN or GERAN."},
	}
}

// Of returns the limits of one quantity.
func Of(quantity string) []Limit {
	return slices.DeleteFunc(All(), func(l Limit) bool { return l.Quantity != quantity })
}

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
		{0, 0.100, 0.050, 1e-3}, {1, 0.400, 0.050, 1e-3}, {2, 0.100, 0, 1e-3},
		{3, 0.400, 0, 1e-3}, {4, 1, 0, 1e-3}, {5, 0, 0, 0},
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
