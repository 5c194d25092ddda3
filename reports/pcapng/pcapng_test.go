package pcapng

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

func setup() result.Setup {
	return result.Setup{Scenario: "two nodes", MobileNodes: []string{"mn1", "mn2"},
		Links: []result.LinkInfo{{Name: "campus-lan", Network: "campus"}, {Name: "cell", Network: "cell"},
			{Name: "core", Type: trace.RawIP, Ends: [2]string{"r", "s"}}}}
}

// datagram is an IPv4 UDP datagram without payload; its checksums are right.
var datagram, _ = hex.DecodeString("4500001c0001000040118e9ac0000201c6336401" + "03e803e900080bd7")

func frame() []byte {
	return append([]byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00}, datagram...)
}

// capture writes frames before, during and after handovers of two nodes.
func capture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := New(&b, setup())
	if err != nil {
		t.Fatal(err)
	}
	send := func(at time.Duration, link string) {
		e := trace.Event{Time: vtime.Time(at), Kind: trace.Transmission, Node: "r", Link: link, Octets: frame()}
		if link == "core" {
			e.LinkType, e.Octets = trace.RawIP, datagram
		}
		w.Record(&e)
	}
	state := func(at time.Duration, node string, kind trace.Kind, link, target string, note trace.NoteKind) {
		w.Record(&trace.Event{Time: vtime.Time(at), Kind: kind, Node: node, Link: link, Target: target, Note: trace.Note{Kind: note}})
	}
	const s = time.Second
	state(0, "mn1", trace.LinkUp, "campus-lan", "", 0)
	send(1*s+1, "campus-lan")
	state(2*s, "mn1", trace.LinkDown, "campus-lan", "cell", 0)
	send(3*s, "core")
	state(4*s, "mn1", trace.LinkUp, "cell", "", 0)
	state(4*s, "mn2", trace.LinkDown, "cell", "campus-lan", 0)
	send(5*s, "cell")
	state(6*s, "mn1", trace.Milestone, "", "", trace.MovementDetected)
	state(6*s, "mn2", trace.LinkUp, "campus-lan", "", 0)
	send(7*s, "cell")
	state(8*s, "mn1", trace.Milestone, "", "", trace.CareOfAddressReady)
	state(8*s, "mn2", trace.Milestone, "", "", trace.UnsupportedNetwork)
	state(8*s, "mn1", trace.Milestone, "", "", trace.BindingUpdateSent)
	send(9*s, "cell")
	state(10*s, "mn1", trace.Milestone, "", "", trace.BindingAccepted)
	send(11*s+999999999, "cell")
	state(12*s, "mn1", trace.LinkDown, "cell", "campus-lan", 0)
	send(13*s, "cell")
	state(14*s, "mn1", trace.LinkDown, "", "cell", 0) // supersedes
	send(15*s, "cell")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var wantPackets = []string{
	"1.000000001 campus-lan Ethernet 42 ",
	"3.000000000 core Raw 28 mn1 handover 1 campus->cell: l2",
	"5.000000000 cell Ethernet 42 mn1 handover 1 campus->cell: detect; mn2 handover 1 cell->campus: l2",
	"7.000000000 cell Ethernet 42 mn1 handover 1 campus->cell: address; mn2 handover 1 cell->campus: detect",
	"9.000000000 cell Ethernet 42 mn1 handover 1 campus->cell: register",
	"11.999999999 cell Ethernet 42 ",
	"13.000000000 cell Ethernet 42 mn1 handover 2 cell->campus: l2",
	"15.000000000 cell Ethernet 42 mn1 handover 3 cell->cell: l2",
}

func TestCaptureReadByGopacket(t *testing.T) {
	r, err := pcapgo.NewNgReader(bytes.NewReader(capture(t)), pcapgo.NgReaderOptions{WantMixedLinkType: true})
	if err != nil {
		t.Fatal(err)
	}
	if s := r.SectionInfo(); s.Hardware != "" || s.OS != "" || s.Application != "dsmipsim" {
		t.Errorf("section %+v", s)
	}
	var got []string
	for {
		data, ci, opts, err := r.ReadPacketDataWithOptions()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		i, err := r.Interface(ci.InterfaceIndex)
		if err != nil {
			t.Fatal(err)
		}
		want := frame()
		if i.LinkType == layers.LinkTypeRaw {
			want = datagram
			if opts.Flags == nil || opts.Flags.Direction != pcapgo.NgEpbFlagDirectionOutbound {
				t.Errorf("packet %d: flags %+v, want outbound", len(got)+1, opts.Flags)
			}
		}
		if !bytes.Equal(data, want) {
			t.Errorf("packet %d: octets %x", len(got)+1, data)
		}
		ns := ci.Timestamp.UnixNano()
		got = append(got, fmt.Sprintf("%d.%09d %s %v %d %s", ns/1e9, ns%1e9, i.Name, i.LinkType, ci.Length, strings.Join(opts.Comments, "|")))
	}
	if strings.Join(got, "\n") != strings.Join(wantPackets, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(wantPackets, "\n"))
	}
}

// TestCaptureReadByTshark asks the tool that users have. With DSMIPSIM_ORACLES=1 it must be there.
func TestCaptureReadByTshark(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		if os.Getenv("DSMIPSIM_ORACLES") == "1" {
			t.Fatal("tshark is required by DSMIPSIM_ORACLES=1: ", err)
		}
		t.Skip("tshark is not installed")
	}
	file := filepath.Join(t.TempDir(), "packets.pcapng")
	if err := os.WriteFile(file, capture(t), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tshark, "-r", file, "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE",
		"-T", "fields", "-e", "frame.time_epoch", "-e", "frame.interface_name", "-e", "frame.len",
		"-e", "frame.comment", "-e", "_ws.malformed", "-e", "_ws.expert").Output()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, line := range wantPackets {
		w := strings.SplitN(line, " ", 5)
		expert := ""
		if w[4] != "" {
			expert = "Expert Info (Comment/Comment): " + w[4] // tshark counts a comment as expert information
		}
		want = append(want, strings.Join([]string{w[0], w[1], w[3], w[4], "", expert}, "\t"))
	}
	got := strings.ReplaceAll(strings.TrimRight(string(out), "\n"), "  ", " ")
	if got != strings.Join(want, "\n") {
		t.Errorf("tshark reads\n%q\nwant\n%q", got, strings.Join(want, "\n"))
	}
}

// The optimisation of routes is over when the last correspondent has the binding, which is a fact
// of the correspondent.
func TestOptimisationEndsAtTheCorrespondent(t *testing.T) {
	var b bytes.Buffer
	w, err := New(&b, setup())
	if err != nil {
		t.Fatal(err)
	}
	agent, peer, home := netip.MustParseAddr("2001:db8:100::1"), netip.MustParseAddr("2001:db8:c::1"), netip.MustParseAddr("2001:db8:100::1000")
	at := vtime.Time(0)
	state := func(node string, kind trace.Kind, link string, note trace.NoteKind, with netip.Addr) {
		at += vtime.Time(time.Second)
		w.Record(&trace.Event{Time: at, Kind: kind, Node: node, Link: link, Note: trace.Note{Kind: note, Home: home, Peer: with}})
		w.Record(&trace.Event{Time: at, Kind: trace.Transmission, Node: "r", Link: "core", LinkType: trace.RawIP, Octets: datagram})
	}
	state("mn1", trace.LinkDown, "cell", 0, netip.Addr{})
	state("mn1", trace.LinkUp, "campus-lan", 0, netip.Addr{})
	state("mn1", trace.Milestone, "", trace.MovementDetected, netip.Addr{})
	state("mn1", trace.Milestone, "", trace.BindingUpdateSent, agent)
	state("mn1", trace.Milestone, "", trace.BindingAccepted, agent)
	state("mn1", trace.Milestone, "", trace.RouteOptimizationStarted, peer)
	state("other", trace.Milestone, "", trace.BindingCreated, agent)
	state("cn", trace.Milestone, "", trace.BindingCreated, peer)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := pcapgo.NewNgReader(&b, pcapgo.NgReaderOptions{WantMixedLinkType: true})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for range int(at / vtime.Time(time.Second)) {
		_, _, opts, err := r.ReadPacketDataWithOptions()
		if err != nil {
			t.Fatal(err)
		}
		_, phase, _ := strings.Cut(strings.Join(opts.Comments, "|"), ": ")
		got = append(got, phase)
	}
	want := []string{"l2", "detect", "address", "register", "", "route_optimization", "route_optimization", ""}
	if !slices.Equal(got, want) {
		t.Errorf("phases %q, want %q", got, want)
	}
}

func TestCaptureIsTheSameEachTime(t *testing.T) {
	if !bytes.Equal(capture(t), capture(t)) {
		t.Error("two captures of the same facts differ")
	}
}

func TestUnknownLink(t *testing.T) {
	w, err := New(io.Discard, setup())
	if err != nil {
		t.Fatal(err)
	}
	w.Record(&trace.Event{Kind: trace.Transmission, Node: "r", Link: "nowhere"})
	if err := w.Close(); err == nil || !strings.Contains(err.Error(), `"nowhere"`) {
		t.Errorf("error %v", err)
	}
}
