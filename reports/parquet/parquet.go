// Package parquet writes the test packets of a run as a Parquet file, for pandas, R, DuckDB and
// their like: one row per packet, in the order of the flows and of sending.
//
// The same packets give the same octets.
package parquet

import (
	"io"

	"github.com/parquet-go/parquet-go"

	"dsmipsim/reports/result"
)

// Row is one packet. Times are virtual, in nanoseconds since the run began.
type Row struct {
	Flow       string `parquet:"flow,dict"`
	Kind       string `parquet:"kind,dict"`
	Family     string `parquet:"family,dict"`
	From       string `parquet:"from,dict"`
	To         string `parquet:"to,dict"`
	Sequence   int64  `parquet:"sequence,delta"`
	SentNS     int64  `parquet:"sent_ns,delta"`
	Fate       string `parquet:"fate,dict"`         // received, lost, in_flight
	EndNS      *int64 `parquet:"end_ns,optional"`   // of the reception or the drop
	DelayNS    *int64 `parquet:"delay_ns,optional"` // of a received packet; of a ping the round trip
	Reason     string `parquet:"reason,dict"`       // of a lost packet, else empty
	Octets     int32  `parquet:"octets"`            // of the IP packet when it was sent
	Overhead   int32  `parquet:"overhead_octets"`   // encapsulation added on the way
	Hops       int32  `parquet:"hops"`              // transmissions on links
	Attachment int32  `parquet:"attachment"`        // of the mobile node, from 0: how many of its handovers had begun
	MobileNode string `parquet:"mobile_node,dict"`  // "" for none
}

// group is how many rows are encoded at a time.
const group = 1 << 16

// Write writes the packets.
func Write(w io.Writer, samples []result.FlowSamples) error {
	out := parquet.NewGenericWriter[Row](w, parquet.Compression(&parquet.Snappy), parquet.CreatedBy("dsmipsim", "", ""))
	rows := make([]Row, 0, 1024)
	written := 0
	flush := func() error {
		n, err := out.Write(rows)
		written += n
		rows = rows[:0]
		if err == nil && written >= group {
			written = 0
			err = out.Flush()
		}
		return err
	}
	for i := range samples {
		f := &samples[i].Flow
		for j := range samples[i].Packets {
			p := &samples[i].Packets[j]
			r := Row{Flow: f.Name, Kind: f.Kind, Family: f.Family, From: f.From, To: f.To, MobileNode: f.MobileNode,
				Sequence: int64(p.Sequence), SentNS: int64(p.Sent), Fate: p.Fate.String(), Octets: p.Octets, Overhead: p.Overhead,
				Hops: p.Hops, Attachment: p.Attachment}
			if p.Fate == result.Received || p.Fate == result.Lost {
				end := int64(p.End)
				r.EndNS = &end
			}
			if p.Fate == result.Received {
				delay := int64(p.End - p.Sent)
				r.DelayNS = &delay
			}
			if p.Fate == result.Lost {
				r.Reason = p.Reason.String()
			}
			if rows = append(rows, r); len(rows) == cap(rows) {
				if err := flush(); err != nil {
					return err
				}
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	return out.Close()
}
