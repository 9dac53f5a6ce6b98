package statetrail

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strings"
)

const (
	problemPrefix  = "urn:statetrail:problem:"
	maxPlainDetail = 1 << 10
)

// A Problem is an error that the server answered with, as RFC 9457 defines it. Use errors.As to get it.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	// Detail says what is wrong with this request. It may have several lines.
	Detail string `json:"detail"`
}

// Name returns the last part of the type: "invalid-expectation" or "not-attached", for example. It is empty where the
// answer did not come from statetrail.
func (p *Problem) Name() string {
	name, ok := strings.CutPrefix(p.Type, problemPrefix)
	if !ok {
		return ""
	}
	return name
}

// Error returns the title and the detail.
func (p *Problem) Error() string {
	text := fmt.Sprintf("%s (HTTP status %d)", p.Title, p.Status)
	if p.Detail == "" {
		return text
	}
	return text + ": " + p.Detail
}

// Final reports whether the same request will get the same answer again.
func (p *Problem) Final() bool {
	switch p.Status {
	case http.StatusTooManyRequests, http.StatusRequestTimeout:
		return false
	case http.StatusServiceUnavailable:
		return p.Name() == "ended"
	default:
		return p.Status < http.StatusInternalServerError
	}
}

// newProblem reads the body of an answer that is not a success.
func newProblem(status int, header http.Header, body []byte) *Problem {
	problem := &Problem{}
	media, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	if media != "application/problem+json" || json.Unmarshal(body, problem) != nil {
		problem = &Problem{Detail: strings.TrimSpace(string(body[:min(len(body), maxPlainDetail)]))}
	}
	problem.Status = status
	if problem.Title == "" {
		problem.Title = http.StatusText(status)
	}
	return problem
}
