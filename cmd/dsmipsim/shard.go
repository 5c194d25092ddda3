package main

import (
	"os"
	"strconv"
	"strings"

	"dsmipsim/scenarios/sweep"
	"dsmipsim/scenarios/sweep/batch"
)

// shardOf reads --shard: i/n; auto/n, with i from the task's number in an array of n; or auto, with
// both from there.
func shardOf(text string) (sweep.Shard, error) {
	total, auto := strings.CutPrefix(text, "auto/")
	n, err := strconv.Atoi(total)
	if text == "auto" {
		n = 0
	} else if !auto || err != nil || n < 1 {
		return sweep.ParseShard(text)
	}
	i, n, err := batch.Shard(n, os.Getenv)
	return sweep.Shard{Index: i, Of: n}, err
}
