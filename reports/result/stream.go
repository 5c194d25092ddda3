package result

import "dsmipsim/sim/vtime"

// Stream is what a flow over TCP is measured by beside its segments. Goodput is what reached
// the applications, each octet once and in order.
type Stream struct {
	GoodputOctets       int64    `json:"goodput_octets" doc:"Octets that reached the applications, each once and in order."`
	GoodputBPS          *float64 `json:"goodput_bps" doc:"Goodput as a rate, from the first segment until the transfer was complete, or the end of the run; null if nothing was sent."`
	Segments            int      `json:"segments" doc:"Segments that carried data, repeated ones included."`
	Retransmissions     int      `json:"retransmissions" doc:"Segments with octets that had been sent before."`
	RetransmittedOctets int64    `json:"retransmitted_octets" doc:"Octets that were sent again."`
	ConnectS            *float64 `json:"connect_s" doc:"From the flow's start until the connection stood; null if it never did."`
	TransferS           *float64 `json:"transfer_s" doc:"Of a bulk transfer: from the flow's start until the receiver had all and, by the FIN, knew it; null if it never had."`
	Aborted             bool     `json:"aborted" doc:"true if TCP gave up."`
	*Exchange                    // of requests, else absent
}

// Exchange counts requests and measures how long their responses took: from the request until
// the whole response was there.
type Exchange struct {
	Responses    int    `json:"responses" doc:"Responses that came whole."`
	ResponseTime *Delay `json:"response_time" doc:"From a request until the whole response was there; null without responses."`
}

// Stall is the longest pause in what reached the application that overlaps the time from a
// handover's start to the next one's: between the last octets before and the first after. It
// is null if nothing had come before the handover, or nothing came after.
type Stall struct {
	StallS *float64 `json:"stall_s" doc:"Longest pause in what reached the application that overlaps the time from the handover's start to the next one's; null if nothing had come before the handover, or nothing came after."`
}

// Progress is new octets that reached an application at one instant.
type Progress struct {
	At     vtime.Time
	Octets int
}
