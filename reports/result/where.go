package result

import (
	"strconv"
	"strings"
)

// Where tells at which moment of a run, and with which packet, an expectation goes wrong.
type Where struct {
	TimeS  *float64 `json:"time_s,omitempty" doc:"The moment; absent where none is known."`
	Text   string   `json:"text" doc:"What happened then, in words."`
	Packet *Packet  `json:"packet,omitempty" doc:"The packet that decided it."`
}

// Packet is one packet of the capture.
type Packet struct {
	Number int     `json:"number" doc:"Its number in packets.pcapng, from 1."`
	TimeS  float64 `json:"time_s" doc:"When it left onto the link."`
	Link   string  `json:"link,omitempty" doc:"The link."`
	Line   string  `json:"line" doc:"The packet decoded, in a line."`
}

// Lines is the place as text, one line for what happened and one for the packet.
func (w *Where) Lines() []string {
	if w == nil {
		return nil
	}
	lines := []string{w.Text}
	if w.TimeS != nil {
		lines[0] = "at " + moment(*w.TimeS) + ": " + w.Text
	}
	if p := w.Packet; p != nil {
		text := "packet " + strconv.Itoa(p.Number) + ", " + moment(p.TimeS)
		if p.Link != "" {
			text += ", " + p.Link
		}
		lines = append(lines, text+": "+p.Line)
	}
	return lines
}

// Brief is the moment and the number of the packet.
func (w *Where) Brief() string {
	if w == nil {
		return ""
	}
	var parts []string
	if w.TimeS != nil {
		parts = append(parts, "at "+moment(*w.TimeS))
	}
	if w.Packet != nil {
		parts = append(parts, "packet "+strconv.Itoa(w.Packet.Number))
	}
	return strings.Join(parts, ", ")
}

// moment writes an instant with all its nanoseconds.
func moment(s float64) string { return strconv.FormatFloat(s, 'f', 9, 64) + " s" }
