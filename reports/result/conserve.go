package result

import "fmt"

// Conserve replaces the count of packets, of which facts show only the ends that they state,
// by the exact one of the caller who owns the buffers. It is an error if a packet is missing
// or the two counts of an end disagree: then a packet was lost without a fact.
func (r *Result) Conserve(exact Conservation) error {
	seen := r.Conservation
	r.Conservation = exact
	if sum := exact.Delivered + exact.Dropped + exact.Absorbed + exact.Held; exact.Made != sum {
		return fmt.Errorf("%d packets were made but %d ended: %d delivered, %d dropped, %d absorbed, %d held",
			exact.Made, sum, exact.Delivered, exact.Dropped, exact.Absorbed, exact.Held)
	}
	if seen.Delivered != exact.Delivered || seen.Dropped != exact.Dropped || seen.Held != exact.Held {
		return fmt.Errorf("facts tell of %d packets delivered, %d dropped, %d held; the network counted %d, %d, %d",
			seen.Delivered, seen.Dropped, seen.Held, exact.Delivered, exact.Dropped, exact.Held)
	}
	return r.Seal()
}
