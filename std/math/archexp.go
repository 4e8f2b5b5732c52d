package math

const haveArchExp = true

// archExp is e**x with the roundings of GOROOT's exp_amd64.s, so that programs print the same digits: a Taylor
// series around multiples of ln 2, of the argument divided by 16, with fused operations.
func archExp(x float64) float64 {
	const (
		log2e    = 1.4426950408889634073599246810018920
		ln2Upper = 0.69314718055966295651160180568695068359375
		ln2Lower = 0.28235290563031577122588448175013436025525412068e-12
		overflow = 7.09782712893384e+02

		bias        = 1023
		maxExponent = 0x7ff
		minDenormal = -52
	)
	switch {
	case IsNaN(x) || IsInf(x, 1):
		return x
	case IsInf(x, -1):
		return 0
	case x > overflow:
		return Inf(1)
	}
	// Outside of this range the result is 0, whatever the conversion to 32 bits would give.
	const underflow = -1500 * 0.7
	if x < underflow {
		return 0
	}
	k := RoundToEven(x * log2e)
	r := FMA(-k, ln2Upper, x)
	r = FMA(-k, ln2Lower, r)
	r *= 0.0625
	t := 2.4801587301587301587e-5
	t = FMA(r, t, 1.9841269841269841270e-4)
	t = FMA(r, t, 1.3888888888888888889e-3)
	t = FMA(r, t, 8.3333333333333333333e-3)
	t = FMA(r, t, 4.1666666666666666667e-2)
	t = FMA(r, t, 1.6666666666666666667e-1)
	t = FMA(r, t, 0.5)
	t = FMA(r, t, 1.0)
	// e**y - 1 of four times the double argument each.
	r *= t
	r *= r + 2
	r *= r + 2
	r *= r + 2
	r = FMA(r+2, r, 1.0)
	e := int(k) + bias
	switch {
	case e >= maxExponent:
		return Inf(1)
	case e > 0:
		return r * Float64frombits(uint64(e)<<52)
	case e < minDenormal:
		return 0
	}
	return r * Float64frombits(uint64(e+bias-1)<<52) * Float64frombits(1<<52)
}
