package result

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
)

// JSON returns the text of summary.json: two-space indent, keys in the order of the structs,
// objects of counts sorted, a newline at the end.
func (r *Result) JSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // "home->ipv6" stays readable
	enc.SetIndent("", "  ")
	if err := enc.Encode(r.filled()); err != nil {
		return nil, fmt.Errorf("summary: %w", err)
	}
	return b.Bytes(), nil
}

// filled returns a copy in which empty lists and counts are present rather than null, so that
// a reader can iterate over them without a check.
func (r *Result) filled() *Result {
	c := *r
	c.Handovers = append([]Handover{}, r.Handovers...)
	for i := range c.Handovers {
		if c.Handovers[i].Flows == nil {
			c.Handovers[i].Flows = []Interruption{}
		}
	}
	c.Flows = append([]Flow{}, r.Flows...)
	for i := range c.Flows {
		f := &c.Flows[i]
		f.Drops = f.Drops.orEmpty()
		f.Paths = append([]Path{}, f.Paths...)
		if f.Limits != nil && f.Limits.Y1541Classes == nil {
			l := *f.Limits
			l.Y1541Classes = []int{}
			f.Limits = &l
		}
	}
	c.Links = append([]Link{}, r.Links...)
	for i := range c.Links {
		c.Links[i].Drops = c.Links[i].Drops.orEmpty()
		c.Links[i].Queues = append([]Queue{}, c.Links[i].Queues...)
	}
	if c.Signalling.Messages == nil {
		c.Signalling.Messages = []Message{}
	}
	if c.Signalling.Details == nil {
		c.Signalling.Details = []Detail{}
	}
	if c.Bindings == nil {
		c.Bindings = []Binding{}
	}
	if c.Expectations == nil {
		c.Expectations = []Expectation{}
	}
	c.Drops = r.Drops.orEmpty()
	return &c
}

func (d Drops) orEmpty() Drops {
	if d == nil {
		return Drops{}
	}
	return d
}

// Seal sets Fingerprint.Result: the SHA-256 of the text of summary.json as it would be
// without the fingerprint object. Whoever changes a Result (predictions, expectations)
// seals it again.
func (r *Result) Seal() error {
	bare := *r
	bare.Fingerprint = Fingerprint{}
	text, err := bare.JSON()
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	r.Fingerprint.Result = hex.EncodeToString(sum[:])
	return nil
}

// Read parses a summary.json of this format and refuses any other.
func Read(from io.Reader) (*Result, error) {
	var r Result
	if err := json.NewDecoder(from).Decode(&r); err != nil {
		return nil, fmt.Errorf("summary: %w", err)
	}
	if r.Format != Format {
		return nil, fmt.Errorf("summary: format %q, want %q", r.Format, Format)
	}
	return &r, nil
}
