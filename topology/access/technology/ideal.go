package technology

var ideal = Technology{
	Name: "ideal",
	Doc:  "no more than the link's own keys say: no delay, 1 Gb/s, no loss, up at once",
}
