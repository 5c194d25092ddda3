package vtime

import (
	"math"
	"testing"
	"time"
)

func TestString(t *testing.T) {
	for _, c := range []struct {
		t    Time
		want string
	}{
		{0, "0.000000000s"}, {1, "0.000000001s"}, {1_500_000_000, "1.500000000s"},
		{-1, "-0.000000001s"}, {-2_000_000_001, "-2.000000001s"}, {Never, "never"}, {Never - 1, "9223372036.854775806s"},
	} {
		if got := c.t.String(); got != c.want {
			t.Errorf("%d: got %s want %s", int64(c.t), got, c.want)
		}
	}
}

func TestArithmetic(t *testing.T) {
	a := Time(5)
	if got := a.Add(3 * time.Nanosecond); got != 8 {
		t.Errorf("5 + 3 = %d", got)
	}
	if got := Never.Add(-time.Second); got != Never {
		t.Errorf("Never did not stay: %v", got)
	}
	if got := Time(8).Sub(a); got != 3 {
		t.Errorf("8 - 5 = %d", got)
	}
	if !a.Before(6) || a.Before(5) || a.Before(4) || !a.Before(Never) {
		t.Error("Before is not strict order")
	}
	if Min(a, 6) != 5 || Min(6, a) != 5 || Min(Never, a) != 5 {
		t.Error("Min is not the earlier one")
	}
	if got := Time(1_250_000_000).Seconds(); got != 1.25 {
		t.Errorf("Seconds: %v", got)
	}
	if Never != math.MaxInt64 {
		t.Error("an instant could come after Never")
	}
}
