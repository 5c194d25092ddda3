package mip

import (
	"net/netip"
	"time"

	"dsmipsim/nodes/wire"
)

// Constants of home agent address discovery (RFC 6275 section 12).
const (
	InitialDHAADTimeout = 3 * time.Second
	DHAADRetries        = 4
)

// Constants of mobile prefix discovery (RFC 6275 sections 12 and 13).
const (
	InitialSolicitTimer  = 3 * time.Second
	PrefixAdvTimeout     = 3 * time.Second
	PrefixAdvRetries     = 3
	MinMobPfxAdvInterval = 600 * time.Second
	MaxMobPfxAdvInterval = 86400 * time.Second

	// MinMobPfxAdvGap is the least time between two advertisements to one mobile node.
	MinMobPfxAdvGap = time.Second
)

// homeAgentsID is the interface identifier of the Mobile IPv6 Home-Agents anycast address:
// identifier 126 of RFC 2526 in a prefix whose interface identifiers have 64 bits.
var homeAgentsID = [8]byte{0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe}

// HomeAgentsAnycast returns the address that all home agents of a home link share.
func HomeAgentsAnycast(prefix netip.Prefix) netip.Addr { return wire.FromPrefix(prefix, homeAgentsID) }
