package tcp

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"sync"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/link/channel"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"

	"dsmipsim/nodes/wire"
)

const (
	nic = 1
	// outbound is how many packets the netstack may hand down before somebody takes them; more
	// than a full window of the smallest segments.
	outbound = 1 << 13
)

// netstack is the TCP of one node: a gVisor netstack whose only interface is the node's
// internet layer. It rests whenever none of its methods runs.
type netstack struct {
	stack *stack.Stack
	link  *channel.Endpoint
	clock *clock
	draw  *source
	known map[netip.Addr]bool
	frame []byte
}

// processors is held while GOMAXPROCS is not what the user set.
var processors sync.Mutex

// newStack makes a netstack with one goroutine that processes segments. A netstack starts as
// many as there are processors and then depends on how many that are. Other replications keep
// their processors but for this moment.
func newStack(o stack.Options) *stack.Stack {
	processors.Lock()
	defer processors.Unlock()
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	return stack.New(o)
}

func newNetstack(draw *rand.Rand, mtu int) (*netstack, error) {
	n := &netstack{clock: &clock{}, draw: &source{r: draw}, known: map[netip.Addr]bool{}}
	n.stack = newStack(stack.Options{
		NetworkProtocols:   []stack.NetworkProtocolFactory{ipv6.NewProtocol, ipv4.NewProtocol},
		TransportProtocols: []stack.TransportProtocolFactory{tcp.NewProtocolCUBIC},
		Clock:              n.clock, RandSource: n.draw, SecureRNG: n.draw,
	})
	n.link = channel.New(outbound, uint32(mtu), "")
	// RACK (RFC 8985) of this netstack stalls for seconds after an outage in which everything
	// was lost; recovery by SACK (RFC 6675) and the retransmission timer (RFC 6298) does not.
	rack := tcpip.TCPRecovery(0)
	err := n.stack.SetTransportProtocolOption(tcp.ProtocolNumber, &rack)
	if err == nil {
		err = n.stack.CreateNIC(nic, n.link)
	}
	if err != nil {
		n.close()
		return nil, fmt.Errorf("netstack: %s", err)
	}
	n.stack.SetRouteTable([]tcpip.Route{{Destination: header.IPv6EmptySubnet, NIC: nic}, {Destination: header.IPv4EmptySubnet, NIC: nic}})
	return n, nil
}

// barrier waits until the goroutine that processes segments has nothing to do. It follows
// each call into the netstack, so that at most one goroutine is ever at work.
func (n *netstack) barrier() {
	n.stack.Pause()
	n.stack.Resume()
}

// close ends the netstack and its goroutine. Connections that are open are not told.
func (n *netstack) close() { n.stack.Destroy() }

// own makes an address one of the netstack's.
func (n *netstack) own(a netip.Addr) error {
	if n.known[a] {
		return nil
	}
	p := tcpip.ProtocolAddress{Protocol: network(a), AddressWithPrefix: address(a).WithPrefix()}
	if err := n.stack.AddProtocolAddress(nic, p, stack.AddressProperties{}); err != nil {
		return fmt.Errorf("netstack: address %s: %s", a, err)
	}
	n.known[a] = true
	n.barrier()
	return nil
}

// inject hands up a segment that came from src for dst.
func (n *netstack) inject(src, dst netip.Addr, segment []byte) {
	if dst.Is4() {
		n.frame = append(n.frame[:0], make([]byte, wire.IPv4HeaderLen)...)
		n.frame = append(n.frame, segment...)
		wire.PutIPv4(n.frame, wire.IPv4Fields{TotalLen: len(n.frame), TTL: hopLimit, Protocol: wire.ProtoTCP, Source: src, Destination: dst})
	} else {
		n.frame = append(n.frame[:0], make([]byte, wire.IPv6HeaderLen)...)
		n.frame = append(n.frame, segment...)
		wire.PutIPv6(n.frame, wire.IPv6Fields{PayloadLen: len(segment), NextHeader: wire.ProtoTCP, HopLimit: hopLimit, Source: src, Destination: dst})
	}
	p := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(n.frame)})
	n.link.InjectInbound(network(dst), p)
	p.DecRef()
	n.barrier()
}

// hopLimit of packets that are handed up, which nobody reads.
const hopLimit = 64

// take returns the octets of the next packet that the netstack wants sent, or nil. They are
// valid until the next call.
func (n *netstack) take() []byte {
	p := n.link.Read()
	if p == nil {
		return nil
	}
	n.frame = n.frame[:0]
	for _, part := range p.AsSlices() {
		n.frame = append(n.frame, part...)
	}
	p.DecRef()
	return n.frame
}

// fire runs the timers that are due.
func (n *netstack) fire() {
	for f := n.clock.expired(); f != nil; f = n.clock.expired() {
		f()
		n.barrier()
	}
}

// tooBig is the news that packets must be no larger than an MTU, without the IP header.
type tooBig struct{ mtu int }

var _ stack.TransportError = tooBig{}

// Origin implements tcpip.SockErrorCause.
func (tooBig) Origin() tcpip.SockErrOrigin { return tcpip.SockExtErrorOriginLocal }

// Type implements tcpip.SockErrorCause.
func (tooBig) Type() uint8 { return 0 }

// Code implements tcpip.SockErrorCause.
func (tooBig) Code() uint8 { return 0 }

// Info implements tcpip.SockErrorCause.
func (t tooBig) Info() uint32 { return uint32(t.mtu) }

// Kind implements stack.TransportError.
func (tooBig) Kind() stack.TransportErrorKind { return stack.PacketTooBigTransportError }

// network returns the netstack's number of an address's family.
func network(a netip.Addr) tcpip.NetworkProtocolNumber {
	if a.Is4() {
		return ipv4.ProtocolNumber
	}
	return ipv6.ProtocolNumber
}

func address(a netip.Addr) tcpip.Address { return tcpip.AddrFromSlice(a.AsSlice()) }

// source draws the netstack's randomness (initial sequence numbers, hash seeds) from a named
// stream of the run. It serves both goroutines.
type source struct {
	mu sync.Mutex
	r  *rand.Rand
}

// Int63 implements the Source of math/rand.
func (s *source) Int63() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.r.Int64()
}

// Seed implements the Source of math/rand. The stream is seeded already.
func (s *source) Seed(int64) {}

// Read implements io.Reader.
func (s *source) Read(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var word [8]byte
	for i := range b {
		if i%8 == 0 {
			binary.BigEndian.PutUint64(word[:], s.r.Uint64())
		}
		b[i] = word[i%8]
	}
	return len(b), nil
}
