package conformance

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"dsmipsim/reports/espsa"
	"dsmipsim/reports/pcapng"
	"dsmipsim/reports/result"
	"dsmipsim/scenarios"
	"dsmipsim/sim/trace"
)

// What is judged here is judged by programs of others, or written apart from all Go code: tshark,
// and testdata/judge.py, which takes packets apart with scapy.
const python = "/usr/bin/python3"

// required skips a test without one of its tools, unless the tools must be there.
func required(t *testing.T, tool string, probe ...string) {
	t.Helper()
	if err := exec.Command(probe[0], probe[1:]...).Run(); err != nil {
		if os.Getenv("DSMIPSIM_ORACLES") != "" {
			t.Fatalf("%s is required here: %v", tool, err)
		}
		t.Skipf("%s is not installed", tool)
	}
}

func requireTshark(t *testing.T) { t.Helper(); required(t, "tshark", "tshark", "--version") }
func requireScapy(t *testing.T)  { t.Helper(); required(t, "scapy", python, "-c", "import scapy") }

// evidence is the capture of a run in a directory: packets.pcapng, esp_sa, and forged with the
// numbers of the frames that carry what was forged on purpose. Those are nobody's fault.
type evidence struct {
	name   string
	dir    string
	forged []int
}

// extra are scenarios of the program that the outside judges look at beside the library, with
// fewer test packets than they have by themselves, and with all algorithms of ESP.
var extra = []struct {
	name string
	sets string
}{
	{"roaming", "flow.voice6.interval=400ms flow.voice6-up.interval=400ms flow.voice4.interval=400ms flow.voice4-up.interval=400ms"},
	{"route-optimization", "flow.down.interval=400ms flow.up.interval=400ms flow.up-old.interval=400ms flow.down4.interval=400ms"},
	{"tunnel-mtu", "flow.down6.interval=400ms flow.up6.interval=400ms flow.down4.interval=400ms flow.up4.interval=400ms"},
	{"isatap-access", ""},
	{"home-agent-discovery", "flow.voice6.interval=400ms"},
	{"esp-aes", "protocol.esp_cipher=null protocol.esp_integrity=hmac-sha1-96"},
	{"esp-aes", "protocol.esp_cipher=null protocol.esp_integrity=hmac-sha-256-128"},
	{"esp-aes", "protocol.esp_cipher=aes-cbc protocol.esp_integrity=hmac-sha1-96"},
	{"esp-aes", "protocol.esp_cipher=aes-cbc protocol.esp_integrity=hmac-sha-256-128"},
}

// sinks is what Capture is given.
type sinks = func(result.Setup) ([]trace.Sink, error)

// record runs a scenario into the directory under its name.
func record(t *testing.T, under, name string, run func(sinks) ([]int, error)) evidence {
	t.Helper()
	e := evidence{name: name, dir: filepath.Join(under, name)}
	if err := os.Mkdir(e.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	create := func(name string) *os.File {
		f, err := os.Create(filepath.Join(e.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	packets, keys := create("packets.pcapng"), create("esp_sa")
	var w *pcapng.Writer
	var err error
	e.forged, err = run(func(setup result.Setup) ([]trace.Sink, error) {
		if err := espsa.Write(keys, setup.Associations); err != nil {
			return nil, err
		}
		var err error
		w, err = pcapng.New(packets, setup)
		return []trace.Sink{w}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Close(), packets.Close(), keys.Close()); err != nil {
		t.Fatal(err)
	}
	e.writeForged(t)
	return e
}

func (e *evidence) writeForged(t *testing.T) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(e.dir, "forged"), []byte(strings.Trim(fmt.Sprint(e.forged), "[]")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}

// recordLibrary is record for a scenario of the library.
func recordLibrary(t *testing.T, under, name string) evidence {
	t.Helper()
	return record(t, under, name, func(to sinks) ([]int, error) { return Capture(name, to) })
}

// recordAll records the library and what is extra.
func recordAll(t *testing.T, under string) (all []evidence) {
	t.Helper()
	for _, name := range Scenarios() {
		if _, skipped, err := load(name); err == nil && skipped != nil && slices.Contains(pending, name) {
			t.Logf("skipped: %s: %s", name, skipped.Why)
			continue
		}
		all = append(all, recordLibrary(t, under, name))
	}
	for i, x := range extra {
		all = append(all, record(t, under, fmt.Sprintf("bundled-%s-%d", x.name, i), func(to sinks) ([]int, error) {
			entry, ok := scenarios.Find(x.name)
			if !ok {
				return nil, fmt.Errorf("no scenario %s", x.name)
			}
			s, err := entry.Load(strings.Fields(x.sets)...)
			if err != nil {
				return nil, err
			}
			return capture(x.name, s, to)
		}))
	}
	return all
}

// atLeast fails for each kind of which there was less to judge than it takes to be a judgement.
func atLeast(t *testing.T, counts, want map[string]int) {
	t.Helper()
	for kind, n := range want {
		if counts[kind] < n {
			t.Errorf("%d %s were judged, want at least %d", counts[kind], kind, n)
		}
	}
}

// Two outside judges find nothing wrong with any packet that the nodes of a scenario sent, and
// have seen enough of each kind to say so.
func TestOutsideJudges(t *testing.T) {
	all := recordAll(t, t.TempDir())
	var byTshark, byScapy map[string]int
	t.Run("tshark", func(t *testing.T) {
		requireTshark(t)
		byTshark = map[string]int{}
		for _, e := range all {
			for _, o := range e.tshark(t, byTshark) {
				t.Errorf("%s: tshark objects to %s", e.name, o)
			}
		}
		atLeast(t, byTshark, map[string]int{
			"packets": 50000, "ip.checksum": 25000, "udp.checksum": 35000, "icmpv6.checksum": 8000, "icmp.checksum": 300, "esp.icv": 500,
		})
		t.Logf("tshark: %v", byTshark)
	})
	t.Run("scapy", func(t *testing.T) {
		requireScapy(t)
		j := judgePy(t, all)
		for _, p := range j.problems {
			t.Error(p)
		}
		byScapy = j.Total
		atLeast(t, byScapy, map[string]int{
			"packets": 50000, "frames.ethernet": 20000, "frames.raw": 25000,
			"checksums.ipv4": 25000, "checksums.udp": 35000, "checksums.icmpv6": 8000, "checksums.icmpv4": 300, "checksums.mobility": 700,
			"arp": 150, "dhcp": 100, "reassembled": 1000, "home_address": 1000, "routing2": 1500,
			"icvs": 500, "icvs.null.hmac-sha1": 450, "icvs.null.hmac-sha256": 8, "icvs.aes-cbc.hmac-sha1": 8, "icvs.aes-cbc.hmac-sha256": 20,
			"options.2": 5, "options.3": 280, "options.4": 30, "options.5": 60, "options.253": 230, "options.254": 160,
			"tokens": 40, "authenticators.bu": 20, "authenticators.ba": 20, "authenticators.deletion": 10, "authenticators.deletion_ba": 10,
			"authenticators.distinct": 15,
		})
		t.Logf("scapy: %v", byScapy)
	})
	if byTshark != nil && byScapy != nil {
		for one, other := range map[string]string{"packets": "packets", "forged": "forged", "esp.icv": "icvs"} {
			if byTshark[one] != byScapy[other] {
				t.Errorf("tshark has judged %d %s, scapy %d", byTshark[one], one, byScapy[other])
			}
		}
	}
}

// tsharkFields is what tshark is asked about each frame.
var tsharkFields = []string{
	"frame.number", "frame.interface_name", "_ws.malformed", "_ws.expert.severity", "_ws.expert.message",
	"ip.checksum.status", "udp.checksum.status", "tcp.checksum.status", "icmp.checksum.status", "icmpv6.checksum.status",
	"esp.spi", "esp.icv_good", "icmpv6.type",
}

// expertError is the severity of an error, the highest.
const expertError = 8388608

// run returns tshark's output about the frames that pass a filter, with the keys of the run.
func (e *evidence) run(t *testing.T, filter string, fields ...string) []string {
	t.Helper()
	args := []string{
		"-r", filepath.Join(e.dir, "packets.pcapng"), "-Y", filter, "-T", "fields",
		"-o", "esp.enable_encryption_decode:TRUE", "-o", "esp.enable_authentication_check:TRUE",
		"-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE",
		"-o", "ip.defragment:TRUE", "-o", "ipv6.defragment:TRUE",
	}
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	cmd := exec.Command("tshark", args...)
	cmd.Env = append(os.Environ(), "WIRESHARK_CONFIG_DIR="+e.dir)
	b, err := cmd.Output()
	if err != nil {
		t.Fatalf("tshark: %v", err)
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
}

// tshark returns what tshark objects to, and adds to the counts what it verified.
func (e *evidence) tshark(t *testing.T, counts map[string]int) (objections []string) {
	t.Helper()
	for _, line := range e.run(t, "frame", tsharkFields...) {
		values := map[string][]string{}
		for i, text := range strings.Split(line, "\t") {
			if text != "" {
				values[tsharkFields[i]] = strings.Split(text, ",")
			}
		}
		number, err := strconv.Atoi(values["frame.number"][0])
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(e.forged, number) {
			counts["forged"]++
			continue
		}
		counts["packets"]++
		object := func(what string) {
			objections = append(objections, fmt.Sprintf("frame %d on %s: %s", number, values["frame.interface_name"][0], what))
		}
		for _, sum := range []string{"ip.checksum", "udp.checksum", "tcp.checksum", "icmp.checksum", "icmpv6.checksum"} {
			for _, status := range values[sum+".status"] {
				switch {
				case status == "1":
					counts[sum]++
				case status == "0" && !(sum == "udp.checksum" && quoting(values)):
					object("bad " + sum)
				}
			}
		}
		if values["_ws.malformed"] != nil {
			object("malformed")
		}
		for _, severity := range values["_ws.expert.severity"] {
			if n, err := strconv.Atoi(severity); err != nil || n >= expertError && !quoting(values) {
				object("severity " + severity + ": " + strings.Join(values["_ws.expert.message"], ","))
			}
		}
		for i := range values["esp.spi"] {
			switch {
			case i >= len(values["esp.icv_good"]) || values["esp.icv_good"][i] != "1":
				object("ESP not verified")
			case icmpError(values):
				counts["esp.icv.quoted"]++
			default:
				counts["esp.icv"]++
			}
		}
	}
	return objections
}

// quoting reports whether the UDP checksum that tshark calls bad is that of a packet which an
// ICMPv6 error quotes. tshark 4.0 then takes the destination in the quoted header for the one
// that the checksum covers, and forgets that of the type 2 routing header (RFC 6275 section
// 6.4.1), which it does heed in packets that are not quoted.
func quoting(values map[string][]string) bool {
	return icmpError(values) && slices.Contains(values["udp.checksum.status"], "0") && !slices.Contains(values["icmpv6.checksum.status"], "0")
}

// icmpError reports whether the frame is an ICMPv6 error, whose type is below 128 (RFC 4443
// section 2.1), about something else than an ICMPv6 message.
func icmpError(values map[string][]string) bool {
	if len(values["icmpv6.type"]) != 1 {
		return false
	}
	n, err := strconv.Atoi(values["icmpv6.type"][0])
	return err == nil && n < 128
}

// judgement is what judge.py says.
type judgement struct {
	problems []string
	Problems int
	Captures map[string]map[string]int
	Total    map[string]int
}

// judgePy has captures judged, by two processes at a time.
func judgePy(t *testing.T, all []evidence) judgement {
	t.Helper()
	const processes = 2
	var parts [processes]judgement
	var errs [processes]error
	var group sync.WaitGroup
	for i := range parts {
		args := []string{filepath.Join("testdata", "judge.py")}
		for k := i; k < len(all); k += processes {
			args = append(args, all[k].dir)
		}
		group.Go(func() { parts[i], errs[i] = runJudgePy(args) })
	}
	group.Wait()
	whole := judgement{Captures: map[string]map[string]int{}, Total: map[string]int{}}
	for i, p := range parts {
		if errs[i] != nil {
			t.Fatal(errs[i])
		}
		whole.problems = append(whole.problems, p.problems...)
		for name, counts := range p.Captures {
			whole.Captures[name] = counts
		}
		for kind, n := range p.Total {
			whole.Total[kind] += n
		}
	}
	if len(whole.Captures) != len(all) {
		t.Fatalf("judge.py has judged %d of %d captures", len(whole.Captures), len(all))
	}
	return whole
}

func runJudgePy(args []string) (j judgement, err error) {
	cmd := exec.Command(python, args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		return j, fmt.Errorf("judge.py: %w\n%s", err, stderr.String())
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	last := len(lines) - 1
	if e := json.Unmarshal([]byte(lines[last]), &j); e != nil {
		return j, fmt.Errorf("judge.py: %w\n%s", e, stderr.String())
	}
	j.problems = lines[:last]
	if j.Problems != last || (err != nil) != (last > 0) {
		return j, fmt.Errorf("judge.py: %d problems, %d lines, %v", j.Problems, last, err)
	}
	return j, nil
}

// The judges can fail: each names the frame of a copied capture in which an octet is another one,
// and no frame else. What only judge.py verifies are Mobility Headers: tshark 4.0 shows their
// checksums and authenticators, and computes neither.
func TestOutsideJudgesFindDamage(t *testing.T) {
	requireTshark(t)
	requireScapy(t)
	under := t.TempDir()
	last := func(b []byte) { b[len(b)-1] ^= 0x10 }
	damages := []struct {
		name, scenario string
		filter         string // of tshark: the first such frame that is not forged is damaged
		damage         func(b []byte)
		tshark, scapy  string // in what they say
	}{
		{"udp6", "ro-attacks", "udp && ipv6 && !icmpv6", last, "bad udp.checksum", "udp: bad checksum"},
		{"udp4", "isatap", "udp && ip && !ipv6 && !icmp && !dhcp && eth", last, "bad udp.checksum", "udp: bad checksum"},
		{"ttl", "isatap", "ip && eth", func(b []byte) { b[14+8]++ }, "bad ip.checksum", "IPv4: header checksum"},
		{"icmpv6", "ro-attacks", "icmpv6.type == 134", last, "bad icmpv6.checksum", "icmpv6: bad checksum"},
		{"icv", "ro-attacks", "esp", last, "ESP not verified", "ESP: integrity value"},
		{"length", "ro-attacks", "udp && ipv6.nxt == 17 && !icmpv6 && !eth", func(b []byte) { b[40+4] = 0xff }, "severity", "UDP: length"},
		{"mobility", "ro-attacks", "mip6.mhtype == 2 && !esp && !icmpv6", last, "", "mobility: bad checksum"},
		// Two words change places, which no checksum tells.
		{"authenticator", "ro-attacks", "mip6.mhtype == 5 && !esp && !icmpv6", swapWords, "", "authenticator"},
		{"authenticator-ba", "ro-attacks", "mip6.mhtype == 6 && !esp && !icmpv6 && mip6.ba.status == 0", swapWords, "", "authenticator"},
	}
	originals := map[string]evidence{}
	var damaged []evidence
	frames := map[string]int{}
	for _, d := range damages {
		o, ok := originals[d.scenario]
		if !ok {
			o = recordLibrary(t, under, d.scenario)
			originals[d.scenario] = o
		}
		for _, text := range o.run(t, d.filter, "frame.number") {
			n, err := strconv.Atoi(text)
			if err != nil {
				t.Fatalf("%s: no frame passes %s", d.name, d.filter)
			}
			if !slices.Contains(o.forged, n) {
				frames[d.name] = n
				break
			}
		}
		damaged = append(damaged, o.damaged(t, filepath.Join(under, "damaged-"+d.name), frames[d.name], d.damage))
	}
	scapy := judgePy(t, damaged).problems
	for i, d := range damages {
		where := fmt.Sprintf("frame %d on ", frames[d.name])
		objections := damaged[i].tshark(t, map[string]int{})
		if d.tshark == "" && len(objections) > 0 {
			t.Errorf("%s: tshark now tells: %q", d.name, objections)
		}
		if d.tshark != "" && !slices.ContainsFunc(objections, func(o string) bool { return strings.HasPrefix(o, where) && strings.Contains(o, d.tshark) }) {
			t.Errorf("%s: %s is damaged, tshark objects to %q", d.name, where, objections)
		}
		for _, o := range objections {
			if !strings.HasPrefix(o, where) {
				t.Errorf("%s: tshark objects to another frame: %s", d.name, o)
			}
		}
		found := false
		for _, p := range scapy {
			if rest, ok := strings.CutPrefix(p, damaged[i].name+": "); ok {
				if !strings.HasPrefix(rest, where) || !strings.Contains(rest, d.scapy) {
					t.Errorf("%s: %s is damaged, judge.py says %s", d.name, where, rest)
				}
				found = true
			}
		}
		if !found {
			t.Errorf("%s: judge.py says nothing about %s", d.name, where)
		}
	}
}

func swapWords(b []byte) {
	w := b[len(b)-4:]
	w[0], w[1], w[2], w[3] = w[2], w[3], w[0], w[1]
}

// damaged copies the evidence and damages a frame of the copy.
func (e *evidence) damaged(t *testing.T, dir string, frame int, damage func(b []byte)) evidence {
	t.Helper()
	if err := os.CopyFS(dir, os.DirFS(e.dir)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "packets.pcapng")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// Blocks of pcapng: type, length, body, length. A frame is in a block of type 6, behind 20
	// octets of which the last 8 are its lengths.
	number := 0
	for at := 0; at+12 <= len(b); at += int(binary.LittleEndian.Uint32(b[at+4:])) {
		if binary.LittleEndian.Uint32(b[at:]) != 6 {
			continue
		}
		if number++; number == frame {
			n := int(binary.LittleEndian.Uint32(b[at+20:]))
			damage(b[at+28 : at+28+n])
		}
	}
	if number < frame {
		t.Fatalf("%s has %d frames", path, number)
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return evidence{name: filepath.Base(dir), dir: dir, forged: e.forged}
}

// A frame is forged on purpose only where a scenario says so: the exemption hides nothing else.
func TestForgedFramesAreInjected(t *testing.T) {
	under := t.TempDir()
	for _, name := range Scenarios() {
		s, skipped, err := load(name)
		if skipped != nil || err != nil {
			continue // TestVerdicts reports it
		}
		e := recordLibrary(t, under, name)
		// A forged packet is on a few links at most, once on each of its way and in tunnels.
		if most := 12 * len(s.Injects); len(e.forged) > most || len(s.Injects) > 0 && len(e.forged) == 0 {
			t.Errorf("%s: %d frames are forged, by %d injections", name, len(e.forged), len(s.Injects))
		}
	}
}
