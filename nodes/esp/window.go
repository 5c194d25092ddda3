package esp

// windowSize is the recommended size of the anti-replay window (RFC 4303 section 3.4.3).
const windowSize = 64

// window tells which of the latest sequence numbers have been received.
type window struct {
	top  uint32 // greatest number received
	seen uint64 // bit i: top-i was received
}

// fresh reports whether the number was not received before, as far as the window tells.
func (w *window) fresh(n uint32) bool {
	switch {
	case n == 0: // never sent
		return false
	case n > w.top:
		return true
	}
	back := w.top - n
	return back < windowSize && w.seen>>back&1 == 0
}

// mark notes that a fresh number was received.
func (w *window) mark(n uint32) {
	if n <= w.top {
		w.seen |= 1 << (w.top - n)
		return
	}
	w.seen = w.seen<<(n-w.top) | 1 // a shift by 64 or more leaves nothing
	w.top = n
}
