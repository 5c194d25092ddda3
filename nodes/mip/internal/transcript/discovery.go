package transcript

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"dsmipsim/nodes/wire"
)

// homeAgentMessage writes a message of home agent or prefix discovery, or nil if the layer
// is none:
//
//	DHAADRequest id=N
//	DHAADReply id=N agents=ADDR,ADDR
//	MPS id=N
//	MPA id=N [prefix=ADDR/BITS] [flags=LAR] [valid=D] [preferred=D]
func homeAgentMessage(l layer, src, dst netip.Addr) []byte {
	id := uint16(l.number("id", 0))
	switch l.name {
	case "DHAADRequest":
		return wire.AppendHomeAgentRequest(nil, id, src, dst)
	case "DHAADReply":
		var agents []netip.Addr
		for _, a := range strings.Split(l.value("agents"), ",") {
			if a != "" {
				agents = append(agents, Addr(a))
			}
		}
		return wire.AppendHomeAgentReply(nil, id, agents, src, dst)
	case "MPS":
		return wire.AppendPrefixSolicitation(nil, id, src, dst)
	case "MPA":
		return wire.AppendPrefixAdvertisement(nil, wire.PrefixAdvertisementFields{Identifier: id, Prefixes: prefixes(l)}, src, dst)
	}
	return nil
}

// homeAgentText is the inverse of homeAgentMessage.
func homeAgentText(m wire.ICMPv6) (string, error) {
	switch m.Type() {
	case wire.ICMPv6HomeAgentRequest:
		r, err := m.HomeAgentRequest()
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("DHAADRequest id=%#x", r.Identifier()), nil
	case wire.ICMPv6HomeAgentReply:
		r, err := m.HomeAgentReply()
		if err != nil {
			return "", err
		}
		var agents []string
		for i := range r.Agents() {
			agents = append(agents, Name(r.Agent(i)))
		}
		return fmt.Sprintf("DHAADReply id=%#x agents=%s", r.Identifier(), strings.Join(agents, ",")), nil
	case wire.ICMPv6PrefixSolicitation:
		r, err := m.PrefixSolicitation()
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("MPS id=%#x", r.Identifier()), nil
	case wire.ICMPv6PrefixAdvertisement:
		r, err := m.PrefixAdvertisement()
		if err != nil {
			return "", err
		}
		s := fmt.Sprintf("MPA id=%#x", r.Identifier())
		for o := r.Options(); o.Next(); {
			p, ok := o.PrefixInformation()
			if !ok {
				continue
			}
			flags := ""
			for _, f := range []struct {
				on   bool
				name string
			}{{p.OnLink, "L"}, {p.Autonomous, "A"}, {p.RouterAddress, "R"}} {
				if f.on {
					flags += f.name
				}
			}
			s += fmt.Sprintf(" prefix=%s/%d flags=%s valid=%v preferred=%v", Name(p.Address), p.PrefixLen, flags, p.ValidLifetime, p.PreferredLifetime)
		}
		return s, nil
	}
	return "", nil
}

// prefixes reads the prefix options of a layer; flags and lifetimes are those of all.
func prefixes(l layer) []wire.PrefixInformation {
	flags := l.value("flags")
	if flags == "" {
		flags = "LA"
	}
	var all []wire.PrefixInformation
	for _, v := range l.values["prefix"] {
		a, bits, ok := strings.Cut(v, "/")
		if !ok {
			panic(fmt.Sprintf("no length in prefix %s", v))
		}
		all = append(all, wire.PrefixInformation{
			Address: Addr(a), PrefixLen: atoi(bits),
			OnLink: strings.Contains(flags, "L"), Autonomous: strings.Contains(flags, "A"), RouterAddress: strings.Contains(flags, "R"),
			ValidLifetime: l.duration("valid", 720*time.Hour), PreferredLifetime: l.duration("preferred", 168*time.Hour),
		})
	}
	return all
}
