package spec

import (
	"reflect"
	"strings"
	"time"
)

// QueueLimit bounds a queue, either by packets or by octets; the other field is 0.
type QueueLimit struct {
	Packets int
	Octets  int
}

// Queue says what becomes of packets that wait.
type Queue struct {
	Limit QueueLimit
	CoDel *CoDel // nil for drop-tail
}

// CoDel holds the two parameters of RFC 8289.
type CoDel struct {
	Target, Interval time.Duration
}

// Loss says which packets are lost; the zero value loses none.
type Loss struct {
	Probability float64         // of each packet by itself
	Bursts      *GilbertElliott // instead, if not nil
}

// Any reports whether packets may be lost.
func (l Loss) Any() bool { return l.Probability > 0 || l.Bursts != nil }

// All reports whether no packet gets through.
func (l Loss) All() bool {
	return l.Probability == 1 || l.Bursts != nil && l.Bursts.Good == 1 && l.Bursts.Bad == 1
}

// GilbertElliott is a Markov chain that takes a step with every packet.
type GilbertElliott struct {
	P, R, Good, Bad float64
}

// queueTable is the long form of a queue.
type queueTable struct {
	Kind     string        `key:"kind" required:"true" values:"drop-tail codel"`
	Limit    QueueLimit    `key:"limit" default:"1000packets" unit:"limit"`
	Target   time.Duration `key:"target" default:"5ms" unit:"duration" min:">0s" ref:"RFC 8289 section 5.3"`
	Interval time.Duration `key:"interval" default:"100ms" unit:"duration" min:">0s" ref:"RFC 8289 section 5.3"`
}

// lossTable is the long form of a loss.
type lossTable struct {
	Model string  `key:"model" required:"true" values:"bernoulli gilbert-elliott"`
	P     float64 `key:"p" required:"true" unit:"probability" min:"0" max:"1"`
	R     float64 `key:"r" unit:"probability" min:">0" max:"1"`
	Good  float64 `key:"good" default:"0" unit:"probability" min:"0" max:"1"`
	Bad   float64 `key:"bad" default:"1" unit:"probability" min:"0" max:"1"`
}

// openTables are the long forms of values that also have a short one, by kind.
var openTables = map[string]reflect.Type{
	"distribution": reflect.TypeFor[distributionTable](),
	"queue":        reflect.TypeFor[queueTable](),
	"loss":         reflect.TypeFor[lossTable](),
}

// longForm binds the long form of a value and reports whether that went well.
func (b *binder) longForm(f field, v any, n *node) bool {
	before := len(b.problems)
	b.table(f.key, reflect.ValueOf(v).Elem(), n)
	if len(b.problems) > before {
		n.bad = true
		return false
	}
	return true
}

// refuse reports keys of a long form that have no meaning in it.
func (b *binder) refuse(n *node, what string, keys ...string) bool {
	fine := true
	for _, key := range keys {
		if kid := n.get(key); kid != nil {
			b.say(kid, "%s takes no %s", what, key)
			n.bad, fine = true, false
		}
	}
	return fine
}

// queue reads a limit, or a table.
func (b *binder) queue(f field, n *node) (Queue, bool) {
	if s, ok := n.text(); ok {
		limit, err := parseLimit(s)
		return Queue{Limit: limit}, err == nil
	}
	if _, ok := n.value.(*table); !ok {
		return Queue{}, false
	}
	var t queueTable
	if !b.longForm(f, &t, n) {
		return Queue{}, true // reported
	}
	if t.Kind == "codel" {
		return Queue{Limit: t.Limit, CoDel: &CoDel{Target: t.Target, Interval: t.Interval}}, true
	}
	b.refuse(n, "a drop-tail queue", "target", "interval")
	return Queue{Limit: t.Limit}, true
}

// loss reads a probability, or a table.
func (b *binder) loss(f field, n *node) (Loss, bool) {
	if p, ok := number(n); ok {
		if p < 0 || p > 1 {
			return Loss{}, false
		}
		return Loss{Probability: p}, true
	}
	if _, ok := n.value.(*table); !ok {
		return Loss{}, false
	}
	var t lossTable
	if !b.longForm(f, &t, n) {
		return Loss{}, true // reported
	}
	if t.Model == "bernoulli" {
		b.refuse(n, "independent loss", "r", "good", "bad")
		return Loss{Probability: t.P}, true
	}
	switch {
	case n.get("r") == nil:
		b.missing(n, "r", "the probability of a step from the bad state to the good one")
		n.bad = true
	case t.P == 0:
		b.reporter.value(n.get("p"), Problem{Wanted: "more than 0: the bad state would never be reached"})
	case t.Good == 0 && t.Bad == 0:
		b.reporter.value(n.near("bad"), Problem{Wanted: "a loss in one of the states"})
	}
	return Loss{Bursts: &GilbertElliott{P: t.P, R: t.R, Good: t.Good, Bad: t.Bad}}, true
}

// formatQueue writes a queue in the shortest form that reads as the same.
func formatQueue(q Queue) string {
	if q.CoDel == nil {
		return quote(formatLimit(q.Limit))
	}
	return `{ kind = "codel", limit = ` + quote(formatLimit(q.Limit)) + ", target = " + quote(formatDuration(q.CoDel.Target)) +
		", interval = " + quote(formatDuration(q.CoDel.Interval)) + " }"
}

// formatLoss writes a loss in the shortest form that reads as the same.
func formatLoss(l Loss) string {
	g := l.Bursts
	if g == nil {
		return formatFloat(l.Probability)
	}
	parts := []string{`model = "gilbert-elliott"`}
	for _, x := range []struct {
		key   string
		value float64
	}{{"p", g.P}, {"r", g.R}, {"good", g.Good}, {"bad", g.Bad}} {
		parts = append(parts, x.key+" = "+formatFloat(x.value))
	}
	return "{ " + strings.Join(parts, ", ") + " }"
}
