package mn

import (
	"net/netip"
	"time"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/vtime"
)

// test is one of the two tests of return routability: that of the home address or that of
// the care-of address (RFC 6275 section 11.6).
type test struct {
	c      *correspondent
	init   func(now vtime.Time, cookie wire.Cookie)
	rate   rate
	timer  *machine.Timer
	queued bool // the timer waits for the rate limit, not for an answer

	pending  bool
	cookie   wire.Cookie
	interval time.Duration
	retries  int

	have     bool
	token    wire.Token
	index    uint16
	address  netip.Addr // that was tested
	received vtime.Time
}

func (t *test) init0(c *correspondent, init func(vtime.Time, wire.Cookie)) {
	t.c, t.init = c, init
	t.timer = c.m.Timers.New(t.again)
}

// fresh reports whether there is a token for the address that may still be used. A home
// token survives movement, so that in the next network the care-of test suffices (RFC 6275
// section 5.2.7).
func (t *test) fresh(now vtime.Time, a netip.Addr) bool {
	return t.have && t.address == a && now.Sub(t.received) < mip.MaxTokenLifetime
}

// start begins the test of an address, unless it is under way.
func (t *test) start(now vtime.Time, a netip.Addr) {
	if t.pending && t.address == a {
		return
	}
	t.pending, t.have, t.address = true, false, a
	t.interval, t.retries = mip.InitialBindackTimeout, 0
	t.send(now)
}

func (t *test) stop() {
	t.pending, t.queued = false, false
	t.timer.Stop()
}

// again retransmits, with a doubled interval and a new cookie, or gives up.
func (t *test) again(now vtime.Time) {
	if !t.c.may() {
		t.c.pause() // until there is a home registration again
		return
	}
	if !t.queued {
		if t.retries == mip.MaxROFailure {
			t.c.fail(now, false)
			return
		}
		t.retries++
		t.interval = min(2*t.interval, mip.MaxBindackTimeout)
	}
	t.send(now)
}

func (t *test) send(now vtime.Time) {
	if at := t.rate.next(now); at > now {
		t.queued = true
		t.timer.Set(at)
		return
	}
	t.queued = false
	t.rate.count(now)
	t.cookie = mip.DrawCookie(t.c.m.cfg.Rand)
	ip.After(t.timer, now, t.interval)
	t.init(now, t.cookie)
}

// answer takes a Home Test or Care-of Test. It counts only while it is awaited, with the
// cookie of the last test init.
func (t *test) answer(now vtime.Time, cookie wire.Cookie, index uint16, token wire.Token) bool {
	if !t.pending || t.have || cookie != t.cookie {
		return false
	}
	t.stop()
	t.have, t.token, t.index, t.received = true, token, index, now
	t.c.pursue(now)
	return true
}

// homeTestInit goes from the home address, through the home agent while away.
func (c *correspondent) homeTestInit(now vtime.Time, cookie wire.Cookie) {
	e := mip.Envelope{Source: c.m.cfg.HomeAddress, Destination: c.addr}
	c.m.fromHome(now, mip.Compose(c.m.Stack, e, func(b []byte) []byte { return wire.AppendHomeTestInit(b, cookie) }))
}

// careOfTestInit goes straight from the care-of address.
func (c *correspondent) careOfTestInit(now vtime.Time, cookie wire.Cookie) {
	e := mip.Envelope{Source: c.m.careOf(), Destination: c.addr}
	p := mip.Compose(c.m.Stack, e, func(b []byte) []byte { return wire.AppendCareOfTestInit(b, cookie) })
	c.m.Originate(now, p, c.addr)
}

// fromHome sends a signalling packet from the home address: natively at home, else through
// the tunnel.
func (m *Node) fromHome(now vtime.Time, p *packet.Buf) {
	if m.place() != home {
		m.reverse(now, p)
		return
	}
	_, dst, _ := ip.Endpoints(p.Bytes())
	m.Originate(now, p, dst)
}

// rate limits messages of a type to a correspondent (RFC 6275 section 11.8).
type rate struct{ sent [mip.MaxUpdateRate]vtime.Time } // the last ones, the oldest first, plus 1: zero is never

// next returns when one more message may be sent: now or later.
func (r *rate) next(now vtime.Time) vtime.Time {
	if r.sent[0] == 0 {
		return now
	}
	return max(now, (r.sent[0] - 1).Add(time.Second))
}

func (r *rate) count(now vtime.Time) {
	copy(r.sent[:], r.sent[1:])
	r.sent[len(r.sent)-1] = now + 1
}
