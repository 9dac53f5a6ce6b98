package gomega

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	statetrail "statetrail.dev/client"
)

// errDocument is the error of a matcher whose arguments cannot be an expectation.
var errDocument = errors.New("the matcher cannot be used")

// A PathMatcher is a Matcher about the path of an object, which may be limited to a window.
type PathMatcher struct {
	*Matcher
	path path
}

// path is what a PathMatcher is made from.
type path struct {
	title    string
	subjects statetrail.Subjects
	window   statetrail.Window
	// statement is one statement of the language, and also another one that must hold, if it is not nil.
	statement, also map[string]any
	untilNow        bool
	err             error
}

func (p path) matcher() *PathMatcher {
	return &PathMatcher{Matcher: &Matcher{name: p.title, judge: p.judge, untilNow: p.untilNow}, path: p}
}

func (p path) judge(
	ctx context.Context, trail *statetrail.Trail, options statetrail.JudgeOptions,
) (*statetrail.Judgement, error) {
	if p.err != nil {
		return nil, fmt.Errorf("%w: %w", errDocument, p.err)
	}
	expectation := statetrail.Expectation{
		Name: p.title, Subjects: p.subjects, Window: p.window, Statements: []map[string]any{p.statement},
	}
	if p.also != nil {
		expectation.Statements = append(expectation.Statements, p.also)
	}
	document, err := expectation.Document()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDocument, err)
	}
	return trail.Judge(ctx, document, options) //nolint:wrapcheck // it names itself
}

// about adds an object and returns its word.
func (p *path) about(object any) string {
	found, err := statetrail.ObjectOf(object)
	if err != nil {
		p.err = errors.Join(p.err, err)
		return "object"
	}
	return p.subjects.Add(found)
}

// Since limits what is judged to what happened from a mark on. The state that was held at the mark counts as entered
// there. It returns a new matcher.
func (m *PathMatcher) Since(mark statetrail.Mark) *PathMatcher {
	p := m.path
	p.window.From = &statetrail.Bound{Mark: mark.Name}
	p.title += ", since " + mark.Name
	p.need(mark)
	return p.matcher()
}

// Until limits what is judged to what happened up to a mark. It returns a new matcher.
func (m *PathMatcher) Until(mark statetrail.Mark) *PathMatcher {
	p := m.path
	p.window.Until = &statetrail.Bound{Mark: mark.Name}
	p.title += ", until " + mark.Name
	p.need(mark)
	return p.matcher()
}

var (
	// quoted are the parts of a state that may have any characters: a quoted label, or a set.
	quoted = regexp.MustCompile(`'(?:[^']|'')*'|\[[^\[\]]*\]`)
	// composed is what makes a path of several states.
	composed = regexp.MustCompile(`->|[|?*+(){},\s]|\.\.\.`)
)

// one refuses a text that is not one state or one set of states, but a path.
func (p *path) one(state string) {
	if rest := strings.TrimSpace(quoted.ReplaceAllString(state, "_")); rest == "" || composed.MatchString(rest) {
		p.err = errors.Join(p.err, fmt.Errorf("%q is no state: name one, or a set such as [Running, Paused]; "+
			"quote a label with statetrail.Label", state))
	}
}

func (p *path) need(mark statetrail.Mark) {
	if mark.Name == "" {
		p.err = errors.Join(p.err, errors.New("the mark has no name: use one that Trail.Mark returned"))
	}
}

// FollowPath succeeds once a track of the object has taken a path, from its first state to its last:
//
//	FollowPath(vm, "status", "... -> Starting -> (ErrImagePull -> ImagePullBackOff){2,} -> ...")
func FollowPath(object any, track, wanted string) *PathMatcher {
	p := path{title: fmt.Sprintf("%s %s: %s", nameOf(object), track, wanted)}
	p.statement = map[string]any{"track": p.about(object) + "." + track, "path": wanted}
	return p.matcher()
}

// ReachWithin succeeds once the object has entered a state, or one of a set such as "[Running, Paused]", at most d
// after it was created, or after the mark of Since.
func ReachWithin(object any, track, state string, d time.Duration) *PathMatcher {
	p := path{
		title:  fmt.Sprintf("%s %s: %s within %s", nameOf(object), track, state, d),
		window: statetrail.Window{Max: duration(d)},
	}
	p.one(state)
	p.statement = map[string]any{"track": p.about(object) + "." + track, "path": "... -> " + state + " -> ..."}
	return p.matcher()
}

// NeverEnter succeeds if the object has entered none of the states until now. One that it was in when it was first seen
// counts as entered. An object that does not exist yet has not been seen to avoid anything: that is no success.
func NeverEnter(object any, track string, states ...string) *PathMatcher {
	p := path{
		title:    fmt.Sprintf("%s %s: never %s", nameOf(object), track, strings.Join(states, ", ")),
		untilNow: true,
	}
	if len(states) == 0 {
		p.err = errors.New("NeverEnter needs a state")
	}
	p.statement = map[string]any{"track": p.about(object) + "." + track, "never": states}
	return p.matcher()
}

// EnterOnlyAfter succeeds if object has not entered a state before condition had entered another one, until now. It
// does so, too, if the state was not entered at all. Both states have their track:
//
//	EnterOnlyAfter(vm, "status=Running", statetrail.OwnedBy("Pod", vm), "phase=Running")
func EnterOnlyAfter(object any, state string, condition any, earlier string) *PathMatcher {
	p := path{
		title:    fmt.Sprintf("%s %s only after %s %s", nameOf(object), state, nameOf(condition), earlier),
		untilNow: true,
	}
	p.statement = map[string]any{
		"enter":     p.about(object) + "." + state,
		"onlyAfter": p.about(condition) + "." + earlier,
	}
	return p.matcher()
}

// A StayMatcher is a PathMatcher that can be given a duration.
type StayMatcher struct {
	*PathMatcher
	track, state string
}

// StayIn succeeds if the object, once it has entered the state, has neither left it nor been deleted until now; with
// Since, if it was in no other state from the mark on. If the state was not entered, there is nothing to judge, which
// is no success. It may be a set of states: "[Running, Paused]".
func StayIn(object any, track, state string) *StayMatcher {
	p := path{
		title:    fmt.Sprintf("%s %s: stays in %s", nameOf(object), track, state),
		untilNow: true,
	}
	p.one(state)
	word := p.about(object)
	p.window.From = &statetrail.Bound{Enter: word + "." + track + "=" + state}
	p.statement = map[string]any{"track": word + "." + track, "always": state}
	p.also = map[string]any{"track": word + ".lifecycle", "never": "Deleted"}
	return &StayMatcher{PathMatcher: p.matcher(), track: word + "." + track, state: state}
}

// For makes the matcher succeed once the object has stayed in the state for d without a break, from its first entry
// into it or from the mark of Since. It is violated as soon as the object leaves the state earlier, or is deleted. As
// this is something to wait for, use Eventually with a timeout that is longer.
func (m *StayMatcher) For(d time.Duration) *PathMatcher {
	p := m.path
	p.title += " for " + d.String()
	p.untilNow = false
	p.statement = map[string]any{"track": m.track, "path": m.state + " for >=" + duration(d) + " -> ..."}
	p.also = nil // the path ends with the object
	return p.matcher()
}

// Since is PathMatcher.Since.
func (m *StayMatcher) Since(mark statetrail.Mark) *StayMatcher {
	return &StayMatcher{PathMatcher: m.PathMatcher.Since(mark), track: m.track, state: m.state}
}

// Until is PathMatcher.Until.
func (m *StayMatcher) Until(mark statetrail.Mark) *StayMatcher {
	return &StayMatcher{PathMatcher: m.PathMatcher.Until(mark), track: m.track, state: m.state}
}

// nameOf returns the object as it is shown in a title.
func nameOf(object any) string {
	found, err := statetrail.ObjectOf(object)
	if err != nil {
		return "object"
	}
	return found.String()
}

// duration writes a duration in the language, in whole microseconds.
func duration(d time.Duration) string {
	return d.Round(time.Microsecond).String()
}

// A DocumentMatcher is a Matcher about an expectation that was written in the language.
type DocumentMatcher struct {
	*Matcher
}

var isDocument = regexp.MustCompile(`(?m)^\s*("?apiVersion"?\s*:|\{)`)

// Satisfy succeeds once the trail satisfies all expectations of a text: YAML documents or one JSON document, as in a
// file of expectations, or one-line expectations such as
//
//	vm/web status: ... -> Running -> ...
//
// A line is about every object that has the name, so it stays pending as long as one more may come: use UntilNow, or a
// document whose subject has a uid or a life. So does a statement that something never happens.
func Satisfy(text string) *DocumentMatcher {
	judge := func(
		ctx context.Context, trail *statetrail.Trail, options statetrail.JudgeOptions,
	) (*statetrail.Judgement, error) {
		if isDocument.MatchString(text) {
			return trail.Judge(ctx, dedented(text), options)
		}
		return trail.JudgeLines(ctx, options, linesOf(text)...)
	}
	return &DocumentMatcher{Matcher: &Matcher{name: strings.TrimSpace(text), judge: judge}}
}

// dedented returns a text without the indentation that all its lines have in a Go file.
func dedented(text string) string {
	var common *string
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		for common != nil && !strings.HasPrefix(indent, *common) {
			*common = (*common)[:len(*common)-1]
		}
		if common == nil {
			common = &indent
		}
	}
	if common == nil {
		return text
	}
	var dedented strings.Builder
	for line := range strings.Lines(text) {
		dedented.WriteString(strings.TrimPrefix(line, *common))
	}
	return dedented.String()
}

// linesOf returns the lines of a text that are neither empty nor comments, without the indentation that they have in a
// Go file.
func linesOf(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}

// UntilNow ends what is judged at the moment of the assertion, so that a statement that something never happens can be
// satisfied. It returns a new matcher.
func (m *DocumentMatcher) UntilNow() *DocumentMatcher {
	return &DocumentMatcher{Matcher: &Matcher{name: m.name, judge: m.judge, untilNow: true, renewed: true}}
}
