package imagepull_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	virtv1 "kubevirt.io/api/core/v1"
)

// live creates a VM, whose actor behaves as it is told until the spec ends.
func live(name string, behave func([]step) []step) *virtv1.VirtualMachine {
	GinkgoHelper()
	ctx, cancel := context.WithCancel(context.Background())
	vm, err := api.createVM(ctx, name)
	Expect(err).NotTo(HaveOccurred())
	steps := story()
	if behave != nil {
		steps = behave(steps)
	}
	played := make(chan error, 1)
	go func() { played <- (&actor{cluster: api, name: name}).play(ctx, steps) }()
	DeferCleanup(func() {
		cancel()
		Expect(<-played).To(Succeed())
	})
	return vm
}

// observe runs a version of the assertion beside the spec, until that ends. It returns a channel of its failure.
func observe(version func(ctx context.Context, g Gomega)) <-chan string {
	ctx, cancel := context.WithCancel(context.Background())
	var ended sync.WaitGroup
	result := make(chan string, 1)
	ended.Go(func() { result <- failure(func(g Gomega) { version(ctx, g) }) })
	DeferCleanup(func() {
		cancel()
		ended.Wait()
	})
	return result
}

var _ = Describe("a VM whose image cannot be pulled", func() {
	for run := range runs() {
		It(fmt.Sprintf("toggles between ErrImagePull and ImagePullBackOff, run %d", run+1), func() {
			followsPath(Default, live(fmt.Sprintf("right-%d", run+1), nil))
		})
	}

	It("is missed by polling", func() {
		const observers = 10
		var results [observers]<-chan string
		for i := range observers {
			vm := live(fmt.Sprintf("polled-%d", i+1), nil)
			results[i] = observe(func(ctx context.Context, g Gomega) {
				time.Sleep(time.Duration(i) * polling / observers) // so that they poll at different moments
				isPolled(ctx, g, api, vm)
			})
		}
		passed := 0
		for _, result := range results {
			var message string
			Eventually(result).WithTimeout(4 * timeout).Should(Receive(&message))
			if message == "" {
				passed++
			} else {
				Expect(message).To(ContainSubstring("Timed out"))
			}
		}
		AddReportEntry(fmt.Sprintf("polling every second passed %d of %d times", passed, observers))
		Expect(passed).To(BeNumerically("<", observers))
	})

	const passes, waits = "passes", "waits"
	DescribeTable("is told from one",
		func(name string, behave func([]step) []step, watched, explanation string) {
			vm := live(name, behave)
			byWatch := observe(func(ctx context.Context, g Gomega) { isWatched(ctx, g, api, vm) })
			byPoll := observe(func(ctx context.Context, g Gomega) { isPolled(ctx, g, api, vm) })

			message := failure(func(g Gomega) { followsPath(g, vm) })
			AddReportEntry("followsPath", message, ReportEntryVisibilityFailureOrVerbose)
			Expect(message).To(ContainSubstring(explanation))
			switch watched {
			case passes:
				Eventually(byWatch).WithTimeout(timeout).Should(Receive(BeEmpty()), "isWatched")
			case waits:
				Expect(byWatch).NotTo(Receive(), "isWatched")
				Expect(byPoll).NotTo(Receive(), "isPolled")
			default:
				Eventually(byWatch).WithTimeout(timeout).Should(Receive(ContainSubstring(watched)), "isWatched")
			}
		},
		Entry("that never reports the error", "never-reported", neverReported, waits,
			"ErrImagePull was never entered: ImagePullBackOff came instead"),
		Entry("that is tried once", "tried-once", triedOnce, "Timed out",
			"it does not fit yet; legal next: ErrImagePull"),
		Entry("that runs in between", "runs-between", runsBetween, passes,
			"entered Running at"),
		Entry("that backs off before the error", "backs-off-first", backsOffFirst, waits,
			"ErrImagePull was never entered: ImagePullBackOff came instead"),
		Entry("that is replaced by another", "replaced", replaced, passes,
			"expected ErrImagePull after it"),
	)
})
