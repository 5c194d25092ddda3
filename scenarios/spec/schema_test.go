package spec

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// validator is the schema as an independent program reads it.
func validator(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("scenario.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("scenario.json") // which also checks it against the schema of schemas
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// instance is a TOML text as JSON, nil if it is not TOML.
func instance(t *testing.T, text []byte) any {
	t.Helper()
	var v map[string]any
	if toml.Unmarshal(text, &v) != nil {
		return nil
	}
	octets, err := json.Marshal(v)
	if err != nil {
		return nil // JSON knows no infinity
	}
	i, err := jsonschema.UnmarshalJSON(bytes.NewReader(octets))
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// Whatever loads, the schema accepts.
func TestSchemaAcceptsGood(t *testing.T) {
	s := validator(t)
	var files []string
	for _, pattern := range []string{"testdata/good/*.toml", "../library/*.toml", "../library/*/*.toml"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) < 30 {
		t.Fatalf("only %d files were found", len(files))
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(instance(t, text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// ofOneKey matches complaints that need no look at a second key.
var ofOneKey = regexp.MustCompile(`unknown key|wanted (a |an |true or|two names|a whole)?(duration|rate|size|IPv[46]|number from|whole number|true or false)[^,;]*$|not built yet`)

// ofOthers matches those that do: what a kind needs or lacks, and values of the keys that a sweep
// names.
var ofOthers = regexp.MustCompile(`which |sweep\.|, or both`)

// Mistakes that one key shows alone the schema finds, too.
func TestSchemaRefusesBad(t *testing.T) {
	s := validator(t)
	files, err := filepath.Glob("testdata/bad/*.toml")
	if err != nil || len(files) < 50 {
		t.Fatal(files, err)
	}
	refused := 0
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(strings.TrimSuffix(name, ".toml") + ".want")
		if err != nil {
			t.Fatal(err)
		}
		i := instance(t, text)
		if i == nil {
			continue
		}
		if s.Validate(i) != nil {
			refused++
			continue
		}
		for _, complaint := range strings.Split(string(want), "\n") {
			if ofOneKey.MatchString(complaint) && !ofOthers.MatchString(complaint) {
				t.Errorf("%s is accepted, but: %s", name, complaint)
			}
		}
	}
	t.Logf("%d of %d bad files are refused", refused, len(files))
	if refused < len(files)/3 {
		t.Errorf("only %d of %d bad files are refused", refused, len(files))
	}
}

// Every key of the format is in the schema, with its meaning.
func TestSchemaHasEveryKey(t *testing.T) {
	var root map[string]any
	if err := json.Unmarshal(Schema(), &root); err != nil {
		t.Fatal(err)
	}
	for _, k := range Keys() {
		at := root
		for _, part := range strings.Split(k.Path, ".") {
			name, isList := strings.CutSuffix(part, "[]")
			properties, _ := at["properties"].(map[string]any)
			at, _ = properties[name].(map[string]any)
			if isList && at != nil {
				at, _ = at["items"].(map[string]any)
			}
		}
		switch {
		case at == nil:
			t.Errorf("%s is not in the schema", k.Path)
		case at["description"] == nil && k.Doc != "":
			t.Errorf("%s has no description", k.Path)
		case at["type"] == nil && at["anyOf"] == nil:
			t.Errorf("%s of type %q has no type", k.Path, k.Type)
		}
	}
}
