package espsa

import (
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"dsmipsim/reports/result"
)

// Entry is a line of the file. Whether an association is in tunnel mode the file does not tell.
type Entry struct {
	Line int // from 1
	result.Association
}

// LineError is a mistake in a line of the file.
type LineError struct {
	Line int // from 1
	Err  error
}

// Error tells the line and the mistake.
func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap returns the mistake.
func (e *LineError) Unwrap() error { return e.Err }

// columns are what Wireshark asks for when it makes a line.
var columns = []string{"protocol", "source", "destination", "SPI", "encryption", "encryption key", "authentication", "authentication key"}

// Read reads such a file, of a run or of Wireshark, with the algorithms that a run may have. The
// first mistake ends it with a *LineError.
func Read(r io.Reader) ([]Entry, error) {
	lines := csv.NewReader(r)
	lines.Comment, lines.FieldsPerRecord = '#', -1
	var all []Entry
	for {
		cells, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			var syntax *csv.ParseError
			if errors.As(err, &syntax) {
				err = &LineError{syntax.Line, syntax.Err}
			}
			return nil, err
		}
		line, _ := lines.FieldPos(0)
		a, err := entry(cells)
		if err != nil {
			return nil, &LineError{line, err}
		}
		all = append(all, Entry{line, a})
	}
}

func entry(cells []string) (a result.Association, err error) {
	if n := len(cells); n != len(columns) && n != len(columns)+1 { // the ninth, of newer versions, is the length of sequence numbers
		return a, fmt.Errorf("found %d columns, wanted %d: %s", n, len(columns), strings.Join(columns, ", "))
	}
	if cells[0] != "IPv4" && cells[0] != "IPv6" {
		return a, fmt.Errorf("found protocol %q, wanted IPv4 or IPv6", cells[0])
	}
	if a.Source, err = address("source", cells[1]); err != nil {
		return a, err
	}
	if a.Destination, err = address("destination", cells[2]); err != nil {
		return a, err
	}
	spi, err := strconv.ParseUint(cells[3], 0, 32)
	if err != nil {
		return a, fmt.Errorf("found SPI %q, wanted a number such as 0x00001001", cells[3])
	}
	a.SPI = uint32(spi)
	if a.Cipher, err = known("encryption", cells[4], []string{"NULL", "AES-CBC"}); err != nil {
		return a, err
	}
	if a.CipherKey, err = octets("encryption key", cells[5]); err != nil {
		return a, err
	}
	if a.Integrity, err = known("authentication", cells[6], []string{"HMAC-SHA1-96", "HMAC-SHA-256-128"}); err != nil {
		return a, err
	}
	a.Key, err = octets("authentication key", cells[7])
	return a, err
}

// address reads one end; the zero address stands for any.
func address(column, text string) (netip.Addr, error) {
	if text == "*" {
		return netip.Addr{}, nil
	}
	a, err := netip.ParseAddr(text)
	if err != nil {
		return a, fmt.Errorf("found %s %q, wanted an address or *", column, text)
	}
	return a, nil
}

// known returns the usual name of an algorithm.
func known(column, text string, usual []string) (string, error) {
	i := slices.IndexFunc(usual, func(name string) bool { return names[name] == text })
	if i < 0 {
		return "", fmt.Errorf("found %s %q, wanted %s", column, text, names[usual[0]]+" or "+names[usual[1]])
	}
	return usual[i], nil
}

// octets reads a key: hexadecimal digits after 0x, or else the characters themselves.
func octets(column, text string) ([]byte, error) {
	digits, isHex := strings.CutPrefix(text, "0x")
	if !isHex {
		return []byte(text), nil
	}
	b, err := hex.DecodeString(digits)
	if err != nil {
		return nil, fmt.Errorf("found %s %q, wanted hexadecimal digits after 0x", column, text)
	}
	return b, nil
}
