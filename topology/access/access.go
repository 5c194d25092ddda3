// Package access describes what a mobile node attaches to: a shared link with the time
// that it takes to get onto it. Radio contention is not modelled; an access technology is
// a rate, a delay, a loss probability, a queue and an attach delay, and says so.
package access

import (
	"dsmipsim/sim/draw"
	"dsmipsim/topology"
)

// Network is the access link of a network as mobile nodes see it.
type Network struct {
	Name   string // of the network
	Link   *topology.Link
	Attach draw.Distribution // from leaving the old link until this one is up
}
