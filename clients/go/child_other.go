//go:build !unix

package statetrail

import (
	"os"
	"os/exec"
)

func ownGroup(*exec.Cmd) {}

func killGroup(process *os.Process) error {
	return process.Kill()
}
