// Package test_test runs the matchers in the assertions of one version of Gomega, and the helpers in one of Ginkgo. The
// modules beside this directory link its files.
package test_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	statetrail "statetrail.dev/client"
	. "statetrail.dev/client/gomega"
	"statetrail.dev/client/internal/fakeserver"
)

const (
	short = 150 * time.Millisecond
	// long is a timeout that no test waits for.
	long = 5 * time.Minute
)

// failure returns the message with which assertions fail, or "" if they pass.
func failure(assertions func(g gomega.Gomega)) string {
	message := ""
	assertions(gomega.NewGomega(func(text string, _ ...int) { message = text }))
	return message
}

// trailOf returns a trail of a server.
func trailOf(t *testing.T, server *fakeserver.Server) *statetrail.Trail {
	t.Helper()
	t.Cleanup(server.Close)
	trail, err := statetrail.Start(t.Context(), statetrail.Options{URL: server.URL, Artifacts: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = trail.Stop(t.Context()) })
	return trail
}

func newTrail(t *testing.T) (*statetrail.Trail, *fakeserver.Server) {
	t.Helper()
	server := fakeserver.New()
	return trailOf(t, server), server
}

func goal() types.GomegaMatcher {
	return FollowPath(statetrail.VM("ns", "web"), "status", "... -> Running -> ...")
}

func guard() types.GomegaMatcher {
	return NeverEnter(statetrail.VM("ns", "web"), "status", "Failed")
}

// always is a matcher with a fixed result, to combine with.
type always bool

func (a always) Match(any) (bool, error)          { return bool(a), nil }
func (a always) FailureMessage(any) string        { return "always" }
func (a always) NegatedFailureMessage(any) string { return "always" }

// answers are what a server can say: whether that proves the expectation, or its opposite.
var answers = map[string]struct {
	answer          fakeserver.Answer
	proves, refutes bool
}{
	"satisfied":     {answer: fakeserver.Answer{Verdict: "satisfied"}, proves: true},
	"skipped":       {answer: fakeserver.Answer{Verdict: "skipped"}, proves: true},
	"violated":      {answer: fakeserver.Answer{Verdict: "violated"}, refutes: true},
	"no object":     {answer: fakeserver.Answer{Verdict: "violated", Vacuous: true}},
	"pending":       {answer: fakeserver.Answer{Verdict: "pending"}},
	"inconclusive":  {answer: fakeserver.Answer{Verdict: "inconclusive"}},
	"garbage":       {answer: fakeserver.Answer{Verdict: "?", Raw: "<html>"}},
	"contradiction": {answer: fakeserver.Answer{Verdict: "?", Raw: `{"verdict":"satisfied","expectations":[]}`}},
	"invalid": {answer: fakeserver.Answer{Verdict: "?", Problem: fakeserver.Problem{
		Status: http.StatusUnprocessableEntity, Name: "invalid-expectation", Detail: "no such track"}}},
	"ended": {answer: fakeserver.Answer{Verdict: "?", Problem: fakeserver.Problem{
		Status: http.StatusServiceUnavailable, Name: "ended"}}},
}

// positive are assertions that must pass only if the expectation is proven.
var positive = map[string]func(gomega.Gomega, *statetrail.Trail, func() types.GomegaMatcher){
	"Expect To": func(g gomega.Gomega, trail *statetrail.Trail, m func() types.GomegaMatcher) {
		g.Expect(trail).To(m())
	},
	"Eventually Should": func(g gomega.Gomega, trail *statetrail.Trail, m func() types.GomegaMatcher) {
		g.Eventually(trail).WithTimeout(short).Should(m())
	},
	"Eventually of a function": func(g gomega.Gomega, trail *statetrail.Trail, m func() types.GomegaMatcher) {
		g.Eventually(func() *statetrail.Trail { return trail }).WithTimeout(short).Should(m())
	},
	"Eventually MustPassRepeatedly": func(g gomega.Gomega, trail *statetrail.Trail, m func() types.GomegaMatcher) {
		g.Eventually(trail).WithTimeout(short).MustPassRepeatedly(2).Should(m())
	},
	"Consistently Should": func(g gomega.Gomega, trail *statetrail.Trail, m func() types.GomegaMatcher) {
		g.Consistently(trail).WithTimeout(short).Should(m())
	},
	"NotTo Not": func(g gomega.Gomega, trail *statetrail.Trail, m func() types.GomegaMatcher) {
		g.Expect(trail).NotTo(gomega.Not(m()))
	},
	"SatisfyAll": func(g gomega.Gomega, trail *statetrail.Trail, m func() types.GomegaMatcher) {
		g.Eventually(trail).WithTimeout(short).Should(gomega.SatisfyAll(always(true), m(), m()))
	},
	"SatisfyAny with false": func(g gomega.Gomega, trail *statetrail.Trail, m func() types.GomegaMatcher) {
		g.Eventually(trail).WithTimeout(short).Should(gomega.SatisfyAny(always(false), m()))
	},
	"SatisfyAny before true": func(g gomega.Gomega, trail *statetrail.Trail, m func() types.GomegaMatcher) {
		g.Expect(trail).To(gomega.SatisfyAny(m(), always(false)))
	},
	"And of Not Not": func(g gomega.Gomega, trail *statetrail.Trail, m func() types.GomegaMatcher) {
		g.Expect(trail).To(gomega.And(gomega.Not(gomega.Not(m())), always(true)))
	},
	"HaveEach": func(g gomega.Gomega, trail *statetrail.Trail, m func() types.GomegaMatcher) {
		g.Expect([]*statetrail.Trail{trail}).To(gomega.HaveEach(m()))
	},
	"ContainElement": func(g gomega.Gomega, trail *statetrail.Trail, m func() types.GomegaMatcher) {
		g.Expect([]*statetrail.Trail{trail}).To(gomega.ContainElement(m()))
	},
	"WithTransform": func(g gomega.Gomega, trail *statetrail.Trail, m func() types.GomegaMatcher) {
		same := func(t *statetrail.Trail) *statetrail.Trail { return t }
		g.Eventually(trail).WithTimeout(short).Should(gomega.WithTransform(same, m()))
	},
}

// negative are assertions that must pass only if the expectation is refuted.
var negative = map[string]func(gomega.Gomega, *statetrail.Trail, func() types.GomegaMatcher){
	"Expect NotTo": func(g gomega.Gomega, trail *statetrail.Trail, m func() types.GomegaMatcher) {
		g.Expect(trail).NotTo(m())
	},
	"Eventually ShouldNot": func(g gomega.Gomega, trail *statetrail.Trail, m func() types.GomegaMatcher) {
		g.Eventually(trail).WithTimeout(short).ShouldNot(m())
	},
	"Consistently ShouldNot": func(g gomega.Gomega, trail *statetrail.Trail, m func() types.GomegaMatcher) {
		g.Consistently(trail).WithTimeout(short).ShouldNot(m())
	},
	"To Not": func(g gomega.Gomega, trail *statetrail.Trail, m func() types.GomegaMatcher) {
		g.Expect(trail).To(gomega.Not(m()))
	},
	"NotTo SatisfyAll": func(g gomega.Gomega, trail *statetrail.Trail, m func() types.GomegaMatcher) {
		g.Expect(trail).NotTo(gomega.SatisfyAll(always(true), m()))
	},
	"NotTo SatisfyAny": func(g gomega.Gomega, trail *statetrail.Trail, m func() types.GomegaMatcher) {
		g.Expect(trail).NotTo(gomega.SatisfyAny(m(), always(false)))
	},
	"SatisfyAny of Not": func(g gomega.Gomega, trail *statetrail.Trail, m func() types.GomegaMatcher) {
		g.Eventually(trail).WithTimeout(short).Should(gomega.SatisfyAny(gomega.Not(m()), always(false)))
	},
	"SatisfyAll of Not": func(g gomega.Gomega, trail *statetrail.Trail, m func() types.GomegaMatcher) {
		g.Expect(trail).To(gomega.SatisfyAll(gomega.Not(m()), gomega.Not(m())))
	},
	"NotTo ContainElement": func(g gomega.Gomega, trail *statetrail.Trail, m func() types.GomegaMatcher) {
		g.Expect([]*statetrail.Trail{trail}).NotTo(gomega.ContainElement(m()))
	},
	"NotTo HaveEach": func(g gomega.Gomega, trail *statetrail.Trail, m func() types.GomegaMatcher) {
		g.Expect([]*statetrail.Trail{trail}).NotTo(gomega.HaveEach(m()))
	},
}

func TestAnAssertionPassesOnlyIfItIsProven(t *testing.T) {
	t.Parallel()
	matchers := map[string]func() types.GomegaMatcher{
		"goal": goal, "guard": guard,
		"document": func() types.GomegaMatcher { return Satisfy("vm/web status: never Failed").UntilNow() },
	}
	for said, answer := range answers {
		for kind, matcher := range matchers {
			if said == "pending" && kind != "goal" {
				continue // a guard waits longer for its proof; the code is the same
			}
			check := func(form string, passes bool, assert func(gomega.Gomega, *statetrail.Trail, func() types.GomegaMatcher)) {
				t.Run(said+"/"+kind+"/"+form, func(t *testing.T) {
					t.Parallel()
					trail, server := newTrail(t)
					server.Say(answer.answer)
					message := failure(func(g gomega.Gomega) { assert(g, trail, matcher) })
					if (message == "") != passes {
						t.Errorf("passes: %v, want %v\n%s", message == "", passes, message)
					}
				})
			}
			for form, assert := range positive {
				check(form, answer.proves, assert)
			}
			for form, assert := range negative {
				check(form, answer.refutes, assert)
			}
		}
	}
}

func TestEventuallyWaitsWhileItIsPendingWithoutABusyLoop(t *testing.T) {
	t.Parallel()
	trail, server := newTrail(t)
	done := make(chan string)
	go func() {
		done <- failure(func(g gomega.Gomega) { g.Eventually(trail).WithTimeout(long).Should(goal()) })
	}()
	if !server.WaitAsked(2) {
		t.Fatal("no second request")
	}
	server.Say(fakeserver.Answer{Verdict: "satisfied"})
	if message := <-done; message != "" {
		t.Error(message)
	}
	asked := server.Asked()
	if len(asked) > 3 || asked[0].Query.Get("wait") == "0ms" {
		t.Errorf("%d requests, the first with %v", len(asked), asked[0].Query)
	}
}

func TestEventuallyEndsAtItsTimeoutWithTheExplanation(t *testing.T) {
	t.Parallel()
	trail, _ := newTrail(t)
	message := failure(func(g gomega.Gomega) { g.Eventually(trail).WithTimeout(short).Should(goal()) })
	if !strings.Contains(message, "Timed out") || !strings.HasSuffix(message, "\npending  it\n  explained in full\n") {
		t.Errorf("got %q", message)
	}
}

func TestEventuallyEndsBeforeItsTimeoutIfNothingCanChange(t *testing.T) {
	t.Parallel()
	for said, answer := range answers {
		if answer.proves || said == "pending" || said == "garbage" || said == "contradiction" {
			continue
		}
		t.Run(said, func(t *testing.T) {
			t.Parallel()
			trail, server := newTrail(t)
			done := make(chan string)
			go func() {
				done <- failure(func(g gomega.Gomega) { g.Eventually(trail).WithTimeout(long).Should(goal()) })
			}()
			if !server.WaitAsked(1) {
				t.Fatal("no request")
			}
			server.Say(answer.answer)
			message := <-done
			want := "explained in full"
			if answer.answer.Problem.Status != 0 {
				want = answer.answer.Problem.Name
			}
			if !strings.Contains(message, "No future change is possible") || !strings.Contains(message, want) {
				t.Errorf("got %q", message)
			}
			if strings.Contains(message, "undecidedError") {
				t.Errorf("the message shows a Go type: %q", message)
			}
		})
	}
}

func TestEventuallySurvivesAServerThatHangsUp(t *testing.T) {
	t.Parallel()
	server := fakeserver.New()
	var once sync.Once
	server.Intercept = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/v1/expectations" {
			once.Do(func() { panic(http.ErrAbortHandler) })
		}
		return false
	}
	server.Say(fakeserver.Answer{Verdict: "satisfied"})
	trail := trailOf(t, server)
	if message := failure(func(g gomega.Gomega) { g.Eventually(trail).WithTimeout(long).Should(guard()) }); message != "" {
		t.Error(message)
	}
}

func TestAGuardUntilNowIsJudgedAgainByEveryAssertion(t *testing.T) {
	t.Parallel()
	trail, server := newTrail(t)
	server.Say(fakeserver.Answer{Verdict: "satisfied"})
	matcher := NeverEnter(statetrail.VM("ns", "web"), "status", "Failed")
	if message := failure(func(g gomega.Gomega) { g.Expect(trail).To(matcher) }); message != "" {
		t.Fatal(message)
	}
	server.Say(fakeserver.Answer{Verdict: "violated"})
	if message := failure(func(g gomega.Gomega) { g.Expect(trail).To(matcher) }); message == "" {
		t.Error("it passed with the verdict of before")
	}
	document := Satisfy("vm/web status: Running").UntilNow()
	if message := failure(func(g gomega.Gomega) { g.Expect(trail).NotTo(document) }); message != "" {
		t.Fatal(message)
	}
	server.Say(fakeserver.Answer{Verdict: "satisfied"})
	if message := failure(func(g gomega.Gomega) { g.Expect(trail).NotTo(document) }); message == "" {
		t.Error("a path until now passed with the verdict of before")
	}
}

func TestAMatcherOfAWindowOrAnotherTrailForgetsItsVerdict(t *testing.T) {
	t.Parallel()
	trail, server := newTrail(t)
	other, _ := newTrail(t)
	server.Say(fakeserver.Answer{Verdict: "satisfied"})
	matcher := FollowPath(statetrail.VM("ns", "web"), "status", "... -> Running -> ...")
	if message := failure(func(g gomega.Gomega) { g.Expect(trail).To(matcher) }); message != "" {
		t.Fatal(message)
	}
	if message := failure(func(g gomega.Gomega) { g.Expect(other).To(matcher) }); message == "" {
		t.Error("another trail passed")
	}
	server.Say(fakeserver.Answer{Verdict: "violated"})
	since := matcher.Since(statetrail.Mark{Name: "m"})
	if message := failure(func(g gomega.Gomega) { g.Expect(trail).To(since) }); message == "" {
		t.Error("another window passed")
	}
}

func TestAnythingButATrailOrAnObjectIsRefused(t *testing.T) {
	t.Parallel()
	trail, server := newTrail(t)
	server.Say(fakeserver.Answer{Verdict: "violated"})
	var none *statetrail.Trail
	for name, assertion := range map[string]func(gomega.Gomega){
		"no trail":    func(g gomega.Gomega) { g.Expect("web").NotTo(goal()) },
		"a nil trail": func(g gomega.Gomega) { g.Expect(none).NotTo(goal()) },
		"no object": func(g gomega.Gomega) {
			g.Eventually(trail).WithTimeout(long).ShouldNot(FollowPath("web", "status", "A"))
		},
		"no name":  func(g gomega.Gomega) { g.Expect(trail).NotTo(FollowPath(statetrail.VM("ns", ""), "status", "A")) },
		"no state": func(g gomega.Gomega) { g.Expect(trail).NotTo(NeverEnter(statetrail.VM("ns", "web"), "status")) },
		"an empty mark": func(g gomega.Gomega) {
			g.Expect(trail).NotTo(StayIn(statetrail.VM("", "w"), "s", "A").Since(statetrail.Mark{}))
		},
		"a path as a state": func(g gomega.Gomega) {
			g.Expect(trail).NotTo(ReachWithin(statetrail.VM("", "w"), "s", "A | B", time.Second))
		},
		"an optional state": func(g gomega.Gomega) {
			g.Expect(trail).NotTo(StayIn(statetrail.VM("", "w"), "s", "A?").For(time.Second))
		},
	} {
		if message := failure(assertion); message == "" {
			t.Errorf("%s passed under negation", name)
		}
	}
	if asked := server.Asked(); len(asked) != 0 {
		t.Errorf("asked %+v", asked)
	}
}

func TestNoMessageShowsTheToken(t *testing.T) {
	t.Parallel()
	server := fakeserver.New()
	t.Cleanup(server.Close)
	server.Say(fakeserver.Answer{Verdict: "satisfied"})
	trail, err := statetrail.Start(t.Context(), statetrail.Options{URL: server.URL, Token: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	message := failure(func(g gomega.Gomega) { g.Expect(trail).NotTo(gomega.SatisfyAll(goal(), goal())) })
	message += failure(func(g gomega.Gomega) { g.Expect(trail).To(gomega.BeNil()) })
	if !strings.Contains(message, server.URL) || strings.Contains(message, "secret") {
		t.Errorf("got %q", message)
	}
}

func TestTheHookIsToldOfEveryVerdictOnce(t *testing.T) {
	t.Parallel()
	server := fakeserver.New()
	t.Cleanup(server.Close)
	told := make(chan statetrail.Verdict, 10)
	trail, err := statetrail.Start(t.Context(), statetrail.Options{
		URL: server.URL, Artifacts: t.TempDir(),
		OnVerdict: func(j *statetrail.Judgement) { told <- j.Verdict },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = trail.Stop(t.Context()) })
	done := make(chan string)
	go func() {
		done <- failure(func(g gomega.Gomega) { g.Eventually(trail).WithTimeout(long).Should(goal()) })
	}()
	if !server.WaitAsked(3) {
		t.Fatal("no third request")
	}
	server.Say(fakeserver.Answer{Verdict: "skipped"})
	if message := <-done; message != "" {
		t.Error(message)
	}
	close(told)
	var got []string
	for verdict := range told {
		got = append(got, string(verdict))
	}
	if strings.Join(got, " ") != "pending skipped" {
		t.Errorf("told %q", got)
	}
}

func TestMessagesCanBeReadWhileAMatchWaits(t *testing.T) {
	t.Parallel()
	trail, server := newTrail(t)
	matcher := FollowPath(statetrail.VM("ns", "web"), "status", "A")
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = matcher.Match(trail)
	}()
	server.WaitAsked(1)
	_ = matcher.FailureMessage(trail) + matcher.NegatedFailureMessage(trail) + matcher.String()
	server.Say(fakeserver.Answer{Verdict: "satisfied"})
	<-done
	if text := matcher.FailureMessage(trail); !strings.Contains(text, "explained in full") {
		t.Errorf("message %q", text)
	}
}

func TestMatchersAreDocumentsOfTheLanguage(t *testing.T) {
	t.Parallel()
	vm := statetrail.Object{Kind: "VirtualMachine", Namespace: "ns", Name: "it's: a \"VM\"", UID: "u1"}
	const theVM = `"vm":{"kind":"VirtualMachine","name":"it's: a \"VM\"","namespace":"ns","uid":"u1"}`
	mark := statetrail.Mark{Name: "step: 'one'"}
	for name, c := range map[string]struct {
		matcher types.GomegaMatcher
		query   string
		want    string
	}{
		"FollowPath": {
			FollowPath(vm, "status", "... -> A -> ..."), "wait=1000ms",
			`"expect":[{"path":"... -> A -> ...","track":"vm.status"}],"subjects":{` + theVM + `}`,
		},
		"NeverEnter": {
			NeverEnter(vm, "status", "A", "B").Since(mark), "until=now&wait=10000ms",
			`"expect":[{"never":["A","B"],"track":"vm.status"}],"subjects":{` + theVM +
				`},"window":{"from":{"mark":"step: 'one'"}}`,
		},
		"EnterOnlyAfter": {
			EnterOnlyAfter(vm, "status=A", statetrail.OwnedBy("Pod", vm), "phase=B").Until(mark), "until=now&wait=10000ms",
			`"expect":[{"enter":"vm.status=A","onlyAfter":"pod.phase=B"}],"subjects":{"pod":{"kind":"Pod","ownedBy":"vm"},` +
				theVM + `},"window":{"until":{"mark":"step: 'one'"}}`,
		},
		"StayIn": {
			StayIn(vm, "status", "A"), "until=now&wait=10000ms",
			`"expect":[{"always":"A","track":"vm.status"},{"never":"Deleted","track":"vm.lifecycle"}],"subjects":{` + theVM +
				`},"window":{"from":{"enter":"vm.status=A"}}`,
		},
		"StayIn For": {
			StayIn(vm, "status", "A").For(time.Minute), "wait=1000ms",
			`"expect":[{"path":"A for \u003e=1m0s -> ...","track":"vm.status"}],"subjects":{` + theVM +
				`},"window":{"from":{"enter":"vm.status=A"}}`,
		},
		"StayIn Since For": {
			StayIn(vm, "status", "A").Since(mark).For(time.Second), "wait=1000ms",
			`"expect":[{"path":"A for \u003e=1s -> ...","track":"vm.status"}],"subjects":{` + theVM +
				`},"window":{"from":{"mark":"step: 'one'"}}`,
		},
		"ReachWithin": {
			ReachWithin(vm, "status", "A", 2*time.Minute), "wait=1000ms",
			`"expect":[{"path":"... -> A -> ...","track":"vm.status"}],"subjects":{` + theVM + `},"window":{"max":"2m0s"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trail, server := newTrail(t)
			server.Say(fakeserver.Answer{Verdict: "satisfied"})
			if message := failure(func(g gomega.Gomega) { g.Expect(trail).To(c.matcher) }); message != "" {
				t.Fatal(message)
			}
			asked := server.Asked()[0]
			want := `{"apiVersion":"statetrail/v1","kind":"Expectation",` + c.want + `}`
			if asked.ContentType != "application/json" || asked.Query.Encode() != c.query {
				t.Errorf("asked %s %s", asked.ContentType, asked.Query.Encode())
			}
			if got := withoutName(t, asked.Body); got != withoutName(t, want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// withoutName returns a document in one form, without the name that people read.
func withoutName(t *testing.T, document string) string {
	t.Helper()
	var value map[string]any
	if err := json.Unmarshal([]byte(document), &value); err != nil {
		t.Fatalf("%v: %s", err, document)
	}
	delete(value, "metadata")
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestSatisfyTellsDocumentsFromLines(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"vm/web status: never A\npod/p phase: B":              "text/plain",
		"# a comment\napiVersion: statetrail/v1\nkind: x":     "application/yaml",
		`{"apiVersion":"statetrail/v1","kind":"Expectation"}`: "application/json",
		`{apiVersion: statetrail/v1}`:                         "application/yaml",
	} {
		trail, server := newTrail(t)
		server.Say(fakeserver.Answer{Verdict: "satisfied"})
		if message := failure(func(g gomega.Gomega) { g.Expect(trail).To(Satisfy(text)) }); message != "" {
			t.Fatal(message)
		}
		if got := server.Asked()[0]; got.ContentType != want || got.Body != text {
			t.Errorf("%q was sent as %+v", text, got)
		}
	}
}
