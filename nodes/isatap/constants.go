package isatap

import (
	"time"

	"dsmipsim/nodes/nd"
)

const (
	discoveryHopLimit = 255                   // proves that a message was not forwarded (RFC 4861 section 11.2)
	solicitInterval   = nd.RtrSolicitInterval // RTR_SOLICITATION_INTERVAL
	routerLifetime    = 30 * time.Minute      // AdvDefaultLifetime of RFC 4861 section 6.2.1 for its default interval
)
