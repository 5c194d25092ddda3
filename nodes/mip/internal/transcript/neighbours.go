package transcript

import (
	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/nd"
)

// Neighbours attaches neighbour discovery to the stack of a transcript's node. It does not
// ask neighbours whether they are still there: nobody would answer.
func Neighbours(s *ip.Stack) *nd.Neighbours {
	n := nd.New(s)
	cfg := nd.Defaults()
	cfg.Unreachability = false
	n.Configure(cfg)
	return n
}
