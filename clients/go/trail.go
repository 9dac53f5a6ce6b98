package statetrail

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	// attachPoll is how long one question for readiness waits.
	attachPoll = 10 * time.Second
	// abortTime is how long a child that could not start may take to end.
	abortTime = 5 * time.Second
	// ownLength is that of the part by which the marks of one Trail differ from those of others.
	ownLength = 6
)

// A Trail is a recording that goes on, and what can be asked about it. Its methods may be called by several goroutines.
type Trail struct {
	options Options
	client  *client
	child   *child // nil where the server is shared
	file    string // of the child

	marking sync.Mutex
	marks   map[string]int // how often each name was used
	// own tells the marks of this Trail from those of others on a shared server.
	own string

	stopping sync.Mutex
	result   *Result
	err      error
}

// Start starts to record, and returns when every watch has delivered its initial state: whatever the test does from
// then on is seen. It uses the server at Options.URL, or else runs statetrail serve as a child, which ends with Stop,
// or with this process.
//
// The context bounds Start only, so it may be that of a setup node. If Start fails, it leaves no process behind.
func Start(ctx context.Context, options Options) (*Trail, error) {
	if err := options.fromEnvironment(); err != nil {
		return nil, err
	}
	attachCtx, cancel := context.WithTimeoutCause(ctx, options.AttachTimeout,
		fmt.Errorf("gave up after %s (Options.AttachTimeout)", options.AttachTimeout))
	defer cancel()
	t := &Trail{options: options, marks: map[string]int{}}
	if options.URL != "" {
		t.own = " #" + strings.ToLower(rand.Text()[:ownLength])
		t.options.Token = "" // the client has it
		c, err := newClient(options.URL, options.Token, options.CAFile)
		if err != nil {
			return nil, err
		}
		t.client = c
		if err := t.attach(attachCtx); err != nil {
			c.close()
			return nil, fmt.Errorf("statetrail: the server at %s: %w", options.URL, err)
		}
		return t, nil
	}
	if err := t.startChild(attachCtx); err != nil {
		return nil, err
	}
	return t, nil
}

func (t *Trail) startChild(ctx context.Context) error {
	binary, err := t.options.binary()
	if err != nil {
		return err
	}
	if t.file, err = t.options.path("", ".jsonl.zst"); err != nil {
		return err
	}
	if t.child, err = startChild(ctx, binary, t.options.args(t.file)); err != nil {
		return err
	}
	if err = t.connect(ctx); err == nil {
		return nil
	}
	abortCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortTime)
	defer cancel()
	_ = t.child.finish(abortCtx) // err is why
	return t.child.withLog(fmt.Errorf("statetrail: %s: %w", binary, err))
}

func (t *Trail) connect(ctx context.Context) error {
	address, err := t.child.url(ctx)
	if err != nil {
		return err
	}
	if t.client, err = newClient(address, "", ""); err != nil {
		return err
	}
	if err := t.attach(ctx); err != nil {
		t.client.close()
		return err
	}
	return nil
}

// attach waits until the server has attached.
func (t *Trail) attach(ctx context.Context) error {
	ready := request{
		method: http.MethodGet, path: "readyz", wait: attachPoll,
		query: url.Values{"wait": {duration(attachPoll)}},
	}
	for {
		err := t.client.call(ctx, ready, nil)
		var problem *Problem
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return fmt.Errorf("not attached: %w: %w", context.Cause(ctx), err)
		case t.child != nil && t.child.hasEnded():
			return fmt.Errorf("it ended before it attached: %w", err)
		case errors.As(err, &problem) && problem.Final():
			return err
		}
		if slept := sleep(ctx, firstPause); slept != nil {
			return fmt.Errorf("not attached: %w: %w", slept, err)
		}
	}
}

// call sends a request, and says so if the child has ended.
func (t *Trail) call(ctx context.Context, r request, out any) error {
	err := t.client.call(ctx, r, out)
	if err != nil && t.child != nil && t.child.hasEnded() {
		return t.child.withLog(fmt.Errorf("%w: %w", ErrEnded, err))
	}
	return err
}

// ErrEnded is the error of a request to a recorder that has ended.
var ErrEnded = errors.New("statetrail: the recorder has ended")

// URL returns the address of the server. Other processes of this machine can use that of a child.
func (t *Trail) URL() string {
	return t.client.base.String()
}

// String returns the address of the server, and not the token for it.
func (t *Trail) String() string {
	return "statetrail at " + t.client.base.Redacted()
}

// GomegaString keeps Gomega from showing the fields of a Trail.
func (t *Trail) GomegaString() string {
	return t.String()
}

// Shared reports whether the server is not a child of this process.
func (t *Trail) Shared() bool {
	return t.child == nil
}

// Namespaces returns those of Options.
func (t *Trail) Namespaces() []string {
	return t.options.Namespaces
}

// Report tells Options.OnVerdict of a judgement. Matchers call it.
func (t *Trail) Report(judgement *Judgement) {
	if t.options.OnVerdict != nil {
		t.options.OnVerdict(judgement)
	}
}

// A Mark is a named instant in the recording, to which a window can refer.
type Mark struct {
	// Name is the name with which the mark was written.
	Name string `json:"name"`
	// At is the moment, by the recorder's clock.
	At time.Time `json:"at"`
}

// Mark writes a mark, and returns when it is in the recording. What the API server had answered before comes before it,
// or, if it arrives late, is of unknown order. What is done after Mark has returned comes after it.
//
// A window means the first mark of a name, so the name gets a number if this Trail has used it before, and a part of
// its own on a shared server: "started", "started (2)", "started #k3x7qz". Refer to a mark by its Name.
func (t *Trail) Mark(ctx context.Context, name string) (Mark, error) {
	body, err := json.Marshal(map[string]string{"name": t.unique(name)})
	if err != nil {
		return Mark{}, fmt.Errorf("statetrail: writing the mark %q: %w", name, err)
	}
	var mark Mark
	r := request{method: http.MethodPost, path: "v1/marks", contentType: mediaJSON, body: body}
	if err := t.call(ctx, r, &mark); err != nil {
		return Mark{}, err
	}
	if mark.Name == "" {
		return Mark{}, errors.New("statetrail: POST v1/marks: the answer has no name")
	}
	return mark, nil
}

func (t *Trail) unique(name string) string {
	t.marking.Lock()
	defer t.marking.Unlock()
	for {
		t.marks[name]++
		n := t.marks[name]
		if n == 1 && name != "" {
			return name + t.own
		}
		if n == 1 {
			return name // which the server refuses
		}
		numbered := fmt.Sprintf("%s (%d)", name, n)
		if t.marks[numbered] == 0 {
			t.marks[numbered] = 1
			return numbered + t.own
		}
	}
}

// Wrote reports whether this Trail has written a mark of this name. Others may write marks to a shared server.
func (t *Trail) Wrote(name string) bool {
	t.marking.Lock()
	defer t.marking.Unlock()
	name, isOwn := strings.CutSuffix(name, t.own)
	return isOwn && t.marks[name] > 0
}

// JudgeOptions say until when Judge waits, and what it judges.
type JudgeOptions struct {
	// Wait is how long the server waits while something is pending: at most ten minutes.
	Wait time.Duration
	// UntilNow ends what is judged at this moment, and proves what happened up to then, so that a statement that
	// something never happens can be satisfied. It writes a mark. Give it a Wait of some seconds for the proof.
	UntilNow bool
}

// Judge judges a file of expectations: one or several documents in YAML, or one in JSON. Expectation.Document makes
// one.
func (t *Trail) Judge(ctx context.Context, documents string, options JudgeOptions) (*Judgement, error) {
	contentType := "application/yaml"
	if strings.HasPrefix(strings.TrimSpace(documents), "{") && json.Valid([]byte(documents)) {
		contentType = mediaJSON
	}
	return t.judge(ctx, contentType, documents, options)
}

// JudgeLines judges one-line expectations, such as "vm/web status: never CrashLoopBackOff".
func (t *Trail) JudgeLines(ctx context.Context, options JudgeOptions, lines ...string) (*Judgement, error) {
	return t.judge(ctx, "text/plain", strings.Join(lines, "\n"), options)
}

func (t *Trail) judge(ctx context.Context, contentType, body string, options JudgeOptions) (*Judgement, error) {
	r := request{
		method: http.MethodPost, path: "v1/expectations", query: url.Values{"wait": {duration(options.Wait)}},
		contentType: contentType, body: []byte(body), wait: options.Wait, repeatable: !options.UntilNow,
	}
	if options.UntilNow {
		r.query.Set("until", "now")
	}
	judgement := &Judgement{}
	if err := t.call(ctx, r, judgement); err != nil {
		return nil, err
	}
	if err := judgement.check(); err != nil {
		return nil, err
	}
	return judgement, nil
}

// duration writes a duration as the server reads it.
func duration(d time.Duration) string {
	return fmt.Sprintf("%dms", d.Milliseconds())
}

// Status is how far the recording is.
type Status struct {
	Version string `json:"version"`
	// Recording is the path of the file, on the machine of the server.
	Recording   string  `json:"recording"`
	Attached    bool    `json:"attached"`
	Ended       bool    `json:"ended"`
	Entries     int     `json:"entries"`
	Subjects    int     `json:"subjects"`
	Transitions int     `json:"transitions"`
	Gaps        int     `json:"gaps"`
	Watches     []Watch `json:"watches"`
}

// A Watch is one watched collection.
type Watch struct {
	Resource  string `json:"resource"`
	Namespace string `json:"namespace"`
	Attached  bool   `json:"attached"`
	// NotServed says that the server does not know the resource.
	NotServed  bool `json:"notServed"`
	Gaps       int  `json:"gaps"`
	Reconnects int  `json:"reconnects"`
}

// Status returns how far the recording is.
func (t *Trail) Status(ctx context.Context) (*Status, error) {
	status := &Status{}
	r := request{method: http.MethodGet, path: "v1/status", repeatable: true}
	if err := t.call(ctx, r, status); err != nil {
		return nil, err
	}
	return status, nil
}
