package wire

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Link types of the pcap format.
const (
	pcapEthernet = 1
	pcapRaw      = 101
)

// pcapFile is a classic pcap with microsecond stamps that are all zero.
func pcapFile(linkType uint32, packets [][]byte) []byte {
	var b []byte
	le := binary.LittleEndian
	b = le.AppendUint32(b, 0xa1b2c3d4)
	b = le.AppendUint16(b, 2)
	b = le.AppendUint16(b, 4)
	b = append(b, make([]byte, 8)...)
	b = le.AppendUint32(b, 65535)
	b = le.AppendUint32(b, linkType)
	for _, p := range packets {
		b = append(b, make([]byte, 8)...)
		b = le.AppendUint32(b, uint32(len(p)))
		b = le.AppendUint32(b, uint32(len(p)))
		b = append(b, p...)
	}
	return b
}

// tshark returns one line "message|severities|complaints" per packet. Without
// the program the test is skipped, unless DSMIPSIM_ORACLES=1 demands it.
func tshark(t *testing.T, linkType uint32, packets [][]byte) []string {
	t.Helper()
	if _, err := exec.LookPath("tshark"); err != nil {
		if os.Getenv("DSMIPSIM_ORACLES") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	file := filepath.Join(t.TempDir(), "packets.pcap")
	if err := os.WriteFile(file, pcapFile(linkType, packets), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("tshark", "-r", file,
		"-o", "udp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE",
		"-o", "esp.enable_null_encryption_decode_heuristic:TRUE",
		"-d", "udp.port==4191,ipv6", "-T", "fields", "-E", "separator=|",
		"-e", "_ws.col.Info", "-e", "_ws.expert.severity", "-e", "_ws.expert.message")
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, complaints.String())
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(lines) != len(packets) {
		t.Fatalf("%d lines for %d packets:\n%s", len(lines), len(packets), out)
	}
	return lines
}

// troubled reports a malformed packet or a complaint of severity warning or
// error.
func troubled(line string) bool {
	f := strings.Split(line, "|")
	if len(f) < 2 || strings.Contains(line, "alformed") {
		return true
	}
	for s := range strings.SplitSeq(f[1], ",") {
		if s == "6291456" || s == "8388608" || s == "0x00600000" || s == "0x00800000" {
			return true
		}
	}
	return false
}

func TestTshark(t *testing.T) {
	for _, link := range []struct {
		eth      bool
		linkType uint32
	}{{false, pcapRaw}, {true, pcapEthernet}} {
		var names []string
		var packets [][]byte
		for _, v := range vectors(t) {
			if v.Eth == link.eth {
				m := vectorModels[v.Name]
				_, b := build(m.layers, m.layout, addresses{})
				names, packets = append(names, v.Name), append(packets, b)
			}
		}
		for i, line := range tshark(t, link.linkType, packets) {
			// The literal length of draft-00 is malformed to everyone else.
			if want := names[i] == "V44_BU_literal_len1"; troubled(line) != want {
				t.Errorf("%s: %s", names[i], line)
			}
		}
	}
}

// The oracle can fail: a damaged UDP checksum is reported.
func TestTsharkCanFail(t *testing.T) {
	b := vectorNamed(t, "V27_data_RH2")
	b[len(b)-1] ^= 1
	if lines := tshark(t, pcapRaw, [][]byte{b}); !troubled(lines[0]) {
		t.Errorf("no complaint about a bad checksum: %s", lines[0])
	}
}
