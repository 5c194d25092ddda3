package wire

// Protocol and next header numbers (IANA).
const (
	ProtoHopByHop = 0
	ProtoICMPv4   = 1
	ProtoIPv4     = 4
	ProtoTCP      = 6
	ProtoUDP      = 17
	ProtoIPv6     = 41
	ProtoRouting  = 43
	ProtoFragment = 44
	ProtoESP      = 50
	ProtoAH       = 51
	ProtoICMPv6   = 58
	ProtoNone     = 59
	ProtoDestOpts = 60
	ProtoMobility = 135
)

// Well-known UDP ports.
const (
	PortDHCPv4Server = 67
	PortDHCPv4Client = 68
	PortMobileIPv4   = 434  // RFC 5944 section 3.3
	PortDHCPv6Client = 546  // RFC 8415 section 7.2
	PortDHCPv6Server = 547  // RFC 8415 section 7.2
	PortDSMIPv6      = 4191 // RFC 5555 section 4.1
	PortESPinUDP     = 4500 // RFC 3948 section 2
)
