package movements

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
)

// readCSV reads a table with the columns t, node, x and y: seconds, a name, metres. A first
// line with these names may be there. Empty x and y say that the node is gone from then on.
func readCSV(r io.Reader) ([]Node, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord, in.Comment, in.TrimLeadingSpace, in.ReuseRecord = 4, '#', true, true
	all := newRoll()
	for first := true; ; first = false {
		row, err := in.Read()
		if err == io.EOF {
			return all.nodes, nil
		}
		if bad, ok := errors.AsType[*csv.ParseError](err); ok {
			if errors.Is(err, csv.ErrFieldCount) {
				return nil, wrong(bad.Line, "wanted the four columns t, node, x and y, found %d", len(row))
			}
			return nil, wrong(bad.Line, "not CSV: %v", bad.Err)
		}
		if err != nil {
			return nil, err
		}
		line, _ := in.FieldPos(0)
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
		if first && slices.Equal(row, []string{"t", "node", "x", "y"}) {
			continue
		}
		if _, err := strconv.ParseFloat(row[0], 64); err != nil && first {
			return nil, wrong(line, `wanted the columns "t,node,x,y", found %q`, strings.Join(row, ","))
		}
		if row[1] == "" {
			return nil, wrong(line, "the node has no name")
		}
		n := all.node(strings.Clone(row[1]))
		if row[2] == "" && row[3] == "" {
			if err := n.leave(line, row[0]); err != nil {
				return nil, err
			}
			continue
		}
		s, err := sample(line, row[0], row[2], row[3])
		if err != nil {
			return nil, err
		}
		if err := n.add(line, s); err != nil {
			return nil, err
		}
	}
}

// leave makes a node gone from an instant on, up to which it stays where it was.
func (n *Node) leave(line int, t string) error {
	at, err := instant(line, t)
	if err != nil {
		return err
	}
	k := len(n.Samples)
	if k == 0 || n.Samples[k-1].Gone {
		return wrong(line, "node %q is not there and cannot leave", n.Name)
	}
	s := n.Samples[k-1]
	if s.At == at {
		n.Samples[k-1].Gone = true
		return nil
	}
	s.At, s.Gone = at, true
	return n.add(line, s)
}
