// Package movements reads files that say how nodes move: those of BonnMotion, ns-2, SUMO, and
// plain tables.
//
// A reader takes what it knows and refuses the rest with the number of the line, since a line
// that is passed over may be the one that matters. Between two samples a node moves in a
// straight line at constant speed.
package movements

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"
)

// Format names a kind of file.
type Format string

// The formats.
const (
	BonnMotion Format = "bonnmotion" // .movements as BonnMotion writes it, compressed or not
	NS2        Format = "ns2"        // Tcl commands for ns-2, as of its setdest
	SUMO       Format = "sumo-fcd"   // Floating Car Data of SUMO, XML
	CSV        Format = "csv"        // columns t, node, x, y
)

// Sample is where a node is at an instant.
type Sample struct {
	At   time.Duration // since the run began, at least 0
	X, Y int64         // micrometres
	// Gone tells that the node is nowhere from then on, until the next sample.
	Gone bool
}

// Node is a node of a file with its samples in order of time, at least one. After the last
// one it stays where it is, or away.
type Node struct {
	Name    string
	Samples []Sample
}

// Error is a mistake in a file.
type Error struct {
	Line    int // counted from 1
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Message) }

func wrong(line int, format string, args ...any) error {
	return &Error{Line: line, Message: fmt.Sprintf(format, args...)}
}

// Read reads a file. The nodes are in the order in which it names them first. An error is an
// *Error where the file is at fault.
func Read(format Format, r io.Reader) ([]Node, error) {
	in := bufio.NewReader(r)
	var src io.Reader = in
	if magic, err := in.Peek(2); err == nil && bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, err
		}
		src = z
	}
	var read func(io.Reader) ([]Node, error)
	switch format {
	case BonnMotion:
		read = readBonnMotion
	case NS2:
		read = readNS2
	case SUMO:
		read = readSUMO
	case CSV:
		read = readCSV
	default:
		return nil, fmt.Errorf("no format is called %q", format)
	}
	nodes, err := read(src)
	if err == nil && len(nodes) == 0 {
		return nil, wrong(1, "no node moves here")
	}
	return nodes, err
}

// Bounds of what a file may say: places within 10 000 km of the origin and the first
// thirty years.
const (
	farthest = 1e7
	longest  = 1e9
)

// instant reads a time in seconds.
func instant(line int, s string) (time.Duration, error) {
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || !(x >= 0 && x <= longest) {
		return 0, wrong(line, "%q is no time in seconds from 0 up", s)
	}
	return time.Duration(math.Round(float64(x * 1e9))), nil
}

// coordinate reads a coordinate in metres.
func coordinate(line int, s string) (int64, error) {
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || !(math.Abs(x) <= farthest) {
		return 0, wrong(line, "%q is no coordinate in metres", s)
	}
	return int64(math.Round(float64(x * 1e6))), nil
}

// sample reads a time and two coordinates.
func sample(line int, t, x, y string) (s Sample, err error) {
	if s.At, err = instant(line, t); err != nil {
		return s, err
	}
	if s.X, err = coordinate(line, x); err != nil {
		return s, err
	}
	s.Y, err = coordinate(line, y)
	return s, err
}

// roll keeps the nodes in the order of their first appearance.
type roll struct {
	nodes []Node
	index map[string]int
}

func newRoll() *roll { return &roll{index: map[string]int{}} }

// node returns the node of a name, valid until the next call.
func (r *roll) node(name string) *Node {
	i, known := r.index[name]
	if !known {
		i = len(r.nodes)
		r.index[name] = i
		r.nodes = append(r.nodes, Node{Name: name})
	}
	return &r.nodes[i]
}

// add appends a sample that must come after those before.
func (n *Node) add(line int, s Sample) error {
	if k := len(n.Samples); k > 0 && s.At <= n.Samples[k-1].At {
		return wrong(line, "node %q is at two places at %v s, or goes back in time", n.Name, s.At.Seconds())
	}
	n.Samples = append(n.Samples, s)
	return nil
}

// lines calls f with every line that is not blank.
func lines(r io.Reader, f func(number int, line string) error) error {
	scan := bufio.NewScanner(r)
	scan.Buffer(nil, 64<<20) // BonnMotion puts all of a node into one line
	for number := 1; scan.Scan(); number++ {
		if line := string(bytes.TrimSpace(scan.Bytes())); line != "" {
			if err := f(number, line); err != nil {
				return err
			}
		}
	}
	return scan.Err()
}
