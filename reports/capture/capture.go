// Package capture reads capture files, of the simulator or of any other program: pcap with
// microseconds or nanoseconds and pcapng, of either byte order, compressed by gzip or not.
package capture

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"dsmipsim/nodes/wire"
)

// Frame is one packet of a capture file.
type Frame struct {
	Time      time.Time // the zero Time if the file does not tell
	Interface string    // "" in files that know none
	Link      layers.LinkType
	Octets    []byte
	Length    int // on the wire; more than the octets if the capture cut it off
	Comments  []string
	Direction Direction
}

// Cut reports whether the capture cut the packet off.
func (f *Frame) Cut() bool { return len(f.Octets) < f.Length }

// Begins tells what the octets begin with, if that is a link type that can be decoded.
func (f *Frame) Begins() (wire.LinkType, bool) {
	switch f.Link {
	case layers.LinkTypeEthernet:
		return wire.LinkEthernet, true
	case layers.LinkTypeRaw, layers.LinkTypeIPv4, layers.LinkTypeIPv6, rawBSD, rawOpenBSD:
		return wire.LinkRaw, true
	case layers.LinkTypeNull, layers.LinkTypeLoop:
		return wire.LinkLoopback, true
	case layers.LinkTypeLinuxSLL:
		return wire.LinkCooked, true
	case layers.LinkTypeLinuxSLL2:
		return wire.LinkCooked2, true
	}
	return 0, false
}

// Numbers under which some systems wrote raw IP before it got one of its own.
const (
	rawBSD     layers.LinkType = 12
	rawOpenBSD layers.LinkType = 14
)

// Direction is which way a packet crossed the interface, if the file tells.
type Direction uint8

// Directions, by the numbers that pcapng has for them.
const (
	Unknown Direction = iota
	Inbound
	Outbound
)

// Reader reads pcap and pcapng files alike.
type Reader struct {
	source  *counter
	ng      *blocks // nil for pcap
	classic *pcapgo.Reader
}

// counter counts the octets that were read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// Open reads the beginning of a capture file of either format.
func Open(r io.Reader) (c *Reader, err error) {
	b := bufio.NewReader(r)
	if magic, err := b.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		unzipped, err := gzip.NewReader(b)
		if err != nil {
			return nil, fmt.Errorf("found octets as gzip writes them, but %w", err)
		}
		b = bufio.NewReader(unzipped)
	}
	magic, err := b.Peek(4)
	if err != nil {
		return nil, errors.New("found fewer than 4 octets, wanted a pcap or pcapng file")
	}
	c = &Reader{source: &counter{r: b}}
	if binary.BigEndian.Uint32(magic) == blockSection {
		c.ng = &blocks{r: c.source}
		return c, nil
	}
	if c.classic, err = pcapgo.NewReader(c.source); err != nil {
		return nil, fmt.Errorf("found octets that begin with %x, wanted a pcap or pcapng file: %w", magic, cut(err))
	}
	return c, nil
}

// Next returns the next frame, or io.EOF after the last. Where the file ends in the middle of a
// frame the error is an io.ErrUnexpectedEOF.
func (c *Reader) Next() (f Frame, err error) {
	if c.ng != nil {
		f, err = c.ng.next()
	} else {
		f, err = c.record()
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("the file ends in the middle of it, after %d octets: %w", c.source.n, err)
	}
	return f, err
}

// record reads a packet of a pcap file.
func (c *Reader) record() (Frame, error) {
	octets, info, err := c.classic.ReadPacketData()
	if !info.Timestamp.IsZero() { // the header of the record was there
		err = cut(err)
	}
	return Frame{Time: info.Timestamp, Link: c.classic.LinkType(), Octets: octets, Length: info.Length}, err
}
