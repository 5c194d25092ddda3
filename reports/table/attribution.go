package table

import (
	"fmt"

	"dsmipsim/reports/result"
)

// Attribution shows what each cause costs each handover.
func Attribution(r *result.Result) *Table {
	t := &Table{Title: "What each cause costs (ms of latency saved by a run without it)", Columns: []Column{{"node", false}, {"handover", false}, {"latency", true}}}
	for i := range r.Attribution {
		a := &r.Attribution[i]
		row := []string{a.MobileNode, fmt.Sprintf("%d  %s -> %s", a.Index, a.From, a.To), optionalMS(a.LatencyS)}
		for _, c := range a.Costs {
			if i == 0 {
				t.Columns = append(t.Columns, Column{c.Cause, true})
			}
			row = append(row, optionalMS(c.CostS))
		}
		t.Add(row...)
	}
	return t
}
