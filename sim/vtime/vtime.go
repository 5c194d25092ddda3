// Package vtime is the simulator's notion of an instant: nanoseconds of virtual time.
//
// An instant is a Time and an interval is a time.Duration, so that the two cannot be
// added or compared by mistake. Integers keep runs identical on every machine.
package vtime

import (
	"fmt"
	"math"
	"time"
)

// Time is an instant: nanoseconds since the run began.
type Time int64

// Never is later than every instant of a run: the deadline of a timer that is not armed.
const Never Time = math.MaxInt64

// Add returns the instant d after t. Never stays Never.
func (t Time) Add(d time.Duration) Time {
	if t == Never {
		return Never
	}
	return t + Time(d)
}

// Sub returns the interval from u to t.
func (t Time) Sub(u Time) time.Duration { return time.Duration(t - u) }

// Before reports whether t is earlier than u.
func (t Time) Before(u Time) bool { return t < u }

// Seconds returns the instant as seconds since the run began, for reports only.
func (t Time) Seconds() float64 { return float64(t) / 1e9 }

// String formats the instant as seconds with all nine decimals, or "never".
func (t Time) String() string {
	if t == Never {
		return "never"
	}
	sign := ""
	if t < 0 {
		sign, t = "-", -t
	}
	return fmt.Sprintf("%s%d.%09ds", sign, int64(t)/1e9, int64(t)%1e9)
}

// Min returns the earlier of two instants.
func Min(a, b Time) Time {
	if a < b {
		return a
	}
	return b
}
