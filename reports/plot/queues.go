package plot

import (
	"fmt"
	"math"
	"slices"
	"strconv"
)

// queuesMost is how many transmitters a figure of queues shows.
const queuesMost = 6

// queueBins is how many intervals an axis has at most; more could not be told apart.
const queueBins = 1000

// Queues draws the mean number of frames that waited at the transmitters with the longest queues.
func Queues(r Run) *Figure {
	f := &Figure{Title: "Queues over time: " + r.Name}
	peak := func(q Occupancy) (most float64) {
		for _, v := range q.Frames {
			most = max(most, v)
		}
		return most
	}
	busiest := slices.Clone(r.Queues)
	slices.SortStableFunc(busiest, func(a, b Occupancy) int {
		switch x, y := peak(a), peak(b); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	if len(busiest) == 0 || peak(busiest[0]) == 0 {
		f.Empty = "No frame of the run waited at a transmitter, as far as its directory tells."
		return f
	}
	end := runLength(r.Result)
	l := &lines{xLabel: "time (s)", yLabel: "waiting frames (mean)", xMax: end, run: r.Result}
	fold := int(math.Ceil(end / busiest[0].BinS / queueBins)) // intervals into one
	bin := float64(busiest[0].BinS * float64(fold))
	l.note = fmt.Sprintf("Means over intervals of %s s.", strconv.FormatFloat(bin, 'g', 6, 64))
	if len(busiest) > queuesMost {
		l.note += fmt.Sprintf(" The %d longest queues of %d.", queuesMost, len(busiest))
		busiest = busiest[:queuesMost]
	}
	for i, q := range busiest {
		s := series{name: q.Node + " on " + q.Link, style: curveStroke(i), steps: true}
		n := int(math.Ceil(float64(end / bin)))
		at := func(k int) (mean float64) {
			for i := range fold {
				mean += q.Frames[k*fold+i] / float64(fold)
			}
			return mean
		}
		for k := range n {
			v := at(k)
			l.yMax = max(l.yMax, float64(v*1.08))
			// Of a level stretch the ends will do.
			if k > 0 && k < n-1 && v == at(k-1) && v == at(k+1) {
				continue
			}
			s.points = append(s.points, point{float64(float64(k) * bin), v})
		}
		s.points = append(s.points, point{end, at(n - 1)})
		l.series = append(l.series, s)
	}
	f.body = l
	return f
}
