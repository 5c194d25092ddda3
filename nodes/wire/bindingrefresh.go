package wire

// BindingRefreshRequest is a view of RFC 6275 section 6.1.2; all it can hold
// are options.
type BindingRefreshRequest struct{ MobilityOptions }

// BindingRefreshRequest returns the message; the error is ErrType if it is
// another.
func (m Mobility) BindingRefreshRequest() (BindingRefreshRequest, error) {
	if err := m.is(MobilityBindingRefreshRequest); err != nil {
		return BindingRefreshRequest{}, err
	}
	return BindingRefreshRequest{m.Options()}, nil
}

// AppendBindingRefreshRequest appends a Binding Refresh Request; it still
// needs [SetMobilityChecksum].
func AppendBindingRefreshRequest(b []byte) []byte {
	start := len(b)
	b, _ = beginMobility(b, MobilityBindingRefreshRequest)
	return endMobility(b, start)
}
