package nd

import (
	"net/netip"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/vtime"
)

// solicitation is a host's search for routers on one interface.
type solicitation struct {
	timer *machine.Timer
	sent  int
	found bool // a router has answered before the first solicitation was due
	// waits says that the search begins when the link-local address is verified.
	waits bool
}

// Solicit asks for routers after the random delay of the Config, and again every
// SolicitInterval up to SolicitMax times until one answers (RFC 4861 section 6.3.7). A mobile
// node that has just moved need not wait before the first (RFC 6275 section 11.5.2). If none
// answers within RtrSolicitDelay after the last one, OnNoRouter is called; a node that does
// not ask at all concludes nothing.
func (n *Neighbours) Solicit(now vtime.Time, out machine.Iface) {
	st := &n.solicit[out]
	*st = solicitation{timer: st.timer}
	st.timer.Stop()
	if n.cfg.SolicitMax == 0 {
		return
	}
	if n.cfg.LinkLocalFirst && n.verifyingLinkLocal(out) {
		st.waits = true
		return
	}
	n.beginSoliciting(now, out)
}

func (n *Neighbours) beginSoliciting(now vtime.Time, out machine.Iface) {
	st := &n.solicit[out]
	st.waits = false
	if d := n.cfg.SolicitDelay.Draw(n.cfg.SolicitRand); d > 0 {
		ip.After(st.timer, now, d)
		return
	}
	n.sendSolicitation(now, out)
}

// StopSoliciting ends the search.
func (n *Neighbours) StopSoliciting(out machine.Iface) {
	n.solicit[out].waits = false
	n.solicit[out].timer.Stop()
}

// heardRouter ends the search, except that one solicitation is sent in any case: what a
// router sends unasked may be incomplete (RFC 4861 section 6.3.7).
func (n *Neighbours) heardRouter(out machine.Iface) {
	st := &n.solicit[out]
	if st.sent == 0 && st.timer.Armed() {
		st.found = true
		return
	}
	n.StopSoliciting(out)
}

func (n *Neighbours) sendSolicitation(now vtime.Time, out machine.Iface) {
	st := &n.solicit[out]
	if st.sent == n.cfg.SolicitMax {
		if n.OnNoRouter != nil {
			n.OnNoRouter(now, out)
		}
		return
	}
	st.sent++
	// A tentative link-local address must not be used as the source, and without a source
	// the option must be left out (RFC 4861 section 4.1).
	src, mac := netip.IPv6Unspecified(), wire.MAC{}
	if a, ok := n.s.OnIface(out, netip.Addr.IsLinkLocalUnicast); ok {
		src, mac = a, n.s.Interface(out).MAC
	}
	n.send(out, src, wire.AllRouters, wire.MAC{}, func(b []byte) []byte {
		return wire.AppendRouterSolicitation(b, mac, src, wire.AllRouters)
	})
	if st.found {
		return
	}
	wait := n.cfg.SolicitInterval
	if st.sent == n.cfg.SolicitMax {
		wait = RtrSolicitDelay
	}
	ip.After(st.timer, now, wait)
}
