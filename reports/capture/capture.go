// Package capture reads capture files, of the simulator or of any other program.
package capture

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// Frame is one packet of a capture file.
type Frame struct {
	Time      time.Time
	Interface string // "" in files that know none
	Link      layers.LinkType
	Octets    []byte
	Length    int // on the wire; more than the octets if the capture cut it off
	Comments  []string
	Direction Direction
}

// Direction is which way a packet crossed the interface, if the file tells.
type Direction uint8

// Directions.
const (
	Unknown Direction = iota
	Inbound
	Outbound
)

// Reader reads pcap and pcapng files alike.
type Reader struct {
	ng      *pcapgo.NgReader // nil for pcap
	classic *pcapgo.Reader
}

// pcapngMagic is the type of the first block of a pcapng file, the same in both byte orders.
const pcapngMagic = 0x0a0d0d0a

// Open reads the beginning of a capture file of either format.
func Open(r io.Reader) (c *Reader, err error) {
	defer onPanic(&err)
	b := bufio.NewReader(r)
	magic, err := b.Peek(4)
	if err != nil {
		return nil, fmt.Errorf("found fewer than 4 octets, wanted a pcap or pcapng file")
	}
	c = &Reader{}
	if binary.BigEndian.Uint32(magic) == pcapngMagic {
		c.ng, err = pcapgo.NewNgReader(b, pcapgo.NgReaderOptions{WantMixedLinkType: true})
	} else {
		c.classic, err = pcapgo.NewReader(b)
	}
	if err != nil {
		return nil, fmt.Errorf("found octets that begin with %x, wanted a pcap or pcapng file: %w", magic, err)
	}
	return c, nil
}

// Next returns the next frame, or io.EOF after the last.
func (c *Reader) Next() (f Frame, err error) {
	defer onPanic(&err)
	var info gopacket.CaptureInfo
	if c.ng == nil {
		f.Octets, info, err = c.classic.ReadPacketData()
		f.Link = c.classic.LinkType()
	} else {
		var options pcapgo.NgPacketOptions
		f.Octets, info, options, err = c.ng.ReadPacketDataWithOptions()
		f.Comments, f.Direction = options.Comments, direction(options.Flags)
		if err == nil {
			var i pcapgo.NgInterface
			i, err = c.ng.Interface(info.InterfaceIndex)
			f.Interface, f.Link = i.Name, i.LinkType
		}
	}
	f.Time, f.Length = info.Timestamp, info.Length
	return f, err
}

func direction(f *pcapgo.NgEpbFlags) Direction {
	switch {
	case f == nil:
		return Unknown
	case f.Direction == pcapgo.NgEpbFlagDirectionInbound:
		return Inbound
	case f.Direction == pcapgo.NgEpbFlagDirectionOutbound:
		return Outbound
	}
	return Unknown
}

// onPanic turns a panic of the capture library, which some damaged files cause, into an error.
func onPanic(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("the file is damaged: %v", p)
	}
}
