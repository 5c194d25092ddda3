package topology

import (
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
)

// Every packet ends in exactly one of four ways, and each way is counted here: delivered
// to an application, dropped for a reason, absorbed by a protocol that it was for, or held
// in a queue or in flight when the run ends.

// Drop ends a packet at a node.
func (n *Net) Drop(node string, b *packet.Buf, why trace.Reason) { n.drop(node, "", b, why) }

func (n *Net) drop(node, link string, b *packet.Buf, why trace.Reason) {
	n.ended.Dropped++
	n.state(trace.Drop, node, link, b, why)
	b.Release()
}

// Delivered ends a packet in an application, which states the fact itself.
func (n *Net) Delivered(b *packet.Buf) {
	n.ended.Delivered++
	b.Release()
}

// Absorbed ends a packet that has served its purpose.
func (n *Net) Absorbed(b *packet.Buf) {
	n.ended.Absorbed++
	b.Release()
}

// Hold ends a packet that was still in a queue when the run ended.
func (n *Net) Hold(node, link string, b *packet.Buf) {
	n.ended.Held++
	n.state(trace.Held, node, link, b, 0)
	b.Release()
}

func (n *Net) state(kind trace.Kind, node, link string, b *packet.Buf, why trace.Reason) {
	t := b.Tag()
	n.event = trace.Event{Time: n.Loop.Now(), Kind: kind, Node: node, Link: link, Reason: why, Flow: t.Flow,
		Sequence: t.Sequence, Serial: b.Serial(), Born: t.Born, Overhead: t.Overhead}
	n.Sink.Record(&n.event)
}

// HoldAll ends every packet that is still queued at a port or in flight. The loop must not
// run afterwards.
func (n *Net) HoldAll() {
	for _, p := range n.ports {
		for p.queue.len() > 0 {
			n.Hold(p.Node, p.link.Name, p.queue.take().buf)
		}
		p.drain.Stop()
	}
	for _, f := range n.flights {
		if f.buf != nil {
			n.Hold(f.to.Node, f.link.Name, f.buf)
			f.buf = nil
		}
	}
}

// Ended returns how packets have ended so far.
func (n *Net) Ended() Ended { return n.ended }
