package scenarios

import (
	"strings"
	"testing"

	"dsmipsim/reports/result"
	"dsmipsim/scenarios/spec"
)

func expectations(t *testing.T, s *spec.Spec) []result.Expectation {
	t.Helper()
	o, err := Run("where", s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return o.Result.Expectations
}

// What is not met says where in the run, and by which packet.
func TestWhere(t *testing.T) {
	for _, c := range []struct {
		scenario, expect string
		want             []string // begin the lines
	}{
		{"no-answer", `{packets={type="BU",from="mn"},relative=true,field="time_s",equal=[0,1.5,5]}`, []string{
			"at 10.552017482 s: value 3 of 3: want 5, got 4.5", "packet 233, 10.552017482 s, campus: 2001:db8:a:0:91:58ff:fe8f:56d7 > 2001:db8:100::1  BU  ["}},
		{"no-answer", `{packets={type="BU",from="mn"},relative=true,field="time_s",equal=[0,1.5]}`, []string{
			"at 10.552017482 s: packet 3 of those selected is one too many", "packet 233, "}},
		{"no-answer", `{packets={type="BU",from="mn"},relative=true,field="time_s",equal=[0,1.5,4.5,10.5,22.5,46.5,78.5,80]}`, []string{
			"at 86.052017482 s: value 8 of 8 is missing: want 80; the packet before it", "packet "}},
		{"no-answer", `{packets={type="BE"},field="count",equal=1}`, []string{"none of the "}},
		{"no-answer", `{packets={type="BU",from="mn"},field="count",max=2}`, []string{
			"at 10.552017482 s: packet 3 of those selected is one too many", "packet 233, "}},
		{"no-answer", `{packets={type="BU",from="mn"},field="count",min=20}`, []string{
			"only 7 of them until the end of the run; the last one", "packet "}},
		{"no-answer", `{packets={type="BU",from="mn"},field="octets",max=90}`, []string{"at 6.052017482 s: packet 1 of the 7 selected: ", "packet "}},
		{"no-answer", `{packets={type="BU",from="mn"},field="Sequence",aggregate="max",max=3}`, []string{"at 84.552017482 s: packet 7 of the 7 selected: 7", "packet "}},
		{"no-answer", `{metric="handovers.outcome",equal="registered"}`, []string{
			"at 5.000000000 s: handover 1 of mn, home -> campus, from 5.000000000 s, unfinished; its last Binding Update, without an answer",
			"packet 1804, 84.552017482 s, campus: "}},
		{"first-registration", `{metric="handovers.latency_s",max="1s"}`, []string{
			"at 7.111016255 s: handover 1 of mn, home -> campus, from 5.000000000 s to 7.111016255 s, registered; the answer that decided it", "packet "}},
		{"roaming", `{metric="handovers.latency_s.max",max="1s"}`, []string{
			"at 12.155405998 s: handover 1 of mn, home -> campus, from 10.000000000 s to 12.155405998 s, registered; the answer that decided it",
			"packet 8804, 12.153387331 s, campus: 2001:db8:100::1 > 2001:db8:a:0:91:58ff:fe8f:56d7  BA  ["}},
		{"roaming", `{metric="handovers[to=cafe].latency_s",max="1s"}`, []string{
			"at 51.000000000 s: handover 3 of mn, cell -> cafe, from 50.000000000 s to 51.000000000 s, unsupported_network"}},
		{"roaming", `{metric="handovers[to=home].outcome",equal="registered"}`, []string{"at 70.", "packet "}},
		{"roaming", `{metric="flows[voice6].delay.max_s",max="1ms"}`, []string{"at ", "packet "}},
		{"roaming", `{metric="flows[ping4].longest_gap_s",max="1s"}`, []string{
			"at 49.630324384 s: flow ping4: nothing was received until 70.530007888 s", "packet 68911, 70.500000000 s: number 139 of flow ping4"}},
		{"roaming", `{metric="flows.lost.sum",max=3}`, []string{
			"at 10.015005104 s: flow voice6: the first packet that was lost: no_receiver", "packet 7717, 10.000000000 s: number 450 of flow voice6 from cn to mn"}},
		{"roaming", `{metric="flows[voice6].drops.detached",max=0}`, []string{"at 50.005202352 s: flow voice6: the first packet that was lost: detached", "packet "}},
		{"roaming", `{metric="handovers.flows.interruption_s",max="3s"}`, []string{
			"at 12.155405998 s: flow ping4 in handover 1 of mn, home -> campus, ", "packet 8804, "}},
		{"roaming", `{metric="signalling.packets",max=0}`, nil},
		{"roaming", `{metric="handovers.outcome.count",max=0}`, nil},
		{"roaming", `{metric="handovers.outcome",equal=["registered","registered"]}`, []string{"at 51.000000000 s: handover 3 "}},
		{"roaming", `{metric="handovers.outcome",equal=["registered","registered","unsupported_network","deregistered","registered"]}`, []string{"there are 4 values, wanted 5"}},
	} {
		e := expectations(t, load(t, "library/"+c.scenario+".toml", "expect=["+c.expect+"]"))[0]
		got := e.Where.Lines()
		same := len(got) == len(c.want)
		for i := range min(len(got), len(c.want)) {
			same = same && strings.HasPrefix(got[i], c.want[i])
		}
		if !same || e.Pass {
			t.Errorf("%s: %s:\n%s\nwanted\n%s", c.scenario, c.expect, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

// What is met says nothing, so that the summary of a good run does not grow.
func TestWhereOfWhatIsMet(t *testing.T) {
	for _, e := range expectations(t, load(t, "library/roaming.toml")) {
		if e.Where != nil || e.Margin != nil {
			t.Errorf("%s: %+v", e.Metric, e.Where)
		}
	}
}
