package html

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"io"
	"strconv"
	"strings"

	"dsmipsim/reports/result"
	"dsmipsim/reports/table"
)

// assets are the parts of the page. uPlot is by Leon Sorokin, under the MIT licence beside it.
//
//go:embed assets
var assets embed.FS

// scripts are ours, in the order in which they need each other.
var scripts = []string{"base.js", "timeline.js", "packet.js", "ladder.js", "network.js", "tables.js", "main.js"}

// page is what the template shows.
type page struct {
	Result   *result.Result
	Policy   string
	Style    template.CSS
	Library  template.JS
	Script   template.JS
	Data     template.JS
	Cards    []card
	Phases   *bars
	Tables   []shown
	Missing  string // messages that are not in the report
	Moving   bool   // somebody has a position
	Handover []span
}

// card is a figure of the summary.
type card struct{ Name, Value, About, Class string }

// shown is a table with the name that links lead to.
type shown struct {
	*table.Table
	ID   string
	More string // what is not shown
}

// maxRows is how many rows of a table a page shows; more are in the CSV files.
const maxRows = 400

func asset(name string) string {
	text, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic(err) // it is part of the program
	}
	return string(text)
}

// library is uPlot with its licence.
func library() string {
	return "/*! uPlot 1.6.32\n\n" + strings.TrimSpace(asset("uPlot-LICENSE.txt")) + "\n*/\n" + asset("uPlot.iife.min.js")
}

func script() string {
	var b strings.Builder
	b.WriteString("(function () {\n\"use strict\";\n")
	for _, name := range scripts {
		b.WriteString(asset(name))
	}
	b.WriteString("}());\n")
	return b.String()
}

// policy lets nothing into the page but the scripts and styles that it is made of.
func policy(style string, scripts ...string) string {
	source := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	p := "default-src 'none'; style-src" + source(style) + "; script-src"
	for _, s := range scripts {
		p += source(s)
	}
	return p
}

func render(w io.Writer, r *result.Result, d *data) error {
	text, err := json.Marshal(d) // escapes <, > and &, so that no name ends the element
	if err != nil {
		return err
	}
	style, lib, own := asset("uPlot.min.css")+asset("style.css"), library(), script()
	p := page{
		Result: r, Policy: policy(style, lib, own), Style: template.CSS(style), Library: template.JS(lib), Script: template.JS(own),
		Data: template.JS(text), Cards: cards(r, d), Phases: phaseBars(r), Tables: tables(r), Missing: d.omitted.missing(),
		Moving: d.Plane != nil, Handover: d.Handover,
	}
	t, err := template.New("page.html").ParseFS(assets, "assets/page.html")
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, &p); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

// tables are those of the terminal and two more.
func tables(r *result.Result) []shown {
	var all []shown
	for _, t := range append(table.All(r), table.Links(r), table.Drops(r)) {
		id := slug(t.Title)
		if id == "flows-during-handovers" {
			t = everyRowNamed(t, 2)
		}
		if len(t.Rows) > 0 {
			one := shown{Table: t, ID: id}
			if n := len(t.Rows); n > maxRows {
				short := *t
				short.Rows = t.Rows[:maxRows]
				one.Table, one.More = &short, strconv.Itoa(n-maxRows)+" of "+strconv.Itoa(n)+" rows are not shown; the files of the run have all."
			}
			all = append(all, one)
		}
	}
	return all
}

// slug makes a name for links of a title, without what it says in brackets.
func slug(title string) string {
	title, _, _ = strings.Cut(title, "(")
	return strings.Join(strings.Fields(strings.ToLower(title)), "-")
}

// everyRowNamed repeats in the first columns what the terminal says once, since the reader may sort
// the rows.
func everyRowNamed(t *table.Table, columns int) *table.Table {
	for i := 1; i < len(t.Rows); i++ {
		for k := range columns {
			if t.Rows[i][k] == "" {
				t.Rows[i][k] = t.Rows[i-1][k]
			}
		}
	}
	return t
}

func cards(r *result.Result, d *data) []card {
	sent, lost := 0, 0
	for i := range r.Flows {
		sent += r.Flows[i].Sent
		lost += r.Flows[i].Lost
	}
	bound, sum := 0, 0.0
	for i := range r.Handovers {
		if l := r.Handovers[i].LatencyS; l != nil {
			bound++
			sum += *l
		}
	}
	all := []card{{Name: "Handovers", Value: strconv.Itoa(len(r.Handovers)), About: strconv.Itoa(bound) + " ended with a binding"}}
	if bound > 0 {
		all = append(all, card{Name: "Mean latency", Value: milliseconds(sum / float64(bound)), About: "of handovers with a binding"})
	}
	if sent > 0 {
		all = append(all, card{Name: "Test packets lost", Value: strconv.Itoa(lost), About: "of " + strconv.Itoa(sent) + " sent"})
	}
	all = append(all, card{Name: "Signalling", Value: strconv.Itoa(r.Signalling.Packets) + " packets", About: strconv.FormatInt(r.Signalling.Octets, 10) + " octets"})
	if n := len(r.Expectations); n > 0 {
		met, class := 0, "good"
		for _, e := range r.Expectations {
			if e.Pass || e.Unjudged {
				met++
			}
		}
		if met < n {
			class = "bad"
		}
		all = append(all, card{Name: "Expectations", Value: strconv.Itoa(met) + " of " + strconv.Itoa(n), About: "met", Class: class})
	}
	return append(all, card{Name: "Nodes", Value: strconv.Itoa(len(d.Nodes)), About: strconv.Itoa(len(d.Links)) + " links"})
}
