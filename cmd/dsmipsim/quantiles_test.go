package main

import (
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"gonum.org/v1/gonum/stat"
)

// The quantiles of a flow's delay are those of gonum on the raw series, which delays.csv has packet by
// packet; so are the other figures that follow from the series in whatever order.
func TestDelayQuantiles(t *testing.T) {
	for _, scenario := range []string{"roaming", "traffic-mix", "tcp-loss", "lossy-access", "wifi-to-lte", "troubled-links", "two-mobiles", "manhattan", "alpine-network"} {
		t.Run(scenario, func(t *testing.T) {
			o := &outputs{dir: filepath.Join(t.TempDir(), "out")}
			execute(t, "run", scenario, "-o", o.dir)
			o.summary = parsed(t, o.read(t, "summary.json"))
			delays := map[string][]float64{} // nanoseconds
			fates := map[string]map[string]int{}
			for _, r := range readCSV(t, string(o.read(t, "delays.csv"))) {
				flow := r["flow"]
				if fates[flow] == nil {
					fates[flow] = map[string]int{}
				}
				fates[flow][r["fate"]]++
				if ns, ok := toNanoseconds(r["delay_s"]); ok {
					delays[flow] = append(delays[flow], float64(ns.Int64()))
				}
			}
			file := readCSV(t, string(o.read(t, "flows.csv")))
			var want []row
			series := 0
			for _, f := range file {
				raw := delays[f["name"]]
				slices.Sort(raw)
				r := row{}
				for name, p := range map[string]float64{"p50": 0.50, "p95": 0.95, "p99": 0.99} {
					r["delay_"+name+"_s"] = ""
					if len(raw) > 0 {
						r["delay_"+name+"_s"] = seconds(int64(stat.Quantile(p, stat.Empirical, raw, nil)))
					}
				}
				r["delay_min_s"], r["delay_max_s"], r["delay_mean_s"] = "", "", ""
				if len(raw) > 0 {
					series++
					r["delay_min_s"], r["delay_max_s"] = seconds(int64(raw[0])), seconds(int64(raw[len(raw)-1]))
					r["delay_mean_s"] = seconds(int64(math.Round(stat.Mean(raw, nil))))
				}
				if f["kind"] != "tcp" && f["kind"] != "request" { // whose counts are of both directions
					for cell, fate := range map[string]string{"received": "received", "lost": "lost", "in_flight": "in_flight"} {
						r[cell] = strconv.Itoa(fates[f["name"]][fate])
					}
				}
				want = append(want, r)
			}
			if series == 0 {
				t.Fatal("no flow had anything received")
			}
			agree(t, "flows.csv", file, want)
			agreeOrAbsent(t, objects(o.summary, "flows"), want)
		})
	}
}

// agreeOrAbsent compares with summary.json, where a flow without receptions has null for its delay.
func agreeOrAbsent(t *testing.T, got, want []row) {
	t.Helper()
	for i := range want {
		if i < len(got) && want[i]["delay_min_s"] == "" {
			for key := range want[i] {
				if _, ok := got[i][key]; !ok {
					got[i][key] = ""
				}
			}
		}
	}
	agree(t, "summary.json", got, want)
}
