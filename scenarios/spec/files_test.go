package spec

import (
	"bytes"
	"io/fs"
	"reflect"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
)

// fileKeys has keys that name files, one of which Load would use up.
type fileKeys struct {
	Pos   Pos
	Trace File `key:"trace" unit:"file" doc:"A file."`
	Other File `key:"other" unit:"file" doc:"A file."`
	Spent File `key:"spent" unit:"file" encode:"-" doc:"A file."`
}

// folder reads files from memory.
func folder(files map[string]string) ReadFile {
	return func(path string) ([]byte, error) {
		if text, ok := files[path]; ok {
			return []byte(text), nil
		}
		return nil, &fs.PathError{Op: "open", Path: "/secret/" + path, Err: fs.ErrNotExist}
	}
}

// bindFiles binds a text to fileKeys.
func bindFiles(t *testing.T, text string, files Files) (fileKeys, *binder) {
	t.Helper()
	var raw map[string]any
	if _, err := toml.Decode(text, &raw); err != nil {
		t.Fatal(err)
	}
	root := newTree(raw, scanPositions(text), "")
	b := &binder{reporter: newReporter("mine.toml", text), files: files}
	var keys fileKeys
	b.table("", reflect.ValueOf(&keys).Elem(), root)
	return keys, b
}

func TestFile(t *testing.T) {
	files := Files{Beside: folder(map[string]string{"a/t.csv": "one", "../b/t.csv": "two", "t.csv": "one"})}
	keys, b := bindFiles(t, "trace = \"a/t.csv\"\nother = \"../b/t.csv\"\nspent = \"t.csv\"\n", files)
	if err := b.report(); err != nil {
		t.Fatal(err)
	}
	want := fileKeys{
		Pos:   keys.Pos,
		Trace: File{Path: "a/t.csv", Name: "data/t.csv", Data: []byte("one")},
		Other: File{Path: "../b/t.csv", Name: "data/2-t.csv", Data: []byte("two")},
		Spent: File{Path: "t.csv", Name: "data/t.csv", Data: []byte("one"), Spent: true},
	}
	if diff := cmp.Diff(want, keys); diff != "" {
		t.Errorf("bound (-want +got):\n%s", diff)
	}
	// The same octets are one file, which is spent only if no key needs it any more.
	if diff := cmp.Diff([]File{want.Trace, want.Other}, b.read); diff != "" {
		t.Errorf("files read (-want +got):\n%s", diff)
	}
	var out bytes.Buffer
	writeTable(&out, "", reflect.ValueOf(keys))
	if got := out.String(); got != "trace = \"data/t.csv\"\nother = \"data/2-t.csv\"\n" {
		t.Errorf("encoded:\n%s", got)
	}
	if sum := keys.Trace.SHA256(); !strings.HasPrefix(sum, "7692c3ad3540bb80") {
		t.Errorf("SHA-256 of \"one\": %s", sum)
	}
}

// What a scenario names begins at its folder, what --set names at the current one.
func TestFileOfFlag(t *testing.T) {
	f := findFieldOf[fileKeys](t, "trace")
	b := &binder{reporter: newReporter("mine.toml", ""), files: Files{
		Beside: folder(map[string]string{"t": "beside"}), Here: folder(map[string]string{"t": "here"}),
	}}
	for flag, want := range map[string]string{"": "beside", "--set trace=t": "here"} {
		var file File
		b.value("", f, reflect.ValueOf(&file).Elem(), newTree("t", nil, flag))
		if string(file.Data) != want {
			t.Errorf("flag %q reads %q, want %q", flag, file.Data, want)
		}
	}
}

func findFieldOf[T any](t *testing.T, key string) field {
	t.Helper()
	f, ok := findField(fieldsOf(reflect.TypeFor[T]()), key)
	if !ok {
		t.Fatalf("no key %s", key)
	}
	return f
}

func TestFileMistakes(t *testing.T) {
	_, b := bindFiles(t, "trace = \"none.csv\"\nother = 7\nspent = \"\"\n", Files{Beside: folder(nil)})
	want := `mine.toml:1:9: trace: cannot read "none.csv": file does not exist (the path begins at the folder of the scenario)
    1 | trace = "none.csv"
      |         ^
mine.toml:2:9: other: wanted the path of a file, relative to the scenario's folder, found 7
    2 | other = 7
      |         ^
mine.toml:3:9: spent: wanted the path of a file, relative to the scenario's folder, found ""
    3 | spent = ""
      |         ^`
	if diff := cmp.Diff(want, b.report().Error()); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	_, b = bindFiles(t, "trace = \"t.csv\"\n", Files{})
	if err := b.report(); err == nil || !strings.Contains(err.Error(), "no folder to read \"t.csv\" from") {
		t.Errorf("without a folder: %v", err)
	}
}

// A mistake inside a file is told with the file's own line, after those of the scenario.
func TestMistakeInFile(t *testing.T) {
	keys, b := bindFiles(t, "trace = \"t.csv\"\n", Files{Beside: folder(map[string]string{"t.csv": "1,2\r\n3;4\r\n" + strings.Repeat("x", 300)})})
	at := newTree(map[string]any{"trace": "t.csv"}, nil, "").get("trace")
	b.inFile(at, &keys.Trace, 2, "wanted %s", "a comma")
	b.inFile(at, &keys.Trace, 3, "told once")
	want := `t.csv:2:1: trace: wanted a comma
    2 | 3;4
      | ^`
	if diff := cmp.Diff(want, b.report().Error()); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	at.bad = false
	b.inFile(at, &keys.Trace, 3, "too long")
	if got := b.foreign[1].source; got != strings.Repeat("x", maxQuoted)+"..." {
		t.Errorf("a long line is quoted as %q", got)
	}
}
