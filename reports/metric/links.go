package metric

import (
	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
)

// links counts what each link carried, in the order of the setup; a link that the setup does
// not name follows where it is first heard of.
type links struct {
	all   []result.Link
	index map[string]int
}

func newLinks(infos []result.LinkInfo) *links {
	l := &links{index: make(map[string]int, len(infos))}
	for _, i := range infos {
		l.get(i.Name)
	}
	return l
}

func (l *links) get(name string) *result.Link {
	i, ok := l.index[name]
	if !ok {
		i = len(l.all)
		l.index[name] = i
		l.all = append(l.all, result.Link{Name: name, Drops: result.Drops{}})
	}
	return &l.all[i]
}

func (l *links) record(e *trace.Event) {
	if e.Link == "" {
		return // a drop inside a node
	}
	switch e.Kind {
	case trace.Transmission:
		link := l.get(e.Link)
		link.Transmissions++
		link.Octets += int64(len(e.Octets))
	case trace.Drop:
		l.get(e.Link).Drops[e.Reason.String()]++
	}
}

func (l *links) result() []result.Link { return l.all }
