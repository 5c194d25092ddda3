package mip

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"net/netip"
	"time"

	"dsmipsim/nodes/wire"
)

// Constants of return routability and correspondent registration (RFC 6275 section 12).
const (
	MaxTokenLifetime     = 210 * time.Second // how long a mobile node may use a keygen token
	MaxNonceLifetime     = 240 * time.Second // how long a correspondent node accepts a nonce
	MaxRRBindingLifetime = 420 * time.Second // of a binding that return routability authorizes
	MaxROFailure         = 3                 // retries
)

// Secret is Kcn, the node key that a correspondent node shares with nobody.
type Secret [20]byte

// Nonce is a random number that a correspondent node's tokens are made with.
type Nonce [8]byte

// Key is Kbm, the binding management key.
type Key [sha1.Size]byte

// HomeToken returns the home keygen token (RFC 6275 section 5.2.5).
func HomeToken(k Secret, home netip.Addr, n Nonce) wire.Token { return token(k, home, n, 0) }

// CareOfToken returns the care-of keygen token (RFC 6275 section 5.2.5).
func CareOfToken(k Secret, careOf netip.Addr, n Nonce) wire.Token { return token(k, careOf, n, 1) }

func token(k Secret, a netip.Addr, n Nonce, which byte) wire.Token {
	m := hmac.New(sha1.New, k[:])
	b := a.As16()
	m.Write(b[:])
	m.Write(n[:])
	m.Write([]byte{which})
	return wire.Token(m.Sum(nil)[:len(wire.Token{})])
}

// BindingKey returns the key that authorizes a binding (RFC 6275 section 5.2.5).
func BindingKey(home, careOf wire.Token) Key { return sha1.Sum(append(home[:], careOf[:]...)) }

// DeletionKey returns the key that authorizes the deletion of a binding, which depends on
// the home keygen token alone (RFC 6275 section 5.2.5).
func DeletionKey(home wire.Token) Key { return sha1.Sum(home[:]) }

// Authenticator computes the authenticator of a message mh that ends with one (RFC 6275
// section 6.2.7). careOf is the address that is registered, or the home address when a
// binding is deleted.
func (k Key) Authenticator(careOf, correspondent netip.Addr, mh []byte) [wire.AuthenticatorLen]byte {
	m := hmac.New(sha1.New, k[:])
	m.Write(wire.AppendAuthenticatedData(nil, careOf, correspondent, mh))
	return [wire.AuthenticatorLen]byte(m.Sum(nil)[:wire.AuthenticatorLen])
}

// Sign writes the authenticator into the last octets of mh.
func (k Key) Sign(careOf, correspondent netip.Addr, mh []byte) {
	a := k.Authenticator(careOf, correspondent, mh)
	copy(mh[len(mh)-wire.AuthenticatorLen:], a[:])
}

// Verify reports whether the last octets of mh are the right authenticator.
func (k Key) Verify(careOf, correspondent netip.Addr, mh []byte) bool {
	a := k.Authenticator(careOf, correspondent, mh)
	return subtle.ConstantTimeCompare(mh[len(mh)-wire.AuthenticatorLen:], a[:]) == 1
}
