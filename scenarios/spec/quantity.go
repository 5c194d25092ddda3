package spec

import (
	"errors"
	"math/big"
	"strings"
	"time"
)

var errQuantity = errors.New("not a number with one of the units")

// scaled is a unit and how many of the basic unit it stands for.
type scaled struct {
	name  string
	times int64
}

// The units by falling size, which is the order in which formatting tries them.
var (
	durationUnits = []scaled{{"s", 1e9}, {"ms", 1e6}, {"us", 1e3}, {"ns", 1}}
	rateUnits     = []scaled{{"Gbps", 1e9}, {"Mbps", 1e6}, {"kbps", 1e3}, {"bps", 1}}
	sizeUnits     = []scaled{{"MiB", 1 << 20}, {"MB", 1e6}, {"KiB", 1 << 10}, {"kB", 1e3}, {"B", 1}}
	packetUnits   = []scaled{{"packets", 1}, {"packet", 1}}
	lengthUnits   = []scaled{{"km", 1e9}, {"m", 1e6}, {"cm", 1e4}, {"mm", 1e3}}
	speedUnits    = []scaled{{"mps", 3.6e6}, {"kmh", 1e6}}
	angleUnits    = []scaled{{"deg", 1e6}}
)

// parseDuration reads a duration as Go writes it, such as 20ms or 1h30m, without a sign and
// with a unit even if it is 0.
func parseDuration(s string) (time.Duration, error) {
	if s == "" || s == "0" || s[0] == '-' || s[0] == '+' {
		return 0, errQuantity
	}
	return time.ParseDuration(s)
}

// parseScaled reads an unsigned decimal number directly followed by a unit. The result must be
// a whole number of the basic unit.
func parseScaled(s string, units []scaled) (int64, error) {
	end := strings.IndexFunc(s, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	// 19 digits fill an int64; longer numbers would only cost time.
	if end <= 0 || end > 40 || s[0] == '.' || s[end-1] == '.' {
		return 0, errQuantity
	}
	number, ok := new(big.Rat).SetString(s[:end])
	if !ok {
		return 0, errQuantity
	}
	for _, unit := range units {
		if unit.name != s[end:] {
			continue
		}
		number.Mul(number, new(big.Rat).SetInt64(unit.times))
		if !number.IsInt() || !number.Num().IsInt64() {
			return 0, errQuantity
		}
		return number.Num().Int64(), nil
	}
	return 0, errQuantity
}

// formatScaled writes a number in the greatest unit of which it is a multiple.
func formatScaled(v int64, units []scaled) string {
	unit := units[len(units)-1]
	for _, u := range units {
		if v != 0 && v%u.times == 0 {
			unit = u
			break
		}
	}
	return formatInt(v/unit.times) + unit.name
}

func formatDuration(d time.Duration) string {
	if d == 0 {
		return "0s"
	}
	return formatScaled(int64(d), durationUnits)
}

func parseRate(s string) (int64, error) { return parseScaled(s, rateUnits) }

func formatRate(bitsPerSecond int64) string { return formatScaled(bitsPerSecond, rateUnits) }

// parseSize bounds sizes to 1 TB so that int is wide enough wherever the program runs.
func parseSize(s string) (int, error) {
	v, err := parseScaled(s, sizeUnits)
	if err != nil || v > 1e12 || int64(int(v)) != v {
		return 0, errQuantity
	}
	return int(v), nil
}

func formatSize(octets int) string { return formatScaled(int64(octets), sizeUnits) }

func parseLimit(s string) (QueueLimit, error) {
	if n, err := parseScaled(s, packetUnits); err == nil {
		if n < 1 || n > 1e9 {
			return QueueLimit{}, errQuantity
		}
		return QueueLimit{Packets: int(n)}, nil
	}
	n, err := parseSize(s)
	if err != nil || n < 1 {
		return QueueLimit{}, errQuantity
	}
	return QueueLimit{Octets: n}, nil
}

func formatLimit(q QueueLimit) string {
	if q.Packets > 0 {
		return formatScaled(int64(q.Packets), packetUnits[:1])
	}
	return formatSize(q.Octets)
}

// Lengths are counted in micrometres, speeds in millimetres per hour, of which both m/s and
// km/h are whole numbers, and angles in millionths of a degree.

// maxLength bounds lengths to 10 000 km, so that no way takes longer than time can tell.
const maxLength = 1e13

func parseLength(s string) (int64, error) {
	v, err := parseScaled(s, lengthUnits)
	if err == nil && v > maxLength {
		return 0, errQuantity
	}
	return v, err
}

func formatLength(micrometres int64) string { return formatDecimal(micrometres, 6) + "m" }

func formatSpeed(millimetresPerHour int64) string {
	if millimetresPerHour%3600 == 0 {
		return formatDecimal(millimetresPerHour/3600, 3) + "mps"
	}
	return formatDecimal(millimetresPerHour, 6) + "kmh"
}

func formatAngle(microdegrees int64) string { return formatDecimal(microdegrees, 6) + "deg" }

// formatDecimal writes v divided by a power of ten, without trailing zeros.
func formatDecimal(v int64, digits int) string {
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	text := formatInt(v)
	if pad := digits + 1 - len(text); pad > 0 {
		text = strings.Repeat("0", pad) + text
	}
	whole, part := text[:len(text)-digits], strings.TrimRight(text[len(text)-digits:], "0")
	if part != "" {
		part = "." + part
	}
	return sign + whole + part
}

// parseCoordinate reads a length that may be negative.
func parseCoordinate(s string) (int64, error) {
	if rest, negative := strings.CutPrefix(s, "-"); negative {
		v, err := parseLength(rest)
		return -v, err
	}
	return parseLength(s)
}
