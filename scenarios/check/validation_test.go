package check

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dsmipsim/scenarios"
)

// The scenarios of the validation pack that need no replications meet what they expect, or
// explain why not. `dsmipsim check validation` judges all of them.
func TestValidationPack(t *testing.T) {
	var quick []Scenario
	for _, e := range scenarios.Folder("validation") {
		s, err := e.Load()
		if err != nil {
			t.Fatalf("%s: %v", e.Name, err)
		}
		if e.Title == "" || len(e.Title) > 75 || !bytes.HasPrefix(e.Source, []byte("# ")) {
			t.Errorf("%s: wanted a comment and a title of at most 75 letters", e.Name)
		}
		for i := range s.Expects {
			if s.Expects[i].ID == "" {
				t.Errorf("%s: an expectation without id", e.Name)
			}
		}
		if one := (Scenario{Name: e.Name, Spec: s}); one.Replications() == 1 {
			quick = append(quick, one)
		}
	}
	report, err := Run(t.Context(), quick, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range report.Judgements {
		if !j.Decision.Pass && !j.Decision.Deviates {
			about, wanted := scenarios.Describe(j.Expect)
			t.Errorf("%s %s: %s: want %s, got %v", j.Scenario, j.Expect.ID, about, wanted, j.Decision.Got)
		}
	}
}

// defects are behaviours that other implementations and simulators get wrong, and what shows
// that ours does not: a scenario of the pack or, where none can show it, a test.
var defects = []struct {
	id, defect string
	shown      []string // a scenario of the folder validation, or folder/file_test.go:TestName
}{
	{"D1", "the first Binding Update is repeated after 1 s instead of 1.5 s", []string{"e06-first-registration-unanswered", "e09-first-wait-1500ms", "v05b-first-wait-of-the-standard"}},
	{"D2", "a care-of address is registered without duplicate address detection", []string{"d02-care-of-address-verified"}},
	{"D3", "failed duplicate address detection at the home agent is not reported", []string{"d03-duplicate-home-address"}},
	{"D4", "only the first Router Solicitation is answered", []string{"d04-every-solicitation-answered", "nodes/router/solicited_test.go:TestEverySolicitationIsAnswered"}},
	{"D5", "the random delay comes after the probe of duplicate address detection", []string{"d05-delay-before-verification"}},
	{"D6", "two multicast Router Advertisements within 3 s", []string{"f02b-advertisements-apart", "nodes/router/advertiser_test.go:TestMinDelayBetweenAdvertisements"}},
	{"D7", "checksums over the old addresses after route optimization has rewritten them", []string{"e02-route-optimized-overhead", "scenarios/routeopt_test.go:TestRouteOptimizationByTshark"}},
	{"D8", "an ICMPv6 Redirect for every datagram of the reverse tunnel", []string{"d08-no-redirect-from-the-tunnel"}},
	{"D9", "packets from the home address are dropped while a registration is under way", []string{"d09-packets-while-registering"}},
	{"D10", "constant tokens of return routability", []string{"nodes/mip/cn/rules_test.go:TestTokensGrowOld", "nodes/mip/routability_test.go:TestNonceLifetimes", "nodes/mip/routability_test.go:TestCookiesAreDrawn"}},
	{"D11", "a Binding Update that comes while the home agent verifies the home address", []string{"d11-update-during-verification", "v05-first-wait-of-inet"}},
	{"D12", "a repeated deregistration is answered with status 133", []string{"d12-deregistration-repeated"}},
	{"D13", "state that grows with every handover, until no address is had any more", []string{"d13-handovers-without-end", "scenarios/discovery_test.go:TestHandoversLeaveNoNeighbours"}},
	{"D14", "the IPv4 address acknowledgement under the number of the home address option", []string{"e04-e05-binding-update-sizes", "nodes/mip/rows_test.go:TestD_3_2_1_1_OptionPlaces"}},
	{"D15", "times of the capture that are not those of the simulation", []string{"reports/pcapng/pcapng_test.go:TestCaptureReadByGopacket", "reports/pcapng/pcapng_test.go:TestCaptureReadByTshark"}},
	{"D16", "events of the same time in reverse order", []string{"sim/loop_test.go:TestOrderIsTimeThenSequence"}},
	{"D17", "an option without effect", []string{"scenarios/link_test.go:TestLinkKeys", "scenarios/discovery_test.go:TestNeighborDiscoveryKeys", "scenarios/nat_test.go:TestNATBehaviours"}},
}

// What is said to show a defect exists, and the scenarios named after defects are all told of.
func TestDefectsAreShown(t *testing.T) {
	told := map[string]bool{}
	for _, d := range defects {
		for _, name := range d.shown {
			if file, test, ok := strings.Cut(name, ":"); ok {
				src, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(file)))
				if err != nil || !bytes.Contains(src, []byte("func "+test+"(t *testing.T)")) {
					t.Errorf("%s, %s: there is no test %s", d.id, d.defect, name)
				}
				continue
			}
			told[name] = true
			if _, ok := scenarios.Find("validation/" + name); !ok {
				t.Errorf("%s, %s: there is no scenario %s", d.id, d.defect, name)
			}
		}
	}
	for _, e := range scenarios.Folder("validation") {
		if name := strings.TrimPrefix(e.Name, "validation/"); strings.HasPrefix(name, "d") && !told[name] {
			t.Errorf("%s shows no defect of the table", name)
		}
	}
}
