package tcp

import (
	"fmt"
	"net/netip"
	"sync/atomic"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"
)

// socket is one end of a connection as an application uses it: it never waits.
type socket struct {
	net   *netstack
	ep    tcpip.Endpoint
	queue *waiter.Queue
	entry waiter.Entry

	out, in  pattern
	allowed  int64 // how many octets the application wants sent by now
	written  int64
	read     int64
	full     bool        // the send buffer took no more
	roomy    atomic.Bool // half of it has become free since; the netstack's goroutine says so
	shut     bool        // the application has said that nothing more follows
	finished bool        // the peer has sent its last octet
	err      error
}

// open makes a socket with a local address and port.
func (n *netstack) open(local netip.AddrPort) (*socket, error) {
	s := &socket{net: n, queue: &waiter.Queue{}}
	ep, err := n.stack.NewEndpoint(tcp.ProtocolNumber, network(local.Addr()), s.queue)
	if err != nil {
		return nil, fmt.Errorf("socket: %s", err)
	}
	s.ep = ep
	s.watch()
	if err := ep.Bind(full(local)); err != nil {
		ep.Close()
		return nil, fmt.Errorf("socket: %s: %s", local, err)
	}
	n.barrier()
	return s, nil
}

func full(a netip.AddrPort) tcpip.FullAddress {
	return tcpip.FullAddress{Addr: address(a.Addr()), Port: a.Port()}
}

// backlog leaves room for connections in the making, without which the netstack would answer
// with SYN cookies, which know no window scaling (RFC 7323 section 2).
const backlog = 8

// listen makes the socket wait for one connection.
func (s *socket) listen() error {
	defer s.net.barrier()
	if err := s.ep.Listen(backlog); err != nil {
		return fmt.Errorf("socket: listen: %s", err)
	}
	return nil
}

// accept returns the connection that has come in, or nil.
func (s *socket) accept() *socket {
	ep, queue, err := s.ep.Accept(nil)
	if err != nil {
		return nil
	}
	s.net.barrier()
	c := &socket{net: s.net, ep: ep, queue: queue}
	c.watch()
	return c
}

// watch makes the netstack say when there is room to write again.
func (s *socket) watch() {
	s.entry = waiter.NewFunctionEntry(waiter.WritableEvents, func(waiter.EventMask) { s.roomy.Store(true) })
	s.queue.EventRegister(&s.entry)
}

// connect begins a connection.
func (s *socket) connect(to netip.AddrPort) {
	if err := s.ep.Connect(full(to)); err != nil {
		if _, begun := err.(*tcpip.ErrConnectStarted); !begun {
			s.fail(err)
		}
	}
	s.net.barrier()
}

// state tells whether the connection stands; it may have failed.
func (s *socket) connected() bool {
	switch tcp.EndpointState(s.ep.State()) {
	case tcp.StateConnecting, tcp.StateSynSent, tcp.StateSynRecv, tcp.StateInitial, tcp.StateBound:
		return false
	case tcp.StateError:
		if err := s.ep.LastError(); err != nil {
			s.fail(err)
		} else {
			s.fail(&tcpip.ErrConnectionReset{})
		}
		return false
	}
	return true
}

func (s *socket) fail(err tcpip.Error) {
	if s.err == nil {
		s.err = fmt.Errorf("socket: %s", err)
	}
}

// push sends what the application wants sent, as far as there is room. An operating system
// wakes an application whose send buffer was full when half of it is free. An application
// that filled each gap at once would make the size of its segments last for ever, also when
// the path MTU has shrunk.
func (s *socket) push() (did bool) {
	if s.full && !s.roomy.Load() {
		return false
	}
	s.full = false
	for s.written < s.allowed && s.err == nil {
		s.roomy.Store(false)
		n, err := s.ep.Write(&payload{s, 0}, tcpip.WriteOptions{})
		s.net.barrier()
		s.written += n
		if err != nil {
			if _, s.full = err.(*tcpip.ErrWouldBlock); !s.full {
				s.fail(err)
			}
			return did
		}
		did = true
	}
	return did
}

// payload is what a socket has to send, up to mostWritten octets at a time.
type payload struct {
	s    *socket
	done int64
}

const mostWritten = 1 << 18

// Len implements tcpip.Payloader.
func (p *payload) Len() int {
	return int(min(p.s.allowed-p.s.written, mostWritten) - p.done)
}

// Read implements io.Reader.
func (p *payload) Read(b []byte) (int, error) {
	n := min(len(b), p.Len())
	p.s.out.fill(b[:n], p.s.written+p.done)
	p.done += int64(n)
	return n, nil
}

// pull reads what has come and returns how many octets that were. Octets that are not what
// the peer sent are an error.
func (s *socket) pull() (octets int) {
	for !s.finished && s.err == nil {
		before := s.read
		_, err := s.ep.Read(reader{s}, tcpip.ReadOptions{})
		s.net.barrier()
		octets += int(s.read - before)
		switch err.(type) {
		case nil:
		case *tcpip.ErrWouldBlock:
			return octets
		case *tcpip.ErrClosedForReceive:
			s.finished = true
		default:
			s.fail(err)
		}
	}
	return octets
}

// reader checks the octets that a socket reads.
type reader struct{ s *socket }

// Write implements io.Writer.
func (r reader) Write(b []byte) (int, error) {
	if !r.s.in.holds(b, r.s.read) {
		r.s.err = errForeign
	}
	r.s.read += int64(len(b))
	return len(b), nil
}

// errForeign is a defect: TCP has to deliver exactly what was sent.
var errForeign = fmt.Errorf("socket: the octets read are not those that were sent")

// shutdown says that nothing follows what was written.
func (s *socket) shutdown() {
	s.shut = true
	if err := s.ep.Shutdown(tcpip.ShutdownWrite); err != nil {
		s.fail(err)
	}
	s.net.barrier()
}

func (s *socket) close() {
	s.ep.Close()
	s.net.barrier()
}
