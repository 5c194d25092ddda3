package scenarios

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dsmipsim/nodes/wire"
	"dsmipsim/reports/espsa"
	"dsmipsim/reports/pcapng"
	"dsmipsim/reports/result"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
	"dsmipsim/topology"
)

// captured is a run's capture in the hands of tshark, with the run's keys.
type captured struct {
	t       *testing.T
	file    string
	profile string // holds wireshark/esp_sa
}

// capture runs a scenario into a capture. tamper may be nil.
func capture(t *testing.T, s *spec.Spec, tamper topology.Tamper) captured {
	t.Helper()
	if _, err := exec.LookPath("tshark"); err != nil {
		if os.Getenv("DSMIPSIM_ORACLES") != "" {
			t.Fatal("tshark is required here: ", err)
		}
		t.Skip("tshark is not installed")
	}
	dir := t.TempDir()
	c := captured{t, filepath.Join(dir, "packets.pcapng"), dir}
	out, err := os.Create(c.file)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := os.Mkdir(filepath.Join(dir, "wireshark"), 0o755); err != nil {
		t.Fatal(err)
	}
	keys, err := os.Create(filepath.Join(dir, "wireshark", "esp_sa"))
	if err != nil {
		t.Fatal(err)
	}
	defer keys.Close()
	var w *pcapng.Writer
	_, err = Run("test", s, Options{Tamper: tamper, Sinks: func(setup result.Setup) ([]trace.Sink, error) {
		if err := espsa.Write(keys, setup.Associations); err != nil {
			return nil, err
		}
		w, err = pcapng.New(out, setup)
		return []trace.Sink{w}, err
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return c
}

// tshark returns the fields of the frames that pass a filter, one line for each.
func (c captured) tshark(filter string, fields ...string) []string {
	c.t.Helper()
	args := []string{
		"-r", c.file, "-Y", filter, "-T", "fields",
		"-o", "esp.enable_encryption_decode:TRUE", "-o", "esp.enable_authentication_check:TRUE",
		"-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE",
		"-o", "ip.defragment:TRUE", "-o", "ipv6.defragment:TRUE",
	}
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	cmd := exec.Command("tshark", args...)
	cmd.Env = append(os.Environ(), "XDG_CONFIG_HOME="+c.profile, "HOME="+c.profile)
	b, err := cmd.Output()
	if err != nil {
		c.t.Fatalf("tshark: %v", err)
	}
	if len(b) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
}

// troubled is what tshark may find wrong with a frame.
const troubled = `_ws.malformed || _ws.expert.severity >= "Error" || esp.icv_bad == 1 || ip.checksum.status == "Bad" || udp.checksum.status == "Bad" || icmpv6.checksum.status == "Bad" || icmp.checksum.status == "Bad"`

// fine fails if tshark finds something wrong with a frame.
func (c captured) fine() {
	c.t.Helper()
	for _, line := range c.tshark(troubled, "frame.number", "frame.interface_name", "_ws.expert.message") {
		c.t.Errorf("tshark objects to %s", line)
	}
}

// With the keys of the run tshark opens and verifies every ESP packet, whatever the
// algorithms.
func TestESPByTshark(t *testing.T) {
	for _, cipher := range []spec.ESPCipher{"null", "aes-cbc"} {
		for _, integrity := range []spec.ESPIntegrity{"hmac-sha1-96", "hmac-sha-256-128"} {
			t.Run(string(cipher)+" "+string(integrity), func(t *testing.T) {
				s := load(t, "library/esp-aes.toml")
				s.Protocol.ESPCipher, s.Protocol.ESPIntegrity = cipher, integrity
				c := capture(t, s, nil)
				c.fine()
				all := c.tshark("esp", "frame.number")
				good := c.tshark("esp.icv_good == 1 && mip6.mhtype", "mip6.mhtype", "mip6.bu.seqnr")
				if len(all) < 10 || len(good) != len(all) {
					t.Errorf("%d of %d ESP packets verified and decrypted:\n%s", len(good), len(all), strings.Join(good, "\n"))
				}
			})
		}
	}
}

// tshark finds nothing wrong with the discovery of home agents, and reads what we meant.
func TestDiscoveryByTshark(t *testing.T) {
	c := capture(t, load(t, "library/home-agent-discovery.toml"), nil)
	c.fine()
	got := c.tshark("icmpv6.type == 145", "frame.interface_name", "icmpv6.mip6.home_agent_address")
	if want := "campus\t2001:db8:100::2,2001:db8:100::1"; !slices.Contains(got, want) {
		t.Errorf("replies %q, want %q among them", got, want)
	}
	ra := c.tshark(`icmpv6.type == 134 && icmpv6.nd.ra.router_lifetime == 0`, "icmpv6.opt.home_agent_preference", "icmpv6.nd.ra.flag.h")
	if len(ra) == 0 || ra[0] != "10\t1" {
		t.Errorf("advertisements of the home agent that is no router: preference and H flag %q, want 10 and 1", ra[:min(1, len(ra))])
	}
}

// Nor with prefix discovery, under ESP, from an IPv6 network and from one that has only IPv4.
func TestPrefixesByTshark(t *testing.T) {
	s := load(t, "library/prefix-discovery.toml", "protocol.mps_over_ipv4=true", "protocol.esp_cipher=aes-cbc")
	c := capture(t, s, nil)
	c.fine()
	for link, want := range map[string]int{"campus": 5, "cell": 2} {
		got := c.tshark(`frame.interface_name == "`+link+`" && (icmpv6.type == 146 || icmpv6.type == 147) && esp.icv_good == 1`, "icmpv6.type", "ip.proto")
		if len(got) != want {
			t.Errorf("%s: %d messages, want %d: %q", link, len(got), want, got)
		}
		for _, line := range got {
			if strings.HasSuffix(line, "\t41") != (link == "cell") {
				t.Errorf("%s: type and protocol of IPv4: %q", link, line)
			}
		}
	}
}

// Tunnel mode ESP, over IPv6 and over IPv4: tshark verifies every packet with the run's keys,
// and sees no Home Test Init or Home Test in the clear where mobile nodes visit (row B-45).
func TestTunnelledESPByTshark(t *testing.T) {
	for _, c := range []struct {
		scenario, key string
		clear         string // what must not be seen outside ESP
		links         []string
	}{
		{"route-optimization", "protocol.ipsec_home_tests", "(mip6.mhtype == 1 || mip6.mhtype == 3)", []string{"campus", "library", "cell"}},
		{"roaming", "protocol.ipsec_payload", "udp.dstport >= 5000", []string{"campus", "cell"}},
	} {
		t.Run(c.scenario, func(t *testing.T) {
			p := capture(t, load(t, "library/"+c.scenario+".toml", "expect=[]", c.key+"=true", "protocol.esp_cipher=aes-cbc"), nil)
			p.fine()
			if bad := p.tshark("esp && !(esp.icv_good == 1)", "frame.number", "frame.interface_name"); len(bad) > 0 {
				t.Errorf("%d ESP packets that tshark cannot verify, the first of them %q", len(bad), bad[0])
			}
			for _, link := range c.links {
				on := `frame.interface_name == "` + link + `" && !icmpv6 && !icmp && ` // errors quote what they are about
				if link != "library" && link != "cell" {
					if sealed := p.tshark(on+c.clear+" && esp", "frame.number"); len(sealed) == 0 {
						t.Errorf("%s: nothing in ESP", link)
					}
				}
				if bare := p.tshark(on+c.clear+" && !esp", "frame.number"); len(bare) > 0 {
					t.Errorf("%s: %d packets in the clear, the first of them %s", link, len(bare), bare[0])
				}
			}
		})
	}
}

// A single flipped bit is told, by tshark and by the receiver, who drops the packet.
func TestFlippedBitByTshark(t *testing.T) {
	flipped := 0
	c := capture(t, load(t, "library/esp-aes.toml"), func(_ vtime.Time, from *topology.Port, b []byte) []byte {
		const protocol = 14 + 40 // behind Ethernet and IPv6 the Destination Options
		if from.Name == "wlan0" && len(b) == 14+152 && b[20] == wire.ProtoDestOpts && b[protocol] == wire.ProtoESP {
			b[len(b)-20] ^= 1 // in the ciphertext
			flipped++
		}
		return b
	})
	if bad := c.tshark("esp.icv_bad == 1", "frame.number"); flipped == 0 || len(bad) < flipped {
		t.Errorf("%d Binding Updates were damaged, tshark names %v", flipped, bad)
	}
}
