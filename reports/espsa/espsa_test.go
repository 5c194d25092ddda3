package espsa

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"dsmipsim/reports/result"
)

func TestWrite(t *testing.T) {
	agent := netip.MustParseAddr("2001:db8:100::1")
	var b strings.Builder
	err := Write(&b, []result.Association{
		{Destination: agent, SPI: 0x1001, Cipher: "NULL", Integrity: "HMAC-SHA1-96", Key: []byte{0x20, 0x21}},
		{Source: agent, SPI: 0xfedcba98, Cipher: "AES-CBC", CipherKey: []byte{1, 2}, Integrity: "HMAC-SHA-256-128", Key: []byte{0}},
		{SPI: 0x1003, Tunnel: true, Cipher: "NULL", Integrity: "HMAC-SHA1-96", Key: []byte{3}},
	})
	const want = `"IPv6","*","2001:db8:100::1","0x00001001","NULL","","HMAC-SHA-1-96 [RFC2404]","0x2021"
"IPv6","2001:db8:100::1","*","0xfedcba98","AES-CBC [RFC3602]","0x0102","HMAC-SHA-256-128 [RFC4868]","0x00"
"IPv6","*","*","0x00001003","NULL","","HMAC-SHA-1-96 [RFC2404]","0x03"
"IPv4","*","*","0x00001003","NULL","","HMAC-SHA-1-96 [RFC2404]","0x03"
`
	if err != nil || b.String() != want {
		t.Errorf("%v\n%swant\n%s", err, b.String(), want)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestWriteFails(t *testing.T) {
	if err := Write(full{}, nil); err == nil || !strings.Contains(err.Error(), "esp_sa: no space left") {
		t.Errorf("error %v", err)
	}
}
