package statetrail

import (
	"encoding/json"
	"errors"
	"fmt"
)

// A Verdict is what is known of an expectation.
type Verdict string

// The verdicts. Satisfied and Violated are proven and never change, unless the expectation was judged until now.
const (
	// Satisfied: every history that agrees with what was seen fits.
	Satisfied Verdict = "satisfied"
	// Violated: none does.
	Violated Verdict = "violated"
	// Pending: undecided, and what happens next may decide it.
	Pending Verdict = "pending"
	// Inconclusive: undecided, and nothing that happens can decide it: a gap hides what would.
	Inconclusive Verdict = "inconclusive"
	// Skipped: a requirement of the expectation is not met.
	Skipped Verdict = "skipped"
)

// A Judgement is the verdict on one or several expectations.
type Judgement struct {
	// Verdict is that of all: violated before pending before inconclusive before satisfied.
	Verdict Verdict `json:"verdict"`
	// Expectations has one element for each document or line, in their order.
	Expectations []Outcome `json:"expectations"`
	// Text explains the verdicts for people, as statetrail check does.
	Text string `json:"text"`
	// Until is the name of the mark that ends what was judged, if it was judged until now.
	Until string `json:"until"`
}

// An Outcome is the verdict on one expectation. The members from Statement on are about the one track that best shows
// the reason.
type Outcome struct {
	Name    string  `json:"name"`
	Verdict Verdict `json:"verdict"`
	// PassLost says that a pending expectation can no longer be satisfied.
	PassLost  bool   `json:"passLost"`
	Reason    string `json:"reason"`
	Statement string `json:"statement"`
	Track     string `json:"track"`
	// Path is what was judged, step by step.
	Path []Step `json:"path"`
	// Breach says what broke the expectation.
	Breach *Breach `json:"breach"`
	// JSON is all that the server said, as docs/schema/verdicts-v1.schema.json describes it.
	JSON json.RawMessage `json:"-"`
}

// A Step is a state that was entered, or a gap.
type Step struct {
	// Gap is not empty if something before State was not seen.
	Gap string `json:"gap"`
	// State is nil where the object lost the track, or was not seen again.
	State *string `json:"state"`
	At    string  `json:"at"`
}

// A Breach says in which way an expectation was broken.
type Breach struct {
	Kind string `json:"kind"`
}

// UnmarshalJSON keeps all of the outcome, too.
func (o *Outcome) UnmarshalJSON(data []byte) error {
	type plain Outcome
	if err := json.Unmarshal(data, (*plain)(o)); err != nil {
		return err //nolint:wrapcheck // encoding/json adds the place
	}
	o.JSON = append(json.RawMessage(nil), data...)
	return nil
}

// Refuted reports whether the expectation is violated by something that was seen. It is false for a violation that is
// only a lack of something to judge, such as an object that does not exist: that does not prove the opposite.
func (o *Outcome) Refuted() bool {
	return o.Verdict == Violated && o.Track != "" && (o.Breach == nil || o.Breach.Kind != "untriggered")
}

// Refuted reports whether one of the expectations is.
func (j *Judgement) Refuted() bool {
	for i := range j.Expectations {
		if j.Expectations[i].Refuted() {
			return true
		}
	}
	return false
}

// check refuses an answer whose parts contradict each other, so that no pass is made up from a broken answer.
func (j *Judgement) check() error {
	if len(j.Expectations) == 0 {
		return errors.New("statetrail: cannot read the answer: it has no expectation")
	}
	count := map[Verdict]int{}
	for _, outcome := range j.Expectations {
		switch outcome.Verdict {
		case Satisfied, Violated, Pending, Inconclusive, Skipped:
			count[outcome.Verdict]++
		default:
			return fmt.Errorf("statetrail: cannot read the answer: unknown verdict %q", outcome.Verdict)
		}
	}
	overall := Skipped
	for _, verdict := range []Verdict{Violated, Pending, Inconclusive, Satisfied} {
		if count[verdict] > 0 {
			overall = verdict
			break
		}
	}
	if j.Verdict != overall && (overall != Skipped || j.Verdict != Satisfied) {
		return fmt.Errorf("statetrail: cannot read the answer: it is %q, and its expectations are %q", j.Verdict, overall)
	}
	j.Verdict = overall
	return nil
}
