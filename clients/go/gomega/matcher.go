package gomega

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/onsi/gomega/types"

	statetrail "statetrail.dev/client"
)

const (
	// goalWait is how long one Match waits for a verdict on something that is to happen. Gomega cannot interrupt a
	// Match, so Eventually may take so much longer than its timeout.
	goalWait = time.Second
	// proofWait is how long one Match waits for the proof of what happened until now. It usually takes much less.
	proofWait = 10 * time.Second
	// answerTime is how long the answer may take beyond that.
	answerTime = 30 * time.Second
)

var (
	_ types.GomegaMatcher = (*Matcher)(nil)
	_ types.OracleMatcher = (*Matcher)(nil)
)

// A Matcher judges an expectation about a *statetrail.Trail.
//
// Its Match is true where the verdict is satisfied or skipped, and false only where something that was seen violates
// the expectation. All that is undecided is an error, which is neither a pass of Should nor of ShouldNot: Eventually
// goes on after a pending one, and fails at its next poll after any other, since nothing can change it.
type Matcher struct {
	name string
	// judge asks a trail. It fails with errDocument if the expectation cannot be written.
	judge func(context.Context, *statetrail.Trail, statetrail.JudgeOptions) (*statetrail.Judgement, error)
	// untilNow says that what is judged ends with the assertion.
	untilNow bool
	// renewed says that, with untilNow, a later assertion may get any other verdict.
	renewed bool

	mu      sync.Mutex
	trail   *statetrail.Trail
	outcome outcome
	told    statetrail.Verdict
}

// outcome is the result of a Match.
type outcome struct {
	text    string
	matches bool
	err     error
	// final says that it cannot change any more.
	final bool
}

// Match asks the trail for its verdict.
func (m *Matcher) Match(actual any) (bool, error) {
	trail, ok := actual.(*statetrail.Trail)
	if !ok {
		return false, fmt.Errorf("statetrail: the matcher is about a *statetrail.Trail, not about %T", actual)
	}
	if trail == nil {
		return false, errors.New("statetrail: the trail is nil: it was not started")
	}
	if known, ok := m.known(trail); ok && known.final {
		return known.matches, known.err
	}
	now := m.ask(trail)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.trail, m.outcome = trail, now
	return now.matches, now.err
}

// MatchMayChangeInTheFuture is false once the verdict is final, so that Eventually does not wait any longer.
func (m *Matcher) MatchMayChangeInTheFuture(actual any) bool {
	trail, ok := actual.(*statetrail.Trail)
	if !ok || trail == nil {
		return false
	}
	known, ok := m.known(trail)
	return !ok || !known.final
}

// FailureMessage returns the explanation of the verdict.
func (m *Matcher) FailureMessage(any) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.outcome.text
}

// NegatedFailureMessage returns the explanation of a verdict that was expected to be violated.
func (m *Matcher) NegatedFailureMessage(any) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return "Expected this to be violated:\n" + m.outcome.text
}

// String returns the expectation, for the messages of combined matchers.
func (m *Matcher) String() string {
	return m.name
}

// GomegaString keeps Gomega from showing the fields of the matcher.
func (m *Matcher) GomegaString() string {
	return m.name
}

// known returns the outcome of the last Match, if it was about this trail.
func (m *Matcher) known(trail *statetrail.Trail) (outcome, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.outcome, m.trail == trail
}

func (m *Matcher) ask(trail *statetrail.Trail) outcome {
	wait := goalWait
	if m.untilNow {
		wait = proofWait
	}
	ctx, cancel := context.WithTimeout(context.Background(), wait+answerTime)
	defer cancel()
	judgement, err := m.judge(ctx, trail, statetrail.JudgeOptions{Wait: wait, UntilNow: m.untilNow})
	if err != nil {
		return outcome{err: &undecidedError{text: m.name + "\n" + err.Error(), cause: err}, final: isFinal(err)}
	}
	m.tell(trail, judgement)
	result := m.read(judgement)
	result.final = result.final && !m.renewed
	return result
}

// read decides what a judgement means for Gomega.
func (m *Matcher) read(judgement *statetrail.Judgement) outcome {
	text := judgement.Text
	if text == "" {
		text = fmt.Sprintf("%s  %s", judgement.Verdict, m.name)
	}
	switch judgement.Verdict {
	case statetrail.Satisfied:
		return outcome{text: text, matches: true, final: !m.untilNow}
	case statetrail.Skipped:
		return outcome{text: text, matches: true, final: true}
	case statetrail.Violated:
		if judgement.Refuted() {
			return outcome{text: text, final: true}
		}
		text += "\nNothing was seen that refutes it, so its negation is not proven, either."
		return outcome{err: &undecidedError{text: text}, final: true}
	case statetrail.Inconclusive:
		return outcome{err: &undecidedError{text: text}, final: true}
	default:
		return outcome{err: &undecidedError{text: text}}
	}
}

// tell reports a verdict, unless it is the one that was reported last.
func (m *Matcher) tell(trail *statetrail.Trail, judgement *statetrail.Judgement) {
	m.mu.Lock()
	again := m.trail == trail && m.told == judgement.Verdict
	m.told = judgement.Verdict
	m.mu.Unlock()
	if !again {
		trail.Report(judgement)
	}
}

// isFinal reports whether the request would fail in the same way again.
func isFinal(err error) bool {
	var problem *statetrail.Problem
	return errors.Is(err, statetrail.ErrEnded) || errors.Is(err, errDocument) ||
		(errors.As(err, &problem) && problem.Final())
}

// undecidedError is the error of a Match that is neither true nor false. Gomega shows its text as it is.
type undecidedError struct {
	text  string
	cause error
}

func (e *undecidedError) Error() string {
	return e.text
}

// FormattedGomegaError keeps Eventually from showing the fields of the error.
func (e *undecidedError) FormattedGomegaError() string {
	return e.text
}

func (e *undecidedError) Unwrap() error {
	return e.cause
}
