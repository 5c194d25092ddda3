package tidy

import (
	"bytes"
	"io"
	"testing"

	"dsmipsim/reports/internal/golden"
	"dsmipsim/reports/internal/sample"
	"dsmipsim/reports/result"
)

func TestTables(t *testing.T) {
	for _, c := range []struct {
		file  string
		write func(io.Writer, *result.Result) error
	}{
		{"handovers.csv", Handovers}, {"interruptions.csv", Interruptions}, {"flows.csv", Flows}, {"signalling.csv", Signalling},
	} {
		var b bytes.Buffer
		if err := c.write(&b, sample.Result()); err != nil {
			t.Fatal(err)
		}
		golden.Check(t, c.file, b.Bytes())
	}
}
