package comparison

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"dsmipsim/reports/quantity"
)

// Tolerance is by how much a quantity may get worse. What is within one of the bounds is tolerated.
type Tolerance struct {
	Relative float64 // in parts of what it was
	Seconds  float64 // of quantities in seconds
	Octets   float64 // of quantities in octets
}

// ParseTolerance reads bounds, such as "5%", "0.05", "2ms" and "100B". Each kind is given once at
// most.
func ParseTolerance(texts []string) (t Tolerance, err error) {
	for _, text := range texts {
		bound, value := &t.Relative, 0.0
		number, percent := strings.CutSuffix(text, "%")
		if octets, ok := strings.CutSuffix(text, "B"); ok {
			bound = &t.Octets
			value, err = strconv.ParseFloat(octets, 64)
		} else if value, err = strconv.ParseFloat(number, 64); percent {
			value /= 100
		} else if err != nil {
			var d time.Duration
			d, err = time.ParseDuration(text)
			bound, value = &t.Seconds, d.Seconds()
		}
		if err != nil || !(value >= 0) || math.IsInf(value, 0) {
			return t, fmt.Errorf("found %q, wanted a part such as 5%% or 0.05, a duration such as 2ms, or octets such as 100B", text)
		}
		if *bound != 0 {
			return t, fmt.Errorf("found %q beside another of its kind, wanted one", text)
		}
		*bound = value
	}
	return t, nil
}

// covers reports whether a change of a metric from a mean is tolerated.
func (t Tolerance) covers(metric string, from, change float64) bool {
	change = math.Abs(change)
	if change <= t.Relative*math.Abs(from) {
		return true
	}
	if strings.HasSuffix(metric, HasValue) {
		return false
	}
	switch quantity.Of(metric).Base {
	case "s":
		return change <= t.Seconds
	case "octets":
		return change <= t.Octets
	}
	return false
}

// direction tells which values of a metric are the better ones. That there is a value is better:
// the handover ended, something was received.
func direction(metric string) quantity.Direction {
	if strings.HasSuffix(metric, HasValue) {
		return quantity.Higher
	}
	return quantity.Of(metric).Better
}
