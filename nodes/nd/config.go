package nd

import (
	"math/rand/v2"
	"time"

	"dsmipsim/sim/draw"
)

// Config holds the variables of a node that hosts on the same link may have with different
// values (RFC 4861 section 6.3.2, RFC 4862 section 5.1).
type Config struct {
	SolicitDelay    draw.Distribution // before the first Router Solicitation (RFC 4861 section 6.3.7)
	SolicitMax      int               // MAX_RTR_SOLICITATIONS; 0 to wait for unsolicited advertisements
	SolicitInterval time.Duration     // RTR_SOLICITATION_INTERVAL

	ProbeDelay     draw.Distribution // before duplicate address detection of each address (RFC 4862 section 5.4.2)
	ProbeTransmits int               // DupAddrDetectTransmits; 0 takes every address as unique
	// LinkLocalFirst makes the node wait for the verdict on its link-local address before it
	// listens to routers: advertisements that come earlier are passed over.
	LinkLocalFirst bool
	// Optimistic lets the node use an address while its uniqueness is being verified (RFC 4429).
	Optimistic bool
	// RetransTimer is the time between solicitations, and after the last one of duplicate
	// address detection, until a router advertises another one.
	RetransTimer time.Duration

	// Unreachability makes the node ask neighbours whether they are still there (RFC 4861
	// section 7.3); otherwise what is once known about them holds for good.
	Unreachability  bool
	ReachableTime   time.Duration // BaseReachableTime, until a router advertises another one
	DelayFirstProbe time.Duration // DELAY_FIRST_PROBE_TIME
	UnicastMax      int           // MAX_UNICAST_SOLICIT
	MulticastMax    int           // MAX_MULTICAST_SOLICIT

	// The streams of what is left to chance; each may be nil if nothing is. Without
	// ReachableRand the time is the base itself.
	SolicitRand, ProbeRand, ReachableRand *rand.Rand
}

// Defaults returns the values that RFC 4861 section 10 and RFC 4862 section 5.1 give, with no
// random delays: a mobile node that has moved need not wait (RFC 6275 sections 11.5.2 and
// 11.5.3).
func Defaults() Config {
	return Config{
		SolicitMax: MaxRtrSolicitations, SolicitInterval: RtrSolicitInterval,
		ProbeTransmits: DupAddrTransmits, RetransTimer: RetransTimer,
		Unreachability: true, ReachableTime: ReachableTime, DelayFirstProbe: DelayFirstProbe,
		UnicastMax: MaxUnicastSolicit, MulticastMax: MaxMulticastSolicit,
	}
}

// Configure replaces the values that New has set.
func (n *Neighbours) Configure(cfg Config) {
	n.cfg = cfg
	n.RetransTimer = cfg.RetransTimer
}
