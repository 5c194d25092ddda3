package predict

import (
	"slices"
	"time"

	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/draw"
)

// Longest times that clients and servers of DHCP bear without a change of what they do.
const (
	patience     = 55 * time.Second // a REQUEST is given up after a minute (RFC 2131 section 3.1.5)
	leastChecked = 8 * time.Second  // a lease whose address can be probed for
	renewable    = time.Second      // how near to the end of a lease it is open whether it still lasts
)

// acdTime is how long the probing of RFC 5227 section 2.1.1 takes.
func acdTime() []draw.Distribution {
	between := draw.Between(time.Second, 2*time.Second)
	return []draw.Distribution{draw.Between(0, time.Second), between, between, draw.Always(2 * time.Second)}
}

// lease is one that the node remembers.
type lease struct {
	network *spec.Network
	expires [2]time.Duration // at the earliest and at the latest
	router  bool             // the hardware address of the router is known
}

// acquisition is how a node gets an IPv4 address.
type acquisition struct {
	parts  []draw.Distribution // from the beginning of DHCP on
	router bool                // the router's hardware address is known with it
	behind time.Duration       // how long messages of the node wait for others that left with the question
}

func (a acquisition) span() Span {
	s := exactly(0)
	for _, d := range a.parts {
		s = s.plus(spanOf(d))
	}
	return s
}

func (j *journey) sequential() bool { return j.m.IPv4Detection == spec.DetectSequential }

// v6Limit is how long after link up a Router Advertisement is in time.
func (j *journey) v6Limit() time.Duration {
	if j.sequential() {
		return j.noRouter().Min
	}
	return j.m.V6Wait
}

// ipv4 fills in detection and address of a network that has only IPv4.
func (j *journey) ipv4(n *spec.Network, up time.Duration, ph *Phases) (acquisition, string) {
	if j.sequential() {
		ph.Detect = j.noRouter()
		a, why := j.acquire(n, up+ph.Detect.Mean)
		ph.Address = a.span()
		return a, why
	}
	a, why := j.acquire(n, up)
	ph.Detect = exactly(j.m.V6Wait)
	ph.Address = excess(a.parts, j.m.V6Wait)
	if ph.Address.Min == 0 {
		a.behind = 0
	}
	return a, why
}

// acquire says how the node gets an address in a network when it begins at an instant.
func (j *journey) acquire(n *spec.Network, at time.Duration) (acquisition, string) {
	d := n.DHCP
	if why := j.dhcpObstacle(n, at); why != "" {
		return acquisition{}, why
	}
	first := j.leavesFirst(n)
	if j.sequential() {
		first = 0
	}
	discover := func() []draw.Distribution {
		return append(exchanges(n, 2, dhcpMessage), d.ServerDelay, d.ServerDelay)
	}
	known, why := j.known(at)
	if why != "" {
		return acquisition{}, why
	}
	var a acquisition
	verified := false
	switch {
	case len(known) == 0:
		w := j.m.DHCP.InitDelay
		a.parts = append(discover(), draw.Between(max(w.Min, first), max(w.Max, first)))
	case known[0].network == n:
		a.parts = append(exchanges(n, 1, dhcpMessage), draw.Always(first), d.ServerDelay)
	case !j.seenLease[n.Name] && n.IPv4.Overlaps(known[0].network.IPv4):
		return acquisition{}, "the server may not know whose address the node asks for"
	default: // the server refuses, and the node begins anew
		a.parts = append(append(discover(), draw.Always(first), d.ServerDelay), exchanges(n, 1, dhcpMessage)...)
	}
	if j.m.DHCP.KnownNetwork == spec.KnownDetect {
		tests := slices.DeleteFunc(slices.Clone(known), func(l lease) bool { return !l.router })
		if i := slices.IndexFunc(tests, func(l lease) bool { return l.network == n }); i >= 0 {
			asked := first + time.Duration(i)*put(n, out, arp)
			a.parts, a.router, verified = append(exchanges(n, 1, arp), draw.Always(asked)), true, true
			a.behind = max(0, first+time.Duration(len(tests))*put(n, out, arp)+put(n, out, dhcpMessage)-asked-exchange(n, arp).Min)
		} else if len(known) > 0 {
			a.parts = append(a.parts, draw.Always(time.Duration(len(tests))*put(n, out, arp)))
		}
	}
	if j.m.DHCP.ACD && !verified {
		a.parts = append(a.parts, acdTime()...)
	}
	if j.m.DHCP.ACD {
		a.behind += put(n, out, arp) // the announcement
	}
	if a.span().Max > patience && !d.ServerDelay.Zero() {
		return a, "the DHCP server may answer too late"
	}
	return a, ""
}

// dhcpObstacle says why it is open what DHCP does.
func (j *journey) dhcpObstacle(n *spec.Network, at time.Duration) string {
	d := n.DHCP
	switch {
	case d.StopsAt > 0 && at+patience > d.StopsAt && (d.RestartsAt == 0 || at < d.RestartsAt):
		return "the DHCP server may not answer"
	case !d.KeepsLeases && at > d.StopsAt && j.m.DHCP.KnownNetwork != spec.KnownDiscover:
		return "the DHCP server has forgotten its clients"
	case !d.ExcludesHosts:
		return "the address may be that of a fixed host"
	case j.m.DHCP.ACD && d.Lease < leastChecked:
		return "the lease may be over before its address is verified"
	}
	return ""
}

// known returns the leases that the node remembers at an instant, the last one first.
func (j *journey) known(at time.Duration) ([]lease, string) {
	if j.m.DHCP.KnownNetwork == spec.KnownDiscover {
		return nil, ""
	}
	if j.leasesOpen {
		return nil, "it is open which leases the mobile node remembers"
	}
	var all []lease
	for _, l := range j.leases {
		if at > l.expires[0]-renewable && at < l.expires[1]+renewable {
			return nil, "a lease may or may not have expired by then"
		}
		if at < l.expires[0] {
			all = append(all, l)
		}
	}
	return all, ""
}

// remember notes what lease the node takes along from a network, where DHCP began at an
// instant unless a Router Advertisement came first.
func (j *journey) remember(n *spec.Network, at time.Duration, advertised Span, left time.Duration) {
	if n.DHCP == nil {
		return
	}
	a, why := j.acquire(n, at)
	took := a.span()
	j.seenLease[n.Name] = true
	switch {
	case why != "":
		j.leasesOpen = true
		return
	case n.Kind == spec.KindDualStack && j.sequential() || n.Kind == spec.KindDualStack && took.Min > advertised.Max:
		return // IPv6 came first
	case at+took.Max > left || n.Kind == spec.KindDualStack && took.Max >= advertised.Min:
		j.leasesOpen = true
		return
	}
	renewal := n.DHCP.Renewal
	if renewal == 0 {
		renewal = n.DHCP.Lease / 2
	}
	end := func(asked time.Duration) time.Duration {
		if left > asked && n.Kind != spec.KindDualStack { // where IPv6 is used nothing is renewed
			asked += (left - asked) / renewal * renewal
		}
		return asked + n.DHCP.Lease
	}
	earliest, latest := end(at+took.Min), end(at+took.Max)
	l := lease{network: n, expires: [2]time.Duration{min(earliest, latest), max(earliest, latest)}, router: n.Kind == spec.KindIPv4Public || n.Kind == spec.KindISATAP || a.router}
	j.leases = slices.DeleteFunc(j.leases, func(o lease) bool { return o.network == n })
	j.leases = slices.Insert(j.leases, 0, l)
}

// takeAlong notes which lease the node has when it leaves a network that it chose at start.
func (j *journey) takeAlong(n *spec.Network, start time.Duration, h Handover, left time.Duration) {
	if j.m.DHCP.KnownNetwork == spec.KnownDiscover || n.DHCP == nil {
		return
	}
	l2 := attaching(n)
	if h.Note != "" && n.Kind != spec.KindIPv4Private || l2.Min != l2.Max && n.Kind == spec.KindDualStack {
		j.leasesOpen = true
		return
	}
	at := start + l2.Max
	if j.sequential() {
		at += j.noRouter().Mean
	}
	j.remember(n, at, h.Phases.Detect, left)
}
