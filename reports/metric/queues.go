package metric

import (
	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// queues knows what waited at each transmitter, from how long the frames that were transmitted
// had waited. Transmitters are told apart by link and node.
type queues struct {
	order []*queue
	byKey map[queueKey]*queue
}

type queueKey struct{ link, node string }

// queue is the stays at one transmitter in the order of their ends, which is that of their
// beginnings, too: a queue serves what came first.
type queue struct {
	queueKey
	stays []result.Stay
}

func newQueues() queues { return queues{byKey: map[queueKey]*queue{}} }

func (q *queues) record(e *trace.Event) {
	if e.Kind != trace.Transmission || e.Waited == 0 {
		return
	}
	key := queueKey{e.Link, e.Node}
	one := q.byKey[key]
	if one == nil {
		one = &queue{queueKey: key}
		q.byKey[key] = one
		q.order = append(q.order, one)
	}
	one.stays = append(one.stays, result.Stay{From: e.Time - e.Waited, Until: e.Time, Octets: len(e.Octets)})
}

// result puts the queues of each link into its account.
func (q *queues) result(end vtime.Time, links []result.Link) {
	for i := range links {
		for _, one := range q.order {
			if one.link == links[i].Name {
				links[i].Queues = append(links[i].Queues, one.result(end))
			}
		}
	}
}

func (q *queue) result(end vtime.Time) result.Queue {
	r := result.Queue{Node: q.node, Frames: len(q.stays)}
	var waits, longest vtime.Time
	var octets int64
	var weighted float64 // octet-nanoseconds, of which there may be more than an int64 holds
	oldest := 0
	for i, s := range q.stays {
		wait := s.Until - s.From
		waits += wait
		longest = max(longest, wait)
		weighted += float64(float64(s.Octets) * float64(wait))
		octets += int64(s.Octets)
		for q.stays[oldest].Until <= s.From {
			octets -= int64(q.stays[oldest].Octets)
			oldest++
		}
		r.MaxFrames, r.MaxOctets = max(r.MaxFrames, i-oldest+1), max(r.MaxOctets, octets)
	}
	r.MeanWaitS = result.SecondsOf(float64(waits) / float64(len(q.stays)))
	r.MaxWaitS = result.At(longest)
	if end > 0 {
		r.MeanFrames = rounded(float64(waits) / float64(end))
		r.MeanOctets = rounded(weighted / float64(end))
	}
	return r
}

// Queues returns the stays of frames at each transmitter where any waited.
func (r *Recorder) Queues() []result.QueueSamples {
	var all []result.QueueSamples
	for _, q := range r.queues.order {
		all = append(all, result.QueueSamples{Link: q.link, Node: q.node, Stays: q.stays})
	}
	return all
}
