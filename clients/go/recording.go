package statetrail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path/filepath"
)

// A Result says what Stop has left.
type Result struct {
	// Recordings are the paths of the files: one of a child, and one for each namespace from a shared server.
	Recordings []string
	// Whole says that the recording is proven to be complete from the first moment to the last. It is false for a
	// shared server, whose recording goes on.
	Whole bool
	// Log is the end of the child's standard error.
	Log string
}

// Stop ends the recording. A child proves that it saw everything up to now and writes the end of the file; one that
// takes longer than Options.StopTimeout is killed. From a shared server, which goes on, Stop gets the recording of
// Options.Namespaces. A second call returns what the first one did.
//
// An error says that there is no recording that can be trusted to its end. A recording with a gap is none: see
// Result.Whole.
func (t *Trail) Stop(ctx context.Context) (*Result, error) {
	t.stopping.Lock()
	defer t.stopping.Unlock()
	if t.result != nil || t.err != nil {
		return t.result, t.err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, t.options.StopTimeout,
		fmt.Errorf("gave up after %s (Options.StopTimeout)", t.options.StopTimeout))
	defer cancel()
	defer t.client.close()
	if t.child != nil {
		t.result, t.err = t.stopChild(ctx)
	} else {
		t.result, t.err = t.download(ctx)
	}
	return t.result, t.err
}

func (t *Trail) stopChild(ctx context.Context) (*Result, error) {
	err := t.child.finish(ctx)
	result := &Result{Recordings: []string{t.file}, Log: t.child.log.String()}
	switch exitCode(err) {
	case exitWhole:
		result.Whole = true
		return result, nil
	case exitNotWhole:
		return result, nil
	default:
		return result, t.child.withLog(fmt.Errorf("statetrail: the recorder of %s: %w", t.file, err))
	}
}

func (t *Trail) download(ctx context.Context) (*Result, error) {
	result := &Result{}
	namespaces := t.options.Namespaces
	if len(namespaces) == 0 {
		namespaces = []string{""}
	}
	for _, namespace := range namespaces {
		file, err := t.save(ctx, namespace)
		if err != nil {
			return result, err
		}
		result.Recordings = append(result.Recordings, file)
	}
	return result, nil
}

// save gets the recording of one namespace, or of all, into a file that appears once it is complete.
func (t *Trail) save(ctx context.Context, namespace string) (string, error) {
	name := ""
	if namespace != "" {
		name = "-" + namespace
	}
	path, err := t.options.path(name, "")
	if err != nil {
		return "", err
	}
	part, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".part*")
	if err != nil {
		return "", fmt.Errorf("statetrail: saving the recording: %w", err)
	}
	defer func() { _ = os.Remove(part.Name()) }() // not there any more if all went well
	contentType, err := t.Recording(ctx, part, Filter{Namespace: namespace})
	if err = errors.Join(err, part.Close()); err != nil {
		return "", err
	}
	if path, err = t.options.path(name, suffix(contentType)); err != nil {
		return "", err
	}
	if err := os.Rename(part.Name(), path); err != nil {
		return "", fmt.Errorf("statetrail: saving the recording: %w", err)
	}
	return path, nil
}

func suffix(contentType string) string {
	if media, _, _ := mime.ParseMediaType(contentType); media == "application/zstd" {
		return ".jsonl.zst"
	}
	return ".jsonl"
}

// Recording writes the recording so far to w, and returns its media type: application/zstd or application/x-ndjson. It
// is as long as it is; the context bounds the time, also that of waiting for the downloads of other processes. The
// filter's uid and track do not apply.
func (t *Trail) Recording(ctx context.Context, w io.Writer, filter Filter) (string, error) {
	filter.UID, filter.Track = "", ""
	r := request{method: http.MethodGet, path: "v1/recording", query: filter.query()}
	for {
		contentType, after, err := t.client.download(ctx, r, w)
		var problem *Problem
		if errors.As(err, &problem) && problem.Status == http.StatusTooManyRequests {
			if waited := sleep(ctx, max(firstPause, after)); waited != nil {
				return "", fmt.Errorf("statetrail: GET v1/recording: %w: %w", waited, err)
			}
			continue
		}
		if err != nil {
			return "", fmt.Errorf("statetrail: GET v1/recording: %w", err)
		}
		return contentType, nil
	}
}
