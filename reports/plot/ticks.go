package plot

import (
	"math"
	"slices"
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
		v := float64(i*step) + 0 // which makes 0 of -0
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

// logTicks marks a logarithmic axis of a few decades: with 1, 2 and 5 times each power of ten if
// that makes at most so many, else with 1 times them. The others are minor ticks.
type logTicks int

// Ticks implements plot.Ticker.
func (most logTicks) Ticks(low, high float64) []plot.Tick {
	var all []plot.Tick
	for _, named := range [][]int{{1, 2, 5}, {1, 3}, {1}} {
		all = nil
		labels := 0
		for power := int(math.Floor(math.Log10(low))); math.Pow10(power) <= high; power++ {
			for digit := 1; digit < 10; digit++ {
				// One rounding, so that 3 times 0.1 is called 0.3.
				text := strconv.FormatFloat(float64(digit), 'f', -1, 64) + "e" + strconv.Itoa(power)
				v, _ := strconv.ParseFloat(text, 64) // it is one
				if v < low || v > high {
					continue
				}
				t := plot.Tick{Value: v}
				if slices.Contains(named, digit) {
					t.Label = strconv.FormatFloat(v, 'f', -1, 64)
					labels++
				}
				all = append(all, t)
			}
		}
		if labels <= int(most) && labels > 1 {
			break
		}
	}
	return all
}
