package spec

import (
	"slices"
	"time"
)

// MovementDetection is how a mobile node finds out that it has moved.
type MovementDetection string

// Ways to detect movement (RFC 6275 section 11.5.1).
const (
	MovementLink                  MovementDetection = "link"
	MovementEager                 MovementDetection = "eager"
	MovementLazy                  MovementDetection = "lazy"
	MovementAdvertisementInterval MovementDetection = "advertisement-interval"
	MovementNUD                   MovementDetection = "nud"
)

// defaultMissed and defaultProbe are what the keys of a way of detecting movement become where
// it is chosen. RFC 6275 section 11.5.1 leaves the numbers to the mobile node.
const (
	defaultMissed = 3
	defaultProbe  = time.Second
)

// countsAdvertisements reports whether missed_advertisements matters.
func (d MovementDetection) countsAdvertisements() bool {
	return d == MovementEager || d == MovementAdvertisementInterval
}

// completeMovement gives the keys that belong to a way of detecting movement their values.
func completeMovement(m *MobileNode, item *node) {
	if m.MovementDetection.countsAdvertisements() && item.get("missed_advertisements") == nil {
		m.MissedAdvertisements = defaultMissed
	}
	if m.MovementDetection == MovementNUD && item.get("probe_interval") == nil {
		m.ProbeInterval = defaultProbe
	}
}

// movement checks how mobile nodes detect movement.
func (c *checker) movement() {
	for i := range c.s.MobileNodes {
		m, at := &c.s.MobileNodes[i], c.mobiles[i]
		if at.near("movement_detection").bad {
			continue
		}
		missed, probe := at.get("missed_advertisements"), at.get("probe_interval")
		switch counts := m.MovementDetection.countsAdvertisements(); {
		case !sound(missed):
		case counts && m.MissedAdvertisements == 0:
			c.value(missed, Problem{Wanted: "at least 1"})
		case !counts && m.MissedAdvertisements > 0:
			c.say(missed, "advertisements are counted only with movement_detection %q or %q", MovementEager, MovementAdvertisementInterval)
		}
		switch probes := m.MovementDetection == MovementNUD; {
		case !sound(probe):
		case probes && m.ProbeInterval == 0:
			c.value(probe, Problem{Wanted: "more than 0s"})
		case !probes && m.ProbeInterval > 0:
			c.say(probe, "routers are asked only with movement_detection %q", MovementNUD)
		}
		if m.MovementDetection == MovementLazy && !c.s.NeighborDiscovery.Unreachability && slices.Contains(at.value.(*table).keys, "movement_detection") {
			c.say(at.get("movement_detection"), "a lazy node finds out by unreachability_detection, which is off")
		}
	}
}
