package spec

import (
	"fmt"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

// Every value of a text that exercises the whole syntax of TOML is found where it stands: the
// value n is written as the number of its line.
func TestPositions(t *testing.T) {
	src := `a = 1 # = [
b.c = 2
"quoted \"key\"".'x.y' = 3
s = """
[no]
table = 9 \"""" # ends """"
t = 7
u = '''
it's'''''
list = [ # comment ]
  11, "a,]#", [
  12, ],
]
inline = { x = 14, y = { z = 14 }, "q" = [14, 14] }
[tab.le]
v = 16
[ "tab" . other ]
w = 18
[[many]]
v = 20
[many.sub]
v = 22
[[many.deep]]
v = 24
[[many.deep]]
v = 26
[[many]]
v = 28
[[many.deep]]
v = 30
	x.tab = 31
`
	var raw map[string]any
	if _, err := toml.Decode(src, &raw); err != nil {
		t.Fatal(err)
	}
	found := 0
	var walk func(n *node)
	walk = func(n *node) {
		switch v := n.value.(type) {
		case *table:
			for _, key := range v.keys {
				walk(v.kids[key])
			}
		case *list:
			for _, item := range v.items {
				walk(item)
			}
		case int64:
			found++
			line := strings.Split(src, "\n")[n.pos.Line-1]
			if n.pos.Line != int(v) || !strings.HasPrefix(line[n.pos.Col-1:], fmt.Sprint(v)) {
				t.Errorf("%s = %d is placed at %v", n.path(), v, n.pos)
			}
		}
	}
	walk(newTree(raw, scanPositions(src), ""))
	if found != 19 {
		t.Errorf("%d numbers found", found)
	}
}

// The scanner ends on any text, TOML or not.
func TestScannerEnds(t *testing.T) {
	for name, src := range fixtures(t, "good") {
		for i := range len(src) {
			scanPositions(src[i:])
			scanPositions(src[:i])
		}
		t.Log(name)
	}
	for _, src := range []string{"=", "[", "[[", "a=[=", "a={=", "a={{", "\"", "'''", `a="\`, "a.=[]]", "\xff=\xff"} {
		scanPositions(src)
	}
}
