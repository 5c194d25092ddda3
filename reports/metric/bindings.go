package metric

import (
	"net/netip"

	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
)

// bindings knows what home agents and correspondent nodes had in their caches and when.
type bindings struct {
	all  []result.Binding
	open map[bindingKey]int // position in all
}

type bindingKey struct {
	node string
	home netip.Addr
}

func (b *bindings) record(e *trace.Event) {
	if e.Kind != trace.Milestone {
		return
	}
	key := bindingKey{e.Node, e.Note.Home}
	i, standing := b.open[key]
	switch e.Note.Kind {
	case trace.BindingCreated, trace.BindingUpdated:
		careOf := e.Note.CareOf.String()
		if standing && b.all[i].CareOf == careOf {
			b.all[i].Updates++
			return
		}
		if standing {
			b.all[i].UntilS = result.Some(result.At(e.Time))
		}
		if b.open == nil {
			b.open = map[bindingKey]int{}
		}
		b.open[key] = len(b.all)
		b.all = append(b.all, result.Binding{Node: e.Node, Home: e.Note.Home.String(), CareOf: careOf, FromS: result.At(e.Time), Updates: 1})
	case trace.BindingRemoved:
		if standing {
			b.all[i].UntilS = result.Some(result.At(e.Time))
			delete(b.open, key)
		}
	}
}
