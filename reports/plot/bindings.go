package plot

import "dsmipsim/reports/result"

// Bindings draws which care-of address each home agent and correspondent had for each home
// address over time.
func Bindings(r Run) *Figure {
	f := &Figure{Title: "Bindings over time: " + r.Name}
	if len(r.Result.Bindings) == 0 {
		f.Empty = "Nobody had a binding in this run."
		return f
	}
	b := &rows{xLabel: "time (s)", run: r.Result, note: "Blank: no binding, as while the mobile node is at home."}
	type key struct{ node, home string }
	at := map[key]int{}
	fills := map[string]int{} // by care-of address
	number := apart()
	for _, x := range r.Result.Bindings {
		k := key{x.Node, x.Home}
		i, known := at[k]
		if !known {
			i = len(b.rows)
			at[k] = i
			b.rows = append(b.rows, row{name: x.Node + ": " + x.Home, group: number(x.Node)})
		}
		if _, known := fills[x.CareOf]; !known {
			fills[x.CareOf] = len(fills)
		}
		b.rows[i].spans = append(b.rows[i].spans, span{from: x.FromS, until: until(&x, r.Result), fill: fills[x.CareOf], text: x.CareOf})
	}
	f.body = b
	return f
}

// until is the end of a binding within the run.
func until(b *result.Binding, r *result.Result) float64 {
	if b.UntilS == nil {
		return runLength(r)
	}
	return *b.UntilS
}
