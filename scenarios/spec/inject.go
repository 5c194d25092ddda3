package spec

import (
	"encoding/hex"
	"net/netip"
	"strings"
	"time"
)

// Inject is a packet that nobody in the scenario sends: it appears on a link at a time, as if
// from an attacker or a faulty node. Exactly one of Octets, Frame and Packet says what it is.
type Inject struct {
	Pos       Pos
	At        time.Duration `key:"at" required:"true" unit:"duration" doc:"When the packet is put on the link, since the run began."`
	Node      string        `key:"node" unit:"name" doc:"The node that the frame is addressed to, on the link that its interface is attached to at that time; without a node the router of the link's network."`
	Interface string        `key:"interface" derived:"the node's first interface, or that on the link" doc:"The interface of the node, such as wlan0, lan or to-internet."`
	Link      string        `key:"link" unit:"name" doc:"The link that the packet is put on: the name of a network, or that of a link between routers, which needs a node too."`
	Octets    string        `key:"octets" unit:"hex" doc:"The IP packet, in hexadecimal; on a shared link an Ethernet header is put in front."`
	Frame     string        `key:"frame" unit:"hex" doc:"The frame with its Ethernet header, in hexadecimal; for shared links only."`
	Packet    *Forged       `key:"packet" doc:"The packet by its fields."`
}

// ForgedType names the message of a forged packet.
type ForgedType string

// The messages that can be forged from fields.
const (
	ForgedBU   ForgedType = "BU"
	ForgedBA   ForgedType = "BA"
	ForgedBE   ForgedType = "BE"
	ForgedBRR  ForgedType = "BRR"
	ForgedHoTI ForgedType = "HoTI"
	ForgedCoTI ForgedType = "CoTI"
	ForgedHoT  ForgedType = "HoT"
	ForgedCoT  ForgedType = "CoT"
	ForgedNS   ForgedType = "NS"
	ForgedNA   ForgedType = "NA"
	ForgedUDP  ForgedType = "UDP"
	ForgedMPA  ForgedType = "MPA"
)

// Forged is a packet by its fields. Checksums are right unless BadChecksum is set, lengths are
// as long as the content. Keys that the type does not have are without effect.
type Forged struct {
	Pos         Pos
	Type        ForgedType `key:"type" required:"true" values:"BU BA BE BRR HoTI CoTI HoT CoT NS NA UDP MPA" doc:"The message."`
	Source      netip.Addr `key:"source" required:"true" doc:"Source address; for a Binding Update the care-of address."`
	Destination netip.Addr `key:"destination" required:"true" doc:"Destination address."`
	HopLimit    int        `key:"hop_limit" default:"0" min:"0" max:"255" doc:"Hop limit or TTL of the innermost IP header; 0 stands for 64, for NS and NA 255."`

	HomeAddress      netip.Addr `key:"home_address" unit:"ipv6" doc:"Adds a Home Address option; in a BE the address that the error is about." ref:"RFC 6275 section 6.3"`
	RoutingHome      netip.Addr `key:"routing_home" unit:"ipv6" doc:"Adds a type 2 routing header with this address." ref:"RFC 6275 section 6.4"`
	SegmentsLeft     int        `key:"segments_left" default:"1" min:"0" max:"255" doc:"Segments left of that routing header."`
	OuterSource      netip.Addr `key:"outer_source" doc:"Puts the packet into a tunnel from this address."`
	OuterDestination netip.Addr `key:"outer_destination" doc:"The other end of that tunnel, of the same family."`
	SecureAs         string     `key:"secure_as" unit:"name" doc:"Protects a BU, or a BA, with the security association of this mobile node: an attacker who holds its key." ref:"RFC 4877 section 4"`
	BadICV           bool       `key:"bad_icv" default:"false" doc:"Whether the integrity value of that ESP header is wrong."`
	ESPSequence      int64      `key:"esp_sequence" default:"1" min:"1" max:"4294967295" doc:"Sequence number of that ESP header."`

	Sequence      int           `key:"sequence" default:"0" min:"0" max:"65535" doc:"Sequence number of a BU or BA."`
	Lifetime      time.Duration `key:"lifetime" default:"0s" unit:"duration" max:"262140s" doc:"Lifetime of a BU or BA, of which whole units of 4 s are sent."`
	Flags         string        `key:"flags" doc:"Letters of the flags that are set: A H L K of a BU, R S O of an NA."`
	Status        int           `key:"status" default:"0" min:"0" max:"255" doc:"Status of a BA or BE."`
	CareOf        netip.Addr    `key:"care_of" unit:"" doc:"Alternate Care-of Address option of a BU." ref:"RFC 6275 section 6.2.5"`
	IPv4Home      netip.Addr    `key:"ipv4_home_address" unit:"ipv4" doc:"IPv4 home address option of a BU, or IPv4 address acknowledgement of a BA."`
	IPv4Status    int           `key:"ipv4_status" default:"0" min:"0" max:"255" doc:"Status of the IPv4 address acknowledgement."`
	Cookie        string        `key:"cookie" unit:"hex" doc:"Cookie of HoTI, CoTI, HoT and CoT, 8 octets."`
	Token         string        `key:"token" unit:"hex" doc:"Keygen token of HoT and CoT, 8 octets."`
	HomeNonce     int           `key:"home_nonce" default:"0" min:"0" max:"65535" doc:"Home nonce index of a BU or HoT."`
	CareOfNonce   int           `key:"care_of_nonce" default:"0" min:"0" max:"65535" doc:"Care-of nonce index of a BU or CoT."`
	Authenticator string        `key:"authenticator" unit:"hex" doc:"Adds nonce indices and Binding Authorization Data, 12 octets, to a BU." ref:"RFC 6275 section 6.2.7"`
	Options       string        `key:"options" unit:"hex" doc:"Mobility options as they stand on the wire, put before all others of a BU or BA."`

	MobilityType int  `key:"mobility_type" default:"0" min:"0" max:"255" doc:"Overwrites the MH type of a mobility message if not 0."`
	PayloadProto int  `key:"payload_proto" default:"59" min:"0" max:"255" doc:"Payload Proto of a mobility message; anything but 59 is wrong."`
	HeaderLen    int  `key:"header_len" default:"-1" min:"-1" max:"255" doc:"Overwrites the Header Len of a mobility message and cuts it so; -1 leaves the right one."`
	BadChecksum  bool `key:"bad_checksum" default:"false" doc:"Whether the checksum of the message is wrong."`

	Target          netip.Addr `key:"target" unit:"ipv6" doc:"Target address of an NS or NA."`
	LinkLayer       string     `key:"link_layer" unit:"hex" doc:"Link-layer address in the option of an NS or NA, 6 octets; absent, there is no option."`
	Identifier      int        `key:"identifier" default:"0" min:"0" max:"65535" doc:"Identifier of an MPA."`
	SourcePort      int        `key:"source_port" default:"9" min:"0" max:"65535" doc:"UDP source port."`
	DestinationPort int        `key:"destination_port" default:"9" min:"0" max:"65535" doc:"UDP destination port."`
	Payload         int        `key:"payload" default:"16B" unit:"size" max:"1400B" doc:"Octets after the UDP header."`
}

// validHex reports whether a text is an even number of hexadecimal digits; blanks between them
// are for the eye.
func validHex(s string) bool {
	_, err := Octets(s)
	return err == nil
}

// Octets decodes a text of the unit hex.
func Octets(s string) ([]byte, error) {
	return hex.DecodeString(strings.Join(strings.Fields(s), ""))
}
