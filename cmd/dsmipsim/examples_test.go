package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// tooMuch are examples that run for long, or need what is not everywhere. Their flags are
// checked all the same.
var tooMuch = []string{"dsmipsim check validation", "--replications 30", "--engine slurm", "conformance --json", "dsmipsim conformance\n"}

// prepare makes what the examples of --help speak of, as a user would have.
const prepare = `
dsmipsim init mine.toml
sed -i -e '/^# \[sweep\]/,$s/^# //' mine.toml
dsmipsim run roaming -q -o kept
cp -r kept out
cp -r kept standard
dsmipsim run roaming -q -o rfc-literal --set profile=rfc-literal --set expect=[]
dsmipsim run mine.toml -q -o before
dsmipsim run mine.toml -q -o after --set network.campus.link.delay=3ms
dsmipsim run mine.toml -q -o ra-1 --set network.campus.link.delay=1ms
dsmipsim run mine.toml -q -o ra-2 --set network.campus.link.delay=4ms
dsmipsim sweep mine.toml -q -o delay
mkdir -p scenarios .config/wireshark .local/share/man
dsmipsim show no-answer >scenarios/one.toml
cp out/esp_sa .config/wireshark/
cp out/packets.pcapng somewhere.pcap
`

// Every example of --help works, but for those that are too much, and all use flags that there
// are.
func TestExamples(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip(err)
	}
	home := t.TempDir()
	bin := filepath.Join(home, "bin")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(bin, "dsmipsim")); err != nil { // which runs main by that name
		t.Skip(err)
	}
	shell := func(script string) {
		t.Helper()
		c := exec.Command("sh", "-e", "-c", script)
		c.Dir, c.Env = home, append(os.Environ(), "HOME="+home, "PATH="+bin+":"+os.Getenv("PATH"))
		var said bytes.Buffer
		c.Stdout, c.Stderr = nil, &said
		if err := c.Run(); err != nil {
			t.Errorf("%s: %v\n%s", strings.TrimSpace(script), err, said.String())
		}
	}
	shell(prepare)
	for _, c := range append(newRoot(nil).Commands(), newRoot(nil)) {
		if c.Runnable() && c.Name() != "help" && c.Name() != "completion" && c.Example == "" {
			t.Errorf("%s --help has no example", c.Name())
		}
		shell("rm -rf out")
		if c.Name() != "sweep" && c.Name() != "merge" { // which begin
			shell("cp -r kept out")
		}
		for example := range strings.Lines(c.Example) {
			flagsExist(t, example)
			if slices.ContainsFunc(tooMuch, func(part string) bool { return strings.Contains(example+"\n", part) }) {
				continue
			}
			// What other programs do with the output is their business.
			line, _, _ := strings.Cut(strings.TrimSpace(example), " | jq ")
			line, _, _ = strings.Cut(line, " && man ")
			if c.Name() == "compare" { // of two runs that differ
				line += " || [ $? = 1 ]"
			}
			if c.Name() == "init" {
				line = "rm -f mine.toml scenario.toml; " + line
			}
			shell(line)
		}
	}
}

// flagWord is a flag in a text.
var flagWord = regexp.MustCompile(`(?:^|[\s` + "`" + `\[(|])(--?[a-z][a-z-]*)`)

// flagsExist wants each flag in the text to be one of some command; if the text begins with a
// command, of that one.
func flagsExist(t *testing.T, text string) {
	t.Helper()
	text = foreignFlag.ReplaceAllString(text, "")
	root := newRoot(nil)
	var of []*cobra.Command
	if words := strings.Fields(text); len(words) > 1 && words[0] == "dsmipsim" {
		if c, _, err := root.Find(words[1:]); err == nil {
			of = []*cobra.Command{c}
		}
	}
	if of == nil || strings.Contains(text, " && ") || strings.Contains(text, " | ") {
		of = append(root.Commands(), root)
	}
	for _, m := range flagWord.FindAllStringSubmatch(text, -1) {
		if !slices.ContainsFunc(of, func(c *cobra.Command) bool { return hasFlag(c, m[1]) }) {
			t.Errorf("%s: there is no flag %s", strings.TrimSpace(text), m[1])
		}
	}
}

// foreignFlag is what another program is told.
var foreignFlag = regexp.MustCompile(`--sbatch-arg[ =]\S+|(?m:^tshark .*$)`)

// othersFlags are those of sbatch and GNU parallel, of which the tutorial on batch systems speaks.
var othersFlags = []string{"--array", "--output", "--sshlogin", "--joblog", "--resume-failed"}

// The flags that README.md, the tutorials and --help speak of are there.
func TestFlagsInProse(t *testing.T) {
	readme, err := os.ReadFile(readmeFile)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{"README.md": string(readme)}
	for _, c := range append(newRoot(nil).Commands(), newRoot(nil)) {
		texts[c.Name()] = c.Short + "\n" + c.Long
	}
	spoken := 0
	for name, text := range texts {
		text = foreignFlag.ReplaceAllString(text, "")
		for _, m := range regexp.MustCompile("(?:^|[\\s`(])(--[a-z][a-z-]*)").FindAllStringSubmatch(text, -1) {
			if !slices.Contains(othersFlags, m[1]) && !slices.ContainsFunc(append(newRoot(nil).Commands(), newRoot(nil)), func(c *cobra.Command) bool { return hasFlag(c, m[1]) }) {
				t.Errorf("%s speaks of %s, which no command has", name, m[1])
			}
			spoken++
		}
		// A block of another kind would escape the tests that run what stands in blocks.
		if fences := strings.Count(text, "```"); fences != 2*len(block.FindAllString(text, -1)) {
			t.Errorf("%s has %d fences, of which tests know %d blocks", name, fences, len(block.FindAllString(text, -1)))
		}
	}
	if spoken < 30 {
		t.Errorf("only %d flags were found", spoken)
	}
}

func hasFlag(c *cobra.Command, word string) bool {
	c.InitDefaultHelpFlag()
	if name, long := strings.CutPrefix(word, "--"); long {
		return c.Flags().Lookup(name) != nil || name == "help"
	}
	short := strings.TrimPrefix(word, "-")
	return len(short) == 1 && c.Flags().ShorthandLookup(short) != nil
}
