package html_test

import (
	"bytes"
	"context"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dsmipsim/reports"
	"dsmipsim/reports/html"
	"dsmipsim/reports/result"
	"dsmipsim/scenarios"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/trace"
)

// run runs a scenario and returns its directory.
func run(t *testing.T, name string, sets ...string) string {
	t.Helper()
	e, ok := scenarios.Find(name)
	if !ok {
		t.Fatalf("no scenario %s", name)
	}
	s, err := spec.LoadFiles(name, e.Source, sets, spec.Files{Beside: e.ReadFile})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "out")
	d, err := reports.Begin(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Abort()
	o, err := scenarios.Run(name, s, scenarios.Options{Sinks: func(setup result.Setup) ([]trace.Sink, error) { return d.Sinks(setup) }})
	if err != nil {
		t.Fatal(err)
	}
	err = d.Write(reports.Artefacts{Result: o.Result, Samples: o.Samples, Scenario: e.Source, Setup: o.Setup, Dissection: scenarios.Dissection(s)})
	if err != nil {
		t.Fatal(err)
	}

	// The report can be made again from the directory alone.
	setup, err := scenarios.Setup(name, s)
	if err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := html.Write(&again, html.Input{Result: o.Result, Setup: setup, Dissection: scenarios.Dissection(s), Files: os.DirFS(dir)}); err != nil {
		t.Fatal(err)
	}
	if page := read(t, dir); !bytes.Equal(page, again.Bytes()) {
		t.Errorf("%s: the report made again has %d octets and differs from the first, which has %d", name, again.Len(), len(page))
	}
	return dir
}

func read(t *testing.T, dir string) []byte {
	t.Helper()
	page, err := fs.ReadFile(os.DirFS(dir), "report.html")
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// browser is a page in headless Chromium.
type browser struct {
	*testing.T
	ctx context.Context
}

// open shows a page. With DSMIPSIM_ORACLES=1 Chromium must be there.
func open(t *testing.T, file string, width, height int64, how ...chromedp.EmulateViewportOption) browser {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("DSMIPSIM_ORACLES") == "1" {
			t.Fatal("chromium is required by DSMIPSIM_ORACLES=1: ", err)
		}
		t.Skip("chromium is not installed")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	t.Cleanup(cancel)
	// Root, as in a container, has no sandbox.
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithAllocatorOptions(chromedp.ExecPath(program), chromedp.NoSandbox))
	t.Cleanup(cancel)
	b := browser{t, ctx}
	messages := chromedp.Console(ctx)
	b.do(chromedp.EmulateViewport(width, height, how...))
	b.do(chromedp.Navigate((&url.URL{Scheme: "file", Path: filepath.ToSlash(file)}).String()), chromedp.WaitReady(chromedp.CSS("body[data-ready]")))
	t.Cleanup(func() {
		// A message of our own ends what the page has said.
		b.do(chromedp.Evaluate[chromedp.Void](`console.log("over")`))
		for m, err := range messages {
			if err != nil || m.Text == "over" {
				break
			}
			t.Errorf("the page says on the console: %v", m)
		}
	})
	return b
}

func (b browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.Fatal(err)
	}
}

func (b browser) eval(expression string) string {
	b.Helper()
	got, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("String("+expression+")"))
	if err != nil {
		b.Fatalf("%s: %v", expression, err)
	}
	return got
}

func (b browser) want(expression, want string) {
	b.Helper()
	if got := b.eval(expression); got != want {
		b.Errorf("%s is %q, want %q", expression, got, want)
	}
}

// await waits until an expression is true.
func (b browser) await(expression string) {
	b.Helper()
	for range 200 {
		if b.eval(expression) == "true" {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.Fatalf("%s never came true", expression)
}

// picture keeps a screenshot in the directory that DSMIPSIM_PICTURES names, for people to look at.
func (b browser) picture(name string) {
	b.Helper()
	dir := os.Getenv("DSMIPSIM_PICTURES")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644)
	}
	if err != nil {
		b.Fatal(err)
	}
}

func click(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.Click(chromedp.CSS(selector))
}

const message = `document.querySelector("#packet-title").textContent`

func TestRoamingInBrowser(t *testing.T) {
	dir := run(t, "roaming")
	if n := len(read(t, dir)); n > 2<<20 {
		t.Errorf("the report has %d octets, want at most 2 MB", n)
	}
	b := open(t, filepath.Join(dir, "report.html"), 1280, 900)
	b.picture("top")

	// The timeline is there: it is not all of one colour.
	b.want(`(() => { const c = document.querySelector("#timeline canvas"), p = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
		return new Set(new Uint32Array(p.buffer)).size > 20 })()`, "true")

	// Choosing a handover narrows the timeline and the messages; All goes back.
	all := b.eval(`document.querySelector("#count").textContent`)
	b.do(chromedp.Evaluate[chromedp.Void](`(() => { const s = document.querySelector("#span"); s.value = "0"; s.dispatchEvent(new Event("change")) })()`))
	narrow := b.eval(`document.querySelector("#count").textContent`)
	if all == narrow || !strings.Contains(b.eval(`document.querySelector("#range").textContent`), "9.6") {
		t.Errorf("a handover is chosen, and there is still %s", narrow)
	}

	// A click on a Binding Update opens its headers and octets.
	b.do(chromedp.Evaluate[chromedp.Void](`(() => { const f = document.querySelector("#find"); f.value = "BU"; f.dispatchEvent(new Event("input")) })()`))
	b.do(chromedp.ScrollIntoView(chromedp.CSS("#ladder-section")))
	b.picture("ladder")
	b.do(click(`.row[aria-label*="BU from mn"]`))
	b.want(message, "BU")
	for _, part := range []string{"Binding Update", "Home Address", "2001:db8:100::1000", "ESP", "mn handover 1"} {
		if !strings.Contains(b.eval(`document.querySelector("#packet-body").textContent`), part) {
			t.Errorf("the opened BU has no %q", part)
		}
	}
	b.want(`document.querySelector("#packet pre").textContent.startsWith("0000  ")`, "true")
	b.do(click("#packet pre span"))
	b.want(`document.querySelector("#packet details.lit summary b").textContent`, "Ethernet")
	b.picture("packet")

	// By keyboard: Escape closes and goes back to the chart, arrows choose, Enter opens.
	b.do(chromedp.KeyEvent(kb.Escape))
	b.want(`document.querySelector("#packet").hidden`, "true")
	b.want(`document.activeElement.id`, "ladder-body")
	b.do(click("#zoom-all"), chromedp.Evaluate[chromedp.Void](`(() => { const f = document.querySelector("#find"); f.value = ""; f.dispatchEvent(new Event("input")) })()`))
	b.want(`document.querySelector("#count").textContent`, all)
	b.do(chromedp.Focus(chromedp.CSS("#ladder-body")), chromedp.KeyEvent(kb.Home+kb.ArrowDown+kb.ArrowDown))
	b.want(`document.querySelector(".row.active").getAttribute("aria-posinset")`, "3")
	b.do(chromedp.KeyEvent(kb.Enter))
	b.want(`document.querySelector("#packet").hidden`, "false")
	b.do(chromedp.KeyEvent(kb.Escape))
	b.do(chromedp.Focus(chromedp.CSS("#timeline")), chromedp.KeyEvent("+"))
	b.want(`document.querySelector("#range").textContent`, "25.000 s to 75.000 s")
	b.do(chromedp.KeyEvent("0"))
	b.want(`document.querySelector("#range").textContent`, "0.000 s to 100.000 s")

	// A drag across the timeline zooms, and the messages follow.
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#timeline").scrollIntoView({ behavior: "instant", block: "center" })`))
	box := b.eval(`(() => { const r = document.querySelector("#timeline .u-over").getBoundingClientRect(); return r.left + r.width / 2 })()`)
	if box == "" {
		t.Fatal("the timeline has no place")
	}
	b.do(chromedp.DragAndDropXY(500, 450, 700, 450, 5))
	b.await(`document.querySelector("#range").textContent !== "0.000 s to 100.000 s"`)
	if got := b.eval(`document.querySelector("#count").textContent`); got == all {
		t.Errorf("the timeline is zoomed, and there is still %s", got)
	}
	b.do(click("#zoom-all"))

	// The playback moves the mobile node, by the slider and by itself.
	place := `document.querySelector("#map .mobile").getAttribute("cx")`
	home := b.eval(place)
	b.do(chromedp.Evaluate[chromedp.Void](`(() => { const s = document.querySelector("#seek"); s.value = 20000; s.dispatchEvent(new Event("input")) })()`))
	if got := b.eval(place); got == home {
		t.Errorf("the mobile node is at %s at 0 s and at 20 s", got)
	}
	b.want(`document.querySelector("#state").textContent`, "mn on campus")
	b.do(chromedp.Focus(chromedp.CSS("#play")), chromedp.KeyEvent(" "))
	b.await(`parseFloat(document.querySelector("#clock").textContent) > 20.2`)
	b.do(chromedp.ScrollIntoView(chromedp.CSS("#map")))
	b.picture("map")
	b.do(click("#play"))
	b.want(`document.querySelector("#play").getAttribute("aria-pressed")`, "false")

	// Tables sort, and keep the prediction below its handover.
	column := `[...document.querySelectorAll("#table-signalling tbody tr")].map((r) => Number(r.cells[2].textContent))`
	b.do(click(`#table-signalling th:nth-child(3) button`))
	b.want(column+`.every((v, i, a) => i === 0 || a[i - 1] <= v)`, "true")
	b.do(click(`#table-signalling th:nth-child(3) button`))
	b.want(column+`.every((v, i, a) => i === 0 || a[i - 1] >= v)`, "true")
	b.do(click(`#table-handovers th:nth-child(3) button`), click(`#table-handovers th:nth-child(3) button`))
	b.want(`[...document.querySelectorAll("#table-handovers tbody tr")].map((r) => r.cells[1].textContent[0] || "p").join("")`, "4p32p1p")
	b.picture("tables")
	b.do(click(`button[data-table="handovers"]`))
	b.await(`document.querySelector("#said").textContent.startsWith("Table copied")`)

	// Dark.
	light := b.eval(`getComputedStyle(document.body).backgroundColor`)
	b.do(click("#theme"))
	if dark := b.eval(`getComputedStyle(document.body).backgroundColor`); dark == light {
		t.Errorf("dark and light have the same background %s", dark)
	}
	b.do(chromedp.Evaluate[chromedp.Void](`scrollTo({ top: 0, behavior: "instant" })`))
	b.picture("dark")
}

func TestPhone(t *testing.T) {
	dir := run(t, "first-registration")
	b := open(t, filepath.Join(dir, "report.html"), 360, 740)
	b.want(`document.documentElement.scrollWidth`, "360")
	b.picture("phone-top")
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#ladder-section").scrollIntoView({ behavior: "instant" })`))
	b.picture("phone-ladder")
	b.do(click(".row"))
	b.want(`document.documentElement.scrollWidth`, "360")
	b.picture("phone-packet")
	b.do(click("#packet-close"))
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#map-section").scrollIntoView({ behavior: "instant" })`))
	b.picture("phone-map")
}

// A scenario with places has a second map.
func TestPlane(t *testing.T) {
	dir := run(t, "wifi-walk", "duration=40s")
	b := open(t, filepath.Join(dir, "report.html"), 1280, 900)
	place := `document.querySelector("#plane circle.mobile").getAttribute("cx")`
	before := b.eval(place)
	b.do(chromedp.Evaluate[chromedp.Void](`(() => { const s = document.querySelector("#seek"); s.value = 30000; s.dispatchEvent(new Event("input")) })()`))
	if got := b.eval(place); got == before {
		t.Errorf("the mobile node is at %s m at 0 s and at 30 s", got)
	}
	b.want(`document.querySelectorAll("#plane .cell").length > 0`, "true")
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#plane").scrollIntoView({ behavior: "instant", block: "center" })`))
	b.picture("plane")
}
