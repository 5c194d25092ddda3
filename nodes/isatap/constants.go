package isatap

import "dsmipsim/nodes/nd"

const (
	discoveryHopLimit = 255                   // proves that a message was not forwarded (RFC 4861 section 11.2)
	solicitInterval   = nd.RtrSolicitInterval // RTR_SOLICITATION_INTERVAL
)
