package esp

import (
	"crypto/sha1"
	"crypto/sha256"
	"hash"
	"strings"
)

// Algorithm is an integrity algorithm.
type Algorithm uint8

// Integrity algorithms.
const (
	HMACSHA1_96    Algorithm = iota // RFC 2404
	HMACSHA256_128                  // RFC 4868
)

type algorithm struct {
	name   string
	hash   func() hash.Hash
	keyLen int // octets
	icvLen int // octets
}

var algorithms = [...]algorithm{
	HMACSHA1_96:    {"HMAC-SHA1-96", sha1.New, 20, 12},
	HMACSHA256_128: {"HMAC-SHA-256-128", sha256.New, 32, 16},
}

// String returns the usual name of the algorithm.
func (a Algorithm) String() string {
	if int(a) >= len(algorithms) {
		return "unknown"
	}
	return algorithms[a].name
}

// AlgorithmNamed returns the algorithm of that name, in letters of any case.
func AlgorithmNamed(name string) (Algorithm, bool) {
	for a := range algorithms {
		if strings.EqualFold(algorithms[a].name, name) {
			return Algorithm(a), true
		}
	}
	return HMACSHA1_96, false
}

// KeyLen returns the length of the key in octets, which both RFCs fix.
func (a Algorithm) KeyLen() int { return algorithms[a].keyLen }

// ICVLen returns the length of the integrity check value in octets.
func (a Algorithm) ICVLen() int { return algorithms[a].icvLen }

// DeriveKey returns the key of a scenario's security association: the first KeyLen octets
// of SHA-256 over the names, each followed by a zero octet. It protects nothing, since
// everybody knows the names; it lets whoever has the scenario verify a capture of it.
func DeriveKey(a Algorithm, names ...string) []byte { return digest(names)[:a.KeyLen()] }

// DeriveCipherKey is DeriveKey for a cipher. Its key is another one for the same names.
func DeriveCipherKey(c Cipher, names ...string) []byte {
	return digest(append(names, "cipher"))[:c.KeyLen()]
}

func digest(names []string) []byte {
	h := sha256.New()
	for _, n := range names {
		h.Write([]byte(n))
		h.Write([]byte{0})
	}
	return h.Sum(nil)
}
