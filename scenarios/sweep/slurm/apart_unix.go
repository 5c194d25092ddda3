//go:build unix

package slurm

import (
	"os/exec"
	"syscall"
)

// apart keeps a command out of the terminal's process group: Ctrl-C is for this program, which
// wants to cancel its jobs in order.
func apart(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
