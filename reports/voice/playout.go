package voice

import (
	"math"
	"time"
)

// Lost as the delay of a packet means that it did not arrive.
const Lost = time.Duration(math.MaxInt64)

// Call is what a listener gets of a call.
type Call struct {
	Network time.Duration // least network delay of the packets that arrived
	Late    int           // packets that arrived after their turn
	Loss    float64       // lost and late packets, percent of all
	BurstR  float64       // mean burst of losses over that of independent losses; at least 1
}

// Playout plays packets, whose one-way delays stand in the order in which they were sent,
// through a fixed playout buffer: a packet is played as long after it was sent as the fastest
// one took and the buffer adds; one that is not there by then is late. It reports false if
// nothing arrived.
func Playout(delays []time.Duration, buffer time.Duration) (c Call, ok bool) {
	c.Network = Lost
	for _, d := range delays {
		c.Network = min(c.Network, d)
	}
	if c.Network == Lost {
		return Call{}, false
	}
	return Played(delays, c.Network, buffer), true
}

// Played is what a listener gets of a part of a call whose fastest packet took the network's
// time.
func Played(delays []time.Duration, network, buffer time.Duration) Call {
	c := Call{Network: network}
	missing, bursts, before := 0, 0, false
	for _, d := range delays {
		gone := d == Lost || d > c.Network+buffer
		if gone {
			missing++
			if d != Lost {
				c.Late++
			}
			if !before {
				bursts++
			}
		}
		before = gone
	}
	share := float64(missing) / float64(len(delays))
	c.Loss, c.BurstR = float64(100*share), 1
	if bursts > 0 && share < 1 {
		// Independent losses come in bursts of 1/(1-p) on average (G.107 section 3.5).
		c.BurstR = max(1, float64(float64(missing)/float64(bursts))*(1-share))
	}
	return c
}
