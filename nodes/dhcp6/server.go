package dhcp6

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv6"
	"github.com/insomniacslk/dhcp/iana"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// ServerConfig are the options of a server.
type ServerConfig struct {
	Prefix           netip.Prefix // of the link, a /64
	Exclude          []netip.Addr // not given away
	Preferred, Valid time.Duration
	Renewal, Rebind  time.Duration // T1 and T2; 0 leaves them to the clients
	Preference       uint8         // told in Advertise messages; with 255 clients wait for no other server
	RapidCommit      bool
	Delay            func() time.Duration // draws the time before each answer; nil for none
}

// ErrConfig means that a server could not give away any address.
var ErrConfig = errors.New("dhcp6: server needs a /64, and lifetimes of which the valid one is the longer")

// poolBase is where the addresses to give away begin in the prefix: ::d:0:0.
const (
	poolBase = 0xd
	poolSize = 1 << 16
)

// binding ties an address to a client. It outlasts the lease, so that a client that comes
// back gets the same address, until another one has no other choice.
type binding struct {
	client  string
	iaid    [4]byte
	addr    netip.Addr
	expires vtime.Time
}

// Server gives away the addresses of one link.
type Server struct {
	stack    *ip.Stack
	iface    machine.Iface
	cfg      ServerConfig
	bindings []*binding // in order of their first use
	declined map[netip.Addr]bool
	waiting  []pending // in order of their answers
	timer    *machine.Timer
	next     uint32
}

// pending is a message that is being thought about.
type pending struct {
	due vtime.Time
	m   *dhcpv6.Message
	in  ip.Info
}

// NewServer returns a server that answers on an Ethernet interface and makes it the stack's
// handler for the server port.
func NewServer(s *ip.Stack, iface machine.Iface, cfg ServerConfig) (*Server, error) {
	if !cfg.Prefix.IsValid() || !cfg.Prefix.Addr().Is6() || cfg.Prefix.Bits() != 64 || cfg.Valid < time.Second || cfg.Preferred > cfg.Valid {
		return nil, ErrConfig
	}
	v := &Server{stack: s, iface: iface, cfg: cfg, declined: map[netip.Addr]bool{}}
	for _, a := range cfg.Exclude {
		v.declined[a] = true
	}
	v.timer = s.Timers.New(v.answerDue)
	s.JoinGroup(iface, allServers)
	s.HandleUDP(wire.PortDHCPv6Server, v.HandlePacket)
	return v, nil
}

// HandlePacket takes over a UDP datagram to the server port.
func (v *Server) HandlePacket(now vtime.Time, p *packet.Buf, in ip.Info) {
	m := ip.TakeMessage(v.stack, p, in, dhcpv6.MessageFromBytes)
	if m == nil || in.In != v.iface || !in.WireSource.IsLinkLocalUnicast() || !v.valid(m, in) {
		return
	}
	if v.cfg.Delay == nil {
		v.answer(now, m, in)
		return
	}
	due := now.Add(v.cfg.Delay())
	i := len(v.waiting)
	for i > 0 && v.waiting[i-1].due > due {
		i--
	}
	v.waiting = slices.Insert(v.waiting, i, pending{due, m, in})
	v.timer.Set(v.waiting[0].due)
}

// valid applies the rules of RFC 8415 section 16 on identifiers, and section 18.4 on what
// was not sent to the group.
func (v *Server) valid(m *dhcpv6.Message, in ip.Info) bool {
	if m.Options.ClientID() == nil {
		return false
	}
	server := m.Options.ServerID()
	switch m.MessageType {
	case dhcpv6.MessageTypeSolicit, dhcpv6.MessageTypeConfirm, dhcpv6.MessageTypeRebind:
		return server == nil && in.WireDest == allServers
	case dhcpv6.MessageTypeRequest, dhcpv6.MessageTypeRenew, dhcpv6.MessageTypeRelease, dhcpv6.MessageTypeDecline:
		return server != nil && server.Equal(v.duid())
	}
	return false
}

func (v *Server) answerDue(now vtime.Time) {
	n := 0
	for ; n < len(v.waiting) && v.waiting[n].due <= now; n++ {
		v.answer(now, v.waiting[n].m, v.waiting[n].in)
	}
	v.waiting = append(v.waiting[:0], v.waiting[n:]...)
	if len(v.waiting) > 0 {
		v.timer.Set(v.waiting[0].due)
	}
}

func (v *Server) mac() wire.MAC { return v.stack.Interface(v.iface).MAC }

func (v *Server) duid() dhcpv6.DUID { return identify(v.mac()) }

// answer follows RFC 8415 section 18.3.
func (v *Server) answer(now vtime.Time, m *dhcpv6.Message, in ip.Info) {
	r := &dhcpv6.Message{MessageType: dhcpv6.MessageTypeReply, TransactionID: m.TransactionID}
	r.AddOption(dhcpv6.OptClientID(m.Options.ClientID()))
	r.AddOption(dhcpv6.OptServerID(v.duid()))
	if in.WireDest != allServers { // no client may (section 18.4)
		r.AddOption(withStatus(iana.StatusUseMulticast))
		v.send(now, r, in.WireSource)
		return
	}
	asked := association(m)
	if asked == nil {
		return
	}
	wish, _ := netip.AddrFromSlice(wishOf(asked))
	b := v.binding(m, asked)
	switch m.MessageType {
	case dhcpv6.MessageTypeSolicit:
		rapid := v.cfg.RapidCommit && m.GetOneOption(dhcpv6.OptionRapidCommit) != nil
		if !rapid {
			r.MessageType = dhcpv6.MessageTypeAdvertise
			if v.cfg.Preference > 0 {
				r.AddOption(dhcpv6.OptPreference(v.cfg.Preference))
			}
		} else {
			r.AddOption(&dhcpv6.OptionGeneric{OptionCode: dhcpv6.OptionRapidCommit})
		}
		if b == nil {
			b = v.assign(now, m, asked)
		}
		v.give(now, r, asked, b, rapid)
	case dhcpv6.MessageTypeRequest:
		if wish.IsValid() && !v.cfg.Prefix.Contains(wish) {
			r.AddOption(withStatus(iana.StatusNotOnLink))
			break
		}
		if b == nil {
			b = v.assign(now, m, asked)
		}
		v.give(now, r, asked, b, true)
	case dhcpv6.MessageTypeConfirm:
		if !wish.IsValid() {
			return // nothing to confirm (section 18.3.3)
		}
		code := iana.StatusSuccess
		if !v.cfg.Prefix.Contains(wish) {
			code = iana.StatusNotOnLink
		}
		r.AddOption(withStatus(code))
	case dhcpv6.MessageTypeRenew, dhcpv6.MessageTypeRebind:
		if b == nil || b.addr != wish {
			if m.MessageType == dhcpv6.MessageTypeRebind {
				return // another server may know the client
			}
			v.refuse(r, asked, iana.StatusNoBinding)
			break
		}
		v.give(now, r, asked, b, true)
	case dhcpv6.MessageTypeRelease, dhcpv6.MessageTypeDecline:
		if b != nil && b.addr == wish {
			v.free(now, b, m.MessageType == dhcpv6.MessageTypeDecline)
		} else {
			v.refuse(r, asked, iana.StatusNoBinding)
		}
		r.AddOption(withStatus(iana.StatusSuccess))
	}
	v.send(now, r, in.WireSource)
}

func wishOf(ia *dhcpv6.OptIANA) []byte {
	if o := ia.Options.OneAddress(); o != nil {
		return o.IPv6Addr
	}
	return nil
}

// give puts an address into the answer, and makes it a lease if it is not only an offer.
func (v *Server) give(now vtime.Time, r *dhcpv6.Message, asked *dhcpv6.OptIANA, b *binding, lease bool) {
	if b == nil {
		v.refuse(r, asked, iana.StatusNoAddrsAvail)
		return
	}
	if lease {
		if now >= b.expires {
			v.stack.Out.Note(trace.Note{Kind: trace.LeaseGranted, Home: b.addr, Lifetime: int64(v.cfg.Valid / time.Second)})
		}
		if b.expires = now.Add(v.cfg.Valid); v.cfg.Valid >= Infinite {
			b.expires = vtime.Never
		}
	}
	ia := &dhcpv6.OptIANA{IaId: asked.IaId, T1: v.cfg.Renewal, T2: v.cfg.Rebind}
	ia.Options.Add(&dhcpv6.OptIAAddress{IPv6Addr: net.IP(b.addr.AsSlice()), PreferredLifetime: v.cfg.Preferred, ValidLifetime: v.cfg.Valid})
	r.AddOption(ia)
}

func (v *Server) refuse(r *dhcpv6.Message, asked *dhcpv6.OptIANA, code iana.StatusCode) {
	ia := &dhcpv6.OptIANA{IaId: asked.IaId}
	ia.Options.Add(withStatus(code))
	r.AddOption(ia)
}

// binding returns that of the client's association, or nil.
func (v *Server) binding(m *dhcpv6.Message, ia *dhcpv6.OptIANA) *binding {
	id := string(m.Options.ClientID().ToBytes())
	for _, b := range v.bindings {
		if b.client == id && b.iaid == ia.IaId {
			return b
		}
	}
	return nil
}

// assign ties an address to a client: one that nobody had, or else the one whose lease ended
// first; nil if all are leased.
func (v *Server) assign(now vtime.Time, m *dhcpv6.Message, ia *dhcpv6.OptIANA) *binding {
	id := string(m.Options.ClientID().ToBytes())
	for v.next < poolSize {
		v.next++
		if a := v.address(v.next); !v.declined[a] {
			b := &binding{client: id, iaid: ia.IaId, addr: a}
			v.bindings = append(v.bindings, b)
			return b
		}
	}
	var oldest *binding
	for _, b := range v.bindings {
		if b.expires <= now && (oldest == nil || b.expires < oldest.expires) {
			oldest = b
		}
	}
	if oldest != nil {
		oldest.client, oldest.iaid = id, ia.IaId
	}
	return oldest
}

// address returns the n-th address of the pool.
func (v *Server) address(n uint32) netip.Addr {
	a := v.cfg.Prefix.Addr().As16()
	a[11], a[14], a[15] = poolBase, byte(n>>8), byte(n)
	return netip.AddrFrom16(a)
}

// free ends a lease. What is declined is not given away again (section 18.3.8).
func (v *Server) free(now vtime.Time, b *binding, declined bool) {
	b.expires = now
	if declined {
		v.declined[b.addr] = true
		v.bindings = slices.DeleteFunc(v.bindings, func(o *binding) bool { return o == b })
	}
}

// send sends an answer to the client's link-local address, resolved like any neighbour's.
func (v *Server) send(now vtime.Time, m *dhcpv6.Message, to netip.Addr) {
	src, ok := linkLocal(v.stack, v.mac())
	if !ok {
		return
	}
	p := v.stack.Datagram(m.ToBytes(), wire.PortDHCPv6Server, wire.PortDHCPv6Client, src, to)
	v.stack.Resolver.Resolve(now, v.iface, to, p)
}
