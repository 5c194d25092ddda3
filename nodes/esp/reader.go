package esp

import "dsmipsim/nodes/wire"

// Reader returns a function that decrypts captured ESP packets with the keys of the given
// associations, for decoders. It verifies no integrity and keeps no window: what was on the
// wire is shown as it was. What it returns, payload with trailer, is valid until the next
// call; false means that the key is not known or the octets cannot be its ciphertext.
func Reader(configs []Config) (wire.ESPReader, error) {
	sas := map[uint32]*SA{}
	for _, c := range configs {
		s, err := NewSA(c)
		if err != nil {
			return nil, err
		}
		sas[c.SPI] = s
	}
	return func(b []byte) (plain, icv []byte, ok bool) {
		h, err := wire.ParseESP(b, 0, 0)
		if err != nil {
			return nil, nil, false
		}
		s := sas[h.SPI()]
		if s == nil {
			return nil, nil, false
		}
		e, err := wire.ParseESP(b, s.ivLen, s.icvLen)
		if err != nil {
			return nil, nil, false
		}
		plain, ok = s.plaintext(e)
		return plain, e.ICV(), ok
	}, nil
}
