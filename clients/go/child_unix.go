//go:build unix

package statetrail

import (
	"os"
	"os/exec"
	"syscall"
)

// ownGroup keeps Ctrl-C on the terminal of this process from the child, which records the teardown, too.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// killGroup kills a child, and what a script that runs the program has started.
func killGroup(process *os.Process) error {
	return syscall.Kill(-process.Pid, syscall.SIGKILL) //nolint:wrapcheck // as os.Process.Kill
}
