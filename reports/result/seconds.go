package result

import (
	"math"
	"time"

	"dsmipsim/sim/vtime"
)

// Seconds converts an interval. The division is rounded once, so the value prints with at
// most nine decimals for intervals below 2^53 ns (104 days).
func Seconds(d time.Duration) float64 { return float64(d) / 1e9 }

// At converts an instant.
func At(t vtime.Time) float64 { return float64(t) / 1e9 }

// SecondsOf converts fractional nanoseconds, such as a mean, rounded to whole ones.
func SecondsOf(nanoseconds float64) float64 { return math.Round(nanoseconds) / 1e9 }

// Some returns a pointer to a value that exists, for the fields that may be null.
func Some(v float64) *float64 { return &v }
