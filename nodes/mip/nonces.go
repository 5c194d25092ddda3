package mip

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"time"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim/vtime"
)

// A new nonce every 30 s, the last eight of which are known: a token is good for 210 s at
// least and for 240 s at most (RFC 6275 section 5.2.7).
const (
	nonceInterval = 30 * time.Second
	noncesKept    = 8
)

// Nonces is the secret and the nonces of a correspondent node. A nonce is made when one is
// needed and the last has been in use for long enough, so that an idle node does nothing.
type Nonces struct {
	from   *rand.Rand
	secret Secret
	index  uint16 // of the next nonce
	recent []numbered
}

type numbered struct {
	index uint16
	nonce Nonce
	since vtime.Time // first use
}

// NewNonces draws the secret and the first index.
func NewNonces(from *rand.Rand) *Nonces {
	n := &Nonces{from: from}
	draw(from, n.secret[:])
	n.index = uint16(from.Uint64())
	return n
}

// draw fills b with random octets.
func draw(from *rand.Rand, b []byte) {
	var w [8]byte
	for len(b) > 0 {
		binary.BigEndian.PutUint64(w[:], from.Uint64())
		b = b[copy(b, w[:]):]
	}
}

// DrawCookie returns a random cookie.
func DrawCookie(from *rand.Rand) wire.Cookie {
	var c wire.Cookie
	draw(from, c[:])
	return c
}

// current returns the nonce for a token that is made now.
func (n *Nonces) current(now vtime.Time) numbered {
	if k := len(n.recent); k > 0 && now.Sub(n.recent[k-1].since) < nonceInterval {
		return n.recent[k-1]
	}
	if len(n.recent) == noncesKept {
		n.recent = append(n.recent[:0], n.recent[1:]...)
	}
	one := numbered{index: n.index, since: now}
	draw(n.from, one.nonce[:])
	n.index++
	n.recent = append(n.recent, one)
	return one
}

// find returns the nonce of an index that is still recognised.
func (n *Nonces) find(now vtime.Time, index uint16) (Nonce, bool) {
	for _, one := range n.recent {
		if one.index == index && now.Sub(one.since) < MaxNonceLifetime {
			return one.nonce, true
		}
	}
	return Nonce{}, false
}

// NewHomeToken makes a home keygen token and tells the index of its nonce.
func (n *Nonces) NewHomeToken(now vtime.Time, home netip.Addr) (uint16, wire.Token) {
	c := n.current(now)
	return c.index, HomeToken(n.secret, home, c.nonce)
}

// NewCareOfToken makes a care-of keygen token and tells the index of its nonce.
func (n *Nonces) NewCareOfToken(now vtime.Time, careOf netip.Addr) (uint16, wire.Token) {
	c := n.current(now)
	return c.index, CareOfToken(n.secret, careOf, c.nonce)
}

// HomeTokenOf makes the token of an earlier index again; false if that has expired.
func (n *Nonces) HomeTokenOf(now vtime.Time, index uint16, home netip.Addr) (wire.Token, bool) {
	nonce, ok := n.find(now, index)
	return HomeToken(n.secret, home, nonce), ok
}

// CareOfTokenOf makes the token of an earlier index again; false if that has expired.
func (n *Nonces) CareOfTokenOf(now vtime.Time, index uint16, careOf netip.Addr) (wire.Token, bool) {
	nonce, ok := n.find(now, index)
	return CareOfToken(n.secret, careOf, nonce), ok
}
