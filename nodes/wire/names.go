package wire

// mobilityName is MobilityType.String without allocation.
func mobilityName(t uint8) string {
	if int(t) < len(mobilityNames) && mobilityNames[t] != "" {
		return mobilityNames[t]
	}
	return "unknown MH"
}

func icmpv6Name(typ uint8) (string, Group) {
	switch typ {
	case ICMPv6DestinationUnreachable:
		return "ICMPv6 destination unreachable", GroupError
	case ICMPv6PacketTooBig:
		return "ICMPv6 packet too big", GroupError
	case ICMPv6TimeExceeded:
		return "ICMPv6 time exceeded", GroupError
	case ICMPv6ParameterProblem:
		return "ICMPv6 parameter problem", GroupError
	case ICMPv6EchoRequest:
		return "Echo request", GroupData
	case ICMPv6EchoReply:
		return "Echo reply", GroupData
	case ICMPv6RouterSolicitation:
		return "RS", GroupDiscovery
	case ICMPv6RouterAdvertisement:
		return "RA", GroupDiscovery
	case ICMPv6NeighborSolicitation:
		return "NS", GroupResolution
	case ICMPv6NeighborAdvertisement:
		return "NA", GroupResolution
	case ICMPv6Redirect:
		return "Redirect", GroupResolution
	case ICMPv6HomeAgentRequest:
		return "DHAAD request", GroupDiscovery
	case ICMPv6HomeAgentReply:
		return "DHAAD reply", GroupDiscovery
	case ICMPv6PrefixSolicitation:
		return "MPS", GroupDiscovery
	case ICMPv6PrefixAdvertisement:
		return "MPA", GroupDiscovery
	}
	if typ < 128 {
		return "ICMPv6 error", GroupError
	}
	return "ICMPv6", GroupData
}

func icmpv4Name(typ uint8) (string, Group) {
	switch typ {
	case ICMPv4EchoReply:
		return "Echo reply", GroupData
	case ICMPv4Echo:
		return "Echo request", GroupData
	case ICMPv4DestinationUnreachable:
		return "ICMPv4 destination unreachable", GroupError
	case ICMPv4Redirect:
		return "ICMPv4 redirect", GroupError
	case ICMPv4TimeExceeded:
		return "ICMPv4 time exceeded", GroupError
	case ICMPv4ParameterProblem:
		return "ICMPv4 parameter problem", GroupError
	case ICMPv4RouterAdvertisement:
		return "Agent advertisement", GroupDiscovery
	case ICMPv4RouterSolicitation:
		return "Agent solicitation", GroupDiscovery
	}
	return "ICMPv4", GroupData
}

// udpService returns the well-known port a datagram is for or from, zero if
// it is user traffic. Client ports of DHCP map to those of the server.
func udpService(u UDP) uint16 {
	for _, p := range [2]uint16{u.DestinationPort(), u.SourcePort()} {
		switch p {
		case PortDSMIPv6, PortESPinUDP, PortMobileIPv4, PortDHCPv4Server, PortDHCPv6Server:
			return p
		case PortDHCPv4Client:
			return PortDHCPv4Server
		case PortDHCPv6Client:
			return PortDHCPv6Server
		}
	}
	return 0
}

// looksLikeIP applies the rule of RFC 5555 section 4.1: the version nibble
// selects the payload.
func looksLikeIP(b []byte) bool { return len(b) > 0 && (b[0]>>4 == 4 || b[0]>>4 == 6) }

// ipVersion returns version, or the version nibble of b when that is 0.
func ipVersion(b []byte, version uint8) uint8 {
	if version == 0 && len(b) > 0 {
		return b[0] >> 4
	}
	return version
}

// isESPinUDP tells ESP from keepalives and from IKE, whose marker of four zero
// octets is no valid SPI (RFC 3948 section 2).
func isESPinUDP(b []byte) bool {
	return len(b) >= ESPHeaderLen && (b[0]|b[1]|b[2]|b[3]) != 0
}

// mip4TunnelType is the data message of RFC 3519 section 3.3: type, next
// header, reserved(2), packet.
const mip4TunnelType = 4

func mip4Tunnelled(b []byte) []byte {
	if len(b) > 4 && b[0] == mip4TunnelType && b[1] == ProtoIPv4 {
		return b[4:]
	}
	return nil
}

func mip4Name(b []byte) string {
	if len(b) > 0 {
		switch b[0] {
		case MIP4RegistrationRequest:
			return "MIP4 request"
		case MIP4RegistrationReply:
			return "MIP4 reply"
		}
	}
	return ""
}

const (
	dhcp4Options = 240 // after the fixed fields and the magic cookie
	dhcp4OptPad  = 0
	dhcp4OptType = 53
	dhcp4OptEnd  = 255
)

var dhcp4Names = [...]string{
	"DHCPv4", "DHCPv4 DISCOVER", "DHCPv4 OFFER", "DHCPv4 REQUEST", "DHCPv4 DECLINE",
	"DHCPv4 ACK", "DHCPv4 NAK", "DHCPv4 RELEASE", "DHCPv4 INFORM",
}

// dhcpv4Name finds the message type option (RFC 2132 section 9.6).
func dhcpv4Name(b []byte) string {
	for at := dhcp4Options; at < len(b) && b[at] != dhcp4OptEnd; {
		if b[at] == dhcp4OptPad {
			at++
			continue
		}
		if at+2 >= len(b) {
			break
		}
		if b[at] == dhcp4OptType && int(b[at+2]) < len(dhcp4Names) {
			return dhcp4Names[b[at+2]]
		}
		at += 2 + int(b[at+1])
	}
	return dhcp4Names[0]
}

var dhcp6Names = [...]string{
	"DHCPv6", "DHCPv6 SOLICIT", "DHCPv6 ADVERTISE", "DHCPv6 REQUEST", "DHCPv6 CONFIRM",
	"DHCPv6 RENEW", "DHCPv6 REBIND", "DHCPv6 REPLY", "DHCPv6 RELEASE", "DHCPv6 DECLINE",
	"DHCPv6 RECONFIGURE", "DHCPv6 INFORMATION-REQUEST", "DHCPv6 RELAY-FORW", "DHCPv6 RELAY-REPL",
}

// dhcpv6Name reads the first octet (RFC 8415 section 7.3).
func dhcpv6Name(b []byte) string {
	if len(b) > 0 && int(b[0]) < len(dhcp6Names) {
		return dhcp6Names[b[0]]
	}
	return dhcp6Names[0]
}
