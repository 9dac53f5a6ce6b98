package statetrail

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	// maxBody bounds every answer that is held in memory. A longer one is an error.
	maxBody = 16 << 20
	// answerTime is how long the server may take for an answer, beyond the wait that was asked for.
	answerTime = 30 * time.Second
	// maxAttempts bounds the attempts of one request that may be repeated.
	maxAttempts   = 4
	firstPause    = 100 * time.Millisecond
	maxRetryAfter = 10 * time.Second

	mediaJSON = "application/json"
)

// client speaks HTTP with one server.
type client struct {
	base *url.URL
	http *http.Client
	// token is a function, so that no printer that goes through the fields of a value shows what it returns.
	token func() string
}

// request is one request. Its body is held in memory, so that it can be sent again.
type request struct {
	method      string
	path        string
	query       url.Values
	contentType string
	body        []byte
	wait        time.Duration
	// repeatable says that sending it twice has the effect of sending it once.
	repeatable bool
}

func newClient(address, token, caFile string) (*client, error) {
	base, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("statetrail: address of the server: %w", err)
	}
	if (base.Scheme != "http" && base.Scheme != "https") || base.Host == "" {
		return nil, fmt.Errorf("statetrail: address of the server: %q is not an http or https URL", address)
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment}
	if caFile != "" {
		pool, err := readCertificates(caFile)
		if err != nil {
			return nil, err
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	// A redirect is an error: the token is for this server only.
	refuse := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client{
		base:  base,
		http:  &http.Client{Transport: transport, CheckRedirect: refuse},
		token: func() string { return token },
	}, nil
}

func readCertificates(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("statetrail: CA of the server: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("statetrail: CA of the server: no certificate in %s", file)
	}
	return pool, nil
}

// close ends the connections that are kept for further requests.
func (c *client) close() {
	c.http.CloseIdleConnections()
}

// call sends a request and decodes the JSON of its answer into out, unless that is nil.
func (c *client) call(ctx context.Context, r request, out any) error {
	ctx, cancel := context.WithTimeout(ctx, r.wait+answerTime)
	defer cancel()
	body, err := c.send(ctx, r)
	if err != nil {
		return fmt.Errorf("statetrail: %s %s: %w", r.method, r.path, err)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("statetrail: %s %s: cannot read the answer: %w", r.method, r.path, err)
	}
	return nil
}

// send sends a request, again where that is safe, and returns the body of its answer.
func (c *client) send(ctx context.Context, r request) ([]byte, error) {
	pause := firstPause
	for attempt := 1; ; attempt++ {
		body, after, err := c.once(ctx, r)
		if err == nil || attempt == maxAttempts || !worthAnother(r, err) {
			return body, err
		}
		if slept := sleep(ctx, max(pause, after)); slept != nil {
			return nil, fmt.Errorf("%w: %w", slept, err)
		}
		pause *= 2
	}
}

// worthAnother reports whether a request that failed with err may be sent again. One that the server refused with 429
// had no effect, so that is always safe.
func worthAnother(r request, err error) bool {
	var problem *Problem
	if errors.As(err, &problem) {
		if problem.Status == http.StatusTooManyRequests {
			return true
		}
		return r.repeatable && !problem.Final() && problem.Name() != "not-attached"
	}
	return r.repeatable && !errors.Is(err, errTooLong)
}

var errTooLong = errors.New("the answer is too long")

// once sends a request once. The duration is that of a Retry-After.
func (c *client) once(ctx context.Context, r request) ([]byte, time.Duration, error) {
	response, err := c.open(ctx, r)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	if err != nil {
		return nil, 0, fmt.Errorf("reading the answer: %w", err)
	}
	if len(body) > maxBody {
		return nil, 0, fmt.Errorf("%w: more than %d bytes", errTooLong, maxBody)
	}
	if response.StatusCode < http.StatusOK || response.StatusCode >= http.StatusMultipleChoices {
		return nil, retryAfter(response.Header), newProblem(response.StatusCode, response.Header, body)
	}
	return body, 0, nil
}

// download sends a request once, writes its answer to w, and returns the media type. The duration is that of a
// Retry-After; nothing is written then.
func (c *client) download(ctx context.Context, r request, w io.Writer) (string, time.Duration, error) {
	response, err := c.open(ctx, r)
	if err != nil {
		return "", 0, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(response.Body, maxBody))
		return "", retryAfter(response.Header), newProblem(response.StatusCode, response.Header, body)
	}
	if _, err := io.Copy(w, response.Body); err != nil {
		return "", 0, fmt.Errorf("reading the recording: %w", err)
	}
	return response.Header.Get("Content-Type"), 0, nil
}

// open sends a request once and returns its answer, whose body the caller closes.
func (c *client) open(ctx context.Context, r request) (*http.Response, error) {
	address := c.base.JoinPath(r.path)
	address.RawQuery = r.query.Encode()
	req, err := http.NewRequestWithContext(ctx, r.method, address.String(), bytes.NewReader(r.body))
	if err != nil {
		return nil, fmt.Errorf("making the request: %w", err)
	}
	if r.contentType != "" {
		req.Header.Set("Content-Type", r.contentType)
	}
	if token := c.token(); token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("no answer: %w", err)
	}
	return response, nil
}

func retryAfter(header http.Header) time.Duration {
	seconds, err := strconv.Atoi(strings.TrimSpace(header.Get("Retry-After")))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, maxRetryAfter)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting: %w", context.Cause(ctx))
	}
}
