// Package codec knows how speech is packetised: it is a table of codecs without any code of
// theirs.
package codec

import "time"

// Codec is a way to encode speech, as far as its packets are concerned.
type Codec struct {
	Name        string        // in the scenario format
	Interval    time.Duration // between packets of speech
	Octets      int           // of the RTP payload of such a packet
	PayloadType uint8         // of RTP: static, or from the dynamic range (RFC 3551 section 6)

	// In silence a packet of so many octets leaves every SilenceInterval; none if that is 0.
	Silence         int
	SilenceInterval time.Duration

	LookAhead time.Duration // what the encoder waits for beyond what it encodes
	Doc       string        // with the source of the figures
}

// All lists the codecs.
var All = []Codec{
	{Name: "g711", Interval: 20 * time.Millisecond, Octets: 160, PayloadType: 0,
		Doc: "G.711, 64 kbit/s: 160 octets every 20 ms (RFC 3551 section 4.5.14)"},
	{Name: "g729", Interval: 20 * time.Millisecond, Octets: 20, PayloadType: 18, LookAhead: 5 * time.Millisecond,
		Doc: "G.729, 8 kbit/s: two frames of 10 octets every 20 ms (RFC 3551 section 4.5.6), look-ahead 5 ms"},
	{Name: "amr", Interval: 20 * time.Millisecond, Octets: 32, PayloadType: 96, LookAhead: 5 * time.Millisecond,
		Silence: 7, SilenceInterval: 160 * time.Millisecond,
		Doc: "AMR at 12.2 kbit/s, bandwidth-efficient: 32 octets every 20 ms, in silence 7 octets every 160 ms (RFC 4867 sections 3.1 and 4.3), look-ahead 5 ms"},
}

// Clock is the rate of the RTP timestamps of all these codecs, 1/s.
const Clock = 8000

// Named returns the codec of that name.
func Named(name string) (Codec, bool) {
	for _, c := range All {
		if c.Name == name {
			return c, true
		}
	}
	return Codec{}, false
}
