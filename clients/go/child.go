package statetrail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"
)

const (
	// maxLog is how much of the end of the child's standard error is kept.
	maxLog = 16 << 10
	// pipeTime is how long the pipes of a child that has ended may be held open by a process that it left behind.
	pipeTime = 5 * time.Second
	// maxLine bounds the line with the URL.
	maxLine = 4 << 10

	exitWhole    = 0
	exitNotWhole = 3
)

// child is a statetrail serve that this process has started. It ends when its standard input does, so it does not
// outlive this process.
type child struct {
	stdin io.Closer
	kill  func() error
	line  *firstLine
	log   *logTail
	// ended is closed once the process was waited for; err is set before.
	ended chan struct{}
	err   error
}

func startChild(ctx context.Context, binary string, args []string) (*child, error) {
	// The child outlives the context, which is that of the start.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), binary, args...) //nolint:gosec // the user chose the binary
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("statetrail: starting %s: %w", binary, err)
	}
	c := &child{stdin: stdin, line: newFirstLine(), log: &logTail{}, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = c.line, c.log
	cmd.WaitDelay = pipeTime
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("statetrail: starting %s: %w", binary, err)
	}
	c.kill = func() error { return killGroup(cmd.Process) }
	go func() {
		c.err = cmd.Wait()
		close(c.ended)
	}()
	return c, nil
}

// url waits for the line that the child prints once its port is bound.
func (c *child) url(ctx context.Context) (string, error) {
	select {
	case <-c.line.done:
		return c.line.text()
	case <-c.ended:
		return "", errors.New("it ended before it printed its URL")
	case <-ctx.Done():
		return "", fmt.Errorf("it has not printed its URL: %w", context.Cause(ctx))
	}
}

// hasEnded reports whether the process is gone.
func (c *child) hasEnded() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

// finish asks the child to finish and waits for it. One that has not ended when the context has is killed.
func (c *child) finish(ctx context.Context) error {
	_ = c.stdin.Close() // that of a process that has ended is closed already
	select {
	case <-c.ended:
		return c.err
	case <-ctx.Done():
	}
	_ = c.kill()
	<-c.ended // bounded: SIGKILL, and pipeTime for the pipes
	return fmt.Errorf("it did not finish and was killed: %w", context.Cause(ctx))
}

// exitCode returns the exit code that err says, or -1.
func exitCode(err error) int {
	if err == nil {
		return exitWhole
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return -1
}

// withLog adds the last lines of the child's standard error to an error.
func (c *child) withLog(err error) error {
	if text := c.log.String(); text != "" {
		return fmt.Errorf("%w\nits standard error ends with:\n%s", err, text)
	}
	return err
}

// firstLine is a writer that keeps the first line.
type firstLine struct {
	mu   sync.Mutex
	data []byte
	full bool
	done chan struct{}
}

func newFirstLine() *firstLine {
	return &firstLine{done: make(chan struct{})}
}

func (l *firstLine) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.full {
		return len(p), nil
	}
	l.data = append(l.data, p...)
	end := bytes.IndexByte(l.data, '\n')
	if end < 0 && len(l.data) <= maxLine {
		return len(p), nil
	}
	l.data = l.data[:max(end, 0)]
	l.full = true
	close(l.done)
	return len(p), nil
}

func (l *firstLine) text() (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := strings.TrimSpace(string(l.data))
	if text == "" {
		return "", errors.New("its first line of output is not a URL")
	}
	return text, nil
}

// logTail is a writer that keeps the end of what it gets.
type logTail struct {
	mu   sync.Mutex
	data []byte
	cut  bool
}

func (l *logTail) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.data = append(l.data, p...)
	if over := len(l.data) - maxLog; over > 0 {
		l.data = append(l.data[:0], l.data[over:]...)
		l.cut = true
	}
	return len(p), nil
}

// String returns what is kept, from the first whole line on.
func (l *logTail) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := l.data
	if l.cut {
		if start := bytes.IndexByte(text, '\n'); start >= 0 {
			text = text[start+1:]
		}
	}
	return strings.TrimSpace(string(text))
}
