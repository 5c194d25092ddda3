package main

import (
	"bytes"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"

	"dsmipsim/nodes/wire"
	"dsmipsim/reports/espsa"
	"dsmipsim/scenarios"
	"dsmipsim/scenarios/spec"
)

// opener decodes packets of unknown origin, ESP with keys if there are any.
type opener struct {
	open    wire.ESPReader // nil without keys
	genuine func(b []byte) (genuine, known bool)
}

const (
	keysFile = "esp_sa" // in the directory of a result or of a profile of Wireshark
	noKeys   = "none"
)

// keysFor finds the keys for a capture: in the file of that name or, if it is empty, in the one
// beside the capture if there is one.
func keysFor(capture, name string) (opener, error) {
	beside := name == ""
	switch {
	case name == noKeys || beside && capture == "-":
		return opener{}, nil
	case beside:
		name = filepath.Join(filepath.Dir(capture), keysFile)
	}
	text, err := readFile(name)
	if beside && errors.Is(err, fs.ErrNotExist) {
		return opener{}, nil
	}
	if err != nil {
		return opener{}, usagef("keys: %w", err)
	}
	entries, err := espsa.Read(bytes.NewReader(text))
	if err != nil {
		return opener{}, usagef("%s: %w", name, err)
	}
	ring, err := scenarios.Keyring(entries)
	if err != nil {
		return opener{}, usagef("%s: %w", name, err)
	}
	return opener{open: ring.Open, genuine: ring.Genuine}, nil
}

// icvLengths are the integrity check values that ESP without a key is tried with: HMAC-SHA1-96
// and HMAC-SHA-256-128. The packet does not tell which it has.
var icvLengths = []int{12, 16}

// dissect looks into ESP. What makes sense is shown, and what a key verifies. Other ESP stays
// closed: its cipher is not NULL, or its key another one. So does that of a packet which the
// capture cut off.
func (o opener) dissect(octets []byte, link wire.LinkType, cut bool) ([]wire.Layer, wire.DissectOptions) {
	opts := scenarios.Dissection(&spec.Spec{Protocol: spec.Protocol{Mode: spec.ModeDraft00}})
	if opts.Cut = cut; cut {
		opts.ESP, opts.ESPNull = nil, false
		return wire.Dissect(octets, link, opts), opts
	}
	opts.ESP, opts.ESPGenuine, opts.ESPNull = o.open, o.genuine, true
	for _, opts.ICVLen = range icvLengths {
		if found := wire.Dissect(octets, link, opts); sensible(found) {
			return found, opts
		}
	}
	opts.ESP, opts.ESPNull = o.openGenuine, false
	return wire.Dissect(octets, link, opts), opts
}

func (o opener) openGenuine(b []byte) (plain, icv []byte, ok bool) {
	if o.genuine == nil {
		return nil, nil, false
	}
	if genuine, _ := o.genuine(b); !genuine {
		return nil, nil, false
	}
	return o.open(b)
}

// sensible reports whether ESP, if there is any, holds a message that is well formed.
func sensible(found []wire.Layer) bool {
	esp := slices.IndexFunc(found, func(l wire.Layer) bool { return l.Name == "ESP" })
	if esp < 0 {
		return true
	}
	last := len(found) - 1
	return last > esp && found[esp+1].Name != wire.LayerData && found[last].Name != wire.LayerMalformed
}
