package esp

import (
	"crypto/aes"
	"crypto/cipher"
	"strings"

	"dsmipsim/nodes/wire"
)

// Cipher is an encryption algorithm.
type Cipher uint8

// Encryption algorithms.
const (
	NullCipher Cipher = iota // RFC 2410
	AESCBC                   // RFC 3602 with keys of 128 bits
)

var ciphers = [...]struct {
	name   string
	keyLen int // octets
	ivLen  int // octets, at the front of what is encrypted
	block  int // octets; what is encrypted is a multiple of it
}{
	NullCipher: {"NULL", 0, 0, 4}, // the trailer ends at a multiple of 4 octets anyway (RFC 4303 section 2.4)
	AESCBC:     {"AES-CBC", 16, aes.BlockSize, aes.BlockSize},
}

// String returns the usual name of the cipher.
func (c Cipher) String() string {
	if int(c) >= len(ciphers) {
		return "unknown"
	}
	return ciphers[c].name
}

// CipherNamed returns the cipher of that name, in letters of any case.
func CipherNamed(name string) (Cipher, bool) {
	for c := range ciphers {
		if strings.EqualFold(ciphers[c].name, name) {
			return Cipher(c), true
		}
	}
	return NullCipher, false
}

// KeyLen returns the length of the key in octets.
func (c Cipher) KeyLen() int { return ciphers[c].keyLen }

// IVLen returns the length of the initialisation vector in octets.
func (c Cipher) IVLen() int { return ciphers[c].ivLen }

// padding returns how many octets go between a payload of n octets and the trailer.
func (c Cipher) padding(n int) int { return -(n + trailerLen) & (ciphers[c].block - 1) }

// Overhead returns how many octets ESP with these algorithms adds to a payload of n octets.
func Overhead(c Cipher, a Algorithm, n int) int {
	return wire.ESPHeaderLen + c.IVLen() + c.padding(n) + trailerLen + a.ICVLen()
}

// encrypt encrypts whole blocks in place.
func encrypt(b cipher.Block, iv, text []byte) { cipher.NewCBCEncrypter(b, iv).CryptBlocks(text, text) }

// decrypt returns the plaintext of whole blocks in plain's place, which it lengthens if needed.
func decrypt(b cipher.Block, iv, text, plain []byte) []byte {
	plain = append(plain[:0], text...)
	cipher.NewCBCDecrypter(b, iv).CryptBlocks(plain, plain)
	return plain
}
