package mip_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// rows names, for each row of the requirement catalogue that the machines implement, the transcript
// that shows it and an expression for the lines that do. The expressions are written from
// the rows; (?s) lets them span lines.
var rows = []struct{ row, file, shows string }{
	{"D-1-1", "ha/tunnels", `(?s)send core IPv6\(HA6>CoA6\).* \| IPv6\(CN6>HoA6\).*send core IPv6\(HA6>CoA6\).* \| IPv4\(CN4>HoA4\).*send core IPv4\(HA4>CoA4\).* \| IPv6\(CN6>OtherHoA6\).*send core IPv4\(HA4>CoA4\).* \| IPv4\(CN4>OtherHoA4\)`},
	{"D-2-1", "mn/case_a", `(?s)BULE HoA6 > CoA6 .*, acknowledged\nBULE map\(HoA4\) > CoA6 .*, acknowledged`},
	{"D-2-2", "mn/case_b", `(?s)nohomeagent4.*place unsupported`},
	{"D-2.2-1", "mn/moving", `(?s)care_of_address_ready .*careof=CoA6b\n.*binding_update_sent .*careof=CoA6b`},
	{"D-2.2-2", "ha/registration", `(?s)BCE HoA6 of HoA6 > CoA6.*\nBCE HoA4 of HoA6 > CoA6`},
	{"D-2.2-4", "mn/dual_stack", `(?s)dhcp_bound home=CoA4.*movement_detected .*careof=CoA6.*\| DestOpt\{HAO HoA6\} \| BU .*AltCoA=CoA6`},
	{"D-2.2-6", "mn/case_c", `unsupported_network home=HoA6 careof=Private4`},
	{"D-2.2.1-1", "mn/case_a", `IPv6\(CoA6>HA6\) \| DestOpt\{HAO HoA6\} \| ESP .*\| BU `},
	{"D-2.2.1-2", "mn/case_a", `BU seq=1 .* IPv4HoA=HoA4`},
	{"D-2.2.1-3", "ha/registration", `(?s)binding_created home=HoA6 careof=CoA6.*binding_created home=HoA4 careof=CoA6`},
	{"D-2.2.1-4", "ha/registration", `BCE HoA6 of HoA6 > CoA6b: .*\nBCE HoA4 of HoA6 > CoA6b: `},
	{"D-2.2.1-5", "ha/tunnels", `(?s)IPv6\(HA6>CoA6\).* \| IPv6\(CN6>HoA6\).*IPv6\(HA6>CoA6\).* \| IPv4\(CN4>HoA4\)`},
	{"D-2.2.1-6", "ha/registration", `(?s)recv on=core [^\n]*BU seq=1 [^\n]*IPv4HoA=HoA4\n(?:[^r][^\n]*\n|\n)*snapshot`},
	{"D-2.2.1-7", "mn/ipv4_home", `BU seq=2 flags=AH lifetime=600s AltCoA=CoA6\n`},
	{"D-2.2.1-8", "ha/registration", `send core IPv6\(HA6>CoA6\) \| RH2\{HoA6\} \| ESP .*\| BA status=0 seq=1 lifetime=600s`},
	{"D-2.2.1-9", "ha/ipv4_home", `BA status=0 seq=12 lifetime=600s\n`},
	{"D-2.2.1-9", "ha/registration", `BA status=0 seq=2 lifetime=600s ack=0:HoA4\n`},
	{"D-2.2.1-11", "mn/ipv4_home", `ipv4_home_refused home=HoA4 peer=HA6 status=255`},
	{"D-2.2.1-12", "mn/ipv4_home", `(?s)status=255.*BU seq=2 flags=AH lifetime=600s AltCoA=CoA6\n.*BU seq=3 flags=AH lifetime=600s AltCoA=CoA6b\n`},
	{"D-2.2.1-13", "ha/case_b", `RH2\{HoA6\} \| ESP .*BA status=0`},
	{"D-2.2.2-1", "mn/case_b", `IPv4\(CoA4>HA4\) \| IPv6\(map\(CoA4\)>HA6\) \| DestOpt\{HAO HoA6\} \| ESP .*\| BU `},
	{"D-2.2.2-2", "mn/case_b", `IPv4\(CoA4>HA4\) \| IPv6\(map`},
	{"D-2.2.2-3", "mn/case_b", `IPv6\(map\(CoA4\)>HA6\) \| DestOpt\{HAO HoA6\}`},
	{"D-2.2.2-4", "mn/case_b", `IPv4\(CoA4b>HA4\) \| IPv6\(map\(CoA4b\)>HA6\)`},
	{"D-2.2.2-5", "mn/case_b", `IPv6\(map\(CoA4\)>HA6\)`},
	{"D-2.2.2-6", "mn/case_b", `AltCoA=map\(CoA4\) IPv4HoA=HoA4`},
	{"D-2.2.2-7", "ha/case_b", `BCE HoA6 of HoA6 > CoA4: `},
	{"D-2.2.2-8", "ha/case_b", `BCE HoA4 of HoA6 > CoA4: `},
	{"D-2.2.2-9", "ha/case_b", `BCE HoA6 of HoA6 > CoA4b: .*\nBCE HoA4 of HoA6 > CoA4b: `},
	{"D-2.2.2-10", "ha/tunnels", `(?s)IPv4\(HA4>CoA4\).* \| IPv6\(CN6>OtherHoA6\).*IPv4\(HA4>CoA4\).* \| IPv4\(CN4>OtherHoA4\)`},
	{"D-2.2.2-11", "ha/case_b", `send core IPv4\(HA4>CoA4\) \| IPv6\(HA6>map\(CoA4\)\) \| RH2\{HoA6\} \| ESP .*BA status=0 seq=1`},
	{"D-2.2.2-12", "ha/case_b", `BA status=0 seq=1 lifetime=600s ack=0:HoA4`},
	{"D-2.2.2-13", "ha/case_b", `send core IPv4\(HA4>CoA4\) \| IPv6\(HA6>map\(CoA4\)\)`},
	{"D-2.4-1", "mn/ipv4_home", `IPv4HoA=0.0.0.0`},
	{"D-2.4-2", "ha/ipv4_home", `(?s)pool=192.0.2.100/31.*BU seq=1 .*IPv4HoA=0.0.0.0.*ack=0:HoA4.*leases 1`},
	{"D-2.4-3", "ha/ipv4_home", `(?s)BCE HoA4 of HoA6 > CoA6: seq 3, lifetime 1m40s.*advance 2s\n----\n.*binding_removed home=HoA4`},
	{"D-3.1.1-3", "ha/registration", `ARP gratuitous sender=HoA4 mac=02:00:00:00:01:01`},
	{"D-3.1.1-4", "ha/ipv4_home", `ack=131:224.0.0.5`},
	{"D-3.2.1-2", "ha/ipv4_home", `(?s)ack=130:OtherHoA4\n.*BCE OtherHoA4 of OtherHoA6 [^\n]*\nBCE HoA6 of HoA6 [^\n]*\n\n`},
	{"D-3.2.1-4", "mn/ipv4_home", `(?s)ipv4_home_accepted .*status=5.*ipv4_home_refused .*status=200`},
	{"D-3.2.1-5", "ha/ipv4_home", `(?s)ack=0:.*ack=130:.*ack=131:.*ack=132:`},
	{"D-3.2.1-6", "ha/ipv4_home", `ack=130:OtherHoA4`},
	{"D-3.2.1-7", "ha/ipv4_home", `ack=0:192.0.2.101`},
	{"D-3.2.1-8", "ha/registration", `ack=0:HoA4`},
	{"D-3.3-1", "mn/case_a", `address \+HoA4 on virtual`},
	{"D-3.3-3", "mn/case_a", `BULE map\(HoA4\)`},
	{"D-3.3-5", "mn/case_b", `IPv4\(CoA4>HA4\) \| IPv6\(`},
	{"D-3.3-6", "mn/case_b", `IPv4\(CoA4>`},
	{"D-3.3-7", "mn/case_b", `IPv4\(CoA4>HA4\)`},
	{"D-3.3-8", "mn/case_b", `IPv4\(CoA4>HA4\) \| IPv6\(map\(CoA4\)>`},
	{"D-3.3-9", "mn/case_b", `HAO HoA6`},
	{"D-3.3-10", "mn/ipv4_home", `IPv4HoA=0.0.0.0`},
	{"D-3.3-11", "mn/case_b", `DestOpt\{HAO HoA6\} \| ESP spi=0x1001 seq=1 \| BU`},
	{"D-3.3-14", "mn/case_a", `IPv4HoA=HoA4`},
	{"D-3.3-15", "mn/ipv4_home", `BU .*IPv4HoA=0.0.0.0`},
	{"D-3.3-16", "mn/ipv4_home", `BULE HoA6 .*\nBULE map\(HoA4\) `},
	{"D-3.3-17", "mn/ipv4_home", `(?s)status=255\n\nsnapshot\n----\nplace away, care-of CoA6, IPv4 home HoA4\nBULE HoA6[^\n]*\n\nsend[^\n]*\n----\n[^\n]*drop no_binding`},
	{"D-3.3-19", "mn/ipv4_home", `(?s)status=129\n\nsnapshot\n----\nplace away[^\n]*\nBULE HoA6[^\n]*\n\n`},
	{"D-3.3-20", "mn/ipv4_home", `(?s)status=128\n.*BU seq=2 .*IPv4HoA=HoA4`},
	{"D-3.3-21", "mn/case_b", `address \+map\(CoA4\) on eth0`},
	{"D-3.4-1", "ha/registration", `ack=0:HoA4`},
	{"D-3.4-2", "ha/ipv4_home", `BU seq=2 .*IPv4HoA=0.0.0.0\n----\n(?:.*\n)+?.*ack=0:HoA4`},
	{"D-3.4-4", "ha/ipv4_home", `(?s)pool=192.0.2.100/31.*BU seq=3 [^\n]*IPv4HoA=192.0.2.100\n----\n[^\n]*\n[^\n]*\n[^\n]*ack=0:HoA4`},
	{"D-3.4-6", "ha/ipv4_home", `ack=130:OtherHoA4`},
	{"D-3.4-7", "ha/ipv4_home", `leases 1`},
	{"D-3.4-8", "ha/ipv4_home", `BA status=0 seq=1 lifetime=600s ack=132:0.0.0.0`},
	{"D-3.4-9", "ha/registration", `binding_created home=HoA4`},
	{"D-3.4-12", "ha/registration", `BCE HoA6 .*\nBCE HoA4 `},
	{"D-3.4-13", "ha/registration", `recv on=core IPv6\(CoA6b>HA6\) .*AltCoA=CoA6 .*\n----\n.*careof=CoA6 `},
	{"D-3.4-14", "ha/tunnels", `send core IPv4\(HA4>CoA4\)`},
	{"D-3.4-15", "ha/case_b", `RH2\{HoA6\}`},
	{"D-3.4-16", "ha/case_b", `IPv6\(HA6>map\(CoA4\)\)`},
	{"D-3.4-17", "ha/case_b", `IPv4\(HA4>CoA4\) \| IPv6\(HA6>map\(CoA4\)\)`},
	{"D-4-1", "ha/registration", `(?s)BU seq=1 [^\n]*\n----\n.*?BCE HoA6.*?BCE HoA4`},
	{"D-4-4", "ha/refusals", `drop security_failed: .*ESP spi=0x2001`},
	{"D-4-5", "ha/refusals", `drop security_required: .*BU seq=1`},
	{"B-1", "ha/refusals", `drop bad_checksum`},
	{"B-2", "ha/refusals", `(?s)BE status=2 home=::.*ParameterProblem code=0 pointer=64.*ParameterProblem code=0 pointer=65`},
	{"B-3", "ha/registration", `(?s)unknown-option\n.*ack=0:HoA4`},
	{"B-4", "mn/case_a", `BU seq=1 flags=AH lifetime=600s AltCoA=CoA6`},
	{"B-5", "mn/case_a", `DestOpt\{HAO HoA6\} \| ESP`},
	{"B-6", "ha/refusals", `(?s)BU seq=32783 .*BA status=135 seq=15`},
	{"B-7", "ha/refusals", `BA status=139`},
	{"B-8", "ha/refusals", `BA status=132`},
	{"B-8", "mn/acknowledgements", `BA status=131`},
	{"B-9", "ha/registration", `(?s)0.000000000s send lan IPv6\(::>ff02::1:ff00:1000\) \| NS target=HoA6.*1.000000000s send core .*BA status=0.*BA status=134`},
	{"B-10", "ha/registration", `BA status=0 seq=1 lifetime=300s`},
	{"B-11", "ha/registration", `(?s)BU seq=4 flags=H .*BA status=0 seq=4`},
	{"B-12", "ha/deregistration", `(?s)IPv6\(HA6>CoA6\) \| RH2\{HoA6\}.*to 02:00:00:00:10:00 IPv6\(HA6>HoA6\) \| ESP .*BA status=0 seq=2 lifetime=0s`},
	{"B-14", "ha/registration", `IPv6\(HA6>ff02::1\) \| NA O target=HoA6 mac=02:00:00:00:01:01`},
	{"B-14", "ha/tunnels", `IPv6\(HA6>ff02::1\) \| NA target=HoA6`},
	{"B-15", "ha/tunnels", `send core IPv6\(HA6>CoA6\) \| IPv6\(2001:db8:100::9>HoA6\) hop=63`},
	{"B-16", "ha/tunnels", `recv on=core IPv6\(CoA6b>HA6\) \| IPv6\(HoA6>CN6\) .*\n----\n.*drop tunnel_source`},
	{"B-17", "mn/tunnels", `recv IPv6\(CN6>CoA6\) \| IPv6\(CN6>HoA6\) .*\n----\n.*drop tunnel_source`},
	{"B-18", "mn/tunnels", `IPv6\(CoA6>HA6\).* \| IPv6\(HoA6>CN6\)`},
	{"B-19", "cn/basics", `BE status=1 home=HoA6`},
	{"B-20", "mn/acknowledgements", `drop routing_header`},
	{"B-21", "mn/retransmission", `(?s)11.500000000s send.*14.500000000s send.*20.500000000s send.*32.500000000s send.*56.500000000s send.*88.500000000s send.*120.500000000s send`},
	{"B-22", "mn/refusals", `(?s)10.100000000s send .*BU seq=21.*\n11.000000000s send .*BU seq=41`},
	{"B-23", "mn/retransmission", `(?s)BA status=0 seq=2 .*expires 611.500000000s, acknowledged`},
	{"B-24", "mn/refusals", `(?s)BA status=135 seq=4864 .*BU seq=4865`},
	{"B-25", "mn/case_a", `482.600000000s send .*BU seq=2`},
	{"B-26", "mn/return_home", `(?s)IPv6\(HoA6>HA6\) \| ESP [^|]*\| BU seq=2 flags=AH lifetime=0s\n.*binding_deregistered.*IPv6\(HoA6>ff02::1\) \| NA O target=HoA6.*ARP gratuitous sender=HoA4`},
	{"B-27", "ha/deregistration", `(?s)BA status=0 seq=2 lifetime=0s.*BA status=133`},
	{"B-28", "ha/deregistration", `BA status=135 seq=3`},
	{"B-39", "mn/acknowledgements", `BE status=2`},
	{"B-43", "mn/case_a", `(?s)1.500000000s send eth0 IPv6\(::>ff02::2\) \| RS.*1.600000000s send .*NS target=CoA6.*2.600000000s send .*BU`},
	{"B-46", "ha/registration", `(?s)141.000000000s note binding_removed home=HoA6.*141.000000000s note binding_removed home=HoA4`},
	{"X-2", "mn/ipv4_home", `BU seq=3 flags=AH lifetime=600s AltCoA=CoA6b\n`},
	{"X-3", "ha/refusals", `drop routing_header: .*BU`},
	{"X-7", "ha/case_b", `drop map_mismatch`},
	{"X-8", "ha/ipv4_home", `BA status=0 .*ack=130`},
	{"X-9", "ha/ipv4_home", `ack=132:0.0.0.0`},
	{"X-10", "ha/ipv4_home", `(?s)BU seq=12 flags=AH lifetime=600s AltCoA=CoA6\n----\n[^\n]*\n[^\n]*binding_removed home=HoA4`},
	{"X-11", "ha/deregistration", `(?s)lifetime=0s\n----\n[^\n]*binding_removed home=HoA6[^\n]*\n[^\n]*binding_removed home=HoA4`},
	{"X-12", "ha/ipv4_home", `(?s)pool=192.0.2.100/32.*lifetime=0s.*BU seq=2 .*ack=0:HoA4`},
	{"X-13", "mn/case_b", `AltCoA=map\(CoA4\) IPv4HoA=HoA4`},
	{"X-17", "mn/moving", `address -map\(CoA4\) on eth0`},
	{"X-21", "ha/ipv4_home", `(?s)ack=130.*ack=131.*ack=132`},
	{"X-22", "ha/tunnels", `ARP reply sender=HoA4 mac=02:00:00:00:01:01`},
	{"X-25", "mn/ipv4_home", `BULE map\(HoA4\)`},
}

// transcripts returns the transcripts by machine and name.
func transcripts(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("*/testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(strings.ReplaceAll(filepath.ToSlash(p), "/testdata/", "/"), ".txt")
		all[name] = string(b)
	}
	return all
}

// TestRows: every row is shown by the transcript that it is said to be shown by.
func TestRows(t *testing.T) {
	all := transcripts(t)
	for _, r := range rows {
		t.Run(r.row, func(t *testing.T) {
			text, ok := all[r.file]
			if !ok {
				t.Fatalf("no transcript %s", r.file)
			}
			if !regexp.MustCompile(r.shows).MatchString(text) {
				t.Errorf("%s does not show %s", r.file, r.shows)
			}
		})
	}
}

// sent calls f for each line of the transcripts that tells what a machine sent. A new
// machine starts a new run.
func sent(t *testing.T, f func(t *testing.T, run int, line string)) {
	t.Helper()
	run := 0
	for name, text := range transcripts(t) {
		t.Run(name, func(t *testing.T) {
			for _, line := range strings.Split(text, "\n") {
				switch {
				case strings.HasPrefix(line, "mobile") || strings.HasPrefix(line, "agent"):
					run++
				case strings.Contains(line, "s send "):
					if strings.Contains(line, "!") {
						t.Errorf("something is wrong with a packet: %s", line)
					}
					f(t, run, line)
				}
			}
		})
	}
}

// TestD_3_4_20_MappedAddresses: the mapped form stands in the source and the Alternate
// Care-of Address of Binding Updates and in the destination of their acknowledgements, and
// nowhere else that any machine ever sent.
func TestD_3_4_20_MappedAddresses(t *testing.T) {
	update := regexp.MustCompile(`IPv4\((\w+)>HA4\) \| IPv6\(map\((\w+)\)>HA6\) \| DestOpt\{HAO HoA6\} \| (?:ESP [^|]*\| )?BU .*AltCoA=map\((\w+)\)`)
	acknowledgement := regexp.MustCompile(`IPv4\(HA4>(\w+)\) \| IPv6\(HA6>map\((\w+)\)\) \| RH2\{\w+\} \| (?:ESP [^|]*\| )?BA `)
	seen := 0
	sent(t, func(t *testing.T, _ int, line string) {
		if !strings.Contains(line, "map(") {
			return
		}
		seen++
		if m := update.FindStringSubmatch(line); m != nil && m[1] == m[2] && m[2] == m[3] && strings.Count(line, "map(") == 2 {
			return
		}
		if m := acknowledgement.FindStringSubmatch(line); m != nil && m[1] == m[2] && strings.Count(line, "map(") == 1 {
			return
		}
		t.Errorf("a mapped address where none may be: %s", line)
	})
	if seen < 10 {
		t.Errorf("only %d packets with mapped addresses", seen)
	}
}

// TestB_4_BindingUpdates: all Binding Updates ask for an acknowledgement of a home
// registration; those from away have the home address in an option and an Alternate Care-of
// Address that is their source, those from home neither.
func TestB_4_BindingUpdates(t *testing.T) {
	away := regexp.MustCompile(`IPv6\(([^>]+)>HAb?6\) \| DestOpt\{HAO HoA6\} \| (?:ESP [^|]*\| )?BU seq=\d+ flags=AH lifetime=[1-9]\d*s AltCoA=(\S+)(?: IPv4HoA=\S+)?$`)
	home := regexp.MustCompile(`02:00:00:00:01:01 IPv6\(HoA6>HA6\) \| (?:ESP [^|]*\| )?BU seq=\d+ flags=AH lifetime=0s$`)
	seen := 0
	sent(t, func(t *testing.T, _ int, line string) {
		if !strings.Contains(line, "| BU ") {
			return
		}
		seen++
		if m := away.FindStringSubmatch(line); (m == nil || m[1] != m[2]) && !home.MatchString(line) {
			t.Errorf("not a Binding Update of any kind: %s", line)
		}
	})
	if seen < 50 {
		t.Errorf("only %d Binding Updates", seen)
	}
}

// TestB_22_UpdateRate: no more than three Binding Updates within a second, in any transcript.
func TestB_22_UpdateRate(t *testing.T) {
	times := map[int][]float64{}
	sent(t, func(t *testing.T, run int, line string) {
		if !strings.Contains(line, "| BU ") {
			return
		}
		at, err := strconv.ParseFloat(line[:strings.IndexByte(line, 's')], 64)
		if err != nil {
			t.Fatal(err)
		}
		times[run] = append(times[run], at)
		if s := times[run]; len(s) > 3 && s[len(s)-1]-s[len(s)-4] < 1-1e-9 {
			t.Errorf("the fourth Binding Update within a second: %s", line)
		}
	})
}

// TestB_12_RoutingHeader: of mobility messages acknowledgements alone have a routing header,
// and it never holds anything but an IPv6 home address (D-2.2.1-13).
func TestB_12_RoutingHeader(t *testing.T) {
	sent(t, func(t *testing.T, _ int, line string) {
		if !strings.Contains(line, "RH2{") {
			return
		}
		if strings.Contains(line, "| BE ") || strings.Contains(line, "| BU ") || strings.Contains(line, "left=") {
			t.Errorf("a routing header on another message: %s", line)
		}
		if m := regexp.MustCompile(`RH2\{([^}]*)\}`).FindStringSubmatch(line); strings.HasSuffix(m[1], "4") || strings.HasPrefix(m[1], "map") {
			t.Errorf("a routing header to %s: %s", m[1], line)
		}
	})
}

// TestD_3_2_1_1_OptionPlaces: the IPv4 options stand in Binding Updates and
// Acknowledgements, refusals have none, and the address is never in mapped form (D-3.3-2).
func TestD_3_2_1_1_OptionPlaces(t *testing.T) {
	sent(t, func(t *testing.T, _ int, line string) {
		if strings.Contains(line, "IPv4HoA=map") || regexp.MustCompile(`ack=\d+:map`).MatchString(line) {
			t.Errorf("an IPv4 option in mapped form: %s", line)
		}
		if regexp.MustCompile(`BA status=(12[89]|1[3-9]\d|2\d\d) .*ack=`).MatchString(line) {
			t.Errorf("an IPv4 option in a refusal: %s", line)
		}
	})
}
