package technology

var interRAT = Technology{
	Name: "inter-rat",
	Doc:  "LTE, entered from another radio technology by release with redirection",
	Settings: append([]Setting{
		{"attach", "['0.5s', '1s']", "Release, search for the cell, its system information and random access; the bounds are rounded choices.", "3GPP TS 36.133 section 6.3"},
	}, without(lte.Settings, "attach")...),
}

// without returns the settings but those of one key.
func without(all []Setting, key string) []Setting {
	var rest []Setting
	for _, s := range all {
		if s.Key != key {
			rest = append(rest, s)
		}
	}
	return rest
}
