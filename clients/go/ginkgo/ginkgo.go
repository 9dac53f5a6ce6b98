// Package ginkgo connects a trail to the specs of a Ginkgo suite: its steps become marks, verdicts and the recording
// become report entries, and a spec that fails gets its timeline.
//
//	import trailginkgo "statetrail.dev/client/ginkgo"
//
//	var trail *statetrail.Trail
//
//	var _ = BeforeSuite(func(ctx SpecContext) {
//		trail = trailginkgo.Start(ctx, statetrail.Options{Namespaces: []string{namespace}})
//	})
//
//	var _ = trailginkgo.ReportFailures(func() *statetrail.Trail { return trail }, nil)
//
// It never skips a spec. An expectation that is skipped, because its requirements are not met, is a report entry that
// is always printed.
package ginkgo

import (
	"context"
	"fmt"
	"strings"

	"github.com/onsi/ginkgo/v2"

	statetrail "statetrail.dev/client"
)

const (
	defaultName    = "statetrail"
	recordingEntry = "statetrail recording"
	// maxMark leaves room for the number of a repeated name within the 1024 bytes of a mark.
	maxMark = 1000
)

// Start starts a trail for this process, and stops it when the node that calls it is cleaned up: in BeforeSuite, that
// is after the suite. If it cannot start, the node fails.
//
// With ginkgo -p every process has a recorder of its own, whose recording has the number of the process in its name,
// unless STATETRAIL_URL or Options.URL names a server that all share.
func Start(ctx context.Context, options statetrail.Options) *statetrail.Trail {
	ginkgo.GinkgoHelper()
	if options.Name == "" {
		options.Name = defaultName
	}
	if config, _ := ginkgo.GinkgoConfiguration(); config.ParallelTotal > 1 {
		options.Name = fmt.Sprintf("%s-p%d", options.Name, config.ParallelProcess)
	}
	onVerdict := options.OnVerdict
	options.OnVerdict = func(judgement *statetrail.Judgement) {
		addVerdicts(judgement)
		if onVerdict != nil {
			onVerdict(judgement)
		}
	}
	trail, err := statetrail.Start(ctx, options)
	if err != nil {
		ginkgo.Fail(err.Error())
	}
	ginkgo.DeferCleanup(stop, trail)
	return trail
}

func stop(ctx ginkgo.SpecContext, trail *statetrail.Trail) {
	result, err := trail.Stop(ctx)
	if result != nil {
		ginkgo.AddReportEntry(recordingEntry, newRecording(trail, result), ginkgo.ReportEntryVisibilityFailureOrVerbose)
	}
	if err != nil {
		ginkgo.Fail(err.Error())
	}
}

// By is Ginkgo's By, and writes a mark first. The mark's name has the spec's text before that of the step. It can bound
// the window of a matcher:
//
//	started := trailginkgo.By(trail, "starting the VM")
//	...
//	Expect(trail).To(NeverEnter(vm, "status", "ErrorUnschedulable").Since(started))
func By(trail *statetrail.Trail, text string, callback ...func()) statetrail.Mark {
	ginkgo.GinkgoHelper()
	mark, err := trail.Mark(context.Background(), markName(text)) // Mark bounds its time
	if err != nil {
		ginkgo.Fail(err.Error())
	}
	ginkgo.By(text, callback...)
	return mark
}

// markName returns one line for a step of the current spec.
func markName(text string) string {
	config, _ := ginkgo.GinkgoConfiguration()
	name := strings.Join(strings.Fields(ginkgo.CurrentSpecReport().FullText()+": "+text), " ")
	if config.ParallelTotal > 1 {
		name = fmt.Sprintf("p%d: %s", config.ParallelProcess, name)
	}
	if len(name) > maxMark {
		name = strings.ToValidUTF8(name[:maxMark], "")
	}
	return name
}
