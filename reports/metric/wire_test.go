package metric

import (
	"encoding/hex"
	"testing"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim/trace"
)

func TestWireClassifies(t *testing.T) {
	// An ARP request as broadcast on a link, padded to the least Ethernet frame, and an
	// unprotected Router Solicitation.
	arp := "ffffffffffff02000000000a0806" + "0001080006040001" + "02000000000ac0000264" + "000000000000c0000201" +
		"000000000000000000000000000000000000"
	solicitation := "6000000000083aff" + "fe800000000000000000000000000001" + "ff020000000000000000000000000002" + "85007bb8" + "00000000"
	cases := []struct {
		octets string
		link   trace.LinkType
		want   Class
	}{
		{arp, trace.Ethernet, Class{"ARP request", "resolution", 28}},
		{solicitation, trace.RawIP, Class{"RS", "discovery", 48}},
	}
	classify := Wire(wire.DissectOptions{})
	for _, c := range cases {
		octets, err := hex.DecodeString(c.octets)
		if err != nil {
			t.Fatal(err)
		}
		if got := classify(octets, c.link); got != c.want {
			t.Errorf("got %+v, want %+v", got, c.want)
		}
	}
}
