// Package fakeserver speaks the HTTP API of statetrail serve for tests. It judges nothing: a test says what it answers.
package fakeserver

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// Server is a server whose answers a test sets. Its zero value is not usable.
type Server struct {
	*httptest.Server
	// Intercept, if set before the first request, answers those for which it returns true.
	Intercept func(http.ResponseWriter, *http.Request) bool

	mu       sync.Mutex
	changed  chan struct{} // closed and replaced with every change
	attached bool
	verdict  Answer
	asked    []Request
	marks    []string
	pages    [][]string
}

// Answer is the answer to expectations.
type Answer struct {
	// Verdict is that of the one expectation.
	Verdict string
	// Vacuous leaves out what a violation was seen in.
	Vacuous bool
	// Raw is the body of the answer, if not empty.
	Raw string
	// Problem answers with this error, if Status is not 0.
	Problem Problem
}

// Problem is an error of the API.
type Problem struct {
	Status int
	Name   string
	Detail string
}

// Request is a request for a verdict.
type Request struct {
	ContentType string
	Query       url.Values
	Body        string
}

// New starts a server that is attached and says that everything is pending.
func New() *Server {
	s := &Server{changed: make(chan struct{}), attached: true, verdict: Answer{Verdict: "pending"}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.HandleFunc("GET /v1/status", s.status)
	mux.HandleFunc("GET /v1/timeline", s.timeline)
	mux.HandleFunc("GET /v1/subjects", s.subjects)
	mux.HandleFunc("GET /v1/recording", s.recording)
	mux.HandleFunc("POST /v1/marks", s.mark)
	mux.HandleFunc("POST /v1/expectations", s.expectations)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.Intercept == nil || !s.Intercept(w, r) {
			mux.ServeHTTP(w, r)
		}
	}))
	return s
}

// SetAttached says whether the server is attached.
func (s *Server) SetAttached(attached bool) {
	s.change(func() { s.attached = attached })
}

// Say sets the answer to expectations, also for those that wait.
func (s *Server) Say(answer Answer) {
	s.change(func() { s.verdict = answer })
}

// SetTimeline sets the timeline: JSON entries, page by page.
func (s *Server) SetTimeline(pages ...[]string) {
	s.change(func() { s.pages = pages })
}

// Asked returns the requests for verdicts so far.
func (s *Server) Asked() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.asked...)
}

// WaitAsked returns when n requests for verdicts have come, or fails after a while.
func (s *Server) WaitAsked(n int) bool {
	return s.wait(context.Background(), time.Minute, func() bool { return len(s.asked) >= n })
}

// Marks returns the names of the marks so far.
func (s *Server) Marks() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.marks...)
}

func (s *Server) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	close(s.changed)
	s.changed = make(chan struct{})
}

// wait waits until a condition holds, which is called with the lock.
func (s *Server) wait(ctx context.Context, d time.Duration, condition func() bool) bool {
	timeout := time.NewTimer(d)
	defer timeout.Stop()
	for {
		s.mu.Lock()
		holds, changed := condition(), s.changed
		s.mu.Unlock()
		if holds {
			return true
		}
		select {
		case <-changed:
		case <-timeout.C:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

func waitOf(r *http.Request) time.Duration {
	d, _ := time.ParseDuration(r.URL.Query().Get("wait"))
	return d
}

func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	if s.wait(r.Context(), waitOf(r), func() bool { return s.attached }) {
		_, _ = io.WriteString(w, "ok")
		return
	}
	Refuse(w, Problem{Status: http.StatusServiceUnavailable, Name: "not-attached", Detail: "pods: no answer"})
}

// Refuse answers with a problem.
func Refuse(w http.ResponseWriter, p Problem) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"type": "urn:statetrail:problem:" + p.Name, "title": p.Name, "status": p.Status, "detail": p.Detail,
	})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (s *Server) status(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{
		"version": "0.0.0", "attached": true, "ended": false, "entries": 1, "subjects": 1, "transitions": 1, "gaps": 1,
		"watches": []map[string]any{{"resource": "pods", "namespace": "a", "attached": true, "gaps": 1}},
	})
}

func (s *Server) timeline(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	page := 0
	_, _ = fmt.Sscan(r.URL.Query().Get("after"), &page)
	entries := []json.RawMessage{}
	if r.URL.Query().Get("uid") != "" { // no object has it
		for _, name := range s.marks {
			mark, _ := json.Marshal(map[string]string{"at": "2026-01-01T00:00:00.000000Z", "mark": name})
			entries = append(entries, mark)
		}
	} else if page < len(s.pages) {
		for _, entry := range s.pages[page] {
			entries = append(entries, json.RawMessage(entry))
		}
	}
	answer(w, http.StatusOK, map[string]any{
		"entries": entries, "next": strconv.Itoa(page + 1), "more": page+1 < len(s.pages),
	})
}

func (s *Server) subjects(w http.ResponseWriter, r *http.Request) {
	answer(w, http.StatusOK, map[string]any{"subjects": []map[string]any{{
		"kind": r.URL.Query().Get("kind"), "name": "web", "uid": "1",
		"tracks": map[string]any{"status": map[string]any{"state": nil, "since": "2026-01-01T00:00:00Z", "seen": "live"}},
	}}})
}

func (s *Server) recording(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/x-ndjson")
	_, _ = fmt.Fprintf(w, "recording of %q\n", r.URL.Query().Get("namespace"))
}

func (s *Server) mark(w http.ResponseWriter, r *http.Request) {
	var mark struct {
		Name string `json:"name"`
	}
	if json.NewDecoder(r.Body).Decode(&mark) != nil || mark.Name == "" {
		Refuse(w, Problem{Status: http.StatusUnprocessableEntity, Name: "invalid-mark", Detail: "no name"})
		return
	}
	s.change(func() { s.marks = append(s.marks, mark.Name) })
	answer(w, http.StatusCreated, map[string]any{"name": mark.Name, "at": "2026-01-01T00:00:00.000000Z"})
}

func (s *Server) expectations(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.change(func() {
		s.asked = append(s.asked, Request{r.Header.Get("Content-Type"), r.URL.Query(), string(body)})
	})
	s.wait(r.Context(), waitOf(r), func() bool { return s.verdict.Verdict != "pending" })
	s.mu.Lock()
	said := s.verdict
	s.mu.Unlock()
	switch {
	case said.Problem.Status != 0:
		Refuse(w, said.Problem)
	case said.Raw != "":
		_, _ = io.WriteString(w, said.Raw)
	default:
		answer(w, http.StatusOK, said.body())
	}
}

func (a Answer) body() map[string]any {
	outcome := map[string]any{"name": "it", "verdict": a.Verdict, "passLost": a.Verdict == "violated", "reason": "because"}
	if a.Verdict == "violated" && !a.Vacuous {
		outcome["track"] = "status"
		outcome["breach"] = map[string]any{"kind": "illegal"}
		outcome["path"] = []map[string]any{{"state": "Starting"}, {"state": "Failed"}}
	}
	return map[string]any{
		"verdict": a.Verdict, "expectations": []any{outcome}, "text": a.Verdict + "  it\n  explained in full",
	}
}
