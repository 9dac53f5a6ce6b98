package ginkgo

import (
	"fmt"
	"strings"

	"github.com/onsi/ginkgo/v2"

	statetrail "statetrail.dev/client"
)

// A Verdict is the value of the report entry for an expectation. From Ginkgo 2.33 on it is a property of the testcase
// in JUnit reports.
type Verdict struct {
	Verdict statetrail.Verdict `json:"verdict"`
	Reason  string             `json:"reason"`
	// Path are the states that were judged, where the verdict is not satisfied.
	Path string `json:"path,omitempty"`
}

// String returns the verdict in one line.
func (v Verdict) String() string {
	text := fmt.Sprintf("%s: %s", v.Verdict, v.Reason)
	if v.Path != "" {
		text += " (" + v.Path + ")"
	}
	return text
}

// addVerdicts adds an entry for each expectation.
func addVerdicts(judgement *statetrail.Judgement) {
	for i := range judgement.Expectations {
		outcome := &judgement.Expectations[i]
		var visible any = ginkgo.ReportEntryVisibilityFailureOrVerbose
		if outcome.Verdict == statetrail.Skipped {
			visible = ginkgo.ReportEntryVisibilityAlways
		}
		value := Verdict{Verdict: outcome.Verdict, Reason: outcome.Reason, Path: pathOf(outcome)}
		ginkgo.AddReportEntry("statetrail "+outcome.Name, value, visible)
	}
}

func pathOf(outcome *statetrail.Outcome) string {
	states := make([]string, 0, len(outcome.Path))
	for _, step := range outcome.Path {
		if step.Gap != "" {
			states = append(states, "~")
		}
		if step.State != nil {
			states = append(states, *step.State)
		}
	}
	return strings.Join(states, " -> ")
}

// A Recording is the value of the report entry for the recording of a suite.
type Recording struct {
	Files []string `json:"files"`
	// Whole says that a recorder of this process has proven that nothing is missing. It is nil for a shared server.
	Whole *bool  `json:"whole,omitempty"`
	Log   string `json:"log,omitempty"`
}

// String returns the paths, and what the recorder wrote if the recording is not whole.
func (r Recording) String() string {
	text := strings.Join(r.Files, "\n")
	if r.Whole != nil && !*r.Whole {
		text += "\nnot whole:\n" + r.Log
	}
	return text
}

func newRecording(trail *statetrail.Trail, result *statetrail.Result) Recording {
	recording := Recording{Files: result.Recordings, Log: result.Log}
	if !trail.Shared() {
		recording.Whole = &result.Whole
	}
	return recording
}

// ReportRecordings prints where the recordings of all processes are when the suite has ended, and what is missing in
// them. Call it once, at the top level of a suite.
func ReportRecordings() bool {
	return ginkgo.ReportAfterSuite("statetrail recordings", func(report ginkgo.Report) {
		for i := range report.SpecReports {
			for _, entry := range report.SpecReports[i].ReportEntries {
				if entry.Name == recordingEntry {
					fmt.Println("statetrail recording:", entry.StringRepresentation())
				}
			}
		}
	})
}
