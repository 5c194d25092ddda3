package wire

import (
	"net/netip"
	"strconv"
)

const (
	beStatus      = 6
	beHomeAddress = 8
)

// BindingErrorStatus is the status of a Binding Error.
type BindingErrorStatus uint8

// Values of BindingErrorStatus (RFC 6275 section 6.1.9).
const (
	BindingErrorUnknownBinding BindingErrorStatus = 1 // for a Home Address option
	BindingErrorUnknownType    BindingErrorStatus = 2 // of a Mobility Header
)

// String returns the meaning in words.
func (s BindingErrorStatus) String() string {
	switch s {
	case BindingErrorUnknownBinding:
		return "Unknown binding for Home Address destination option"
	case BindingErrorUnknownType:
		return "Unrecognized MH Type value"
	}
	return "status " + strconv.Itoa(int(s))
}

// BindingError is a view of RFC 6275 section 6.1.9.
type BindingError struct{ MobilityOptions }

// BindingError returns the message; the error is ErrType if it is another.
func (m Mobility) BindingError() (BindingError, error) {
	if err := m.is(MobilityBindingError); err != nil {
		return BindingError{}, err
	}
	return BindingError{m.Options()}, nil
}

// Status tells what was wrong.
func (e BindingError) Status() BindingErrorStatus { return BindingErrorStatus(e.b[beStatus]) }

// HomeAddress returns the address of the Home Address option of the packet
// that was refused, the unspecified address if it had none.
func (e BindingError) HomeAddress() netip.Addr { return addr6(e.b[beHomeAddress:]) }

// AppendBindingError appends a Binding Error; home may be the zero Addr. It
// still needs [SetMobilityChecksum].
func AppendBindingError(b []byte, status BindingErrorStatus, home netip.Addr) []byte {
	start := len(b)
	b, m := beginMobility(b, MobilityBindingError)
	m[beStatus] = uint8(status)
	putAddr6(m[beHomeAddress:], home)
	return endMobility(b, start)
}
