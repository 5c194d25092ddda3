package wire

import (
	"fmt"
	"slices"
	"strings"
)

// Line is a packet in one line: innermost addresses, message, the chain of headers, the essence
// of the innermost one, and the number of octets on the wire.
func Line(c Class, layers []Layer, octets int) string {
	ends := ""
	if c.Source.IsValid() && c.Destination.IsValid() {
		ends = fmt.Sprintf("%s > %s  ", c.Source, c.Destination)
	}
	var names []string
	essence := ""
	for i, l := range layers {
		if l.Name == "Ethernet" && i < len(layers)-1 {
			continue
		}
		if l.Name != LayerData || i == 0 {
			name := l.Name
			if slices.Contains(l.Fields, Field{FieldIntegrity, IntegrityWrong}) {
				name += " (integrity value wrong)"
			}
			names = append(names, name)
			if l.Name != LayerCut || essence == "" {
				essence = l.Summary
			}
		}
	}
	return fmt.Sprintf("%s%s  [%s] %s, %d octets", ends, c.Message, strings.Join(names, " | "), essence, octets)
}
