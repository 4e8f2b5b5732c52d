package main

import (
	"fmt"
	"hash/fnv"
	"math/big"
)

// Every loop of math/big over words, for lengths around the steps that they are unrolled by, with carries
// that run through all of them, and in place.
func main() {
	seed := uint64(1)
	next := func() big.Word {
		seed = seed*6364136223846793005 + 1442695040888963407
		switch seed >> 61 {
		case 0:
			return 0
		case 1, 2:
			return ^big.Word(0)
		}
		return big.Word(seed ^ seed>>29)
	}
	number := func(words int) *big.Int {
		w := make([]big.Word, words)
		for i := range w {
			w[i] = next()
		}
		return new(big.Int).SetBits(w)
	}
	sum := fnv.New64a()
	note := func(z *big.Int) { fmt.Fprintf(sum, "%x\n", z) }
	for words := 0; words < 24; words++ {
		for round := 0; round < 8; round++ {
			x, y, m := number(words), number(words), number(1)
			note(new(big.Int).Add(x, y))
			note(new(big.Int).Sub(x, y))
			note(new(big.Int).Mul(x, y))
			note(new(big.Int).Mul(x, m))
			for _, s := range []uint{1, 7, 63, 64, 65} {
				note(new(big.Int).Lsh(x, s))
				note(new(big.Int).Rsh(x, s))
			}
			z := new(big.Int).Set(x)
			note(z.Add(z, y))
			note(z.Lsh(z, 13))
			note(z.Rsh(z, 29))
			note(z.Sub(z, y))
			note(z.Mul(z, z))
			if y.Sign() != 0 {
				q, r := new(big.Int).QuoRem(z, y, new(big.Int))
				note(q)
				note(r)
			}
		}
		fmt.Printf("%2d words: %x\n", words, sum.Sum(nil))
	}
	all := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 64*9), big.NewInt(1))
	fmt.Printf("%x\n%x\n", new(big.Int).Add(all, big.NewInt(1)), new(big.Int).Mul(all, all))
	fmt.Println(new(big.Int).Sub(new(big.Int).Add(all, all), all).Cmp(all))
	fmt.Println(new(big.Int).MulRange(1, 60))
}
