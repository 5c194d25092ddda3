package cn

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"dsmipsim/nodes/mip/internal/rig"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/vtime"
)

// visitor is a mobile node as the test plays it: what it learnt from its tests.
type visitor struct {
	r            *rig.Rig
	home, away   [8]byte
	homeI, awayI uint16
	careOf       netip.Addr
}

func newVisitor(t testing.TB, r *rig.Rig, careOf netip.Addr) *visitor {
	t.Helper()
	v := &visitor{r: r, careOf: careOf}
	v.test(t)
	return v
}

// test runs both tests.
func (v *visitor) test(t testing.TB) {
	t.Helper()
	v.r.Receive(rig.Packet(rig.HoA6, rig.CN6, netip.Addr{}, netip.Addr{}, wire.AppendHomeTestInit(nil, wire.Cookie{1})))
	v.r.Receive(rig.Packet(v.careOf, rig.CN6, netip.Addr{}, netip.Addr{}, wire.AppendCareOfTestInit(nil, wire.Cookie{2})))
	got := v.r.Take()
	if rig.Types(got) != "HoT CoT" {
		t.Fatalf("tests are answered by %q", rig.Types(got))
	}
	h, _ := rig.Mobility(t, got[0]).HomeTest()
	c, _ := rig.Mobility(t, got[1]).CareOfTest()
	v.home, v.homeI, v.away, v.awayI = h.KeygenToken(), h.NonceIndex(), c.KeygenToken(), c.NonceIndex()
}

// update makes a Binding Update as it should be, after f has had its way with it.
func (v *visitor) update(sequence uint16, lifetime time.Duration, f func(*wire.BindingUpdateFields)) []byte {
	u := wire.BindingUpdateFields{
		Sequence: sequence, Flags: wire.BUAcknowledge, Lifetime: lifetime,
		NonceIndices:  &wire.NonceIndices{Home: v.homeI, CareOf: v.awayI},
		Authenticator: &[wire.AuthenticatorLen]byte{},
	}
	if f != nil {
		f(&u)
	}
	mh := wire.AppendBindingUpdate(nil, u, wire.IPv4Layout{})
	switch {
	case u.Authenticator == nil:
	case u.Lifetime == 0:
		rig.Sign(mh, rig.HoA6, rig.CN6, v.home)
	case u.AlternateCareOf.IsValid():
		rig.Sign(mh, u.AlternateCareOf, rig.CN6, v.home, v.away)
	default:
		rig.Sign(mh, v.careOf, rig.CN6, v.home, v.away)
	}
	return rig.Packet(v.careOf, rig.CN6, rig.HoA6, netip.Addr{}, mh)
}

// answer sums up the acknowledgement that was sent, and checks its authenticator.
func (v *visitor) answer(t testing.TB, deletion bool) string {
	t.Helper()
	got := v.r.Take()
	if len(got) == 0 {
		return "silence"
	}
	m := rig.Mobility(t, got[0])
	a, err := m.BindingAcknowledgement()
	if err != nil || len(got) > 1 {
		t.Fatalf("sent %s", rig.Types(got))
	}
	s := fmt.Sprintf("%d seq %d lifetime %v", a.Status(), a.Sequence(), a.Lifetime())
	auth, signed := a.AuthorizationData()
	if !signed {
		return s + " unsigned"
	}
	want := append([]byte(nil), m...)
	if deletion {
		rig.Sign(want, rig.HoA6, rig.CN6, v.home)
	} else {
		rig.Sign(want, v.careOf, rig.CN6, v.home, v.away)
	}
	if string(want[len(want)-12:]) != string(auth) {
		return s + " with a wrong authenticator"
	}
	return s
}

// Binding Updates one by one, each to a correspondent with a binding of sequence number 100
// that was made a minute ago.
func TestBindingUpdates(t *testing.T) {
	const life = 420 * time.Second
	for _, c := range []struct {
		row, what string
		make      func(v *visitor) []byte
		want      string
		bound     bool // afterwards
	}{
		{"B-33", "more than 420 s are not granted", func(v *visitor) []byte { return v.update(101, 2000*time.Second, nil) }, "0 seq 101 lifetime 7m0s", true},
		{"B-33", "less is granted as asked", func(v *visitor) []byte { return v.update(101, 8*time.Second, nil) }, "0 seq 101 lifetime 8s", true},
		{"B-34", "no acknowledgement unless asked", func(v *visitor) []byte {
			return v.update(101, life, func(u *wire.BindingUpdateFields) { u.Flags = 0 })
		}, "silence", true},
		{"B-34", "without nonce indices", func(v *visitor) []byte {
			return v.update(101, life, func(u *wire.BindingUpdateFields) { u.NonceIndices = nil })
		}, "silence", true},
		{"B-34", "without authorization", func(v *visitor) []byte {
			return v.update(101, life, func(u *wire.BindingUpdateFields) { u.Authenticator = nil })
		}, "silence", true},
		{"B-34", "a wrong authenticator", func(v *visitor) []byte { v.away[0] ^= 1; return v.update(101, life, nil) }, "silence", true},
		{"B-34", "a care-of token of zeros", func(v *visitor) []byte {
			v.away = [8]byte{}
			return v.update(101, life, nil)
		}, "silence", true},
		{"B-34", "an option after the authorization", func(v *visitor) []byte {
			mh := wire.AppendBindingUpdate(nil, wire.BindingUpdateFields{Sequence: 101, Lifetime: life,
				NonceIndices: &wire.NonceIndices{Home: v.homeI, CareOf: v.awayI}, Authenticator: &[12]byte{}}, wire.IPv4Layout{})
			rig.Sign(mh, v.careOf, rig.CN6, v.home, v.away)
			mh = append(mh, 1, 6, 0, 0, 0, 0, 0, 0)
			mh[1]++
			return rig.Packet(v.careOf, rig.CN6, rig.HoA6, netip.Addr{}, mh)
		}, "silence", true},
		{"B-34", "nonce indices in a home registration", func(v *visitor) []byte {
			return v.update(101, life, func(u *wire.BindingUpdateFields) { u.Flags |= wire.BUHomeRegistration })
		}, "silence", true},
		{"B-7", "a home registration of what is none", func(v *visitor) []byte {
			return v.update(101, life, func(u *wire.BindingUpdateFields) {
				u.Flags |= wire.BUHomeRegistration
				u.NonceIndices, u.Authenticator = nil, nil
			})
		}, "139 seq 101 lifetime 0s unsigned", true},
		{"B-6", "the same number again", func(v *visitor) []byte { return v.update(100, life, nil) }, "135 seq 100 lifetime 0s", true},
		{"B-6", "32768 less", func(v *visitor) []byte { return v.update(100+1<<15, life, nil) }, "135 seq 100 lifetime 0s", true},
		{"B-6", "32767 more", func(v *visitor) []byte { return v.update(100+1<<15-1, life, nil) }, "0 seq 32867 lifetime 7m0s", true},
		{"B-6", "a wrong number without A", func(v *visitor) []byte {
			return v.update(99, life, func(u *wire.BindingUpdateFields) { u.Flags = 0 })
		}, "135 seq 100 lifetime 0s", true},
		{"B-32", "an unknown home nonce", func(v *visitor) []byte { v.homeI -= 50; return v.update(101, life, nil) }, "136 seq 101 lifetime 0s unsigned", true},
		{"B-32", "an unknown care-of nonce", func(v *visitor) []byte { v.awayI += 50; return v.update(101, life, nil) }, "137 seq 101 lifetime 0s unsigned", true},
		{"B-32", "neither is known", func(v *visitor) []byte { v.homeI, v.awayI = 0, 0; return v.update(101, life, nil) }, "138 seq 101 lifetime 0s unsigned", true},
		{"B-35", "deletion, whatever the care-of nonce", func(v *visitor) []byte { v.awayI = 0; return v.update(101, 0, nil) }, "0 seq 101 lifetime 0s", false},
		{"B-35", "deletion with the key of both tokens", func(v *visitor) []byte {
			b := v.update(101, 4*time.Second, nil)
			mh := b[len(b)-32:]
			mh[10], mh[11] = 0, 0
			rig.Sign(mh, rig.HoA6, rig.CN6, v.home, v.away)
			return rig.Packet(v.careOf, rig.CN6, rig.HoA6, netip.Addr{}, mh)
		}, "silence", true},
		{"B-35", "deletion with an unknown home nonce", func(v *visitor) []byte { v.homeI--; return v.update(101, 0, nil) }, "136 seq 101 lifetime 0s unsigned", true},
		{"6.2.5", "a care-of address that was not tested", func(v *visitor) []byte {
			return v.update(101, life, func(u *wire.BindingUpdateFields) { u.AlternateCareOf = rig.CoA6b })
		}, "silence", true},
		{"6.2.5", "a care-of address named twice", func(v *visitor) []byte {
			return v.update(101, life, func(u *wire.BindingUpdateFields) { u.AlternateCareOf = rig.CoA6 })
		}, "0 seq 101 lifetime 7m0s", true},
	} {
		r, n := newNode(t)
		v := newVisitor(t, r, rig.CoA6)
		r.Receive(v.update(100, life, nil))
		if got := v.answer(t, false); got != "0 seq 100 lifetime 7m0s" {
			t.Fatal(got)
		}
		r.Advance(time.Minute)
		b := c.make(v)
		r.Receive(b)
		if got := v.answer(t, !c.bound); got != c.want {
			t.Errorf("%s, %s: %s, want %s (%s)", c.row, c.what, got, c.want, r.TakeSaid())
		}
		if bound := n.cache.Live(rig.HoA6) != nil; bound != c.bound {
			t.Errorf("%s, %s: bound %v", c.row, c.what, bound)
		}
	}
}

// B-32: tokens die with their nonces: after 240 s both are unknown.
func TestTokensGrowOld(t *testing.T) {
	r, _ := newNode(t)
	v := newVisitor(t, r, rig.CoA6)
	r.Now = vtime.Time(240*time.Second - 1)
	r.Receive(v.update(1, time.Minute, nil))
	if got := v.answer(t, false); got != "0 seq 1 lifetime 1m0s" {
		t.Error("at 240 s less a nanosecond: ", got)
	}
	r.Now++
	r.Receive(v.update(2, time.Minute, nil))
	if got := v.answer(t, false); got != "138 seq 2 lifetime 0s unsigned" {
		t.Error("at 240 s: ", got)
	}
}

// B-30: a Home Address option makes a test init void, and tests leave nothing behind.
func TestTestInitsWithHomeAddress(t *testing.T) {
	r, n := newNode(t)
	for range 1000 {
		r.Receive(rig.Packet(rig.CoA6, rig.CN6, rig.HoA6, netip.Addr{}, wire.AppendHomeTestInit(nil, wire.Cookie{1})))
		r.Receive(rig.Packet(rig.CoA6, rig.CN6, rig.HoA6, netip.Addr{}, wire.AppendCareOfTestInit(nil, wire.Cookie{1})))
	}
	if got := r.Take(); len(got) != 0 {
		t.Errorf("%d answers: %s", len(got), rig.Type(got[0]))
	}
	newVisitor(t, r, rig.CoA6)
	if len(n.Snapshot()) != 0 || r.M.Deadline() != vtime.Never {
		t.Errorf("%d entries, next deadline %v", len(n.Snapshot()), r.M.Deadline())
	}
}

// RFC 6275 section 9.5.3: what made a binding that was deleted does not bring it back; new
// tests do, with any sequence number.
func TestDeletedBindingStaysDeleted(t *testing.T) {
	r, n := newNode(t)
	v := newVisitor(t, r, rig.CoA6)
	first := v.update(100, 420*time.Second, nil)
	r.Receive(first)
	r.Take()
	r.Receive(v.update(101, 0, nil))
	if got := v.answer(t, true); got != "0 seq 101 lifetime 0s" {
		t.Error(got)
	}
	r.Receive(first)
	if got := v.answer(t, false); got != "135 seq 101 lifetime 0s" || n.cache.Live(rig.HoA6) != nil {
		t.Errorf("replayed: %s, bound %v", got, n.cache.Live(rig.HoA6) != nil)
	}
	r.Receive(v.update(101, 0, nil)) // a repeated deletion must not pass for a new one
	if got := v.answer(t, true); got != "135 seq 101 lifetime 0s" {
		t.Error(got)
	}
	r.Now = r.Now.Add(31 * time.Second)
	v.test(t)
	r.Receive(v.update(7, 420*time.Second, nil))
	if got := v.answer(t, false); got != "0 seq 7 lifetime 7m0s" {
		t.Error("with new tokens: ", got)
	}
}

// B-19: data from a place that is not bound is refused, also when the home address is.
func TestHomeAddressFromElsewhere(t *testing.T) {
	r, _ := newNode(t)
	v := newVisitor(t, r, rig.CoA6b)
	r.Receive(v.update(1, time.Minute, nil))
	r.Take()
	r.TakeSaid()
	r.Receive(rig.Vector(t, "V28"))
	r.Want("from another care-of address", rig.Vector(t, "V22"))
	if said := r.TakeSaid(); said != "drop home_address_option" {
		t.Error(said)
	}
	for range 30 {
		r.Receive(rig.Vector(t, "V28"))
	}
	if n := len(r.Take()); n == 0 || n > 9 {
		t.Errorf("%d Binding Errors for 30 packets at once after a first: they share the limit of ICMPv6 errors", n)
	}
	// B-39 needs the option to name a unicast address.
	b := rig.Vector(t, "V28")
	copy(b[wire.IPv6HeaderLen+8:], netip.MustParseAddr("ff02::1").AsSlice())
	r.Now = r.Now.Add(time.Minute)
	r.Receive(b)
	r.Want("a multicast home address")
}

// Mobility Header messages and Neighbor Discovery pass the binding cache by.
func TestWhatIsNotRouted(t *testing.T) {
	r, _ := newNode(t)
	v := newVisitor(t, r, rig.CoA6)
	r.Receive(v.update(1, time.Minute, nil))
	r.Take()
	for _, p := range [][]byte{
		rig.Packet(rig.CN6, rig.HoA6, netip.Addr{}, netip.Addr{}, wire.AppendBindingRefreshRequest(nil)),
		rig.Around(rig.CN6, rig.HoA6, wire.ProtoICMPv6, wire.AppendNeighborSolicitation(nil, rig.HoA6, wire.MAC{}, rig.CN6, rig.HoA6)),
	} {
		r.Send(p)
		r.Want(rig.Type(p), p)
	}
	r.Receive(rig.Packet(rig.HoA6, rig.CN6, netip.Addr{}, netip.Addr{}, wire.AppendHomeTestInit(nil, wire.Cookie{1})))
	if got := r.Take(); len(got) != 1 || wire.IPv6(got[0]).Destination() != rig.HoA6 || wire.IPv6(got[0]).NextHeader() != wire.ProtoMobility {
		t.Errorf("Home Test: %x", got)
	}
}
