package voice

import "math"

// Parameters are the inputs of G.107 (section 7.7) beside codec, delay and loss. Levels are in
// dB, dBm0p or dB(A).
type Parameters struct {
	SLR, RLR    float64 // send and receive loudness rating
	STMR        float64 // sidetone masking rating
	Ds, Dr      float64 // D-value of the telephone at the send and receive side
	TELR        float64 // talker echo loudness rating
	WEPL        float64 // weighted echo path loss
	QDU         float64 // quantization distortion units
	Nc, Nfor    float64 // circuit noise, noise floor at the receive side
	Ps, Pr      float64 // room noise at the send and receive side
	Advantage   float64 // A, what users forgive for the convenience
	Sensitivity float64 // sT, to delay
	LeastSensed float64 // mT, the least delay that is perceived, ms
	Cancelled   bool    // echo comes back without delay, as if cancelled: T and Tr are 0
}

// Defaults are the default values of G.107 section 7.7, for which R is 93.2 without delay.
func Defaults() Parameters {
	return Parameters{
		SLR: 8, RLR: 2, STMR: 15, Ds: 3, Dr: 3, TELR: 65, WEPL: 110, QDU: 1, Nc: -70, Nfor: -64, Ps: 35, Pr: 35,
		Sensitivity: 1, LeastSensed: 100,
	}
}

// Full rates a call by G.107 with default parameters and echo cancelled, as at the edge of
// packet networks: delay is one way from mouth to ear in milliseconds, and costs Idd alone.
func Full(e Equipment, delay, loss, burstR float64) float64 {
	p := Defaults()
	p.Cancelled = true
	return p.Rate(e, delay, loss, burstR)
}

// Rate is R of G.107 equation 1, with Ta = delay in milliseconds, and T = delay and Tr = 2
// delay unless echo is cancelled.
func (p Parameters) Rate(e Equipment, delay, loss, burstR float64) float64 {
	echo := delay
	if p.Cancelled {
		echo = 0
	}
	no := p.noise()
	ro := 15 - float64(1.5*(p.SLR+no))
	is, ist := p.simultaneous(ro, no, echo)
	return ro - is - p.echo(ro, no, ist, echo) - p.absolute(delay) - e.Impairment(loss, burstR) + p.Advantage
}

// noise is No, the power addition of all noise sources (equations 3 to 7).
func (p Parameters) noise() float64 {
	olr := p.SLR + p.RLR
	nos := p.Ps - p.SLR - p.Ds - 100 + float64(0.004*square(p.Ps-olr-p.Ds-14))
	pre := p.Pr + float64(10*math.Log10(1+power((10-p.STMR-p.Dr)/10)))
	nor := p.RLR - 121 + pre + float64(0.008*square(pre-35))
	return 10 * math.Log10(power(p.Nc/10)+power(nos/10)+power(nor/10)+power((p.Nfor+p.RLR)/10))
}

// simultaneous is Is (equations 8 to 17), and its part Ist for the sidetone.
func (p Parameters) simultaneous(ro, no, delay float64) (is, ist float64) {
	x := (p.SLR + p.RLR + float64(0.2*(64+no-p.RLR))) / 8
	iolr := 20 * (root(1+math.Pow(x, 8), 8) - x)
	stmr := -10 * math.Log10(power(-p.STMR/10)+float64(math.Exp(-delay/4)*power(-p.TELR/10)))
	ist = float64(12*root(1+math.Pow((stmr-13)/6, 8), 8)) - float64(28*root(1+math.Pow((stmr+1)/19.4, 35), 35)) -
		float64(13*root(1+math.Pow((stmr-3)/33, 13), 13)) + 29
	q := 37 - float64(15*math.Log10(p.QDU))
	g := 1.07 + float64(0.258*q) + float64(0.0602*square(q))
	iq := 15 * math.Log10(1+power((ro-100)/15+46/8.4-g/9)+power(46.0/30-g/40))
	return iolr + ist + iq, ist
}

// echo is what talker and listener echo cost: Idte and Idle (equations 18 to 26).
func (p Parameters) echo(ro, no, ist, delay float64) float64 {
	roe := -1.5 * (no - p.RLR)
	terv := p.TELR - float64(40*math.Log10((1+delay/10)/(1+delay/150))) + float64(6*math.Exp(-0.3*delay*delay))
	if p.STMR < 9 {
		terv += ist / 2
	}
	re := 80 + float64(2.5*(terv-14))
	idte := ((roe-re)/2 + math.Sqrt(square(roe-re)/4+100) - 1) * (1 - math.Exp(-delay))
	if p.STMR > 20 {
		idte = math.Hypot(idte, ist)
	}
	rle := 10.5 * (p.WEPL + 7) * math.Pow(2*delay+1, -0.25)
	idle := (ro-rle)/2 + math.Sqrt(square(ro-rle)/4+169)
	return idte + idle
}

// absolute is Idd, what too long a delay costs without any echo (equation 27).
func (p Parameters) absolute(delay float64) float64 {
	if delay <= p.LeastSensed {
		return 0
	}
	x := math.Log2(delay / p.LeastSensed)
	n := 6 * p.Sensitivity
	return 25 * (root(1+math.Pow(x, n), n) - float64(3*root(1+math.Pow(x/3, n), n)) + 2)
}

func square(x float64) float64 { return x * x }

func power(x float64) float64 { return math.Pow(10, x) }

func root(x, n float64) float64 { return math.Pow(x, 1/n) }
