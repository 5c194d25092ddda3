package recompute

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// capture is packets.pcapng.
type capture struct {
	links  []string // one for each interface
	frames []*frame
	mobile string // hardware address of the mobile node; "" if it stays where it is
}

// frame is a transmission.
type frame struct {
	position  int // from 1
	number    int // of the interface
	link      string
	departure int64
	arrival   int64 // at the other end of the link, if somebody is there
	octets    []byte
	comment   string // the handover under way and its phase

	shared   bool   // a link with hardware addresses
	from, to string // hardware addresses; between routers, from is the direction
	arp      *layers.ARP
	ip       *packet // nil of ARP
}

func readCapture(r io.Reader) (*capture, error) {
	ng, err := pcapgo.NewNgReader(r, pcapgo.NgReaderOptions{WantMixedLinkType: true})
	if err != nil {
		return nil, err
	}
	c := &capture{}
	for {
		octets, info, options, err := ng.ReadPacketDataWithOptions()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		i, err := ng.Interface(info.InterfaceIndex)
		if err != nil {
			return nil, err
		}
		f := &frame{position: len(c.frames) + 1, number: info.InterfaceIndex, link: i.Name, departure: info.Timestamp.UnixNano(),
			octets: octets, shared: i.LinkType == layers.LinkTypeEthernet}
		if len(octets) != info.Length {
			return nil, f.fault("%d of %d octets captured", len(octets), info.Length)
		}
		if n := len(c.frames); n > 0 && f.departure < c.frames[n-1].departure {
			return nil, f.fault("before the frame above it")
		}
		if len(options.Comments) > 1 {
			return nil, f.fault("%d comments", len(options.Comments))
		}
		if options.Flags != nil {
			f.from = strconv.Itoa(int(options.Flags.Direction))
		}
		for _, text := range options.Comments {
			f.comment = text
		}
		c.frames = append(c.frames, f)
	}
	for n := range ng.NInterfaces() {
		i, err := ng.Interface(n)
		if err != nil {
			return nil, err
		}
		if i.TimestampResolution != 9 {
			return nil, fmt.Errorf("interface %s counts time in 10^-%d s, wanted nanoseconds", i.Name, i.TimestampResolution)
		}
		c.links = append(c.links, i.Name)
	}
	return c, nil
}

// decode reads the headers of all frames, and learns who the mobile node is.
func (c *capture) decode(s *Scenario) error {
	for _, f := range c.frames {
		channel, ok := s.channels[f.link]
		if !ok {
			return f.fault("the scenario has no such link")
		}
		f.arrival = f.departure + channel.crossing(len(f.octets))
		octets := f.octets
		version := layers.EthernetType(0)
		if f.shared {
			var e layers.Ethernet
			if err := e.DecodeFromBytes(octets, gopacket.NilDecodeFeedback); err != nil {
				return f.fault("%v", err)
			}
			f.from, f.to, octets, version = string(e.SrcMAC), string(e.DstMAC), e.Payload, e.EthernetType
		}
		if version == layers.EthernetTypeARP {
			f.arp = &layers.ARP{}
			if err := f.arp.DecodeFromBytes(octets, gopacket.NilDecodeFeedback); err != nil {
				return f.fault("%v", err)
			}
			continue
		}
		p, err := open(octets)
		if err != nil {
			return f.fault("%v", err)
		}
		if f.shared && version != map[bool]layers.EthernetType{false: layers.EthernetTypeIPv4, true: layers.EthernetTypeIPv6}[octets[0]>>4 == 6] {
			return f.fault("EtherType %v before an IP header of version %d", version, octets[0]>>4)
		}
		f.ip = p
	}
	return c.identify(s)
}

// identify finds the hardware address of the mobile node: it is the one that sends on several links.
func (c *capture) identify(s *Scenario) error {
	links := map[string]string{}
	for _, f := range c.frames {
		if !f.shared {
			continue
		}
		if before, ok := links[f.from]; ok && before != f.link && f.from != c.mobile {
			if c.mobile != "" {
				return f.fault("a second node is on several links")
			}
			c.mobile = f.from
		}
		links[f.from] = f.link
	}
	if c.mobile == "" && len(s.Stays) > 1 {
		return fmt.Errorf("no node is on several links")
	}
	return nil
}
