package saved

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"dsmipsim/reports/plot"
)

// Queues reads queues.csv. The length of its intervals is the least distance between two of
// them, since those in which no frame waited are absent; a single one lasts until the end of the
// run at most.
func Queues(r io.Reader, endS float64) ([]plot.Occupancy, error) {
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("found nothing, wanted a row of column names")
	}
	column := make([]int, 4)
	for i, name := range []string{"link", "node", "start_s", "mean_frames"} {
		if column[i] = slices.Index(rows[0], name); column[i] < 0 {
			return nil, fmt.Errorf("found no column %s", name)
		}
	}
	starts, frames := make([]float64, len(rows)), make([]float64, len(rows))
	var instants []float64
	for i, row := range rows[1:] {
		for k, into := range []*float64{&starts[i+1], &frames[i+1]} {
			cell := row[column[2+k]]
			if *into, err = strconv.ParseFloat(cell, 64); err != nil || *into < 0 {
				return nil, fmt.Errorf("line %d: found %q, wanted a number", i+2, cell)
			}
		}
		instants = append(instants, starts[i+1])
	}
	bin := interval(instants, endS)
	var all []plot.Occupancy
	for i, row := range rows[1:] {
		link, node := row[column[0]], row[column[1]]
		if n := len(all); n == 0 || all[n-1].Link != link || all[n-1].Node != node {
			all = append(all, plot.Occupancy{Link: link, Node: node, BinS: bin, Frames: map[int]float64{}})
		}
		all[len(all)-1].Frames[int(math.Round(starts[i+1]/bin))] = frames[i+1]
	}
	return all, nil
}

// interval is the least distance between two of the instants, rounded to nanoseconds.
func interval(instants []float64, endS float64) float64 {
	slices.Sort(instants)
	instants = slices.Compact(instants)
	least := math.Max(endS, 1e-9)
	for i := 1; i < len(instants); i++ {
		least = math.Min(least, instants[i]-instants[i-1])
	}
	return math.Max(math.Round(least*1e9), 1) / 1e9
}
