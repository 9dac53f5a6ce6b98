package ginkgo

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"

	statetrail "statetrail.dev/client"
)

const (
	// maxLines bounds the timeline of one filter in a report. The recording has all of it.
	maxLines = 500
	// settleTime is how long the timeline is waited for.
	settleTime  = 5 * time.Second
	settlePause = 100 * time.Millisecond
)

// ofRequest are the names of the marks that the server writes for requests that judge until now.
var ofRequest = regexp.MustCompile(`^now-[0-9a-f]{16}$`)

// ReportFailures adds a report entry to every spec that fails: what happened in its namespaces from its begin on. It
// does so before AfterEach and DeferCleanup tear anything down, and at the same time with every version of Ginkgo: it
// uses JustAfterEach. Call it once, at the top level of a suite.
//
// The scope says what belongs to the spec: namespaces, or single objects by FilterFor. If it is nil, these are
// Options.Namespaces, or everything that a recorder of this process has recorded. It is called when a spec has failed.
func ReportFailures(trail func() *statetrail.Trail, scope func() []statetrail.Filter) bool {
	var began time.Time
	ginkgo.BeforeEach(func(ctx ginkgo.SpecContext) {
		began = time.Time{}
		if t := trail(); t != nil {
			// Without the mark, the timeline has the time before the spec, too.
			mark, _ := t.Mark(ctx, markName("begin"))
			began = mark.At
		}
	})
	return ginkgo.JustAfterEach(func(ctx ginkgo.SpecContext) {
		t := trail()
		if t == nil || !ginkgo.CurrentSpecReport().Failed() {
			return
		}
		settle(ctx, t)
		text, err := timelines(ctx, t, scope, began)
		if err != nil {
			text += "no timeline: " + err.Error()
		}
		ginkgo.AddReportEntry("statetrail timeline", text, ginkgo.ReportEntryVisibilityFailureOrVerbose)
	})
}

// settle waits until the timeline has what the recorder has got by now: entries come to it in order, a moment later.
func settle(ctx context.Context, trail *statetrail.Trail) {
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	end, err := trail.Mark(ctx, markName("end"))
	for err == nil {
		var entries []statetrail.Entry
		// No object has this uid: the answer has marks and gaps only.
		entries, err = trail.Timeline(ctx, statetrail.Filter{UID: "0"})
		for i := range entries {
			if entries[i].Mark == end.Name {
				return
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(settlePause):
		}
	}
}

func timelines(
	ctx ginkgo.SpecContext, trail *statetrail.Trail, scope func() []statetrail.Filter, began time.Time,
) (string, error) {
	filters, err := filtersOf(trail, scope)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for _, filter := range filters {
		entries, err := trail.Timeline(ctx, filter)
		if err != nil {
			return text.String(), err
		}
		fmt.Fprintf(&text, "%s\n", title(filter))
		write(&text, ofThis(trail, entries, began))
	}
	return text.String(), nil
}

func filtersOf(trail *statetrail.Trail, scope func() []statetrail.Filter) ([]statetrail.Filter, error) {
	if scope != nil {
		return scope(), nil
	}
	var filters []statetrail.Filter
	for _, namespace := range trail.Namespaces() {
		filters = append(filters, statetrail.Filter{Namespace: namespace})
	}
	if len(filters) > 0 {
		return filters, nil
	}
	if trail.Shared() {
		return nil, errors.New("the server is shared: say which namespaces are those of the test (Options.Namespaces)")
	}
	return []statetrail.Filter{{}}, nil
}

func title(filter statetrail.Filter) string {
	var parts []string
	for _, part := range []string{filter.Kind, filter.Namespace, filter.Name, filter.UID, filter.Track} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return "timeline"
	}
	return "timeline of " + strings.Join(parts, " ")
}

// ofThis returns the entries from a moment on, without the marks that other users of a shared server wrote.
func ofThis(trail *statetrail.Trail, entries []statetrail.Entry, began time.Time) []statetrail.Entry {
	var own []statetrail.Entry
	for _, entry := range entries {
		foreign := entry.Mark != "" && (ofRequest.MatchString(entry.Mark) || trail.Shared() && !trail.Wrote(entry.Mark))
		if !foreign && !entry.At.Before(began) {
			own = append(own, entry)
		}
	}
	return own
}

// write writes the last entries.
func write(text *strings.Builder, entries []statetrail.Entry) {
	if over := len(entries) - maxLines; over > 0 {
		fmt.Fprintf(text, "  ... %d entries before\n", over)
		entries = entries[over:]
	}
	for i := range entries {
		fmt.Fprintf(text, "  %s\n", entries[i].String())
	}
}
