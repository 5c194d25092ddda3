package scenarios

import (
	"errors"
	"fmt"

	"dsmipsim/nodes/esp"
	"dsmipsim/reports/espsa"
)

// Keyring returns what opens and verifies the ESP packets of a capture with the keys of an
// esp_sa file. The error is a *espsa.LineError.
func Keyring(entries []espsa.Entry) (*esp.Keyring, error) {
	ring := &esp.Keyring{}
	for _, e := range entries {
		integrity, known := esp.AlgorithmNamed(e.Integrity)
		cipher, knownCipher := esp.CipherNamed(e.Cipher)
		if !known || !knownCipher {
			panic("scenarios: package espsa knows other algorithms than package esp")
		}
		err := ring.Add(esp.Config{SPI: e.SPI, Algorithm: integrity, Key: e.Key, Cipher: cipher, CipherKey: e.CipherKey, Mode: esp.Tunnel})
		switch {
		case errors.Is(err, esp.ErrKey):
			err = fmt.Errorf("found an authentication key of %d octets, wanted %d", len(e.Key), integrity.KeyLen())
		case errors.Is(err, esp.ErrCipherKey):
			err = fmt.Errorf("found an encryption key of %d octets, wanted %d", len(e.CipherKey), cipher.KeyLen())
		case errors.Is(err, esp.ErrSPI):
			err = fmt.Errorf("found SPI %d, wanted 256 or more: the others are reserved", e.SPI)
		}
		if err != nil {
			return nil, &espsa.LineError{Line: e.Line, Err: err}
		}
	}
	return ring, nil
}
