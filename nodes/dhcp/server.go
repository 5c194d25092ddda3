package dhcp

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// ServerConfig are the options of a server.
type ServerConfig struct {
	Address netip.Addr   // of the server on the interface; its server identifier
	Router  netip.Addr   // default router for clients; not valid: none
	Subnet  netip.Prefix // of the link

	// First and Last bound the addresses given away; not valid: the whole subnet. The
	// subnet's own and its broadcast address, Address, Router and Exclude are left out.
	First, Last netip.Addr
	Exclude     []netip.Addr

	// ISATAP is the site's Potential Router List, told in the vendor-specific option.
	ISATAP []netip.Addr

	Lease time.Duration // granted, whatever the client asks for; at least 1 s

	// Renewal and Rebinding are T1 and T2, told to clients; 0 leaves them to the clients'
	// defaults (RFC 2131 section 4.4.5).
	Renewal, Rebinding time.Duration

	// Delay draws the time from the arrival of a message to the answer; nil for none.
	Delay func() time.Duration

	// From Stops on, until Restarts, the server hears nothing; vtime.Never for an end that
	// does not come, and Stops zero for a server that never stops. Forgets says that it
	// has lost its memory of clients afterwards.
	Stops, Restarts vtime.Time
	Forgets         bool
}

// offerHold is how long an offered address waits for its REQUEST, which is retransmitted
// for a minute (RFC 2131 section 3.1.5).
const offerHold = 60 * time.Second

// ErrConfig means that a server could not give away any address.
var ErrConfig = errors.New("dhcp: server needs an IPv4 address in its subnet, a range in it and a lease time")

// Server gives away the addresses of one link.
type Server struct {
	stack   *ip.Stack
	iface   machine.Iface
	cfg     ServerConfig
	pool    pool
	waiting []pending // in order of their answers
	timer   *machine.Timer
	blank   bool // it has forgotten its clients
}

// pending is a message that is being thought about.
type pending struct {
	due vtime.Time
	m   *dhcpv4.DHCPv4
}

// NewServer returns a server that answers on an Ethernet interface and makes it the stack's
// handler for the server port. A node with several servers registers a handler of its own
// afterwards that calls HandlePacket of the one for in.In.
func NewServer(s *ip.Stack, iface machine.Iface, cfg ServerConfig) (*Server, error) {
	cfg.Subnet, cfg.Lease = cfg.Subnet.Masked(), cfg.Lease.Truncate(time.Second) // as it is encoded
	if !cfg.Address.Is4() || !cfg.Subnet.Contains(cfg.Address) || cfg.Lease < time.Second {
		return nil, ErrConfig
	}
	network, all := bounds(cfg.Subnet)
	if !cfg.First.IsValid() {
		cfg.First = network
	}
	if !cfg.Last.IsValid() {
		cfg.Last = all
	}
	if !cfg.Subnet.Contains(cfg.First) || !cfg.Subnet.Contains(cfg.Last) || cfg.Last.Less(cfg.First) {
		return nil, ErrConfig
	}
	v := &Server{stack: s, iface: iface, cfg: cfg, pool: pool{
		first: cfg.First, last: cfg.Last, timers: &s.Timers,
		excluded: map[netip.Addr]bool{network: true, all: true, cfg.Address: true, cfg.Router: true},
		byMAC:    map[wire.MAC]*binding{}, byAddr: map[netip.Addr]*binding{},
	}}
	for _, a := range cfg.Exclude {
		v.pool.excluded[a] = true
	}
	v.timer = s.Timers.New(v.answerDue)
	s.HandleUDP(wire.PortDHCPv4Server, v.HandlePacket)
	return v, nil
}

// bounds returns the first and last address of a prefix.
func bounds(p netip.Prefix) (first, last netip.Addr) {
	b := p.Addr().As4()
	for i := p.Bits(); i < 32; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	return p.Addr(), netip.AddrFrom4(b)
}

// Leased returns the address that the client holds a lease of, or false.
func (v *Server) Leased(mac wire.MAC) (netip.Addr, bool) {
	if b := v.pool.byMAC[mac]; b != nil && b.leased {
		return b.addr, true
	}
	return netip.Addr{}, false
}

// HandlePacket takes over a UDP datagram to the server port.
func (v *Server) HandlePacket(now vtime.Time, p *packet.Buf, in ip.Info) {
	m := ip.TakeMessage(v.stack, p, in, dhcpv4.FromBytes)
	if m == nil || m.OpCode != dhcpv4.OpcodeBootRequest || address(m.GatewayIPAddr).IsValid() {
		return
	}
	if in.In != v.iface && in.Destination != v.cfg.Address {
		return
	}
	if v.isDown(now) {
		return
	}
	if v.cfg.Delay == nil {
		v.answer(now, m)
		return
	}
	due := now.Add(v.cfg.Delay())
	i := len(v.waiting)
	for i > 0 && v.waiting[i-1].due > due {
		i--
	}
	v.waiting = slices.Insert(v.waiting, i, pending{due, m})
	v.timer.Set(v.waiting[0].due)
}

// isDown reports whether the server is out of order. After that it may know nobody.
func (v *Server) isDown(now vtime.Time) bool {
	if v.cfg.Stops == 0 || now < v.cfg.Stops {
		return false
	}
	if v.cfg.Forgets && !v.blank {
		v.blank = true
		v.pool.clear()
	}
	return now < v.cfg.Restarts
}

func (v *Server) answerDue(now vtime.Time) {
	n := 0
	for ; n < len(v.waiting) && v.waiting[n].due <= now; n++ {
		if !v.isDown(now) {
			v.answer(now, v.waiting[n].m)
		}
	}
	v.waiting = append(v.waiting[:0], v.waiting[n:]...)
	if len(v.waiting) > 0 {
		v.timer.Set(v.waiting[0].due)
	}
}

func (v *Server) answer(now vtime.Time, m *dhcpv4.DHCPv4) {
	mac, ok := hardware(m)
	if !ok {
		return
	}
	switch m.MessageType() {
	case dhcpv4.MessageTypeDiscover:
		b := v.pool.find(now, mac, option(m, dhcpv4.OptionRequestedIPAddress))
		if b == nil {
			return // every address is taken: silence (RFC 2131 section 4.3.1)
		}
		if !b.leased {
			b.hold(now, offerHold, false)
		}
		v.reply(now, m, dhcpv4.MessageTypeOffer, b.addr)
	case dhcpv4.MessageTypeRequest:
		v.request(now, m, mac)
	case dhcpv4.MessageTypeRelease:
		if b := v.pool.byMAC[mac]; b != nil && b.addr == address(m.ClientIPAddr) && v.chosen(m) {
			b.release(now)
		}
	case dhcpv4.MessageTypeDecline:
		// Somebody uses the address without asking: it is not given away again.
		if b := v.pool.byMAC[mac]; b != nil && b.addr == option(m, dhcpv4.OptionRequestedIPAddress) && v.chosen(m) {
			v.pool.forget(b)
			v.pool.excluded[b.addr] = true
		}
	}
}

// chosen reports whether the message names this server.
func (v *Server) chosen(m *dhcpv4.DHCPv4) bool {
	return option(m, dhcpv4.OptionServerIdentifier) == v.cfg.Address
}

// request follows RFC 2131 section 4.3.2.
func (v *Server) request(now vtime.Time, m *dhcpv4.DHCPv4, mac wire.MAC) {
	b := v.pool.byMAC[mac]
	wish := option(m, dhcpv4.OptionRequestedIPAddress)
	current := address(m.ClientIPAddr)
	renewal := false
	switch {
	case option(m, dhcpv4.OptionServerIdentifier).IsValid(): // SELECTING
		if !v.chosen(m) {
			if b != nil && !b.leased {
				b.release(now)
			}
			return
		}
	case current.IsValid(): // RENEWING or REBINDING
		wish, renewal = current, true
	case wish.IsValid(): // INIT-REBOOT
		if b == nil && v.cfg.Subnet.Contains(wish) {
			return // another server may know this client
		}
	default:
		return
	}
	if b == nil || b.addr != wish {
		v.reply(now, m, dhcpv4.MessageTypeNak, netip.Addr{})
		return
	}
	b.hold(now, v.cfg.Lease, true)
	if !renewal {
		v.stack.Out.Note(trace.Note{
			Kind: trace.LeaseGranted, Home: b.addr, Lifetime: int64(min(v.cfg.Lease, Infinite) / time.Second),
		})
	}
	v.reply(now, m, dhcpv4.MessageTypeAck, b.addr)
}

// reply sends an answer to m the way RFC 2131 section 4.1 tells.
func (v *Server) reply(now vtime.Time, m *dhcpv4.DHCPv4, typ dhcpv4.MessageType, yours netip.Addr) {
	mac, _ := hardware(m)
	r := message(dhcpv4.OpcodeBootReply, typ, transaction(m), mac)
	r.Flags = m.Flags
	r.UpdateOption(dhcpv4.OptServerIdentifier(octets(v.cfg.Address)))
	current := address(m.ClientIPAddr)
	to := broadcast
	if typ != dhcpv4.MessageTypeNak {
		r.YourIPAddr = octets(yours)
		if typ == dhcpv4.MessageTypeAck && current.IsValid() {
			r.ClientIPAddr = octets(current)
		}
		v.parameters(r)
		switch {
		case current.IsValid():
			to = current
		case !m.IsBroadcast():
			to = yours
		}
	}
	p := v.stack.Datagram(r.ToBytes(), wire.PortDHCPv4Server, wire.PortDHCPv4Client, v.cfg.Address, to)
	switch to {
	case broadcast:
		v.stack.Multicast(v.iface, broadcast, p)
	case current:
		v.stack.Output(now, p)
	default:
		// The client does not answer ARP for an address that it does not have yet.
		v.stack.Frame(v.iface, mac, wire.EtherTypeIPv4, p)
	}
}

// parameters adds what an offer and an acknowledgement tell.
func (v *Server) parameters(r *dhcpv4.DHCPv4) {
	r.UpdateOption(dhcpv4.OptIPAddressLeaseTime(min(v.cfg.Lease, Infinite)))
	r.UpdateOption(dhcpv4.OptSubnetMask(net.CIDRMask(v.cfg.Subnet.Bits(), 32)))
	if v.cfg.Renewal > 0 {
		r.UpdateOption(dhcpv4.OptRenewTimeValue(v.cfg.Renewal))
	}
	if v.cfg.Rebinding > 0 {
		r.UpdateOption(dhcpv4.OptRebindingTimeValue(v.cfg.Rebinding))
	}
	if v.cfg.Router.IsValid() {
		r.UpdateOption(dhcpv4.OptRouter(octets(v.cfg.Router)))
	}
	if len(v.cfg.ISATAP) > 0 {
		r.UpdateOption(dhcpv4.OptGeneric(dhcpv4.OptionVendorSpecificInformation, routerList(v.cfg.ISATAP)))
	}
}
