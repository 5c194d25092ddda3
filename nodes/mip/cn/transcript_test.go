package cn_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/cockroachdb/datadriven"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/mip/cn"
	"dsmipsim/nodes/mip/internal/transcript"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
)

// TestTranscripts plays the files in testdata. The command host makes a new correspondent
// node with the address CN6 on a link whose router is fe80::c. All others are those of
// transcript.Env.
func TestTranscripts(t *testing.T) { transcript.Walk(t, "host", newHost) }

func newHost(testing.TB, *datadriven.TestData) *transcript.Env {
	pool := &packet.Pool{}
	s := ip.New("cn", pool, []ip.Interface{{Name: "eth0", MAC: wire.MAC{2, 0, 0, 0, 0xc, 0x99}, Ethernet: true, MTU: 1500}})
	transcript.Neighbours(s)
	n := cn.New(s, rand.New(rand.NewPCG(3, 4)))
	s.AddAddress(0, wire.LinkLocal(s.Interface(0).MAC), 64, ip.Preferred)
	s.JoinGroup(0, wire.AllNodes)
	s.AddAddress(0, transcript.Addr("CN6"), 64, ip.Preferred)
	n.Listen(6000)
	env := transcript.NewEnv(s, pool, s.Interface(0).MAC, "eth0")
	env.Snapshot = func() string { return fmt.Sprintf("%d bindings\n", len(n.Snapshot())) }
	return env
}
