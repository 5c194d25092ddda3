package spec

import (
	"net/netip"
	"time"

	"dsmipsim/scenarios/replay"
	"dsmipsim/sim/draw"
)

// FlowKind names a kind of test traffic.
type FlowKind string

// The kinds of flows that are built.
const (
	// FlowCBR sends UDP datagrams at a constant interval.
	FlowCBR FlowKind = "cbr"
	// FlowPing sends ICMP echo requests at a constant interval.
	FlowPing FlowKind = "ping"
	// FlowPoisson sends UDP datagrams at exponential intervals.
	FlowPoisson FlowKind = "poisson"
	// FlowOnOff sends UDP datagrams at a constant interval by turns with nothing.
	FlowOnOff FlowKind = "onoff"
	// FlowVideo sends the frames of a video.
	FlowVideo FlowKind = "video"
	// FlowTrace sends packets of the sizes and at the times of a capture.
	FlowTrace FlowKind = "trace"
	// FlowVoIP sends the packets of one direction of a call.
	FlowVoIP FlowKind = "voip"
	// FlowTCP sends one long stream over TCP.
	FlowTCP FlowKind = "tcp"
	// FlowRequest sends requests over TCP and has each answered.
	FlowRequest FlowKind = "request"
)

// VoiceModel names a way to rate calls.
type VoiceModel string

// The ways to rate calls.
const (
	VoiceColeRosenbluth VoiceModel = "cole-rosenbluth"
	VoiceFull           VoiceModel = "full"
)

// TCP reports whether flows of the kind use TCP.
func (k FlowKind) TCP() bool { return k == FlowTCP || k == FlowRequest }

// flowKeys says which of the keys of a flow that not all kinds have a kind takes.
var flowKeys = map[FlowKind]string{
	FlowCBR:     "payload interval! port source_port",
	FlowPing:    "payload interval!",
	FlowPoisson: "payload interval! port source_port",
	FlowOnOff:   "payload interval! on! off! port source_port",
	FlowVoIP:    "codec on off playout concealment voice_model port source_port",
	FlowVideo:   "payload file! repeat port source_port",
	FlowTrace:   "file! repeat port source_port",
	FlowTCP:     "size port source_port",
	FlowRequest: "request_size response_size think_time requests port source_port",
}

// Family names an address family as the inner, end-to-end packets of a flow see it.
type Family string

// The address families.
const (
	IPv6 Family = "ipv6"
	IPv4 Family = "ipv4"
)

// MinPayload is the least payload of a flow in octets: it carries flow id, sequence
// number and send time, so that a reader of the capture can recompute every measure.
const MinPayload = 16

// MaxPayload is the greatest payload of a flow in octets, so that the packet fits IPv4's
// 16-bit total length.
const MaxPayload = 65507

// Flow is test traffic from one node to another.
type Flow struct {
	Pos         Pos
	Name        string            `key:"name" required:"true" unit:"name" doc:"Name of the flow; a flow from or to a counted node becomes NAME-1, NAME-2 and so on."`
	Kind        FlowKind          `key:"kind" required:"true" values:"cbr ping poisson onoff voip video trace tcp request" doc:"What is sent."`
	From        string            `key:"from" required:"true" unit:"name" doc:"The sending mobile node or correspondent."`
	To          string            `key:"to" required:"true" unit:"name" doc:"The receiving mobile node or correspondent."`
	Family      Family            `key:"family" required:"true" values:"ipv6 ipv4" doc:"Address family of the packets end to end."`
	Payload     int               `key:"payload" derived:"56B for ping, 1200B for video, else 160B" encode:"nonzero" unit:"size" max:"65507B" doc:"Octets after the UDP or ICMP header; at least 16B. For video the most that a packet carries of a frame. Of all kinds but voip, trace and those over TCP."`
	Interval    time.Duration     `key:"interval" derived:"required for cbr, ping, poisson and onoff" encode:"nonzero" unit:"duration" min:">0s" doc:"Time between packets; for poisson its mean."`
	Codec       string            `key:"codec" derived:"g711" values:"g711 g729 amr" doc:"How speech is packetised, for voip." ref:"RFC 3551"`
	Playout     time.Duration     `key:"playout" derived:"60ms" encode:"nonzero" unit:"duration" min:">0s" doc:"For voip, how long the receiver holds the packets that come soonest, so that later ones can be played in turn; those later still are lost to the listener."`
	Concealment bool              `key:"concealment" default:"false" encode:"nonzero" doc:"For voip with g711, whether the receiver conceals lost packets." ref:"ITU-T G.711 Appendix I"`
	VoiceModel  VoiceModel        `key:"voice_model" derived:"cole-rosenbluth" encode:"nonzero" values:"cole-rosenbluth full" doc:"For voip, how the call is rated: with the straight-line cost of delay that published studies use, or by the whole E-model." ref:"ITU-T G.107"`
	On          draw.Distribution `key:"on" derived:"required for onoff; for voip, absent, somebody talks all the time" encode:"nonzero" unit:"distribution" doc:"How long packets are sent at a time; for voip the length of a talk spurt, such as { dist = 'exponential', mean = '1.004s' }." ref:"ITU-T P.59"`
	Off         draw.Distribution `key:"off" derived:"required beside on" encode:"nonzero" unit:"distribution" doc:"How long none are sent in between; for voip the length of a pause, such as { dist = 'exponential', mean = '1.587s' }." ref:"ITU-T P.59"`
	File        File              `key:"file" derived:"required for video and trace" doc:"For video a text with a line for each frame: number, type, time in ms and size in octets; for trace a pcap or pcapng capture, whose IP packets are sent again as UDP datagrams of the same size, with at least 16B behind the UDP header."`
	Repeat      bool              `key:"repeat" default:"false" encode:"nonzero" doc:"For video and trace, whether the file is sent again from its start when it is over."`
	Size        int               `key:"size" derived:"as much as goes until stop" encode:"nonzero" unit:"size" min:"1B" doc:"How much a tcp flow transfers."`
	Request     int               `key:"request_size" derived:"200B" encode:"nonzero" unit:"size" min:"1B" doc:"Octets of a request, which goes from the flow's from to its to. For request."`
	Response    int               `key:"response_size" derived:"10kB" encode:"nonzero" unit:"size" min:"1B" doc:"Octets of a response, which is sent when the whole request is there. For request."`
	Think       time.Duration     `key:"think_time" default:"0s" encode:"nonzero" unit:"duration" doc:"Time between a response and the next request. For request."`
	Requests    int               `key:"requests" derived:"as many as go until stop" encode:"nonzero" min:"1" doc:"How many requests are sent. For request."`
	Start       time.Duration     `key:"start" default:"0s" unit:"duration" doc:"When the first packet is sent, since the run began."`
	Stop        time.Duration     `key:"stop" derived:"the duration of the run" unit:"duration" doc:"When sending ends, since the run began."`
	Units       []replay.Unit     // what stands in File
	DSCP        int               `key:"dscp" default:"0" min:"0" max:"63" doc:"Differentiated services code point of the packets." ref:"RFC 2474 section 3"`

	Address    netip.Addr `key:"address" derived:"that of the receiver" unit:"ipv4" doc:"Where packets are sent: the public address of the NAT that the receiver, a correspondent, is behind."`
	SourcePort int        `key:"source_port" derived:"49152 and the number of the flow" encode:"nonzero" min:"1" max:"65535" doc:"UDP or TCP port that packets come from. Of all kinds but ping."`
	Port       int        `key:"port" derived:"49152 and the number of the flow" encode:"nonzero" min:"1" max:"65535" doc:"UDP or TCP port that packets are sent to. Of all kinds but ping."`
}
