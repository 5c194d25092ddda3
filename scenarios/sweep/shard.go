package sweep

// part is one of several equal parts of a sweep; the zero part is all of it.
type part struct{ index, of int } // index from 1
