package conformance

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"dsmipsim/reports/espsa"
	"dsmipsim/reports/pcapng"
	"dsmipsim/reports/result"
	"dsmipsim/scenarios"
	"dsmipsim/sim/trace"
)

// troubled is what tshark may find wrong with a frame.
const troubled = `_ws.malformed || _ws.expert.severity >= "Error" || esp.icv_bad == 1 || ip.checksum.status == "Bad" || udp.checksum.status == "Bad" || icmpv6.checksum.status == "Bad" || icmp.checksum.status == "Bad"`

// tshark, with the keys of the run, finds nothing wrong with any frame of any scenario that is
// not forged, and counts the frames as the judge does.
func TestLibraryByTshark(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		if os.Getenv("DSMIPSIM_ORACLES") != "" {
			t.Fatal("tshark is required here: ", err)
		}
		t.Skip("tshark is not installed")
	}
	if testing.Short() {
		t.Skip("starts tshark once for each scenario")
	}
	for _, name := range scenarioNames {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, skipped, err := load(name)
			if err != nil {
				t.Fatal(err)
			}
			if skipped != nil {
				t.Skip(skipped.Why)
			}
			dir := t.TempDir()
			file, err := os.Create(filepath.Join(dir, "packets.pcapng"))
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			if err := os.Mkdir(filepath.Join(dir, "wireshark"), 0o755); err != nil {
				t.Fatal(err)
			}
			keys, err := os.Create(filepath.Join(dir, "wireshark", "esp_sa"))
			if err != nil {
				t.Fatal(err)
			}
			defer keys.Close()
			var w *pcapng.Writer
			if _, err := scenarios.Run(name, s, scenarios.Options{Sinks: func(setup result.Setup) ([]trace.Sink, error) {
				if err := espsa.Write(keys, setup.Associations); err != nil {
					return nil, err
				}
				w, err = pcapng.New(file, setup)
				return []trace.Sink{w}, err
			}}); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			r, err := gather(name, s, Breakage{})
			if err != nil {
				t.Fatal(err)
			}
			frames := 0
			for _, line := range tshark(t, dir, "frame", "frame.number") {
				if n, _ := strconv.Atoi(line); n > frames {
					frames = n
				}
			}
			if frames != len(r.Packets) {
				t.Errorf("tshark counts %d frames, the judge %d", frames, len(r.Packets))
			}
			for _, line := range tshark(t, dir, troubled, "frame.number", "_ws.expert.message") {
				number, _, _ := strings.Cut(line, "\t")
				n, err := strconv.Atoi(number)
				if err != nil || n > len(r.Packets) {
					t.Errorf("tshark objects to %s", line)
				} else if p := r.Packets[n-1]; !forged(p) && !r.isForged(p) && !r.quotesForged(p) {
					t.Errorf("tshark objects to %s (%s on %s)", line, p.Node, p.Link)
				}
			}
		})
	}
}

// quotesForged reports whether an ICMP error is about a forged packet.
func (r *Run) quotesForged(p *Packet) bool {
	var quoted []byte
	switch {
	case p.ICMP6 != nil && p.ICMP6.IsError():
		quoted = p.ICMP6.Quoted()
	case p.ICMP4 != nil && p.ICMP4.IsError():
		quoted = p.ICMP4.Quoted()
	}
	for _, f := range r.Forgeries {
		if len(f.Upper) >= 8 && containsOctets(quoted, f.Upper[:8]) {
			return true
		}
	}
	return false
}

// tshark returns a line of fields for each frame that passes a filter.
func tshark(t *testing.T, dir, filter string, fields ...string) []string {
	t.Helper()
	args := []string{
		"-r", filepath.Join(dir, "packets.pcapng"), "-Y", filter, "-T", "fields",
		"-o", "esp.enable_encryption_decode:TRUE", "-o", "esp.enable_authentication_check:TRUE",
		"-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE",
	}
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	cmd := exec.Command("tshark", args...)
	cmd.Env = append(os.Environ(), "XDG_CONFIG_HOME="+dir, "HOME="+dir)
	b, err := cmd.Output()
	if err != nil {
		t.Fatalf("tshark: %v", err)
	}
	if len(b) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
}
