package plot

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// ticks marks an axis at round values: multiples of 1, 2 or 5 times a power of ten, at most
// this many steps. The library's own choice leaves long axes with two or three.
type ticks int

// ticksFor returns the ticks of an axis of a length, one for each given distance at most.
func ticksFor(length, distance vg.Length) ticks { return ticks(min(max(int(length/distance), 2), 10)) }

// Ticks implements plot.Ticker.
func (most ticks) Ticks(low, high float64) []plot.Tick {
	step, decimals := most.step(high - low)
	var all []plot.Tick
	for i := math.Ceil(low / step); float64(i*step) <= high*(1+1e-9); i++ {
		v := float64(i * step)
		all = append(all, plot.Tick{Value: v, Label: strconv.FormatFloat(v, 'f', decimals, 64)})
	}
	return all
}

// step returns the least round step that is large enough, and its decimals.
func (most ticks) step(span float64) (step float64, decimals int) {
	power := int(math.Floor(math.Log10(span / float64(most))))
	for _, digit := range []float64{1, 2, 5, 10} {
		step = float64(digit * math.Pow10(power))
		if step*float64(most) >= span*(1-1e-9) {
			if digit == 10 {
				power++
			}
			break
		}
	}
	return step, max(0, -power)
}

// powers marks a logarithmic axis, within its range only: the library's ticks beyond it
// would take room from the figure.
type powers struct{}

// Ticks implements plot.Ticker.
func (powers) Ticks(low, high float64) []plot.Tick {
	var all []plot.Tick
	for _, t := range (plot.LogTicks{Prec: -1}).Ticks(low, high) {
		if t.Value >= low && t.Value <= high {
			all = append(all, t)
		}
	}
	return all
}
