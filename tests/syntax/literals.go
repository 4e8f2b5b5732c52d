package literals

var (
	_ = 0 + 1_000 + 0x1F + 0b101 + 0o17 + 017 + 0_7
	_ = 1.5 + .5 + 1. + 1e10 + 1E-5 + 0x1p-2 + 0x.8p1 + 1i + 0x1p1i + 08i
	_ = 08.5
	_ = 0x     // ERROR hexadecimal literal has no digits
	_ = 0o     // ERROR octal literal has no digits
	_ = 0b12   // ERROR invalid digit '2' in binary literal
	_ = 089    // ERROR invalid digit '8' in octal literal
	_ = 1__0   // ERROR '_' must separate successive digits
	_ = 1_     // ERROR '_' must separate successive digits
	_ = 0x_1   // legal
	_ = 1_.5   // ERROR '_' must separate successive digits
	_ = 1e     // ERROR exponent has no digits
	_ = 1p5    // ERROR 'p' exponent requires hexadecimal mantissa
	_ = 0b1e5  // ERROR 'e' exponent requires decimal mantissa
	_ = 0x1.5  // ERROR hexadecimal mantissa requires a 'p' exponent
	_ = 0b1.0  // ERROR invalid radix point in binary literal
	_ = 'a' + '\n' + '\'' + '\x41' + '\101' + '\u00e9' + '\U0001F600' + 'é'
	_ = ''     // ERROR empty rune literal or unescaped '
	_ = 'ab'   // ERROR more than one character in rune literal
	_ = '\q'   // ERROR unknown escape
	_ = '\"'   // ERROR unknown escape
	_ = '\400' // ERROR octal escape value 256 > 255
	_ = '\xg0' // ERROR invalid character 'g' in hexadecimal escape
	_ = '\08'  // ERROR invalid character '8' in octal escape
	_ = '\ud800'     // ERROR escape is invalid Unicode code point U\+D800
	_ = '\U00110000' // ERROR escape is invalid Unicode code point U\+110000
	_ = "a\tb\"" + `raw
line`
	_ = "\'" // ERROR unknown escape
	_ = a # + b // ERROR invalid character U\+0023 '#'
	_ = a @ + b // ERROR invalid character U\+0040 '@'
	été = 1
	a·b = 1 // ERROR invalid character U\+00B7 '·' in identifier
	/* ERROR identifier cannot begin with digit U\+0661 '١' */ ١ = 1
)

var _ = /* ERROR string not terminated */ `abc
