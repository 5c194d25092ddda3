package tidy

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"dsmipsim/reports/limits"
	"dsmipsim/reports/result"
)

// Calls writes one row per call.
func Calls(w io.Writer, r *result.Result) error {
	t := newTable(w, callColumns)
	for i := range r.Flows {
		if v := r.Flows[i].Voice; v != nil {
			t.write(r.Flows[i].Name, v.Model, v.Codec, number(v.R), number(v.MOS), number(v.PacketizeS), number(v.LookAheadS), number(v.NetworkS),
				number(v.PlayoutS), number(v.MouthToEarS), strconv.Itoa(v.Late), number(v.LossPercent), number(v.BurstR))
		}
	}
	return t.done()
}

// Expectations writes one row per expectation.
func Expectations(w io.Writer, r *result.Result) error {
	t := newTable(w, expectationColumns)
	for _, e := range r.Expectations {
		got := ""
		switch v := e.Got.(type) {
		case nil:
		case float64:
			got = number(v)
		default:
			got = fmt.Sprint(v)
		}
		t.write(e.Metric, e.Want, got, strconv.FormatBool(e.Pass), e.Note, optional(e.Margin), strconv.FormatBool(e.Unjudged), strconv.FormatBool(e.Deviates))
	}
	return t.done()
}

// FlowLimits writes one row per flow that was compared with published limits.
func FlowLimits(w io.Writer, r *result.Result) error {
	t := newTable(w, flowLimitColumns)
	for i := range r.Flows {
		f := &r.Flows[i]
		if f.Limits == nil || f.Limits.G114 == "" {
			continue
		}
		classes := make([]string, len(f.Limits.Y1541Classes))
		for k, n := range f.Limits.Y1541Classes {
			classes[k] = strconv.Itoa(n)
		}
		rating := ""
		if f.Voice != nil {
			rating = number(f.Voice.R)
		}
		t.write(f.Name, number(f.OneWay()), f.Limits.G114, number(f.Limits.DelayVariationS), number(f.Limits.LossRatio), strings.Join(classes, " "), rating)
	}
	return t.done()
}

// HandoverLimits writes one row per handover and flow, with the limits of handovers that both
// keep: those of the radio part hold for the time without a link, the others for the interruption.
func HandoverLimits(w io.Writer, r *result.Result) error {
	t := newTable(w, handoverLimitColumns)
	for i := range r.Handovers {
		h := &r.Handovers[i]
		for _, f := range h.Flows {
			var kept []string
			for _, l := range limits.Of(limits.Interruption) {
				value := f.InterruptionS
				if l.Radio {
					value = &h.Phases.L2S
				}
				if value != nil && *value <= l.Value {
					kept = append(kept, l.Name)
				}
			}
			t.write(h.MobileNode, strconv.Itoa(h.Index), h.From, h.To, number(h.Phases.L2S), f.Flow, optional(f.InterruptionS), strings.Join(kept, "; "))
		}
	}
	return t.done()
}

// Drops writes one row per reason for which packets were dropped.
func Drops(w io.Writer, r *result.Result) error {
	t := newTable(w, dropColumns)
	for _, reason := range r.Drops.Reasons() {
		t.write(reason, strconv.Itoa(r.Drops[reason]))
	}
	return t.done()
}
