package wire

// Options that Hop-by-Hop and Destination Options headers share, and the one
// Mobile IPv6 adds.
const (
	OptPad1        = 0
	OptPadN        = 1
	OptHomeAddress = 0xc9 // RFC 6275 section 6.3
)

// OptionAction is what the two upper bits of an option type ask of a node
// that does not know the option (RFC 2460 section 4.2).
type OptionAction uint8

const (
	OptionSkip          OptionAction = iota // ignore the option, go on
	OptionDiscard                           // discard the packet silently
	OptionReport                            // discard, Parameter Problem code 2 even to multicast
	OptionReportUnicast                     // as OptionReport unless the destination is multicast
)

// String names the action.
func (a OptionAction) String() string {
	return [...]string{"skip", "discard", "report", "report unless multicast"}[a&3]
}

// UnknownOptionAction returns the action coded in an option type.
func UnknownOptionAction(optionType uint8) OptionAction { return OptionAction(optionType >> 6) }

// Options iterates over the type-length-value options of an extension header
// without allocating. The zero value is an empty list.
//
//	for o := d.Options(); o.Next(); {
//		use(o.Type(), o.Data())
//	}
type Options struct {
	b    []byte // whole extension header, so that Offset is relative to it
	at   int    // type octet of the current option
	next int    // type octet of the option after it
}

const optionsStart = 2 // after next header and length

// Next moves to the next option, padding included.
func (o *Options) Next() bool {
	if o.next >= len(o.b) {
		return false
	}
	o.at = o.next
	if o.b[o.at] == OptPad1 {
		o.next++
	} else {
		o.next += 2 + int(o.b[o.at+1])
	}
	return true
}

// Type returns the option type, OptPad1 and OptPadN included.
func (o *Options) Type() uint8 { return o.b[o.at] }

// Offset returns the offset of the option type from the extension header, for
// the pointer of an ICMPv6 Parameter Problem.
func (o *Options) Offset() int { return o.at }

// Data returns the option data; it is empty for OptPad1.
func (o *Options) Data() []byte {
	if o.Type() == OptPad1 {
		return nil
	}
	return o.b[o.at+2 : o.next]
}

// optionsWellFormed reports whether the options end exactly with the header.
func optionsWellFormed(b []byte) bool {
	at := optionsStart
	for at < len(b) {
		switch {
		case b[at] == OptPad1:
			at++
		case at+1 == len(b):
			return false
		default:
			at += 2 + int(b[at+1])
		}
	}
	return at == len(b)
}

// firstUnknown finds the first option whose action is not OptionSkip among
// those that are neither padding nor known.
func firstUnknown(o Options, known uint8) (offset int, action OptionAction) {
	for o.Next() {
		switch t := o.Type(); {
		case t == OptPad1, t == OptPadN, t == known:
		case UnknownOptionAction(t) != OptionSkip:
			return o.Offset(), UnknownOptionAction(t)
		}
	}
	return 0, OptionSkip
}
