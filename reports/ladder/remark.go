package ladder

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Fact is a line of events.jsonl as far as a ladder tells it: an attachment, a milestone or the end
// of a packet.
type Fact struct {
	Time                       vtime.Time
	Kind, Node, Link, Target   string
	Reason, Note               string
	Home, CareOf, Peer         string
	Sequence, Status, Lifetime *int64
}

// ReadFacts reads events.jsonl; take tells of which kinds, all others are passed over.
func ReadFacts(r io.Reader, take func(*Fact) bool) ([]Fact, error) {
	var all []Fact
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		// User traffic is most of the file, and spared the decoding.
		if text := lines.Text(); strings.Contains(text, `"flow":"`) {
			continue
		}
		var line struct {
			TimeS    json.Number `json:"time_s"`
			Kind     string      `json:"kind"`
			Node     string      `json:"node"`
			Link     string      `json:"link"`
			Target   string      `json:"target"`
			Reason   string      `json:"reason"`
			Note     string      `json:"note"`
			Home     string      `json:"home"`
			CareOf   string      `json:"care_of"`
			Peer     string      `json:"peer"`
			Sequence *int64      `json:"binding_sequence"`
			Status   *int64      `json:"status"`
			Lifetime *int64      `json:"lifetime_s"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		t, err := instant(line.TimeS.String())
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		f := Fact{Time: t, Kind: line.Kind, Node: line.Node, Link: line.Link, Target: line.Target, Reason: line.Reason, Note: line.Note,
			Home: line.Home, CareOf: line.CareOf, Peer: line.Peer, Sequence: line.Sequence, Status: line.Status, Lifetime: line.Lifetime}
		if take(&f) {
			all = append(all, f)
		}
	}
	return all, lines.Err()
}

// instant reads seconds with up to nine decimals.
func instant(text string) (vtime.Time, error) {
	whole, fraction, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole+(fraction + "000000000")[:9], 10, 64)
	if err != nil || whole == "" || len(fraction) > 9 {
		return 0, fmt.Errorf("time_s: found %q, wanted seconds with nine decimals", text)
	}
	return vtime.Time(n), nil
}

// Plumbing reports whether the fact is a milestone of configuration, of which a run has many.
func (f *Fact) Plumbing() bool {
	switch f.Note {
	case trace.AddressAdded.String(), trace.AddressRemoved.String(), trace.DADStarted.String(), trace.DADSucceeded.String(),
		trace.RouterFound.String(), trace.BindingUpdateSent.String():
		return true
	}
	return false
}

// What names the fact, Text tells the rest.
func (f *Fact) What() string {
	if f.Note != "" {
		return f.Note
	}
	return f.Kind
}

// Text is the fact's values in one line.
func (f *Fact) Text() string {
	var parts []string
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+value)
		}
	}
	add("", f.Link)
	add("to ", f.Target)
	add("", f.Reason)
	add("", f.Home)
	add("care-of ", f.CareOf)
	add("peer ", f.Peer)
	for _, v := range []struct {
		name  string
		value *int64
		unit  string
	}{{"sequence ", f.Sequence, ""}, {"status ", f.Status, ""}, {"lifetime ", f.Lifetime, "s"}} {
		if v.value != nil {
			add(v.name, strconv.FormatInt(*v.value, 10)+v.unit)
		}
	}
	return strings.Join(parts, " ")
}

// Apply tells a Builder of the fact.
func (f *Fact) Apply(b *Builder) {
	switch f.Kind {
	case trace.LinkUp.String():
		b.Attach(f.Node, f.Link)
	case trace.LinkDown.String():
		b.Detach(f.Node, f.Link)
	}
	b.Remark(f.Time, f.Node, f.What(), f.Text())
}

// Before reports whether the fact comes before frames of the same instant. What a node states is
// why it sends; only the end of a packet follows from a frame.
func (f *Fact) Before() bool { return f.Kind != trace.Drop.String() }
