package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// palette colours words on a terminal. The zero value leaves them as they are.
type palette struct{ on bool }

// Colours, as parameters of the escape sequence SGR. They are readable on dark and on light.
const (
	bold    = "1"
	dim     = "2"
	red     = "31"
	green   = "32"
	yellow  = "33"
	blue    = "34"
	magenta = "35"
	cyan    = "36"
)

// colourChoices are the values of --color.
var colourChoices = []string{"auto", "always", "never"}

// colours tells whether to colour what goes to w: --color says so, or else w is a terminal and
// NO_COLOR (https://no-color.org) is empty.
func colours(choice string, w io.Writer) (palette, error) {
	switch choice {
	case "always":
		return palette{on: true}, nil
	case "never":
		return palette{}, nil
	case "auto":
		f, ok := w.(*os.File)
		return palette{on: ok && isatty.IsTerminal(f.Fd()) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}, nil
	}
	return palette{}, usagef("--color: found %q, wanted one of %s", choice, strings.Join(colourChoices, ", "))
}

// addColour adds the flag --color.
func addColour(c *cobra.Command, choice *string) {
	*choice = "auto"
	c.Flags().StringVar(choice, "color", *choice, "colour what is printed: "+strings.Join(colourChoices, ", ")+"; auto does so on a terminal, unless NO_COLOR is set")
}

// verdictColours are those of outcomes and verdicts in tables.
var verdictColours = map[string]string{
	"pass": green, "registered": green, "deregistered": green, "shown": green, "kept": green,
	"FAIL": red, "failed": red, "unfinished": red, "violated": red, "missed": red,
	"deviates": yellow, "superseded": yellow, "unsupported_network": yellow, "not exercised": yellow, "needs mip4": yellow,
	"predicted": dim,
}

// verdicts returns what colours outcomes and verdicts, nil for nothing.
func (p palette) verdicts() func(cell string) string {
	if !p.on {
		return nil
	}
	return func(cell string) string {
		if colour := verdictColours[strings.TrimSpace(cell)]; colour != "" {
			return p.paint(colour, cell)
		}
		return cell
	}
}

// problem is a place in a file at the beginning of a line, and the mark below the place.
var (
	problemPlace = regexp.MustCompile(`(?m)^[^\s:|]+:\d+(:\d+)?:`)
	problemMark  = regexp.MustCompile(`(?m)^( *\| *)\^$`)
)

// problems colours the places in a message about the user's input.
func (p palette) problems(message string) string {
	if !p.on {
		return message
	}
	message = problemPlace.ReplaceAllStringFunc(message, func(place string) string { return p.paint(bold, place) })
	return problemMark.ReplaceAllString(message, "${1}"+p.paint(green, "^"))
}

func (p palette) paint(colour, text string) string {
	if !p.on || text == "" {
		return text
	}
	return fmt.Sprintf("\x1b[%sm%s\x1b[0m", colour, text)
}

// widthOf is the width of a terminal in columns, 0 of anything else.
func widthOf(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil {
			return width
		}
	}
	return 0
}
