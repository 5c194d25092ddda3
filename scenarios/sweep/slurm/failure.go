package slurm

import (
	"fmt"
	"os"
	"strings"
)

// failure tells which shards are given up, and what the logs of the first say.
func (e *Engine) failure() error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d shards are not complete", len(e.lost), e.Shards)
	for i, t := range e.lost {
		if i == tailTasks {
			fmt.Fprintf(&b, "\nand %d more", len(e.lost)-i)
			break
		}
		log := e.log(t.job, t.shard)
		fmt.Fprintf(&b, "\nshard %d: tried %s as task %d of job %s, which ended%s; the end of %s:", t.shard, times(t.retries+1), t.shard, t.job, t.how(), log)
		for _, line := range tail(log) {
			fmt.Fprintf(&b, "\n    %s", line)
		}
	}
	return &IncompleteError{text: b.String()}
}

// IncompleteError says that shards were given up. What is complete is kept.
type IncompleteError struct{ text string }

// Error tells the shards and the ends of their logs.
func (e *IncompleteError) Error() string { return e.text }

// tail are the last lines of a log.
func tail(name string) []string {
	text, err := os.ReadFile(name)
	if err != nil {
		return []string{"there is no log: " + err.Error()}
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if lines[0] == "" {
		return []string{"it is empty"}
	}
	return lines[max(0, len(lines)-tailLines):]
}

// times says how often, and leads over to the last of them.
func times(n int) string {
	if n == 1 {
		return "once,"
	}
	return fmt.Sprintf("%d times, the last time", n)
}

// Tasks says how many.
func Tasks(n int) string {
	if n == 1 {
		return "1 task"
	}
	return fmt.Sprintf("%d tasks", n)
}
