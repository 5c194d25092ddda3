package voice

import (
	"math"
	"testing"
	"time"
)

func near(got, want, tolerance float64) bool { return math.Abs(got-want) <= tolerance }

// Published values of the straight-line model, without bursts.
func TestColeRosenbluth(t *testing.T) {
	for _, c := range []struct {
		codec           Equipment
		delay, loss     float64
		rating, opinion float64
	}{
		{G711Concealed, 100, 0, 90.80, 4.358},
		{G711Concealed, 100, 1, 87.16, 4.263},
		{G711Concealed, 200, 5, 70.12, 3.603},
		{G729A, 100, 1, 75.60, 3.847},
		{G711, 100, 1, 72.88, 3.729},
	} {
		r := ColeRosenbluth(c.codec, c.delay, c.loss, 1)
		if !near(r, c.rating, 0.005) || !near(MOS(r), c.opinion, 0.0005) {
			t.Errorf("%s, %v ms, %v %%: R %.3f, MOS %.4f, want %v, %v", c.codec.Name, c.delay, c.loss, r, MOS(r), c.rating, c.opinion)
		}
	}
}

// G.107 section 7.7: with all defaults R is 93.2, and MOS 4.41 by Annex B.
func TestDefaultRating(t *testing.T) {
	r := Defaults().Rate(G711, 0, 0, 1)
	if !near(r, 93.2, 0.05) || !near(MOS(r), 4.41, 0.005) {
		t.Errorf("R %.3f, MOS %.3f", r, MOS(r))
	}
	if free := Full(G711, 0, 0, 1); free != r {
		t.Errorf("with echo cancelled R is %.3f", free)
	}
	if late := Full(G711, 200, 0, 1); !near(late, r-Defaults().absolute(200), 1e-9) {
		t.Errorf("200 ms make R %.3f", late)
	}
}

// G.107 equation 27: nothing up to 100 ms; at 200 ms X is 1.
func TestAbsoluteDelay(t *testing.T) {
	p := Defaults()
	for _, d := range []float64{0, 50, 100} {
		if id := p.absolute(d); id != 0 {
			t.Errorf("%v ms costs %v", d, id)
		}
	}
	want := 25 * (math.Pow(2, 1.0/6) - 3*math.Pow(1+math.Pow(1.0/3, 6), 1.0/6) + 2)
	if id := p.absolute(200); !near(id, want, 1e-12) || !near(id, 3.04, 0.02) {
		t.Errorf("200 ms cost %v, want %v", id, want)
	}
	last := 0.0
	for d := 100.0; d < 1000; d += 10 {
		if id := p.absolute(d); id < last {
			t.Errorf("%v ms cost %v, less than before", d, id)
		} else {
			last = id
		}
	}
}

// Every parameter has an effect of the expected sign.
func TestParameters(t *testing.T) {
	base := Defaults().Rate(G711, 150, 0, 1)
	for name, worse := range map[string]func(*Parameters){
		"SLR":  func(p *Parameters) { p.SLR = 16 },
		"RLR":  func(p *Parameters) { p.RLR = 12 },
		"STMR": func(p *Parameters) { p.STMR = 7 },
		"TELR": func(p *Parameters) { p.TELR = 40 },
		"WEPL": func(p *Parameters) { p.WEPL = 20 },
		"QDU":  func(p *Parameters) { p.QDU = 10 },
		"Nc":   func(p *Parameters) { p.Nc = -45 },
		"Nfor": func(p *Parameters) { p.Nfor = -45 },
		"Ps":   func(p *Parameters) { p.Ps = 70 },
		"Pr":   func(p *Parameters) { p.Pr = 70 },
		"A":    func(p *Parameters) { p.Advantage = -5 },
	} {
		p := Defaults()
		worse(&p)
		if r := p.Rate(G711, 150, 0, 1); !(r < base-0.3) {
			t.Errorf("%s: R %.2f, was %.2f", name, r, base)
		}
	}
}

func TestOpinionIsBounded(t *testing.T) {
	for r := -50.0; r < 150; r++ {
		if m := MOS(r); m < 1 || m > 4.5 {
			t.Errorf("R %v: MOS %v", r, m)
		}
	}
}

// Losses in bursts weigh more than the same losses one by one: with (0, 4.3) and 2 %,
// 95 * 2 / (2/2 + 4.3) = 35.849 instead of 95 * 2 / 6.3 = 30.159.
func TestBursts(t *testing.T) {
	if one, two := G711.Impairment(2, 1), G711.Impairment(2, 2); !near(one, 30.1587, 1e-3) || !near(two, 35.8491, 1e-3) {
		t.Errorf("%v alone, %v in bursts of two", one, two)
	}
}

func TestPlayout(t *testing.T) {
	ms := func(all ...int) (ds []time.Duration) {
		for _, d := range all {
			if d < 0 {
				ds = append(ds, Lost)
			} else {
				ds = append(ds, time.Duration(d)*time.Millisecond)
			}
		}
		return ds
	}
	for _, c := range []struct {
		delays []time.Duration
		buffer time.Duration
		want   Call
	}{
		{ms(20, 30, 25, 20), 10 * time.Millisecond, Call{20 * time.Millisecond, 0, 0, 1}},
		{ms(20, 31, 25, 20), 10 * time.Millisecond, Call{20 * time.Millisecond, 1, 25, 1}},
		// Two of four in one burst: 2 against 1/(1-0.5) = 2 if they were independent.
		{ms(20, -1, 60, 20), 10 * time.Millisecond, Call{20 * time.Millisecond, 1, 50, 1}},
		// Three of ten in one burst: 3 against 1/0.7.
		{ms(20, 20, -1, -1, -1, 20, 20, 20, 20, 20), 0, Call{20 * time.Millisecond, 0, 30, 2.1}},
	} {
		got, ok := Playout(c.delays, c.buffer)
		if !ok || got.Network != c.want.Network || got.Late != c.want.Late || !near(got.Loss, c.want.Loss, 1e-9) || !near(got.BurstR, c.want.BurstR, 1e-9) {
			t.Errorf("%v: %+v, want %+v", c.delays, got, c.want)
		}
	}
	if _, ok := Playout(ms(-1, -1), time.Second); ok {
		t.Error("a call of which nothing arrives has a delay")
	}
}

// The terms of a rating make it up, whatever the model.
func TestSplit(t *testing.T) {
	for _, name := range []string{"cole-rosenbluth", "full"} {
		m, ok := Named(name)
		if !ok {
			t.Fatal(name)
		}
		for _, e := range Codecs() {
			got := m.Split(e, 250, 3, 1.4)
			if r := m(e, 250, 3, 1.4); !near(got.Base-got.Delay-got.Codec-got.Loss, r, 1e-9) || got.Delay <= 0 || got.Loss <= 0 || got.Codec != e.Ie || !near(got.Base, 93.2, 0.05) {
				t.Errorf("%s, %s: R %v of %+v", name, e.Name, r, got)
			}
		}
	}
	if _, ok := Named("loud"); ok {
		t.Error("there is a model called loud")
	}
}

// A part of a call is late by the network's time of the whole.
func TestPlayed(t *testing.T) {
	ms := time.Millisecond
	c := Played([]time.Duration{50 * ms, 80 * ms, Lost, 60 * ms}, 10*ms, 60*ms)
	if c.Late != 1 || c.Loss != 50 || c.BurstR != 1 {
		t.Errorf("%+v", c)
	}
}
