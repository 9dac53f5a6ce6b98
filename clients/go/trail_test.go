package statetrail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"statetrail.dev/client/internal/fakeserver"
)

// TestMain is also the program that the tests start as a recorder, under names that say how it behaves.
func TestMain(m *testing.M) {
	if mode, ok := strings.CutPrefix(filepath.Base(os.Args[0]), "recorder-"); ok {
		os.Exit(recorder(mode))
	}
	code := m.Run()
	if left := goroutinesLeft(); left != "" {
		fmt.Fprintln(os.Stderr, "goroutines of the client are left:\n"+left)
		code = 1
	}
	os.Exit(code)
}

// recorder behaves as a statetrail serve, or as one that is broken in some way.
func recorder(mode string) int {
	signal.Ignore(os.Interrupt)
	fmt.Fprintln(os.Stderr, "pid", os.Getpid())
	fmt.Fprintln(os.Stderr, "arguments", strings.Join(os.Args[1:], " "))
	server := fakeserver.New()
	defer server.Close()
	switch mode {
	case "crash":
		fmt.Fprintln(os.Stderr, "error: no cluster")
		return 4
	case "garbage":
		fmt.Println("hello")
	case "binary":
		fmt.Print(strings.Repeat("x", maxLine+1))
	case "silent":
	case "detached":
		server.SetAttached(false)
		fmt.Println(server.URL)
	default:
		fmt.Println(server.URL)
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	switch mode {
	case "stubborn":
		select {}
	case "holes":
		return exitNotWhole
	case "failing":
		fmt.Fprintln(os.Stderr, "error: disk full")
		return 4
	}
	return 0
}

// goroutinesLeft returns the goroutines of this package that do not end.
func goroutinesLeft() string {
	deadline := time.Now().Add(10 * time.Second)
	for {
		stacks := make([]byte, 1<<20)
		var left []string
		for _, stack := range strings.Split(string(stacks[:runtime.Stack(stacks, true)]), "\n\n") {
			own := strings.Contains(stack, "client.startChild") || strings.Contains(stack, "http.(*persistConn)")
			if own {
				left = append(left, stack)
			}
		}
		if len(left) == 0 || time.Now().After(deadline) {
			return strings.Join(left, "\n\n")
		}
		runtime.Gosched()
	}
}

// recorderOptions returns options for a recorder that behaves in a certain way.
func recorderOptions(t *testing.T, mode string) Options {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(t.TempDir(), "recorder-"+mode)
	if err := os.Symlink(self, binary); err != nil {
		t.Fatal(err)
	}
	return Options{Binary: binary, Artifacts: t.TempDir()}
}

// shared returns a trail of a server, and the server.
func shared(t *testing.T, options Options) (*Trail, *fakeserver.Server) {
	t.Helper()
	server := fakeserver.New()
	t.Cleanup(server.Close)
	options.URL = server.URL
	if options.Artifacts == "" {
		options.Artifacts = t.TempDir()
	}
	trail, err := Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(trail.client.close)
	return trail, server
}

// gone fails unless the process whose pid a text names has ended and was waited for.
func gone(t *testing.T, text string) {
	t.Helper()
	_, after, found := strings.Cut(text, "pid ")
	line, _, _ := strings.Cut(after, "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if !found || err != nil {
		t.Fatalf("no pid in %q", text)
	}
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d is left: %v", pid, err)
	}
}

func TestStartReturnsAttachedAndStopKeepsAWholeRecording(t *testing.T) {
	t.Parallel()
	options := recorderOptions(t, "good")
	options.What, options.Namespaces = []string{"vm,pods"}, []string{"ns"}
	options.Args = []string{"--context", "c"}
	ctx, cancel := context.WithCancel(t.Context())
	trail, err := Start(ctx, options)
	if err != nil {
		t.Fatal(err)
	}
	cancel() // it bounds Start only
	status, err := trail.Status(t.Context())
	if err != nil || !status.Attached || status.Gaps != 1 {
		t.Errorf("status %+v, %v", status, err)
	}
	result, err := trail.Stop(t.Context())
	if err != nil || !result.Whole {
		t.Fatalf("%+v, %v", result, err)
	}
	file := filepath.Join(options.Artifacts, "statetrail.jsonl.zst")
	if len(result.Recordings) != 1 || result.Recordings[0] != file {
		t.Errorf("recordings: %q, want %q", result.Recordings, file)
	}
	wanted := "arguments serve vm,pods --namespace ns --output " + file + " --listen 127.0.0.1:0 --until-eof --context c"
	if !strings.Contains(result.Log, wanted) {
		t.Errorf("log %q, want %q", result.Log, wanted)
	}
	gone(t, result.Log)
	again, err := trail.Stop(t.Context())
	if again != result || err != nil {
		t.Errorf("second Stop: %v, %v", again, err)
	}
	if _, err := trail.Status(t.Context()); !errors.Is(err, ErrEnded) {
		t.Errorf("a request after Stop: %v", err)
	}
}

func TestStopTellsGapsFromFailures(t *testing.T) {
	t.Parallel()
	for mode, wantErr := range map[string]string{"holes": "", "failing": "disk full", "stubborn": "was killed"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			options := recorderOptions(t, mode)
			if mode == "stubborn" {
				options.StopTimeout = time.Millisecond
			}
			trail, err := Start(t.Context(), options)
			if err != nil {
				t.Fatal(err)
			}
			result, err := trail.Stop(t.Context())
			if result == nil || result.Whole {
				t.Fatalf("%+v", result)
			}
			if wantErr == "" && err != nil || wantErr != "" && (err == nil || !strings.Contains(err.Error(), wantErr)) {
				t.Errorf("error %v, want %q", err, wantErr)
			}
			gone(t, result.Log)
		})
	}
}

func TestStartThatFailsSaysWhyAndLeavesNoProcess(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]string{
		"crash": "error: no cluster", "garbage": "not an http or https URL", "binary": "not a URL",
		"silent": "not printed its URL: gave up after", "detached": "not attached: gave up after",
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			options := recorderOptions(t, mode)
			if mode == "silent" || mode == "detached" {
				options.AttachTimeout = 500 * time.Millisecond
			}
			trail, err := Start(t.Context(), options)
			if trail != nil || err == nil || !strings.Contains(err.Error(), want) {
				t.Fatalf("got %v, want %q", err, want)
			}
			gone(t, err.Error())
		})
	}
}

func TestStartEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := Start(ctx, recorderOptions(t, "detached"))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v", err)
	}
	gone(t, err.Error())
}

func TestStartNamesTheRemedyWithoutARecorder(t *testing.T) {
	for _, name := range []string{"PATH", EnvURL, EnvBinary} {
		t.Setenv(name, "")
	}
	_, err := Start(t.Context(), Options{})
	if err == nil || !strings.Contains(err.Error(), EnvBinary) || !strings.Contains(err.Error(), EnvURL) {
		t.Errorf("got %v", err)
	}
}

func TestStartReadsTheServerAndItsTokenFromTheEnvironment(t *testing.T) {
	server := fakeserver.New()
	defer server.Close()
	tokens := make(chan string, 10)
	server.Intercept = func(_ http.ResponseWriter, r *http.Request) bool {
		tokens <- r.Header.Get("Authorization")
		return false
	}
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(EnvURL, server.URL)
	t.Setenv(EnvTokenFile, file)
	trail, err := Start(t.Context(), Options{})
	if err != nil || !trail.Shared() {
		t.Fatalf("%v", err)
	}
	defer trail.client.close()
	if got := <-tokens; got != "Bearer secret" {
		t.Errorf("Authorization %q", got)
	}
}

func TestStartRefusesAServerThatRefusesIt(t *testing.T) {
	t.Parallel()
	server := fakeserver.New()
	defer server.Close()
	server.Intercept = func(w http.ResponseWriter, _ *http.Request) bool {
		fakeserver.Refuse(w, fakeserver.Problem{Status: http.StatusUnauthorized, Name: "unauthorized"})
		return true
	}
	_, err := Start(t.Context(), Options{URL: server.URL})
	var problem *Problem
	if !errors.As(err, &problem) || problem.Name() != "unauthorized" || problem.Status != http.StatusUnauthorized {
		t.Errorf("got %v", err)
	}
}

func TestARedirectDoesNotGetTheToken(t *testing.T) {
	t.Parallel()
	other := fakeserver.New()
	defer other.Close()
	other.Intercept = func(_ http.ResponseWriter, r *http.Request) bool {
		t.Errorf("the token went to %s", r.URL)
		return false
	}
	server := fakeserver.New()
	defer server.Close()
	server.Intercept = func(w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, other.URL, http.StatusFound)
		return true
	}
	if _, err := Start(t.Context(), Options{URL: server.URL, Token: "secret"}); err == nil {
		t.Error("no error")
	}
}

func TestStopOfASharedServerKeepsTheNamespacesOfTheTest(t *testing.T) {
	t.Parallel()
	trail, _ := shared(t, Options{Namespaces: []string{"a", "b"}})
	result, err := trail.Stop(t.Context())
	if err != nil || result.Whole || len(result.Recordings) != 2 {
		t.Fatalf("%+v, %v", result, err)
	}
	for i, namespace := range []string{"a", "b"} {
		text, err := os.ReadFile(result.Recordings[i])
		if err != nil || string(text) != fmt.Sprintf("recording of %q\n", namespace) {
			t.Errorf("%s: %q, %v", result.Recordings[i], text, err)
		}
	}
	files, _ := os.ReadDir(filepath.Dir(result.Recordings[0]))
	if len(files) != len(result.Recordings) {
		t.Errorf("files: %v", files)
	}
}

func TestMarksOfOneTrailHaveNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	trail, server := shared(t, Options{})
	for _, name := range []string{"a", "a (2)", "a", "a"} {
		if _, err := trail.Mark(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.ReplaceAll(strings.Join(server.Marks(), "|"), trail.own, ""); got != "a|a (2)|a (3)|a (4)" {
		t.Errorf("marks %s", got)
	}
	again, err := Start(t.Context(), Options{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(again.client.close)
	other, err := again.Mark(t.Context(), "a")
	if err != nil || slices.Contains(server.Marks()[:4], other.Name) {
		t.Errorf("a mark of another trail on the same server: %s, %v", other.Name, err)
	}
	if trail.Wrote(other.Name) || !again.Wrote(other.Name) {
		t.Error("a trail takes the mark of another one for its own")
	}
	var problem *Problem
	if _, err := trail.Mark(t.Context(), ""); !errors.As(err, &problem) || problem.Name() != "invalid-mark" {
		t.Errorf("an empty mark: %v", err)
	}
}

func TestJudgeSendsTheFormOfTheText(t *testing.T) {
	t.Parallel()
	trail, server := shared(t, Options{})
	server.Say(fakeserver.Answer{Verdict: "violated"})
	options := JudgeOptions{Wait: 1500 * time.Millisecond, UntilNow: true}
	judgement, err := trail.Judge(t.Context(), "apiVersion: statetrail/v1\n", options)
	if err != nil || judgement.Verdict != Violated || !judgement.Refuted() {
		t.Fatalf("%+v, %v", judgement, err)
	}
	outcome := judgement.Expectations[0]
	if !outcome.PassLost || len(outcome.Path) != 2 || *outcome.Path[1].State != "Failed" || len(outcome.JSON) == 0 {
		t.Errorf("outcome %+v", outcome)
	}
	if _, err := trail.Judge(t.Context(), ` {"kind":"Expectation"}`, JudgeOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := trail.JudgeLines(t.Context(), JudgeOptions{}, "a", "b"); err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	for _, r := range server.Asked() {
		fmt.Fprintf(&got, "%s %s %q\n", r.ContentType, r.Query.Encode(), r.Body)
	}
	want := `application/yaml until=now&wait=1500ms "apiVersion: statetrail/v1\n"
application/json wait=0ms " {\"kind\":\"Expectation\"}"
text/plain wait=0ms "a\nb"
`
	if got.String() != want {
		t.Errorf("got\n%s", got.String())
	}
}

func TestJudgeRefusesAnswersThatContradictThemselves(t *testing.T) {
	t.Parallel()
	trail, server := shared(t, Options{})
	for _, raw := range []string{
		`{}`, `[]`, `hello`, `{"verdict":"satisfied"`, `{"verdict":"satisfied","expectations":[]}`,
		`{"verdict":"satisfied","expectations":[{"verdict":"violated"}]}`,
		`{"verdict":"satisfied","expectations":[{"verdict":"satisfied"},{"verdict":"inconclusive"}]}`,
		`{"verdict":"satisfied","expectations":[{"verdict":"fine"}]}`,
		`{"verdict":"violated","expectations":[{"verdict":"satisfied"}]}`,
	} {
		server.Say(fakeserver.Answer{Raw: raw})
		if judgement, err := trail.Judge(t.Context(), "x", JudgeOptions{}); err == nil {
			t.Errorf("%s: got %+v", raw, judgement)
		}
	}
	server.Say(fakeserver.Answer{Raw: `{"verdict":"satisfied","expectations":[{"verdict":"skipped"}]}`})
	if judgement, err := trail.Judge(t.Context(), "x", JudgeOptions{}); err != nil || judgement.Verdict != Skipped {
		t.Errorf("all skipped: got %+v, %v", judgement, err)
	}
}

func TestRequestsAreRepeatedOnlyWhereThatIsSafe(t *testing.T) {
	t.Parallel()
	server := fakeserver.New()
	t.Cleanup(server.Close)
	failures := make(chan fakeserver.Problem, maxAttempts)
	server.Intercept = func(w http.ResponseWriter, _ *http.Request) bool {
		select {
		case problem := <-failures:
			if problem.Status == 0 {
				panic(http.ErrAbortHandler) // hangs up
			}
			fakeserver.Refuse(w, problem)
			return true
		default:
			return false
		}
	}
	trail, err := Start(t.Context(), Options{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(trail.client.close)
	mark := func() error { _, err := trail.Mark(t.Context(), "m"); return err }
	status := func() error { _, err := trail.Status(t.Context()); return err }
	recording := func() error { _, err := trail.Recording(t.Context(), io.Discard, Filter{}); return err }
	for _, c := range []struct {
		name    string
		failure fakeserver.Problem
		request func() error
		repeats bool
	}{
		{"a read after a hang-up", fakeserver.Problem{}, status, true},
		{"a read after 500", fakeserver.Problem{Status: http.StatusInternalServerError}, status, true},
		{"a read after 404", fakeserver.Problem{Status: http.StatusNotFound}, status, false},
		{"a read after the end", fakeserver.Problem{Status: http.StatusServiceUnavailable, Name: "ended"}, status, false},
		{"a mark after 500", fakeserver.Problem{Status: http.StatusInternalServerError}, mark, false},
		{"a recording after 429", fakeserver.Problem{Status: http.StatusTooManyRequests}, recording, true},
		{"a mark after 429", fakeserver.Problem{Status: http.StatusTooManyRequests}, mark, true},
	} {
		failures <- c.failure
		if err := c.request(); (err == nil) != c.repeats {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestAnAnswerThatIsTooLongIsAnError(t *testing.T) {
	t.Parallel()
	trail, server := shared(t, Options{})
	server.Say(fakeserver.Answer{Raw: strings.Repeat(" ", maxBody+1)})
	if _, err := trail.Judge(t.Context(), "x", JudgeOptions{}); !errors.Is(err, errTooLong) {
		t.Errorf("got %v", err)
	}
}

func TestARequestEndsWithItsContext(t *testing.T) {
	t.Parallel()
	trail, _ := shared(t, Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := trail.Judge(ctx, "x", JudgeOptions{Wait: time.Hour})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestTimelineReadsAllPages(t *testing.T) {
	t.Parallel()
	trail, server := shared(t, Options{})
	server.SetTimeline(
		[]string{
			`{"at":"2026-01-01T10:00:00.000000Z","kind":"VirtualMachine","namespace":"ns","name":"web","track":"status",` +
				`"from":null,"to":"Starting","seq":1}`,
			`{"at":"2026-01-01T10:00:01.000000Z","mark":"created"}`,
		},
		[]string{
			`{"at":"2026-01-01T10:00:02.000000Z","gap":{"resource":"pods","reason":"history-expired","from":null,` +
				`"to":"2026-01-01T10:00:02.000000Z"}}`,
			`{"at":"2026-01-01T10:00:03.000000Z","kind":"Pod","name":"p","evidence":{"reason":"BackOff","message":"why"}}`,
		},
	)
	entries, err := trail.Timeline(t.Context(), Filter{Namespace: "ns"})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for i := range entries {
		lines = append(lines, entries[i].String())
	}
	want := `10:00:00.000  vm/web in ns  status  (none) -> Starting
10:00:01.000  mark created
10:00:02.000  ~~~ gap of pods: history-expired, not seen from ? to 10:00:02.000 ~~~
10:00:03.000  pod/p  BackOff: why`
	if got := strings.Join(lines, "\n"); got != want {
		t.Errorf("got\n%s", got)
	}
	subjects, err := trail.Subjects(t.Context(), Filter{Kind: "Pod"})
	if err != nil || len(subjects) != 1 || subjects[0].Tracks["status"].State != nil {
		t.Errorf("subjects %+v, %v", subjects, err)
	}
}

func TestARecordingDoesNotReplaceThatOfAnEarlierRun(t *testing.T) {
	t.Parallel()
	options := Options{Artifacts: t.TempDir(), Name: "run"}
	for _, want := range []string{"run.jsonl.zst", "run-2.jsonl.zst", "run-3.jsonl.zst"} {
		path, err := options.path("", ".jsonl.zst")
		if err != nil || filepath.Base(path) != want {
			t.Fatalf("%s, %v", path, err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
