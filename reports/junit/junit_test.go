package junit

import (
	"bytes"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Every character that a scenario could bring is among the verdicts.
func nasty() []Suite {
	var every strings.Builder
	for c := rune(0); c < 0x300; c++ {
		every.WriteRune(c)
	}
	every.WriteString("\ufffe\uffff\U0001f4f1 ]]> \xff\xfe -->")
	return []Suite{
		{Name: "first", Cases: []Case{
			{Name: "met"},
			{Name: "a <b> & \"c\"", Failure: &Failure{Message: "want 1,\nget 2", Type: "expectation", Text: every.String()}},
			{Name: every.String(), Failure: &Failure{Message: every.String(), Type: "fingerprint", Text: "\n  - a\n  + b\n"}},
			{Name: "deviates", Skipped: "by the book"},
		}},
		{Name: "without cases"},
	}
}

func written(t *testing.T, all []Suite) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, "dsmipsim", all); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What a reader gets is what was written, but for characters that XML has not.
func TestWrite(t *testing.T) {
	var got suites
	if err := xml.Unmarshal(written(t, nasty()), &got); err != nil {
		t.Fatal(err)
	}
	if got.Tests != 4 || got.Failures != 2 || got.Suites[0].Skipped != 1 || len(got.Suites) != 2 {
		t.Errorf("found %d tests, %d failures, %d skipped in %d suites", got.Tests, got.Failures, got.Suites[0].Skipped, len(got.Suites))
	}
	c := got.Suites[0].Cases
	if f := c[1].Failure; f == nil || f.Message != "want 1,\nget 2" || f.Type != "expectation" || c[1].Name != `a <b> & "c"` || c[1].Classname != "first" {
		t.Errorf("found %+v", c[1])
	}
	if text := c[1].Failure.Text; strings.ContainsAny(text, "\x00\x01\x1f\ufffe\uffff") || !strings.Contains(text, "}~\u007f") || !strings.Contains(text, "\U0001f4f1 ]]> ") {
		t.Errorf("found text %q", text)
	}
	if c[0].Failure != nil || c[3].Skipped == nil || c[3].Skipped.Message != "by the book" {
		t.Errorf("found %+v and %+v", c[0], c[3])
	}
}

// The schema of the xUnit plugin of Jenkins takes what is written, and nothing else: the check
// can fail.
func TestSchema(t *testing.T) {
	if _, err := exec.LookPath("xmllint"); err != nil {
		if os.Getenv("DSMIPSIM_ORACLES") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	file := filepath.Join(t.TempDir(), "junit.xml")
	valid := func(text []byte) (bool, string) {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("xmllint", "--noout", "--nonet", "--schema", "testdata/junit-10.xsd", file).CombinedOutput()
		return err == nil, string(out)
	}
	good := written(t, nasty())
	if ok, out := valid(good); !ok {
		t.Errorf("%s\n%s", out, good)
	}
	for _, bad := range [][2]string{{` failures="2"`, ``}, {`<testcase `, `<test `}, {`classname=`, `class=`}} {
		if ok, _ := valid(bytes.Replace(good, []byte(bad[0]), []byte(bad[1]), -1)); ok {
			t.Errorf("the schema takes %s in the place of %s", bad[1], bad[0])
		}
	}
}
