package main

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

// frame is one packet of a capture file.
type frame struct {
	time     time.Time
	iface    string // "" in files that know none
	link     layers.LinkType
	octets   []byte
	length   int // on the wire; more than the octets if the capture cut it off
	comments []string
}

// capture reads pcap and pcapng files alike.
type capture struct {
	ng      *pcapgo.NgReader // nil for pcap
	classic *pcapgo.Reader
}

// pcapngMagic is the type of the first block of a pcapng file, the same in both byte orders.
const pcapngMagic = 0x0a0d0d0a

func openCapture(r io.Reader) (c *capture, err error) {
	defer onPanic(&err)
	b := bufio.NewReader(r)
	magic, err := b.Peek(4)
	if err != nil {
		return nil, fmt.Errorf("found fewer than 4 octets, wanted a pcap or pcapng file")
	}
	c = &capture{}
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

// next returns the next frame, or io.EOF after the last.
func (c *capture) next() (f frame, err error) {
	defer onPanic(&err)
	var info gopacket.CaptureInfo
	if c.ng == nil {
		f.octets, info, err = c.classic.ReadPacketData()
		f.link = c.classic.LinkType()
	} else {
		var options pcapgo.NgPacketOptions
		f.octets, info, options, err = c.ng.ReadPacketDataWithOptions()
		f.comments = options.Comments
		if err == nil {
			var i pcapgo.NgInterface
			i, err = c.ng.Interface(info.InterfaceIndex)
			f.iface, f.link = i.Name, i.LinkType
		}
	}
	f.time, f.length = info.Timestamp, info.Length
	return f, err
}

// onPanic turns a panic of the capture library, which some damaged files cause, into an error.
func onPanic(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("the file is damaged: %v", p)
	}
}
