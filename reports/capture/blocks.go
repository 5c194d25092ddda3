package capture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"time"

	"github.com/gopacket/gopacket/layers"
)

// Blocks of a pcapng file that are read (draft-ietf-opsawg-pcapng section 4).
const (
	blockSection   = 0x0a0d0d0a // the same in both byte orders
	blockInterface = 1
	blockPacket    = 2 // obsolete
	blockSimple    = 3
	blockEnhanced  = 6

	byteOrderMagic = 0x1a2b3c4d
)

// Options of blocks that are read.
const (
	optionEnd        = 0
	optionComment    = 1
	optionName       = 2 // of an interface
	optionFlags      = 2 // of a packet
	optionResolution = 9
	optionOffset     = 14
)

// blocks reads a pcapng file: sections of either byte order, each with interfaces of its own,
// each of these with its link type and resolution of time. The reader of gopacket is not used
// since it takes resolutions that are powers of two for something else.
type blocks struct {
	r          io.Reader
	order      binary.ByteOrder
	interfaces []device // of the section
	body       bytes.Buffer
}

// device is an interface of a section.
type device struct {
	name       string
	link       layers.LinkType
	snap       uint32 // octets that are kept of a packet, 0 for all
	resolution uint8
	offset     int64 // seconds to add to each time
}

// defaultResolution is microseconds.
const defaultResolution = 6

// next returns the next packet. The error is io.EOF only between blocks.
func (b *blocks) next() (f Frame, err error) {
	for {
		kind, body, err := b.block()
		if err != nil {
			return f, err
		}
		switch kind {
		case blockSection:
			err = b.section(body)
		case blockInterface:
			err = b.device(body)
		case blockEnhanced, blockPacket:
			return b.packet(kind, body)
		case blockSimple:
			return b.simple(body)
		}
		if err != nil {
			return f, err
		}
	}
}

// block reads a whole block and returns what is between its lengths.
func (b *blocks) block() (kind uint32, body []byte, err error) {
	var head [12]byte
	if _, err = io.ReadFull(b.r, head[:8]); err != nil {
		return 0, nil, err
	}
	had := head[8:8]
	if binary.BigEndian.Uint32(head[:]) == blockSection { // the only one that tells its byte order
		if _, err = io.ReadFull(b.r, head[8:]); err != nil {
			return 0, nil, cut(err)
		}
		had = head[8:]
		switch uint32(byteOrderMagic) {
		case binary.LittleEndian.Uint32(had):
			b.order = binary.LittleEndian
		case binary.BigEndian.Uint32(had):
			b.order = binary.BigEndian
		default:
			return 0, nil, fmt.Errorf("found a section header with byte order %x, wanted 1a2b3c4d or 4d3c2b1a", had)
		}
	}
	kind, length := b.order.Uint32(head[:]), int64(b.order.Uint32(head[4:]))
	if length%4 != 0 || length < int64(len(head)+len(had)) {
		return 0, nil, fmt.Errorf("found a block of %d octets, wanted a multiple of 4 and at least %d", length, len(head)+len(had))
	}
	b.body.Reset()
	b.body.Write(had)
	// The length is not trusted: memory grows with what comes.
	if _, err = io.CopyN(&b.body, b.r, length-8-int64(len(had))); err != nil {
		return 0, nil, cut(err)
	}
	body = b.body.Bytes()
	if again := b.order.Uint32(body[len(body)-4:]); int64(again) != length {
		return 0, nil, fmt.Errorf("found a block whose length is %d at its beginning and %d at its end", length, again)
	}
	return kind, body[:len(body)-4], nil
}

// cut names the end of the file where it must not be.
func cut(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// section begins a new section.
func (b *blocks) section(body []byte) error {
	b.interfaces = nil
	if len(body) < 16 {
		return errShort
	}
	if major := b.order.Uint16(body[4:]); major != 1 {
		return fmt.Errorf("found a section of pcapng version %d, wanted 1", major)
	}
	return nil
}

var errShort = errors.New("found a block that is too short for what it describes")

func (b *blocks) device(body []byte) error {
	if len(body) < 8 {
		return errShort
	}
	d := device{link: layers.LinkType(b.order.Uint16(body)), snap: b.order.Uint32(body[4:]), resolution: defaultResolution}
	err := b.options(body[8:], func(code uint16, value []byte) {
		switch {
		case code == optionName:
			d.name = string(value)
		case code == optionResolution && len(value) == 1:
			d.resolution = value[0]
		case code == optionOffset && len(value) == 8:
			d.offset = int64(b.order.Uint64(value))
		}
	})
	if err == nil && d.perSecond() == 0 {
		err = fmt.Errorf("found interface %q with a resolution of %#x, which is finer than 64 bits can tell", d.name, d.resolution)
	}
	b.interfaces = append(b.interfaces, d)
	return err
}

// perSecond tells how many units of time a second has, 0 if too many.
func (d *device) perSecond() uint64 {
	if d.resolution&0x80 != 0 {
		return 1 << (d.resolution & 0x7f)
	}
	units := uint64(1)
	for range d.resolution {
		over, next := bits.Mul64(units, 10)
		if over != 0 {
			return 0
		}
		units = next
	}
	return units
}

// time tells the instant of a count of units.
func (d *device) time(count uint64) time.Time {
	per := d.perSecond()
	high, low := bits.Mul64(count%per, 1e9)
	ns, _ := bits.Div64(high, low, per) // below 1e9, since the remainder is below per
	return time.Unix(int64(count/per)+d.offset, int64(ns)).UTC()
}

// packet reads an enhanced packet block, or the packet block that it replaced.
func (b *blocks) packet(kind uint32, body []byte) (f Frame, err error) {
	if len(body) < 20 {
		return f, errShort
	}
	index := b.order.Uint32(body)
	if kind == blockPacket {
		index = uint32(b.order.Uint16(body))
	}
	d, err := b.interfaceOf(index)
	if err != nil {
		return f, err
	}
	captured := int64(b.order.Uint32(body[12:]))
	padded := (captured + 3) &^ 3
	if padded > int64(len(body)-20) {
		return f, fmt.Errorf("found a packet of %d octets in a block that has room for %d", captured, len(body)-20)
	}
	f = Frame{
		Time: d.time(uint64(b.order.Uint32(body[4:]))<<32 | uint64(b.order.Uint32(body[8:]))), Interface: d.name, Link: d.link,
		Octets: bytes.Clone(body[20 : 20+captured]), Length: int(b.order.Uint32(body[16:])),
	}
	return f, b.options(body[20+padded:], func(code uint16, value []byte) {
		switch {
		case code == optionComment:
			f.Comments = append(f.Comments, string(value))
		case code == optionFlags && len(value) == 4:
			f.Direction = Direction(b.order.Uint32(value) & 3 % 3)
		}
	})
}

// simple reads a simple packet block: of the first interface, at no known time.
func (b *blocks) simple(body []byte) (f Frame, err error) {
	d, err := b.interfaceOf(0)
	if err != nil {
		return f, err
	}
	if len(body) < 4 {
		return f, errShort
	}
	length := b.order.Uint32(body)
	captured := min(int64(length), int64(len(body)-4))
	if d.snap != 0 {
		captured = min(captured, int64(d.snap))
	}
	return Frame{Interface: d.name, Link: d.link, Octets: bytes.Clone(body[4 : 4+captured]), Length: int(length)}, nil
}

func (b *blocks) interfaceOf(index uint32) (*device, error) {
	if int64(index) >= int64(len(b.interfaces)) {
		return nil, fmt.Errorf("found a packet of interface %d in a section that describes %d", index, len(b.interfaces))
	}
	return &b.interfaces[index], nil
}

// options calls take for each option of a block. The end of the block ends the list, too.
func (b *blocks) options(list []byte, take func(code uint16, value []byte)) error {
	for len(list) >= 4 {
		code, n := b.order.Uint16(list), int(b.order.Uint16(list[2:]))
		if code == optionEnd {
			return nil
		}
		if n > len(list)-4 {
			return fmt.Errorf("found an option of %d octets in a block that has %d left", n, len(list)-4)
		}
		take(code, list[4:4+n])
		list = list[min(4+(n+3)&^3, len(list)):]
	}
	return nil
}
