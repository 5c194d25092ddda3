package limits

import (
	"fmt"
	"testing"
)

func TestG114(t *testing.T) {
	for delay, want := range map[float64]string{0.15: "preferred", 0.150001: "acceptable", 0.4: "acceptable", 0.400001: "unacceptable"} {
		if got := G114(delay); got != want {
			t.Errorf("%v: got %s, want %s", delay, got, want)
		}
	}
}

func TestY1541(t *testing.T) {
	for _, c := range []struct {
		delay, variation, loss float64
		want                   string
	}{
		{0.1, 0.05, 0.001, "[0 1 2 3 4 5]"}, {0.1, 0.051, 0, "[2 3 4 5]"}, {0.101, 0.05, 0, "[1 3 4 5]"},
		{0.5, 0, 0, "[4 5]"}, {2, 0, 0, "[5]"}, {0.01, 0, 0.0011, "[5]"},
	} {
		if got := fmt.Sprint(Y1541(c.delay, c.variation, c.loss)); got != c.want {
			t.Errorf("%+v: got %s", c, got)
		}
	}
}

func TestEveryLimitHasASource(t *testing.T) {
	for _, l := range All() {
		if l.Source == "" || l.About == "" || l.Value <= 0 {
			t.Errorf("%+v", l)
		}
	}
	if n := len(Of(OneWayDelay)) + len(Of(Interruption)) + len(Of(Rating)); n != len(All()) {
		t.Errorf("%d limits are of a known quantity, %d there are", n, len(All()))
	}
}
