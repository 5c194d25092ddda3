package conformance

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/gopacket/gopacket/pcapgo"

	"dsmipsim/reports/pcapng"
	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
)

// A packet number in a verdict is that of the frame in the capture: both count alike.
func TestPacketNumbersAreFrameNumbers(t *testing.T) {
	for _, name := range scenarioNames {
		s, skipped, err := load(name)
		if err != nil {
			t.Fatal(err)
		}
		if skipped != nil {
			continue
		}
		var file bytes.Buffer
		var w *pcapng.Writer
		if _, err := Capture(name, func(setup result.Setup) ([]trace.Sink, error) {
			w, err = pcapng.New(&file, setup)
			return []trace.Sink{w}, err
		}); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		r, err := gather(name, s, Breakage{})
		if err != nil {
			t.Fatal(err)
		}
		frames, err := pcapgo.NewNgReader(&file, pcapgo.NgReaderOptions{WantMixedLinkType: true})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for ; ; n++ {
			octets, _, err := frames.ReadPacketData()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil || n >= len(r.Packets) || !bytes.Equal(octets, r.Packets[n].Octets) {
				t.Fatalf("%s: frame %d is not packet %d of the judge (%v)", name, n+1, n+1, err)
			}
		}
		if n != len(r.Packets) {
			t.Errorf("%s: %d frames, the judge has %d packets", name, n, len(r.Packets))
		}
	}
}
