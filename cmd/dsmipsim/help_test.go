package main

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// statusNote is the comment of a command that does not end with status 0.
var statusNote = regexp.MustCompile(` # exit status (\d)$`)

// Every command of the tutorials works, in its order, and all but quiet ones and shards print something.
func TestTutorials(t *testing.T) {
	for _, topic := range topics {
		t.Run(topic.name, func(t *testing.T) {
			var page, errs bytes.Buffer
			if code := run([]string{"help", topic.name}, strings.NewReader(""), &page, &errs); code != 0 || errs.Len() > 0 {
				t.Fatalf("exit status %d: %s", code, errs.String())
			}
			t.Chdir(t.TempDir())
			commands := 0
			for _, b := range block.FindAllStringSubmatch(page.String(), -1) {
				if b[1] != "sh" { // what other programs read, see TestBatchManifests
					continue
				}
				for _, command := range strings.Split(strings.TrimSpace(b[2]), "\n") {
					want := 0
					if m := statusNote.FindStringSubmatch(command); m != nil {
						want, _ = strconv.Atoi(m[1]) // a digit
						command = statusNote.ReplaceAllString(command, "")
					}
					words := strings.Fields(command)
					if words[0] != "dsmipsim" {
						t.Fatalf("%s: no test can run this", command)
					}
					var out, errs bytes.Buffer
					if code := run(words[1:], strings.NewReader(""), &out, &errs); code != want {
						t.Errorf("%s: exit status %d, wanted %d: %s", command, code, want, errs.String())
					}
					if out.Len() == 0 && !strings.Contains(command, " -q") && !strings.Contains(command, " --shard ") {
						t.Errorf("%s printed nothing", command)
					}
					commands++
				}
			}
			if commands < 6 {
				t.Errorf("only %d commands were found", commands)
			}
		})
	}
}
