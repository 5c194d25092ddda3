package movements

import (
	"io"
	"strconv"
	"strings"
)

// readBonnMotion reads BonnMotion's own format: a line for each node, with time, x and y of
// each of its waypoints. Files in three dimensions, which the format does not tell apart, are
// refused where their numbers make no sense. Nodes are called by their number, from 0.
func readBonnMotion(r io.Reader) ([]Node, error) {
	var nodes []Node
	err := lines(r, func(number int, line string) error {
		if line[0] == '#' {
			return nil
		}
		fields := strings.Fields(line)
		if len(fields)%3 != 0 {
			return wrong(number, "wanted triples of time, x and y, found %d numbers", len(fields))
		}
		n := Node{Name: strconv.Itoa(len(nodes))}
		for ; len(fields) > 0; fields = fields[3:] {
			s, err := sample(number, fields[0], fields[1], fields[2])
			if err != nil {
				return err
			}
			if err := n.add(number, s); err != nil {
				return err
			}
		}
		nodes = append(nodes, n)
		return nil
	})
	return nodes, err
}
