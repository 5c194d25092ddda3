package listing

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math"

	"dsmipsim/reports/result"
	"dsmipsim/sim/vtime"
)

// Format names the layout of a listing's file: a JSON object, compressed by gzip. A change that
// breaks a reader raises its number.
const Format = "dsmipsim/listing/1"

// maxFile bounds what a file may hold when it is unpacked.
const maxFile = 1 << 29

// file is the JSON object. Lists of numbers, one for each event, pack better than a list of
// events.
type file struct {
	Format      string             `json:"format"`
	Fingerprint result.Fingerprint `json:"fingerprint"`
	Events      int                `json:"events"`   // of the run; more than are listed if they are too many
	Rows        [][5]string        `json:"rows"`     // kind, node, link, flow, text
	Row         []int32            `json:"row"`      // of each event, from 0
	Time        []int64            `json:"time_ns"`  // of each event: since the one before it
	Sequence    []int64            `json:"sequence"` // of each event of a flow: more than that of the event before of the same row
	Check       []byte             `json:"check"`    // of each transmission: 3 octets, of a flow's 1, most significant first
	Summary     json.RawMessage    `json:"summary"`  // summary.json without fingerprints
}

// Encode returns the file of a listing. The octets follow from the listing and from the
// compression of the Go version alone.
func (l *Listing) Encode() ([]byte, error) {
	f := file{Format: Format, Fingerprint: l.Fingerprint, Events: l.Total, Sequence: []int64{}, Summary: l.Summary}
	for _, r := range l.rows {
		f.Rows = append(f.Rows, [5]string{r.Kind, r.Node, r.Link, r.Flow, r.Text})
	}
	last := make([]uint32, len(l.rows))
	before := vtime.Time(0)
	for _, e := range l.events {
		r := &l.rows[e.row]
		f.Row, f.Time = append(f.Row, e.row), append(f.Time, int64(e.time-before))
		before = e.time
		if r.Flow != "" {
			f.Sequence = append(f.Sequence, int64(e.sequence)-int64(last[e.row]))
			last[e.row] = e.sequence
		}
		for n := r.checkOctets(); n > 0; n-- {
			f.Check = append(f.Check, byte(e.check>>(8*(n-1))))
		}
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	enc := json.NewEncoder(z)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(&f); err != nil {
		return nil, err
	}
	err = z.Close()
	return b.Bytes(), err
}

// Decode reads the file of a listing. What is damaged is an error.
func Decode(data []byte) (*Listing, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(z, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("found more than %d octets", maxFile)
	}
	var f file
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, err
	}
	if f.Format != Format {
		return nil, fmt.Errorf("found format %q, wanted %q", f.Format, Format)
	}
	return f.listing()
}

// listing puts the events together again.
func (f *file) listing() (*Listing, error) {
	l := &Listing{Fingerprint: f.Fingerprint, Total: f.Events, Summary: f.Summary}
	for _, r := range f.Rows {
		l.rows = append(l.rows, Row{r[0], r[1], r[2], r[3], r[4]})
	}
	if len(f.Time) != len(f.Row) || f.Events < len(f.Row) {
		return nil, fmt.Errorf("found %d events with %d rows and %d times", f.Events, len(f.Row), len(f.Time))
	}
	last := make([]int64, len(l.rows))
	now := vtime.Time(0)
	sequence, check := f.Sequence, f.Check
	for i, row := range f.Row {
		if row < 0 || int(row) >= len(l.rows) {
			return nil, fmt.Errorf("event %d: found row %d of %d", i+1, row, len(l.rows))
		}
		r := &l.rows[row]
		if now += vtime.Time(f.Time[i]); f.Time[i] < 0 {
			return nil, fmt.Errorf("event %d: found a time before the one of the event before", i+1)
		}
		e := event{time: now, row: row}
		if r.Flow != "" {
			if len(sequence) == 0 {
				return nil, fmt.Errorf("event %d: found no sequence number", i+1)
			}
			if last[row] += sequence[0]; last[row] < 0 || last[row] > math.MaxUint32 {
				return nil, fmt.Errorf("event %d: found sequence number %d", i+1, last[row])
			}
			e.sequence, sequence = uint32(last[row]), sequence[1:]
		}
		n := r.checkOctets()
		if len(check) < n {
			return nil, fmt.Errorf("event %d: found no check", i+1)
		}
		for _, c := range check[:n] {
			e.check = e.check<<8 | uint32(c)
		}
		check = check[n:]
		l.events = append(l.events, e)
	}
	if len(sequence) > 0 || len(check) > 0 {
		return nil, fmt.Errorf("found %d sequence numbers and %d octets of checks too many", len(sequence), len(check))
	}
	return l, nil
}
