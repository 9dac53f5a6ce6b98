package test_test

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	statetrail "statetrail.dev/client"
	trailginkgo "statetrail.dev/client/ginkgo"
	. "statetrail.dev/client/gomega"
	"statetrail.dev/client/internal/fakeserver"
)

// The environment of the process that runs the specs of this file.
const (
	envSpecs    = "TRAIL_TEST_SPECS"    // not empty: run the specs
	envServer   = "TRAIL_TEST_SERVER"   // not empty: with a shared server
	envRecorder = "TRAIL_TEST_RECORDER" // the program that is their recorder
)

// TestMain runs the tests, or the specs that they are about, or a recorder for those.
func TestMain(m *testing.M) {
	switch {
	case strings.HasPrefix(filepath.Base(os.Args[0]), "recorder"):
		os.Exit(recorder())
	case os.Getenv(envSpecs) != "":
		flag.Parse()
		gomega.RegisterFailHandler(ginkgo.Fail)
		if !ginkgo.RunSpecs(&failer{}, "specs") {
			os.Exit(1)
		}
	default:
		os.Exit(m.Run())
	}
}

type failer struct{}

func (*failer) Fail() {}

// recorder behaves as a statetrail serve.
func recorder() int {
	file := os.Args[slices.Index(os.Args, "--output")+1]
	if err := os.WriteFile(file, []byte("{}\n"), 0o600); err != nil {
		return 4
	}
	server := fakeserver.New()
	defer server.Close()
	server.Say(fakeserver.Answer{Verdict: "satisfied"})
	fmt.Println(server.URL)
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}

var (
	server *fakeserver.Server
	trail  *statetrail.Trail
)

var _ = ginkgo.BeforeSuite(func(ctx ginkgo.SpecContext) {
	options := statetrail.Options{Namespaces: []string{"a"}, Binary: os.Getenv(envRecorder)}
	server = fakeserver.New()
	ginkgo.DeferCleanup(server.Close)
	if os.Getenv(envServer) != "" {
		options.URL = server.URL
	}
	trail = trailginkgo.Start(ctx, options)
})

var (
	_ = trailginkgo.ReportFailures(func() *statetrail.Trail { return trail }, nil)
	_ = trailginkgo.ReportRecordings()
)

var _ = ginkgo.Describe("a shared server", ginkgo.Label("shared"), func() {
	web := statetrail.VM("a", "web")

	ginkgo.BeforeEach(func() {
		server.SetTimeline([]string{
			`{"at":"2025-12-31T23:59:59.000000Z","kind":"Pod","namespace":"a","name":"old","track":"phase",` +
				`"from":null,"to":"A"}`,
			`{"at":"2026-01-01T00:00:01.000000Z","mark":"of another test"}`,
			`{"at":"2026-01-01T00:00:02.000000Z","kind":"Pod","namespace":"a","name":"new","track":"phase",` +
				`"from":"A","to":"B"}`,
		})
	})
	ginkgo.AfterEach(func() { server.SetTimeline() })

	ginkgo.It("passes", func() {
		begun := trailginkgo.By(trail, "one step")
		trailginkgo.By(trail, "one step")
		server.Say(fakeserver.Answer{Verdict: "satisfied"})
		gomega.Eventually(trail).Should(FollowPath(web, "status", "... -> A -> ...").Since(begun))
		gomega.Expect(server.Marks()).To(gomega.ContainElements(
			gomega.HavePrefix("a shared server passes: begin #"), begun.Name,
			gomega.HavePrefix("a shared server passes: one step (2) #")))
	})
	ginkgo.It("is not skipped", func() {
		server.Say(fakeserver.Answer{Verdict: "skipped"})
		gomega.Expect(trail).To(NeverEnter(web, "status", "A"))
	})
	ginkgo.It("fails", func() {
		server.Say(fakeserver.Answer{Verdict: "violated"})
		gomega.Eventually(trail).Should(FollowPath(web, "status", "A"))
	})
	ginkgo.Context("with a step before", func() {
		ginkgo.BeforeEach(func() { ginkgo.Fail("before it begins") })
		ginkgo.It("fails early", func() {})
	})
})

var _ = ginkgo.Describe("recorders of processes", ginkgo.Label("processes"), func() {
	for i := range 4 {
		ginkgo.It(fmt.Sprintf("spec %d", i), func() {
			trailginkgo.By(trail, "a step")
			gomega.Expect(trail).To(NeverEnter(statetrail.VM("a", "web"), "status", "A"))
		})
	}
})
