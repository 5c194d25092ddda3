package dhcp

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/sim/vtime"
)

// TestTranscripts plays the files in testdata. Commands:
//
//	server subnet=P [first=A last=A exclude=(A,A)] lease=D [delay=D t1=D t2=D down=(D,D) forgets]
//	client NAME [wait=(D,D) verify=D]    with verify, each address is checked for that long
//	taken A                  from now on the check of that address fails
//	start NAME, stop NAME    and what that causes at once
//	remember NAME            keeps the present lease for
//	reboot NAME              which asks for it again, and
//	confirm NAME             which takes it into use
//	decline NAME, release NAME
//	lose N                   the next N frames
//	cut, mend                all frames, until mended
//	run D                    lets time pass and prints the transcript
//	forget NAME              the server loses its memory of the client
//	leases                   what the server has granted
func TestTranscripts(t *testing.T) {
	datadriven.Walk(t, "testdata/transcripts", func(t *testing.T, path string) {
		l := newLink(t)
		var server *Server
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "server":
				server = l.addServer(serverConfig(t, d))
				return ""
			case "client":
				var cfg Config
				if d.HasArg("wait") {
					var from, to string
					d.ScanArgs(t, "wait", &from, &to)
					cfg.InitDelayMin, cfg.InitDelayMax = duration(t, from), duration(t, to)
				}
				c := l.addClient(d.CmdArgs[0].Key, cfg)
				if d.HasArg("verify") {
					var wait string
					d.ScanArgs(t, "verify", &wait)
					c.cfg.Verifier = &verifier{l, l.node(d.CmdArgs[0].Key), duration(t, wait), c.stack.Timers.New(nil)}
				}
				return ""
			case "taken":
				l.taken = netip.MustParseAddr(d.CmdArgs[0].Key)
				return ""
			case "remember":
				n := l.node(d.CmdArgs[0].Key)
				n.before, _ = n.client.Held()
				return fmt.Sprintf("%v until %.3f\n", n.before.Address, float64(n.before.Expires)/1e9)
			case "start", "stop", "reboot", "confirm", "decline", "release":
				n := l.node(d.CmdArgs[0].Key)
				switch d.Cmd {
				case "start":
					n.client.Start(l.now)
				case "reboot":
					n.client.Reboot(l.now, n.before)
				case "confirm":
					n.client.Confirm(l.now, n.before)
				case "decline":
					n.client.Decline(l.now)
				case "release":
					n.client.Relinquish(l.now)
				default:
					n.client.Stop(l.now)
				}
				if n.client.State() < Bound && d.Cmd != "start" && !n.client.inUse() {
					for _, a := range n.stack.Addresses() {
						n.stack.RemoveAddress(a.Addr)
					}
				}
				l.drain(n)
				return fmt.Sprintf("%s%v\n", l.transcript(), n.client.State())
			case "lose":
				if _, err := fmt.Sscan(d.CmdArgs[0].Key, &l.lose); err != nil {
					t.Fatal(err)
				}
				return ""
			case "cut", "mend":
				l.cut = d.Cmd == "cut"
				return ""
			case "run":
				l.run(l.now.Add(duration(t, d.CmdArgs[0].Key)))
				return l.transcript()
			case "forget":
				server.pool.forget(server.pool.byMAC[l.node(d.CmdArgs[0].Key).stack.Interface(0).MAC])
				return ""
			case "leases":
				s := ""
				for _, n := range l.nodes[1:] {
					a, ok := server.Leased(n.stack.Interface(0).MAC)
					s += fmt.Sprintf("%s %v %v %v\n", n.name, a, ok, n.client.State())
				}
				return s
			}
			t.Fatalf("unknown command %s", d.Cmd)
			return ""
		})
	})
}

// verifier stands for address conflict detection.
type verifier struct {
	l     *link
	n     *node
	wait  time.Duration
	timer *machine.Timer
}

func (v *verifier) Probe(now vtime.Time, a netip.Addr, done func(now vtime.Time, unique bool)) {
	v.l.say(v.n, "checks %v", a)
	v.timer = v.n.stack.Timers.New(func(now vtime.Time) { done(now, a != v.l.taken) })
	ip.After(v.timer, now, v.wait)
}

func (v *verifier) Stop() {
	v.l.say(v.n, "stops checking")
	v.timer.Stop()
}

func duration(t *testing.T, s string) time.Duration {
	t.Helper()
	v, err := time.ParseDuration(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func serverConfig(t *testing.T, d *datadriven.TestData) ServerConfig {
	t.Helper()
	var cfg ServerConfig
	for _, a := range d.CmdArgs {
		v := ""
		if len(a.Vals) > 0 {
			v = a.Vals[0]
		}
		switch a.Key {
		case "subnet":
			cfg.Subnet = netip.MustParsePrefix(v)
			cfg.Address = cfg.Subnet.Addr().Next()
			cfg.Router = cfg.Address
		case "first":
			cfg.First = netip.MustParseAddr(v)
		case "last":
			cfg.Last = netip.MustParseAddr(v)
		case "exclude":
			for _, x := range a.Vals {
				cfg.Exclude = append(cfg.Exclude, netip.MustParseAddr(x))
			}
		case "lease":
			cfg.Lease = duration(t, v)
		case "delay":
			delay := duration(t, v)
			cfg.Delay = func() time.Duration { return delay }
		case "t1":
			cfg.Renewal = duration(t, v)
		case "t2":
			cfg.Rebinding = duration(t, v)
		case "down":
			cfg.Stops, cfg.Restarts = vtime.Time(duration(t, v)), vtime.Never
			if len(a.Vals) > 1 {
				cfg.Restarts = vtime.Time(duration(t, a.Vals[1]))
			}
		case "forgets":
			cfg.Forgets = true
		default:
			t.Fatalf("unknown argument %s", a.Key)
		}
	}
	return cfg
}

// TestRetransmissionTimes: 4, 8, 16, 32, 64, 64 s, each with a uniform second either way
// (RFC 2131 section 4.1).
func TestRetransmissionTimes(t *testing.T) {
	base := []time.Duration{4, 8, 16, 32, 64, 64, 64}
	low, high := make([]time.Duration, len(base)), make([]time.Duration, len(base))
	for i := range low {
		low[i] = time.Hour
	}
	for seed := range uint64(300) {
		l := newLink(t)
		c := l.addClient("mn", Config{})
		c.rand = newRand(seed)
		l.cut = true
		c.Start(0)
		l.drain(l.nodes[0])
		at := vtime.Time(0)
		for i := range base {
			next := l.nodes[0].stack.Deadline()
			wait := next.Sub(at)
			low[i], high[i] = min(low[i], wait), max(high[i], wait)
			l.run(next)
			at = next
		}
	}
	for i, b := range base {
		b *= time.Second
		if low[i] < b-time.Second || low[i] > b-900*time.Millisecond || high[i] > b+time.Second || high[i] < b+900*time.Millisecond {
			t.Errorf("wait %d is from %v to %v, want %v +- 1 s, all of it", i+1, low[i], high[i], b)
		}
	}
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }
