package main

import (
	"encoding/json"
	"fmt"
	"html"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dsmipsim/cmd/dsmipsim/internal/recompute"
)

// shown are the tables for people as the capture has them, by title without what it says in
// brackets. Their digits are those that are shown.
func (o *outputs) shown() map[string][]row {
	all := map[string][]row{}
	ms := func(s string) string {
		if s == "" {
			return "-"
		}
		return new(big.Rat).Mul(rat(s), big.NewRat(1000, 1)).FloatString(3)
	}
	add := func(title string, r row) { all[title] = append(all[title], r) }
	for _, h := range o.handoverRows() {
		r := row{"start (s)": rat(h["start_s"]).FloatString(3), "outcome": h["outcome"],
			"handover": h["index"] + "  " + h["from"] + " -> " + h["to"]}
		for _, name := range []string{"l2", "register", "rest", "latency"} {
			if cell, ok := h[name+"_s"]; ok {
				r[name] = ms(cell)
			}
		}
		add("Handovers", r)
	}
	for _, h := range o.interruptionRows() {
		r := row{"flow": h["flow"], "interruption (ms)": ms(h["interruption_s"])}
		if lost, ok := h["lost"]; ok {
			r["lost packets"] = lost
		}
		if stall, ok := h["stall_s"]; ok {
			r["stall (ms)"] = ms(stall)
		}
		add("Flows during handovers", r)
	}
	for _, f := range o.flowRows() {
		r := row{"flow": f["name"], "kind": f["kind"] + " " + f["family"], "sent": f["sent"], "received": f["received"], "lost": f["lost"],
			"in flight": f["in_flight"], "dup.": f["duplicates"], "reord.": f["reordered"], "longest gap (s)": "-"}
		if gap := f["longest_gap_s"]; gap != "" {
			r["longest gap (s)"] = rat(gap).FloatString(3)
		}
		if _, ok := f["delay_p50_s"]; ok {
			r["mean"], r["median"], r["p99"], r["jitter"] = ms(f["delay_mean_s"]), ms(f["delay_p50_s"]), ms(f["delay_p99_s"]), ms(f["jitter_s"])
		}
		add("Flows", r)
		if goodput, ok := f["goodput_octets"]; ok {
			r := row{"flow": f["name"], "goodput (octets)": goodput, "connect": ms(f["connect_s"])}
			if transfer, ok := f["transfer_s"]; ok {
				r["transfer"] = ms(transfer)
			}
			add("TCP", r)
		}
	}
	sum := recompute.Message{}
	for _, m := range o.judge.Messages {
		add("Signalling", row{"class": m.Class, "message": m.Type, "packets": digits(m.Packets), "octets": digits(m.Octets), "octet-hops": digits(m.Crossing)})
		sum.Packets += m.Packets
		sum.Octets += m.Octets
		sum.Crossing += m.Crossing
	}
	add("Signalling", row{"class": "all", "packets": digits(sum.Packets), "octets": digits(sum.Octets), "octet-hops": digits(sum.Crossing)})
	return all
}

// compare looks for the tables among those of an output.
func (o *outputs) compare(t *testing.T, where string, got map[string][]row) {
	t.Helper()
	got["Handovers"] = slices.DeleteFunc(got["Handovers"], func(r row) bool { return strings.TrimSpace(r["outcome"]) == "predicted" })
	for title, want := range o.shown() {
		agree(t, where+", "+title, got[title], want)
	}
}

// formats compares what the run printed: JSON is the file, CSV the four files.
func (o *outputs) formats(t *testing.T) {
	if text, ok := o.text["json"]; ok && text != string(o.read(t, "summary.json")) {
		t.Error("--format json is not summary.json")
	}
	var files []string
	for _, name := range []string{"handovers.csv", "interruptions.csv", "flows.csv", "signalling.csv"} {
		files = append(files, string(o.read(t, name)))
	}
	if text, ok := o.text["csv"]; ok && text != strings.Join(files, "\n") {
		t.Error("--format csv is not handovers.csv, interruptions.csv, flows.csv and signalling.csv")
	}
}

// terminal compares the tables for people in Markdown, and that they are drawn with the same cells.
func (o *outputs) terminal(t *testing.T) {
	got := map[string][]row{}
	title, columns := "", []string(nil)
	drawn := map[string]bool{}
	for line := range strings.Lines(o.text["table"]) {
		drawn[strings.Join(strings.Fields(line), " ")] = true
	}
	for line := range strings.Lines(o.text["markdown"]) {
		line = strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(line, "### "); ok {
			title, columns = withoutBrackets(name), nil
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		switch {
		case line == "" || strings.HasPrefix(line, "|:") || strings.HasPrefix(line, "|--"):
		case columns == nil:
			for _, c := range cells {
				columns = append(columns, strings.TrimSpace(c))
			}
		default:
			r := row{}
			for i, c := range cells {
				r[columns[i]] = strings.TrimSpace(c)
			}
			got[title] = append(got[title], r)
			if text := strings.Join(strings.Fields(strings.Join(cells, " ")), " "); o.text["table"] != "" && !drawn[text] && title != "Expectations" {
				t.Errorf("Markdown has %q, the terminal has not", text)
			}
		}
	}
	o.compare(t, "Markdown", got)
}

func withoutBrackets(title string) string {
	title, _, _ = strings.Cut(title, " (")
	return strings.TrimSpace(title)
}

var (
	tablePattern = regexp.MustCompile(`(?s)<h3 id="title-[^"]*">([^<]*)</h3>.*?<thead>(.*?)</thead>.*?<tbody>(.*?)</tbody>`)
	rowPattern   = regexp.MustCompile(`(?s)<tr>(.*?)</tr>`)
	cellPattern  = regexp.MustCompile(`(?s)<t[dh][^>]*>(.*?)</t[dh]>`)
	dataPattern  = regexp.MustCompile(`(?s)<script type="application/json" id="data">(.*?)</script>`)
	cardPattern  = regexp.MustCompile(`<li[^>]*><span>([^<]*)</span> <strong>([^<]*)</strong> <small>([^<]*)</small></li>`)
)

func cells(text string) (all []string) {
	for _, m := range cellPattern.FindAllStringSubmatch(text, -1) {
		all = append(all, html.UnescapeString(m[1]))
	}
	return all
}

// page compares the tables and the figures in the summary of report.html.
func (o *outputs) page(t *testing.T) {
	page := string(o.read(t, "report.html"))
	got := map[string][]row{}
	for _, m := range tablePattern.FindAllStringSubmatch(page, -1) {
		title, columns := withoutBrackets(html.UnescapeString(m[1])), cells(m[2])
		for _, line := range rowPattern.FindAllStringSubmatch(m[3], -1) {
			r := row{}
			for i, c := range cells(line[1]) {
				r[columns[i]] = c
			}
			got[title] = append(got[title], r)
		}
	}
	o.compare(t, "report.html", got)
	var links []row
	for _, l := range o.judge.Links {
		links = append(links, row{"link": l.Name, "transmissions": digits(l.Frames), "octets": digits(l.Octets)})
	}
	agree(t, "report.html, Links", got["Links"], links)

	sent, lost, bound, silent := 0, 0, 0, 0
	for _, f := range o.flowRows() {
		n, _ := strconv.Atoi(f["sent"])
		sent += n
		n, _ = strconv.Atoi(f["lost"])
		lost += n
	}
	mean := new(big.Rat)
	for _, h := range o.handoverRows() {
		if latency, ok := h["latency_s"]; !ok {
			silent++
		} else if latency != "" {
			bound++
			mean.Add(mean, rat(latency))
		}
	}
	cards := map[string][2]string{}
	for _, m := range cardPattern.FindAllStringSubmatch(page, -1) {
		cards[m[1]] = [2]string{m[2], m[3]}
	}
	signals := o.shown()["Signalling"]
	all := signals[len(signals)-1]
	for name, want := range map[string][2]string{
		"Handovers":         {digits(len(o.judge.Handover)), digits(bound+silent) + " ended with a binding"},
		"Test packets lost": {digits(lost), "of " + digits(sent) + " sent"},
		"Signalling":        {all["packets"] + " packets", all["octets"] + " octets"},
	} {
		if cards[name] != want {
			t.Errorf("report.html says of %s %q, by the capture %q", name, cards[name], want)
		}
	}
	if bound == 0 || silent > 0 {
		return
	}
	latency := mean.Mul(mean, big.NewRat(1000, int64(bound)))
	if got := cards["Mean latency"][0]; got != shortest(latency, got) {
		t.Errorf("report.html has a mean latency of %s, by the capture %s ms", got, latency.FloatString(6))
	}
}

// shortest writes a number with as many digits behind the point as are shown, and with what is
// shown behind the number.
func shortest(x *big.Rat, shown string) string {
	figure, unit, _ := strings.Cut(shown, " ")
	_, behind, _ := strings.Cut(figure, ".")
	return strings.TrimSpace(x.FloatString(len(behind)) + " " + unit)
}

// pageData compares what the scripts of the page draw: delays, losses, handovers and messages.
// Times are whole microseconds there.
func (o *outputs) pageData(t *testing.T) {
	m := dataPattern.FindSubmatch(o.read(t, "report.html"))
	if m == nil {
		t.Fatal("report.html has no data")
	}
	var data struct {
		Text     []string
		Contents []struct {
			Message int    `json:"m"`
			Group   string `json:"g"`
		}
		Rows struct {
			Time    []int64 `json:"t"`
			Content []int   `json:"c"` // negative of a fact
		}
		Flows []struct {
			Name  string
			Sent  []int64 `json:"t"`
			Delay []int64 `json:"d"`
			Lost  []int64
			Every int
		}
		Handovers []struct {
			Label  string
			Start  int64 `json:"t"`
			End    int64
			Phases []struct {
				Name string
				End  int64
			}
		}
	}
	if err := json.Unmarshal(m[1], &data); err != nil {
		t.Fatal(err)
	}
	if len(data.Flows) != len(o.judge.Flows) || len(data.Handovers) != len(o.judge.Handover) {
		t.Fatalf("%d flows, %d handovers", len(data.Flows), len(data.Handovers))
	}
	for i, f := range o.judge.Flows {
		x := data.Flows[i]
		if x.Name != f.Name || x.Every != 1 {
			t.Errorf("flow %d: %s, of %d packets one", i+1, x.Name, x.Every)
		}
		if f.TCP() { // the instants of sending are not in the capture
			continue
		}
		var sent, delay, lost []int64
		for _, p := range f.Packets {
			switch {
			case p.Fate == recompute.Received:
				sent, delay = append(sent, p.Sent/1000), append(delay, (p.End-p.Sent+500)/1000)
			case p.Fate != recompute.UnderWay:
				lost = append(lost, p.Sent/1000)
			}
		}
		if !slices.Equal(summed(x.Sent), sent) || !slices.Equal(x.Delay, delay) {
			t.Errorf("%s: %d delays or other ones, by the capture %d", f.Name, len(x.Delay), len(delay))
		}
		if got := summed(x.Lost); f.Interval > 0 && !slices.Equal(got, lost) || len(got) != len(lost) {
			t.Errorf("%s: %d losses or at other times, by the capture %d", f.Name, len(got), len(lost))
		}
	}
	for i, h := range o.judge.Handover {
		x := data.Handovers[i]
		end := h.Accepted
		if h.Updated != recompute.Never {
			end = h.Updated
		}
		if want := fmt.Sprintf("%s %d %s → %s", o.judge.Scenario.Mobile, i+1, h.From, h.To); x.Label != want || x.Start != h.Start ||
			end != recompute.Never && x.End != end || h.Up > h.Start && (len(x.Phases) == 0 || x.Phases[0].Name != "l2" || x.Phases[0].End != h.Up) {
			t.Errorf("handover %+v, by the capture %+v", x, h)
		}
	}
	frames := map[string][]int64{} // departures
	for i, at := range summed(data.Rows.Time) {
		if n := data.Rows.Content[i]; n >= 0 {
			name := data.Contents[n].Group + " " + data.Text[data.Contents[n].Message]
			frames[name] = append(frames[name], at)
		}
	}
	for _, m := range o.judge.Messages {
		if got := frames[m.Class+" "+m.Type]; !slices.Equal(got, m.Frames) {
			t.Errorf("%d rows with %s or at other times, the capture has %d", len(got), m.Type, len(m.Frames))
		}
	}
}

// summed undoes differences.
func summed(differences []int64) (all []int64) {
	at := int64(0)
	for _, d := range differences {
		at += d
		all = append(all, at)
	}
	return all
}
