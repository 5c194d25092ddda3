//go:build !unix

package slurm

import "os/exec"

// apart does nothing here: Slurm runs on Unix.
func apart(*exec.Cmd) {}
