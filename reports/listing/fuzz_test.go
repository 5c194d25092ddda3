package listing

import (
	"bytes"
	"encoding/json"
	"testing"
)

// Whatever a file says, it is read or refused, and what is read can be compared and shown.
func FuzzListing(f *testing.F) {
	f.Add([]byte(`{"events":2,"rows":[["transmission","mn","home","","BU"],["delivery","mn","","talk",""]],"row":[0,1],"time_ns":[0,5],"sequence":[3],"check":"AQID","summary":{}}`))
	f.Add([]byte(`{"events":1,"rows":[["transmission","mn","home","talk",""]],"row":[0],"time_ns":[9223372036854775807],"sequence":[-1],"check":"AQ==","summary":[1,{"a":null}]}`))
	f.Add([]byte(`{"events":0}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var own file
		if json.Unmarshal(text, &own) != nil {
			return
		}
		l, err := own.listing()
		if err != nil {
			return
		}
		if d := Compare(l, l); d != nil {
			t.Errorf("a listing differs from itself: %v", d.Lines())
		}
		empty := &Listing{Summary: []byte("{}")}
		for _, d := range []*Divergence{Compare(l, empty), Compare(empty, l)} {
			if d != nil {
				_ = d.Lines()
				_ = d.Brief()
			}
		}
		_ = Changes(l, empty)
		if len(l.Summary) == 0 {
			return // no file has none
		}
		first, err := l.Encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := Decode(first)
		if err != nil {
			t.Fatal(err)
		}
		if second, err := back.Encode(); err != nil || !bytes.Equal(first, second) {
			t.Errorf("a listing is not the same when it is read back: %v", err)
		}
	})
}
