// Package replay reads what traffic was, from files of other programs, so that flows send the
// same again: sizes and times of a capture, and frames of a video.
package replay

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"dsmipsim/reports/capture"
)

// Unit is what left at one instant: a packet of a capture, or a frame of a video.
type Unit struct {
	At     time.Duration // since the first one
	Octets int           // of a packet behind its IP header; of a frame in all
}

// Capture reads the IP packets of a pcap or pcapng file, of any link type that the capture
// library knows; other packets are left out. Times that go back count as those before.
func Capture(r io.Reader) ([]Unit, error) {
	file, err := capture.Open(r)
	if err != nil {
		return nil, err
	}
	var all []Unit
	var first time.Time
	for n := 1; ; n++ {
		f, err := file.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("packet %d: %w", n, err)
		}
		octets, ok := behindIP(f)
		if !ok {
			continue
		}
		if len(all) == 0 {
			first = f.Time
		}
		at := f.Time.Sub(first)
		if len(all) > 0 {
			at = max(at, all[len(all)-1].At)
		}
		all = append(all, Unit{At: at, Octets: octets})
	}
	if len(all) == 0 {
		return nil, errors.New("found no IP packet in the capture")
	}
	return all, nil
}

// behindIP returns how many octets follow the IP header of a packet, as the header says.
func behindIP(f capture.Frame) (int, bool) {
	p := gopacket.NewPacket(f.Octets, f.Link, gopacket.DecodeOptions{Lazy: true, NoCopy: true})
	switch ip := p.NetworkLayer().(type) {
	case *layers.IPv4:
		if n := int(ip.Length) - 4*int(ip.IHL); n >= 0 {
			return n, true
		}
	case *layers.IPv6:
		return int(ip.Length), true
	}
	return 0, false
}

// Frames reads a video: a line for each frame with its number, its type, its time in
// milliseconds and its size in octets, in the order in which frames are sent. That is the form
// of the MPEG-4 traces of Arizona State University and of the traffic traces of ns-3. A # begins
// a comment. A frame whose time lies before that of a frame sent earlier, as for frames that are
// predicted in both directions, is sent right behind that one.
func Frames(r io.Reader) ([]Unit, error) {
	var all []Unit
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		text, _, _ := strings.Cut(lines.Text(), "#")
		words := strings.Fields(text)
		if len(words) == 0 {
			continue
		}
		u, err := frame(words)
		if err != nil {
			return nil, &LineError{Line: n, Err: err}
		}
		if len(all) > 0 {
			u.At = max(u.At, all[len(all)-1].At)
		}
		all = append(all, u)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, errors.New("found no frame")
	}
	for i := len(all) - 1; i >= 0; i-- {
		all[i].At -= all[0].At
	}
	return all, nil
}

// LineError is a mistake in a line of a text.
type LineError struct {
	Line int // from 1
	Err  error
}

// Error tells the line and the mistake.
func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap returns the mistake.
func (e *LineError) Unwrap() error { return e.Err }

// frame reads the words of a line.
func frame(words []string) (Unit, error) {
	const wanted = "wanted number, type, time in ms and size in octets, such as \"1 I 0 534\""
	if len(words) != 4 {
		return Unit{}, fmt.Errorf("found %d columns, %s", len(words), wanted)
	}
	ms, err := strconv.ParseFloat(words[2], 64)
	if err != nil || !(ms >= 0 && ms < 1e12) {
		return Unit{}, fmt.Errorf("found the time %q, %s", words[2], wanted)
	}
	octets, err := strconv.Atoi(words[3])
	if err != nil || octets < 0 || octets > 1<<30 {
		return Unit{}, fmt.Errorf("found the size %q, %s", words[3], wanted)
	}
	return Unit{At: time.Duration(ms*1e6 + 0.5), Octets: octets}, nil
}
