// Package access describes what a mobile node attaches to: a shared link with the time
// that it takes to get onto it. What that is for an access technology, package technology
// says.
package access

import (
	"math/rand/v2"
	"time"

	"dsmipsim/sim/draw"
	"dsmipsim/topology"
)

// Network is the access link of a network as mobile nodes see it.
type Network struct {
	Name   string // of the network
	Link   *topology.Link
	Attach []draw.Distribution // the parts of the time from leaving the old link until this one is up
}

// AttachDelay draws how long a node takes to attach.
func (n *Network) AttachDelay(r *rand.Rand) time.Duration {
	sum := time.Duration(0)
	for _, part := range n.Attach {
		sum += part.Draw(r)
	}
	return sum
}
