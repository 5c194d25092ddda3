package metric

import (
	"errors"
	"math"
	"sort"

	"dsmipsim/nodes/wire"
	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// stream follows a TCP connection: what its ends send, from the octets of the segments, and
// what its applications say.
type stream struct {
	sides     [2]side // the end that opened the connection, and the other
	progress  []result.Progress
	octets    int64
	connected vtime.Time // how long it took; Never
	completed vtime.Time // when a transfer was; Never
	aborted   bool
	responses []float64 // nanoseconds; integers, exact below 2^53

	segments, again int
	octetsAgain     int64
}

// side is what one end has sent. Sequence numbers count octets (RFC 9293 section 3.4).
type side struct {
	begun bool
	next  uint32 // one more than the greatest sent
}

func newStream() *stream { return &stream{connected: vtime.Never, completed: vtime.Never} }

var errNoSegment = errors.New("a packet of a flow over TCP is no segment")

// sent takes note of a segment, whole from its IP header on.
func (s *stream) sent(e *trace.Event, back bool) error {
	segment, ok := segmentOf(e.Octets)
	if !ok {
		return errNoSegment
	}
	from := &s.sides[0]
	if back {
		from = &s.sides[1]
	}
	first := segment.Sequence()
	if segment.Flags()&wire.TCPSyn != 0 {
		first++ // SYN takes a sequence number, too
	}
	if !from.begun {
		from.begun, from.next = true, first
	}
	data := uint32(len(segment.Payload()))
	if data == 0 {
		return nil
	}
	s.segments++
	if repeated := int32(from.next - first); repeated > 0 { // modulo 2^32, as all comparisons are
		s.again++
		s.octetsAgain += int64(min(uint32(repeated), data))
	}
	if end := first + data; int32(end-from.next) > 0 {
		from.next = end
	}
	return nil
}

// segmentOf returns the segment of an IP packet without extension headers or options.
func segmentOf(b []byte) (wire.TCP, bool) {
	at := 0
	switch {
	case len(b) > wire.IPv6HeaderLen && b[0]>>4 == 6 && wire.IPv6(b).NextHeader() == wire.ProtoTCP:
		at = wire.IPv6HeaderLen
	case len(b) > wire.IPv4HeaderLen && b[0]>>4 == 4 && wire.IPv4(b).Protocol() == wire.ProtoTCP:
		at = wire.IPv4(b).HeaderLen()
	default:
		return nil, false
	}
	if len(b) < at+wire.TCPHeaderLen || len(b) < at+wire.TCP(b[at:]).HeaderLen() {
		return nil, false
	}
	return wire.TCP(b[at:]), true
}

// record takes note of what an application states.
func (s *stream) record(e *trace.Event) {
	switch e.Kind {
	case trace.Connected:
		s.connected = e.Time - e.Born
	case trace.Progress:
		s.octets += int64(e.Count)
		if n := len(s.progress); n > 0 && s.progress[n-1].At == e.Time {
			s.progress[n-1].Octets += e.Count
			return
		}
		s.progress = append(s.progress, result.Progress{At: e.Time, Octets: e.Count})
	case trace.Completed:
		s.completed = e.Time
		s.responses = append(s.responses, float64(e.Time-e.Born))
	case trace.Aborted:
		s.aborted = true
	}
}

// stall returns the longest pause in the progress that overlaps the time from start to until.
func (s *stream) stall(start, until vtime.Time) *float64 {
	p := s.progress
	i := sort.Search(len(p), func(i int) bool { return p[i].At > start }) // the first after the start
	if i == 0 || i == len(p) {
		return nil
	}
	longest := vtime.Time(0)
	for ; i < len(p) && p[i-1].At < until; i++ {
		longest = max(longest, p[i].At-p[i-1].At)
	}
	return result.Some(result.At(longest))
}

func (s *stream) result(info result.FlowInfo, start, end vtime.Time) *result.Stream {
	r := &result.Stream{
		GoodputOctets: s.octets, Segments: s.segments, Retransmissions: s.again, RetransmittedOctets: s.octetsAgain, Aborted: s.aborted,
	}
	if s.connected != vtime.Never {
		r.ConnectS = result.Some(result.At(s.connected))
	}
	if info.Bulk() && s.completed != vtime.Never {
		end = s.completed
		r.TransferS = result.Some(s.responses[0] / 1e9)
	}
	if end > start {
		r.GoodputBPS = result.Some(math.Round(float64(s.octets*8) / result.At(end-start)))
	}
	if !info.Bulk() {
		r.Exchange = &result.Exchange{Responses: len(s.responses), ResponseTime: distribution(s.responses)}
	}
	return r
}
