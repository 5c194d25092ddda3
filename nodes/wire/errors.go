package wire

import "errors"

// The kinds of decoding failure. Match them with [errors.Is].
var (
	// ErrTruncated: fewer octets than the header needs or announces.
	ErrTruncated = errors.New("truncated")
	// ErrVersion: the IP version nibble is not that of the parser.
	ErrVersion = errors.New("wrong version")
	// ErrLength: a length field contradicts itself or the format.
	ErrLength = errors.New("bad length")
	// ErrChecksum: the checksum does not match the octets.
	ErrChecksum = errors.New("bad checksum")
	// ErrField: a field holds a value the format forbids.
	ErrField = errors.New("bad field")
	// ErrOption: an option is malformed, misplaced or repeated.
	ErrOption = errors.New("bad option")
	// ErrType: the message is of another type than the view asked for.
	ErrType = errors.New("wrong type")
	// ErrUnsupported: the format is valid but outside what the package decodes.
	ErrUnsupported = errors.New("unsupported")
)

// Error says which layer refused the octets and why. All values are
// preallocated, so a caller may compare pointers or use [errors.Is] with one
// of the kinds above.
type Error struct {
	Layer string // header or message, for example "IPv6"
	What  string // what is wrong with it
	Kind  error  // one of the sentinels above
	// Pointer is the offset of the offending octet from the start of the
	// layer; an ICMP Parameter Problem adds the offset of the layer itself.
	Pointer int
}

// Error returns "layer: what".
func (e *Error) Error() string { return e.Layer + ": " + e.What }

// Unwrap returns the kind, which makes errors.Is(err, ErrChecksum) work.
func (e *Error) Unwrap() error { return e.Kind }
