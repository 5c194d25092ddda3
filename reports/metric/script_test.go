package metric

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// play runs a script of facts, one a line, into a Recorder:
//
//	TIME NODE down LINK|- TARGET      TIME NODE origin|delivery|turn FLOW SEQUENCE
//	TIME NODE up LINK                 TIME NODE held FLOW SEQUENCE
//	TIME NODE note KIND [key=value]   TIME NODE drop FLOW SEQUENCE REASON [LINK]
//	TIME NODE frame LINK SERIAL TEXT
//
// Blank lines and what follows # are ignored.
func play(t *testing.T, setup result.Setup, script string) *Recorder {
	t.Helper()
	r := New(setup, classifyText)
	for n, line := range strings.Split(script, "\n") {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		e, err := fact(setup, words)
		if err != nil {
			t.Fatalf("line %d %q: %v", n+1, line, err)
		}
		r.Record(&e)
	}
	return r
}

func fact(setup result.Setup, words []string) (e trace.Event, err error) {
	at, err := time.ParseDuration(words[0])
	if err != nil {
		return e, err
	}
	e.Time, e.Node = vtime.Time(at), words[1]
	args := words[3:]
	switch words[2] {
	case "down":
		e.Kind, e.Link, e.Target = trace.LinkDown, strings.TrimPrefix(args[0], "-"), args[1]
	case "up":
		e.Kind, e.Link = trace.LinkUp, args[0]
	case "note":
		e.Kind = trace.Milestone
		return e, note(&e.Note, args)
	case "frame":
		e.Kind, e.Link, e.Octets = trace.Transmission, args[0], []byte(strings.Join(args[2:], " "))
		e.Serial, err = strconv.ParseUint(args[1], 10, 64)
	case "origin", "delivery", "turn", "held", "drop":
		e.Kind = map[string]trace.Kind{"origin": trace.Origin, "delivery": trace.Delivery, "turn": trace.Turn,
			"held": trace.Held, "drop": trace.Drop}[words[2]]
		for i, f := range setup.Flows {
			if f.Name == args[0] {
				e.Flow = uint32(i + 1)
			}
		}
		var n uint64
		n, err = strconv.ParseUint(args[1], 10, 32)
		e.Sequence = uint32(n)
		e.Serial = uint64(e.Flow)*100 + n // each flow's packets have numbers of their own
		if e.Kind == trace.Origin {
			e.Octets = make([]byte, 60)
		}
		if e.Kind == trace.Drop {
			e.Reason = reason(args[2])
			if len(args) > 3 {
				e.Link = args[3]
			}
		}
		if e.Kind == trace.Delivery || e.Kind == trace.Drop {
			e.Overhead = 40
		}
	default:
		err = fmt.Errorf("unknown word %q", words[2])
	}
	return e, err
}

func note(n *trace.Note, args []string) error {
	for k := trace.NoteKind(1); k.String() != "note?"; k++ {
		if k.String() == args[0] {
			n.Kind = k
		}
	}
	if n.Kind == 0 {
		return fmt.Errorf("unknown milestone %q", args[0])
	}
	for _, a := range args[1:] {
		key, value, _ := strings.Cut(a, "=")
		address, err := netip.ParseAddr(value)
		if err != nil {
			return err
		}
		switch key {
		case "home":
			n.Home = address
		case "coa":
			n.CareOf = address
		case "peer":
			n.Peer = address
		default:
			return fmt.Errorf("unknown key %q", key)
		}
	}
	return nil
}

func reason(name string) trace.Reason {
	for r := trace.Reason(1); r.String() != "none"; r++ {
		if r.String() == name {
			return r
		}
	}
	panic("no reason " + name)
}

// classifyText reads frames of the form "GROUP MESSAGE OCTETS".
func classifyText(octets []byte, _ trace.LinkType) (c Class) {
	fmt.Sscan(string(octets), &c.Group, &c.Message, &c.IPOctets)
	return c
}

// roaming is a node mn with a flow towards it, one from it, and a ping in each direction.
func roaming() result.Setup {
	return result.Setup{
		Scenario: "hand-made", Mode: "draft00", Seed: 7, Duration: 100 * time.Second,
		MobileNodes: []string{"mn"},
		Networks: []result.NetworkInfo{{Name: "home", Kind: "home"}, {Name: "campus", Kind: "ipv6"},
			{Name: "cell", Kind: "ipv4-public"}, {Name: "cafe", Kind: "ipv4-private"}},
		Links: []result.LinkInfo{{Name: "home", Network: "home"}, {Name: "campus-lan", Network: "campus"},
			{Name: "cell", Network: "cell"}, {Name: "cafe", Network: "cafe"}, {Name: "core", Type: trace.RawIP}},
		Flows: []result.FlowInfo{
			{Name: "down", Kind: "cbr", Family: "ipv6", From: "cn", To: "mn", MobileNode: "mn", TowardsMobile: true},
			{Name: "out", Kind: "cbr", Family: "ipv4", From: "mn", To: "cn", MobileNode: "mn"},
			{Name: "ping-out", Kind: "ping", Family: "ipv6", From: "mn", To: "cn", MobileNode: "mn"},
			{Name: "ping-in", Kind: "ping", Family: "ipv6", From: "cn", To: "mn", MobileNode: "mn", TowardsMobile: true},
		},
	}
}

// finish returns the result, which must be free of contradictions.
func finish(t *testing.T, r *Recorder, end time.Duration) *result.Result {
	t.Helper()
	res, err := r.Result(vtime.Time(end), 1)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// show writes an optional number for comparison.
func show(v *float64) string {
	if v == nil {
		return "null"
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}
