package html_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// media lets the page believe what the reader has asked the system for, such as
// prefers-reduced-motion: reduce.
func (b browser) media(name, value string) {
	b.Helper()
	b.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: name, Value: value}}})
		return err
	}))
}

// fingers puts fingers on the screen, moves them in steps and lifts them.
func (b browser) fingers(from, to [][2]float64) {
	b.Helper()
	const steps = 5
	send := func(kind input.DispatchTouchEventType, share float64) {
		p := input.DispatchTouchEventParams{Type: kind, TouchPoints: []*input.TouchPoint{}}
		for i := range from {
			if kind == input.DispatchTouchEventTypeTouchEnd {
				break
			}
			id := float64(i)
			p.TouchPoints = append(p.TouchPoints, &input.TouchPoint{X: from[i][0] + share*(to[i][0]-from[i][0]), Y: from[i][1] + share*(to[i][1]-from[i][1]), ID: &id})
		}
		b.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, input.DispatchTouchEvent, p)
			return err
		}))
	}
	send(input.DispatchTouchEventTypeTouchStart, 0)
	for i := range steps {
		send(input.DispatchTouchEventTypeTouchMove, float64(i+1)/steps)
	}
	send(input.DispatchTouchEventTypeTouchEnd, 1)
}

// number evaluates an expression that gives a number.
func (b browser) number(expression string) float64 {
	b.Helper()
	v, err := strconv.ParseFloat(b.eval(expression), 64)
	if err != nil {
		b.Fatal(err)
	}
	return v
}

// plotted is the place of the timeline's data on the screen, in its middle.
func (b browser) plotted() (left, width, middle float64) {
	b.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#timeline").scrollIntoView({ behavior: "instant", block: "center" })`))
	const box = `document.querySelector("#timeline .u-over").getBoundingClientRect()`
	return b.number(box + ".left"), b.number(box + ".width"), b.number("(" + box + ".top + " + box + ".bottom) / 2")
}

const shownRange = `document.querySelector("#range").textContent`

// shown is the range in sight, in seconds.
func (b browser) shown() (from, to float64) {
	b.Helper()
	if _, err := fmt.Sscanf(b.eval(shownRange), "%g s to %g s", &from, &to); err != nil {
		b.Fatal(err)
	}
	return from, to
}

// On a phone one finger moves the delays and two zoom them, what is below a finger stays there, and
// a tap opens the message of the instant. The page never scrolls sideways.
func TestTouch(t *testing.T) {
	b := open(t, filepath.Join(run(t, "roaming"), "report.html"), 390, 844, chromedp.EmulateMobile, chromedp.EmulateTouch)
	b.want(`document.documentElement.scrollWidth`, "390")
	b.picture("touch-top")
	left, width, y := b.plotted()
	at := func(share float64) [2]float64 { return [2]float64{left + share*width, y} }

	// From a quarter and a half to the ends: 25 s to 50 s are in sight then.
	b.fingers([][2]float64{at(0.25), at(0.5)}, [][2]float64{at(0), at(1)})
	if from, to := b.shown(); from < 23 || from > 27 || to < 48 || to > 52 {
		t.Errorf("pinched: %v s to %v s, want about 25 to 50", from, to)
	}
	b.picture("touch-pinched")
	count := b.eval(`document.querySelector("#count").textContent`)
	b.fingers([][2]float64{at(0.8)}, [][2]float64{at(0.3)})
	if from, to := b.shown(); from < 35 || from > 40 || to-from < 22 || to-from > 28 {
		t.Errorf("dragged: %v s to %v s, want about 37 to 62", from, to)
	}
	if b.eval(`document.querySelector("#count").textContent`) == count {
		t.Error("the messages did not follow")
	}
	b.do(chromedp.TapXY(at(0.5)[0], y))
	b.await(`!document.querySelector("#packet").hidden`)
	b.want(`document.documentElement.scrollWidth`, "390")
	b.picture("touch-packet")
	b.do(click("#packet-close"))
	// A finger that goes down scrolls the page.
	_, _, y = b.plotted()
	before := b.number("scrollY")
	b.fingers([][2]float64{{left + width/2, y + 50}}, [][2]float64{{left + width/2, y - 150}})
	b.await(fmt.Sprintf("scrollY > %g", before))
	for _, section := range []string{"ladder", "map", "phases", "tables"} {
		b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#` + section + `-section").scrollIntoView({ behavior: "instant" })`))
		b.picture("touch-" + section)
	}
}

// A click on the delays opens the message next to that instant, a double click shows all, and a drag
// does neither.
func TestClickOnDelays(t *testing.T) {
	b := open(t, filepath.Join(run(t, "roaming"), "report.html"), 1280, 900)
	left, width, y := b.plotted()
	b.do(chromedp.MouseClickXY(left+0.305*width, y))
	b.await(`!document.querySelector("#packet").hidden`)
	if at := b.eval(`document.querySelector("#packet dd").textContent`); !strings.HasPrefix(at, "30.") {
		t.Errorf("a click at 30.5 s opened a message of %s", at)
	}
	b.want(`document.querySelector("#packet pre") !== null`, "true")
	b.picture("clicked")
	b.do(chromedp.KeyEvent(kb.Escape))
	b.want(`document.activeElement.id`, "timeline")
	b.do(chromedp.DragAndDropXY(left+0.2*width, y, left+0.4*width, y, 5))
	b.await(shownRange + ` !== "0.000 s to 100.000 s"`)
	b.do(chromedp.MouseClickXY(left+0.5*width, y), chromedp.MouseClickXY(left+0.5*width, y, chromedp.ClickCount(2)))
	b.await(shownRange + ` === "0.000 s to 100.000 s"`)
	b.do(chromedp.Sleep(400e6))
	b.want(`document.querySelector("#packet").hidden`, "true")
}

// The picture of the report in README.md can be taken: a Binding Update of the first handover is
// opened beside the delays. UPDATE=1 takes it again; fonts differ between machines, so that only its
// size is compared.
func TestPictureOfReport(t *testing.T) {
	b := open(t, filepath.Join(run(t, "roaming"), "report.html"), 1280, 860)
	b.do(chromedp.Evaluate[chromedp.Void](`(() => { const s = document.querySelector("#span"); s.value = "0"; s.dispatchEvent(new Event("change")) })()`))
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll(".group").forEach((g) => ["resolution", "discovery"].includes(g.value) && g.click())`))
	b.do(chromedp.Evaluate[chromedp.Void](`[...document.querySelectorAll(".row")].find((r) => r.getAttribute("aria-label").includes("BU from mn")).click()`))
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#timeline-section").scrollIntoView({ behavior: "instant" })`))
	b.want(`document.querySelector("#packet").hidden`, "false")
	b.want(`document.querySelector("#packet").innerText.includes("Binding Update sequence 1")`, "true")
	shot, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	const picture = "../../.pictures/report.png"
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(picture, fewColours(t, shot), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(picture)
	if err != nil {
		t.Fatal(err)
	}
	is, errIs := png.DecodeConfig(bytes.NewReader(shot))
	was, errWas := png.DecodeConfig(bytes.NewReader(kept))
	if errIs != nil || errWas != nil || is.Width != was.Width || is.Height != was.Height {
		t.Errorf("%s is %d x %d and the page %d x %d: %v, %v", picture, was.Width, was.Height, is.Width, is.Height, errWas, errIs)
	}
}

// fewColours writes a picture in its 256 most frequent colours, which takes half of the room.
func fewColours(t *testing.T, shot []byte) []byte {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}
	counts := map[color.Color]int{}
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			counts[img.At(x, y)]++
		}
	}
	palette := color.Palette(slices.SortedFunc(maps.Keys(counts), func(a, b color.Color) int { return counts[b] - counts[a] }))
	small := image.NewPaletted(img.Bounds(), palette[:min(len(palette), 256)])
	draw.Draw(small, small.Bounds(), img, image.Point{}, draw.Src)
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, small); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Everything can be reached by Tab in the order of the page, and what has the focus shows it.
func TestKeyboardOnly(t *testing.T) {
	b := open(t, filepath.Join(run(t, "first-registration"), "report.html"), 1280, 900)
	var order []string
	seen := map[string]bool{}
	for range 200 {
		b.do(chromedp.KeyEvent(kb.Tab))
		name := b.eval(`(() => { const e = document.activeElement; if (e === document.body) return "";
			e.dataset.tab = e.dataset.tab || ++window.tabs || (window.tabs = 1);
			const above = window.tabbed && e.compareDocumentPosition(window.tabbed) & 4;
			window.tabbed = e;
			const o = getComputedStyle(e);
			return e.dataset.tab + " " + (e.id || e.textContent.trim() || e.className) + (above ? " BACK" : "") + (o.outlineStyle === "none" || parseFloat(o.outlineWidth) < 2 ? " INVISIBLE" : "") })()`)
		if name == "" || seen[name] {
			break
		}
		seen[name] = true
		order = append(order, name)
		if strings.HasSuffix(name, "BACK") || strings.HasSuffix(name, "INVISIBLE") {
			t.Errorf("the focus went to %s", name)
		}
	}
	all := strings.Join(order, "\n")
	for _, part := range []string{"Skip to the report", "theme", "span", "zoom-in", "timeline", "find", "ladder-body", "play", "seek", "Copy Handovers", "latency"} {
		if !strings.Contains(all, part) {
			t.Errorf("Tab never came to %q:\n%s", part, all)
		}
	}
	b.picture("focus")

	// Enter on the delays opens a message, Escape goes back, and a column sorts by the space bar.
	b.do(chromedp.Focus(chromedp.CSS("#timeline")), chromedp.KeyEvent(kb.Enter))
	b.want(`document.querySelector("#packet").hidden`, "false")
	b.want(`document.activeElement.id`, "packet-title")
	b.do(chromedp.KeyEvent(kb.Escape))
	b.want(`document.activeElement.id`, "timeline")
	b.do(chromedp.Focus(chromedp.CSS("#table-signalling th:nth-child(3) button")), chromedp.KeyEvent(" "))
	b.want(`document.querySelector("#table-signalling th:nth-child(3)").getAttribute("aria-sort")`, "ascending")
}

// Dark as the system is, and light all the same on paper.
func TestDarkAndPaper(t *testing.T) {
	b := open(t, filepath.Join(run(t, "roaming"), "report.html"), 1280, 900)
	b.media("prefers-color-scheme", "dark")
	b.await(`getComputedStyle(document.body).backgroundColor === "rgb(20, 23, 26)"`)
	b.picture("dark-system")
	b.do(chromedp.Evaluate[chromedp.Void](`dispatchEvent(new Event("beforeprint"))`))
	b.want(`getComputedStyle(document.body).backgroundColor`, "rgb(255, 255, 255)")
	b.want(`document.querySelectorAll("#ladder .row").length`, "150")
	b.do(chromedp.Evaluate[chromedp.Void](`dispatchEvent(new Event("afterprint"))`))
	b.want(`getComputedStyle(document.body).backgroundColor`, "rgb(20, 23, 26)")
	b.want(`document.querySelectorAll("#ladder .row").length < 60`, "true")
	file, err := chromedp.Run(b.ctx, chromedp.PrintToPDF())
	if err != nil || !bytes.HasPrefix(file, []byte("%PDF-")) {
		t.Errorf("printed %d octets, error %v", len(file), err)
	}
	b.want(`getComputedStyle(document.body).backgroundColor`, "rgb(20, 23, 26)")
}

// Whoever wants less movement gets two pictures a second, which get on as fast.
func TestReducedMotion(t *testing.T) {
	b := open(t, filepath.Join(run(t, "first-registration"), "report.html"), 1280, 900)
	b.media("prefers-reduced-motion", "reduce")
	b.want(`getComputedStyle(document.documentElement).scrollBehavior`, "auto")
	b.do(chromedp.Evaluate[chromedp.Void](`(() => { window.changes = 0; new MutationObserver(() => window.changes++).observe(document.querySelector("#clock"), { childList: true }) })()`))
	b.do(click("#play"))
	b.await(`parseFloat(document.querySelector("#clock").textContent) > 1.4`)
	b.do(click("#play"))
	if n := b.number("window.changes"); n > 20 {
		t.Errorf("%v pictures", n)
	}
}

// A run of a hundred nodes begins with one of them.
func TestManyNodes(t *testing.T) {
	b := open(t, filepath.Join(run(t, "dynamic-addresses"), "report.html"), 1280, 900)
	b.want(`document.querySelector("#who-label").hidden`, "false")
	columns := `document.querySelectorAll("#ladder-head text").length`
	few := b.number(columns)
	b.do(chromedp.Evaluate[chromedp.Void](`(() => { const s = document.querySelector("#who"); s.value = -1; s.dispatchEvent(new Event("change")) })()`))
	if all := b.number(columns); all < few+10 {
		t.Errorf("%v nodes in sight of one mobile node, %v of all", few, all)
	}
	b.do(chromedp.Evaluate[chromedp.Void](`(() => { const s = document.querySelector("#seek"); s.value = 8000; s.dispatchEvent(new Event("input")) })()`))
	if got := b.eval(`document.querySelector("#state").textContent`); !strings.Contains(got, " on ") || strings.Count(got, ";") > 5 {
		t.Errorf("the state of all is %q", got)
	}
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#map-section").scrollIntoView({ behavior: "instant" })`))
	b.picture("many-map")
}
