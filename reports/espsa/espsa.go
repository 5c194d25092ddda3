// Package espsa writes and reads the security associations of a run as the file esp_sa, a table of
// Wireshark's ESP dissector. In the directory of a Wireshark profile it lets Wireshark and
// tshark decrypt the ESP packets of the run's capture and verify each integrity value:
//
//	cp esp_sa ~/.config/wireshark/
//	tshark -r packets.pcapng -o esp.enable_encryption_decode:TRUE -o esp.enable_authentication_check:TRUE
package espsa

import (
	"fmt"
	"io"
	"net/netip"
	"strings"

	"dsmipsim/reports/result"
)

// What Wireshark calls the algorithms.
var names = map[string]string{
	"NULL":             "NULL",
	"AES-CBC":          "AES-CBC [RFC3602]",
	"HMAC-SHA1-96":     "HMAC-SHA-1-96 [RFC2404]",
	"HMAC-SHA-256-128": "HMAC-SHA-256-128 [RFC4868]",
}

// Write writes one line for each association, in their order; two for one in tunnel mode, whose
// outer packets are IPv6 or IPv4. In transport mode ESP is always inside IPv6.
func Write(w io.Writer, associations []result.Association) error {
	var b strings.Builder
	for _, a := range associations {
		families := []string{"IPv6", "IPv4"}
		if !a.Tunnel {
			families = families[:1]
		}
		for _, family := range families {
			fmt.Fprintf(&b, "%q,%q,%q,\"0x%08x\",%q,%q,%q,%q\n", family, end(a.Source), end(a.Destination), a.SPI,
				names[a.Cipher], key(a.CipherKey), names[a.Integrity], key(a.Key))
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("esp_sa: %w", err)
	}
	return nil
}

// end writes one end of an association: Wireshark compares it with the IP header.
func end(a netip.Addr) string {
	if !a.IsValid() {
		return "*"
	}
	return a.String()
}

func key(k []byte) string {
	if len(k) == 0 {
		return ""
	}
	return fmt.Sprintf("0x%x", k)
}
