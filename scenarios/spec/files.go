package spec

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// File is a file that a key of the scenario names: a movement trace, a topology.
type File struct {
	// Path is what the key says.
	Path string
	// Name is how Encode, and so the scenario.toml of an output directory, names the file: the
	// last part of Path below the folder data, made unique.
	Name string
	// Data is what stands in the file.
	Data []byte
	// Spent says that Load has put all that the file says into other keys: Encode does not name
	// the file, and nothing needs it any more.
	Spent bool
}

// Given reports whether the key was there.
func (f *File) Given() bool { return f.Path != "" }

// SHA256 returns the hash of the file's octets in hexadecimal.
func (f *File) SHA256() string {
	sum := sha256.Sum256(f.Data)
	return hex.EncodeToString(sum[:])
}

// ReadFile returns the octets of a file.
type ReadFile func(path string) ([]byte, error)

// Files reads the files that a scenario names. A nil function means that there are none.
type Files struct {
	// Beside reads what the scenario itself names; relative paths begin at its folder.
	Beside ReadFile
	// Here reads what a --set override names; relative paths begin at the current folder, as
	// those of all arguments do.
	Here ReadFile
}

// fileFolder is where Encode has the files that a scenario names.
const fileFolder = "data/"

// file reads the file that a value names, once for each path and reader.
func (b *binder) file(f field, n *node, path string) (File, bool) {
	if b.trial {
		return File{Path: path, Name: path}, true
	}
	read, from := b.files.Beside, "the folder of the scenario"
	if n.flag != "" {
		read, from = b.files.Here, "the current folder"
	}
	if read == nil {
		b.say(n, "there is no folder to read %q from: the scenario is not a file", path)
		return File{}, false
	}
	data, err := read(path)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) { // without the path, which the message has
			err = pe.Err
		}
		message := fmt.Sprintf("cannot read %q: %v", path, err)
		if !strings.HasPrefix(path, "/") {
			message += " (the path begins at " + from + ")"
		}
		b.reporter.value(n, Problem{Wanted: f.wanted(), Message: message})
		return File{}, false
	}
	file := File{Path: path, Data: data, Spent: !f.encode}
	b.keep(&file)
	if b.named == nil {
		b.named = map[string]string{}
	}
	b.named[n.path()] = file.Name
	return file, true
}

// keep gives the file its Name, the same for the same file, and adds it to those read.
func (b *binder) keep(file *File) {
	base := file.Path[strings.LastIndexAny(file.Path, `/\`)+1:]
	for i := 1; ; i++ {
		file.Name = fileFolder + base
		if i > 1 {
			file.Name = fmt.Sprintf("%s%d-%s", fileFolder, i, base)
		}
		taken := false
		for k := range b.read {
			other := &b.read[k]
			if other.Name != file.Name {
				continue
			}
			if taken = string(other.Data) != string(file.Data); !taken {
				other.Spent = other.Spent && file.Spent
				return
			}
		}
		if !taken {
			b.read = append(b.read, *file)
			return
		}
	}
}

// inFile reports a mistake in a file that the value n names, at a line of the file, from 1, or
// in the file as a whole if that is 0.
func (r *reporter) inFile(n *node, file *File, line int, format string, args ...any) {
	if n.bad {
		return
	}
	n.bad = true
	p := Problem{File: file.Path, Path: n.path(), Line: line, Message: fmt.Sprintf(format, args...)}
	if lines := strings.Split(string(file.Data), "\n"); line > 0 && line <= len(lines) {
		p.Col, p.source = 1, strings.TrimSuffix(lines[line-1], "\r")
		if len(p.source) > maxQuoted {
			p.source = strings.ToValidUTF8(p.source[:maxQuoted], "") + "..."
		}
	}
	r.foreign = append(r.foreign, p)
}

// maxQuoted bounds the part of a line that a message repeats: lines of data files may be long.
const maxQuoted = 200
