// Package voice rates calls: from delay and loss to the rating R of the E-model (ITU-T G.107)
// and the mean opinion score that it predicts.
//
// Two models share the equipment impairment of codec and loss and differ in what delay costs.
// Full is the whole of G.107 with all its parameters; ColeRosenbluth is the straight-line
// approximation of R. G. Cole and J. H. Rosenbluth, "Voice over IP performance monitoring",
// 2001, which handover studies use.
package voice

import "math"

// Equipment is how a codec suffers from loss (ITU-T G.113 Appendix I, G.107 section 3.5).
type Equipment struct {
	Name string  // for people
	Ie   float64 // impairment without loss
	Bpl  float64 // robustness against loss, percent
}

// The codecs of which the figures are known.
var (
	G711          = Equipment{"G.711", 0, 4.3}
	G711Concealed = Equipment{"G.711 with packet loss concealment", 0, 25.1}
	G729A         = Equipment{"G.729A with VAD", 11, 19.0}
	G7231         = Equipment{"G.723.1", 15, 16.12}
	GSMEFR        = Equipment{"GSM-EFR", 5, 10.03}
	AMR122        = Equipment{"AMR 12.2", 2.2, 8.2}
	ILBC          = Equipment{"iLBC", 11, 32.0}
)

// Codecs lists them.
func Codecs() []Equipment {
	return []Equipment{G711, G711Concealed, G729A, G7231, GSMEFR, AMR122, ILBC}
}

// Impairment is Ie-eff of G.107 equation 29: loss is in percent, burstR is the mean length of
// a burst of losses over that of independent losses, 1 or more.
func (e Equipment) Impairment(loss, burstR float64) float64 {
	if loss <= 0 {
		return e.Ie
	}
	return e.Ie + float64((95-e.Ie)*loss)/(loss/burstR+e.Bpl)
}

// noDelay is R of G.107 with default parameters, no delay and a transparent codec (section 7.7).
const noDelay = 93.2

// ColeRosenbluth rates a call by R = 93.2 - Id - Ie-eff. Delay is one way from mouth to ear in
// milliseconds, Id = 0.024 d + 0.11 (d - 177.3) H(d - 177.3).
func ColeRosenbluth(e Equipment, delay, loss, burstR float64) float64 {
	id := float64(0.024 * delay)
	if delay > 177.3 {
		id += float64(0.11 * (delay - 177.3))
	}
	return noDelay - id - e.Impairment(loss, burstR)
}

// Model rates a call: delay in milliseconds, loss in percent.
type Model func(e Equipment, delay, loss, burstR float64) float64

// Named returns the model of a name: cole-rosenbluth or full.
func Named(name string) (m Model, ok bool) {
	m, ok = map[string]Model{"cole-rosenbluth": ColeRosenbluth, "full": Full}[name]
	return m, ok
}

// Terms are what makes up a rating: R = Base - Delay - Codec - Loss.
type Terms struct {
	Base  float64 // Ro - Is + A: without delay, with a codec that changes nothing
	Delay float64 // Id
	Codec float64 // Ie
	Loss  float64 // Ie-eff - Ie
}

// Split splits the rating of a model into its terms.
func (m Model) Split(e Equipment, delay, loss, burstR float64) Terms {
	transparent := Equipment{Bpl: e.Bpl}
	base := m(transparent, 0, 0, 1)
	return Terms{Base: base, Delay: base - m(transparent, delay, 0, 1), Codec: e.Ie, Loss: e.Impairment(loss, burstR) - e.Ie}
}

// MOS is the mean opinion score that G.107 Annex B predicts for a rating, from 1 to 4.5.
func MOS(r float64) float64 {
	switch {
	case r <= 0:
		return 1
	case r >= 100:
		return 4.5
	}
	// The cubic falls below 1 for small R; no score does.
	return math.Max(1, 1+float64(0.035*r)+float64(7e-6*r*(r-60)*(100-r)))
}
