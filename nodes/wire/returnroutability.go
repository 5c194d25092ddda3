package wire

import "encoding/binary"

const (
	initCookie     = 8
	testNonceIndex = 6
	testCookie     = 8
	testToken      = 16
)

// Cookie is what a mobile node recognises the answer to its test init by; a
// Token is what the correspondent node derives keys from.
type (
	Cookie [8]byte
	Token  [8]byte
)

// HomeTestInit is a view of RFC 6275 section 6.1.3.
type HomeTestInit struct{ MobilityOptions }

// HomeTestInit returns the message; the error is ErrType if it is another.
func (m Mobility) HomeTestInit() (HomeTestInit, error) {
	if err := m.is(MobilityHomeTestInit); err != nil {
		return HomeTestInit{}, err
	}
	return HomeTestInit{m.Options()}, nil
}

// Cookie returns the home init cookie.
func (t HomeTestInit) Cookie() Cookie { return Cookie(t.b[initCookie:]) }

// CareOfTestInit is a view of RFC 6275 section 6.1.4.
type CareOfTestInit struct{ MobilityOptions }

// CareOfTestInit returns the message; the error is ErrType if it is another.
func (m Mobility) CareOfTestInit() (CareOfTestInit, error) {
	if err := m.is(MobilityCareOfTestInit); err != nil {
		return CareOfTestInit{}, err
	}
	return CareOfTestInit{m.Options()}, nil
}

// Cookie returns the care-of init cookie.
func (t CareOfTestInit) Cookie() Cookie { return Cookie(t.b[initCookie:]) }

// HomeTest is a view of RFC 6275 section 6.1.5.
type HomeTest struct{ MobilityOptions }

// HomeTest returns the message; the error is ErrType if it is another.
func (m Mobility) HomeTest() (HomeTest, error) {
	if err := m.is(MobilityHomeTest); err != nil {
		return HomeTest{}, err
	}
	return HomeTest{m.Options()}, nil
}

// NonceIndex returns the home nonce index.
func (t HomeTest) NonceIndex() uint16 { return binary.BigEndian.Uint16(t.b[testNonceIndex:]) }

// Cookie returns the home init cookie of the Home Test Init.
func (t HomeTest) Cookie() Cookie { return Cookie(t.b[testCookie:]) }

// KeygenToken returns the home keygen token.
func (t HomeTest) KeygenToken() Token { return Token(t.b[testToken:]) }

// CareOfTest is a view of RFC 6275 section 6.1.6.
type CareOfTest struct{ MobilityOptions }

// CareOfTest returns the message; the error is ErrType if it is another.
func (m Mobility) CareOfTest() (CareOfTest, error) {
	if err := m.is(MobilityCareOfTest); err != nil {
		return CareOfTest{}, err
	}
	return CareOfTest{m.Options()}, nil
}

// NonceIndex returns the care-of nonce index.
func (t CareOfTest) NonceIndex() uint16 { return binary.BigEndian.Uint16(t.b[testNonceIndex:]) }

// Cookie returns the care-of init cookie of the Care-of Test Init.
func (t CareOfTest) Cookie() Cookie { return Cookie(t.b[testCookie:]) }

// KeygenToken returns the care-of keygen token.
func (t CareOfTest) KeygenToken() Token { return Token(t.b[testToken:]) }

// AppendHomeTestInit appends a Home Test Init. Like all messages below it
// still needs [SetMobilityChecksum].
func AppendHomeTestInit(b []byte, c Cookie) []byte {
	return appendInit(b, MobilityHomeTestInit, c)
}

// AppendCareOfTestInit appends a Care-of Test Init.
func AppendCareOfTestInit(b []byte, c Cookie) []byte {
	return appendInit(b, MobilityCareOfTestInit, c)
}

func appendInit(b []byte, t MobilityType, c Cookie) []byte {
	start := len(b)
	b, m := beginMobility(b, t)
	copy(m[initCookie:], c[:])
	return endMobility(b, start)
}

// AppendHomeTest appends a Home Test.
func AppendHomeTest(b []byte, nonceIndex uint16, c Cookie, t Token) []byte {
	return appendTest(b, MobilityHomeTest, nonceIndex, c, t)
}

// AppendCareOfTest appends a Care-of Test.
func AppendCareOfTest(b []byte, nonceIndex uint16, c Cookie, t Token) []byte {
	return appendTest(b, MobilityCareOfTest, nonceIndex, c, t)
}

func appendTest(b []byte, typ MobilityType, nonceIndex uint16, c Cookie, t Token) []byte {
	start := len(b)
	b, m := beginMobility(b, typ)
	binary.BigEndian.PutUint16(m[testNonceIndex:], nonceIndex)
	copy(m[testCookie:], c[:])
	copy(m[testToken:], t[:])
	return endMobility(b, start)
}
