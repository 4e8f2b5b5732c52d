// Big integers: a factorial and its digits.
package main

import (
	"fmt"
	"math/big"
)

func main() {
	product := big.NewInt(1)
	for i := int64(2); i <= 6000; i++ {
		product.Mul(product, big.NewInt(i))
	}
	text := product.String()
	fmt.Println(len(text), text[:20])
	root := new(big.Int).Sqrt(product)
	modulus := new(big.Int).Exp(big.NewInt(3), big.NewInt(1<<16), new(big.Int).Add(root, big.NewInt(1)))
	fmt.Println(root.BitLen(), modulus.BitLen())
}
