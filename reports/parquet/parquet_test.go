package parquet

import (
	"bytes"
	"testing"

	"github.com/parquet-go/parquet-go"

	"dsmipsim/reports/internal/sample"
	"dsmipsim/reports/result"
)

func TestRowsComeBack(t *testing.T) {
	samples := sample.Samples()
	var first, second bytes.Buffer
	for _, b := range []*bytes.Buffer{&first, &second} {
		if err := Write(b, samples); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("the same packets gave other octets")
	}
	rows, err := parquet.Read[Row](bytes.NewReader(first.Bytes()), int64(first.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range samples {
		for _, p := range s.Packets {
			r := rows[0]
			rows = rows[1:]
			if r.Flow != s.Flow.Name || r.Sequence != int64(p.Sequence) || r.SentNS != int64(p.Sent) || r.Fate != p.Fate.String() {
				t.Fatalf("row %+v of packet %+v", r, p)
			}
			if (p.Fate == result.Received) != (r.DelayNS != nil) || r.DelayNS != nil && *r.DelayNS != int64(p.End-p.Sent) {
				t.Fatalf("delay of row %+v of packet %+v", r, p)
			}
			if p.Fate == result.Lost && r.Reason != p.Reason.String() {
				t.Fatalf("reason of row %+v", r)
			}
		}
	}
	if len(rows) != 0 {
		t.Errorf("%d rows too many", len(rows))
	}
}
