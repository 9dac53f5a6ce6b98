// Package e2e_test runs the client with the program and a control plane. It needs STATETRAIL_BIN and KUBECONFIG, and
// fails without them. No controller may care for its VirtualMachines.
package e2e_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/onsi/gomega"

	statetrail "statetrail.dev/client"
	. "statetrail.dev/client/gomega"
)

const (
	limit = time.Minute
	// envOrphan makes the test process a suite that is killed.
	envOrphan = "TRAIL_E2E_ORPHAN"
)

var api *cluster

func TestMain(m *testing.M) {
	if os.Getenv(envOrphan) != "" {
		orphan()
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	for _, name := range []string{statetrail.EnvBinary, "KUBECONFIG"} {
		if os.Getenv(name) == "" {
			fmt.Fprintf(os.Stderr, "these tests need %s: the path of statetrail and a kubeconfig\n", name)
			return 1
		}
	}
	var err error
	if api, err = openCluster(os.Getenv("KUBECONFIG")); err == nil {
		err = api.define(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "these tests need a control plane:", err)
		return 1
	}
	return m.Run()
}

// start starts a recorder for a namespace.
func start(t *testing.T, namespace string) *statetrail.Trail {
	t.Helper()
	trail, err := statetrail.Start(t.Context(), statetrail.Options{
		What: []string{"vm,pods"}, Namespaces: []string{namespace}, Artifacts: t.TempDir(), Name: namespace,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := trail.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return trail
}

func mark(t *testing.T, trail *statetrail.Trail, name string) statetrail.Mark {
	t.Helper()
	mark, err := trail.Mark(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return mark
}

// failure returns the message with which assertions fail, or "" if they pass.
func failure(assertions func(g gomega.Gomega)) string {
	message := ""
	assertions(gomega.NewGomega(func(text string, _ ...int) { message = text }))
	return message
}

// markAfter writes a mark once the trail has seen a path of an object, and proves that nothing was late at the mark.
func markAfter(t *testing.T, trail *statetrail.Trail, web *vm, track, path, name string) statetrail.Mark {
	t.Helper()
	g := gomega.NewWithT(t)
	g.Eventually(trail).WithTimeout(limit).Should(FollowPath(web, track, path))
	written := mark(t, trail, name)
	g.Expect(trail).To(NeverEnter(web, "lifecycle", "Deleted"))
	return written
}

const pulls = "... -> Starting -> (ErrImagePull -> ImagePullBackOff){2,} -> Running -> ..."

func TestMatchersJudgeWhatTheServerServed(t *testing.T) {
	t.Parallel()
	g := gomega.NewWithT(t)
	namespace := api.newNamespace(t)
	trail := start(t, namespace)
	web := api.newVM(t, namespace)
	before := markAfter(t, trail, web, "lifecycle", "Present -> ...", "before")
	api.enter(t, web, "Starting", "ErrImagePull", "ImagePullBackOff", "ErrImagePull", "ImagePullBackOff")
	running := markAfter(t, trail, web, "status", "... -> (ErrImagePull -> ImagePullBackOff){2} -> ...", "it runs")
	api.enter(t, web, "Running")

	g.Eventually(trail).WithTimeout(limit).Should(FollowPath(web, "status", pulls))
	g.Eventually(trail).WithTimeout(limit).Should(FollowPath(statetrail.VM(namespace, "web"), "status", pulls))
	g.Eventually(trail).WithTimeout(limit).Should(
		FollowPath(web, "status", "ImagePullBackOff -> Running -> ...").Since(running))
	g.Eventually(trail).WithTimeout(limit).Should(ReachWithin(web, "status", "Running", limit))
	g.Expect(trail).To(Satisfy("vm/web status: ... -> Running -> ...").UntilNow())
	g.Eventually(trail).WithTimeout(limit).Should(Satisfy(`{
		apiVersion: statetrail/v1, kind: Expectation, metadata: {name: it runs},
		subjects: {vm: {kind: VirtualMachine, name: web, life: first}},
		expect: {track: vm.status, path: "... -> Running -> ..."}}`))
	g.Expect(trail).To(NeverEnter(web, "status", "CrashLoopBackOff"))
	g.Expect(trail).To(NeverEnter(web, "status", "ErrImagePull").Since(running))
	g.Expect(trail).To(NeverEnter(web, "status", "Running").Since(before).Until(running))
	g.Expect(trail).To(StayIn(web, "status", "Running"))
	g.Expect(trail).To(EnterOnlyAfter(web, "status=Running", web, "status=ErrImagePull"))
	g.Expect(trail).To(gomega.SatisfyAll(
		gomega.Not(NeverEnter(web, "status", "Running")), NeverEnter(web, "status", "Paused")))
	g.Expect(trail).To(Satisfy("vm/web status: never Paused").UntilNow())
	g.Consistently(trail).WithTimeout(time.Second).WithPolling(time.Second / 4).Should(NeverEnter(web, "status", "Paused"))
	g.Eventually(trail).WithTimeout(limit).Should(StayIn(web, "status", "Running").For(500 * time.Millisecond))
}

func TestViolationsEndAnAssertionWithTheirExplanation(t *testing.T) {
	t.Parallel()
	namespace := api.newNamespace(t)
	trail := start(t, namespace)
	web := api.newVM(t, namespace)
	api.enter(t, web, "Starting", "Running", "Stopped")
	for name, assertion := range map[string]func(gomega.Gomega){
		"path": func(g gomega.Gomega) {
			g.Eventually(trail).WithTimeout(limit).Should(FollowPath(web, "status", "Starting -> Paused"))
		},
		"never": func(g gomega.Gomega) { g.Expect(trail).To(NeverEnter(web, "status", "Running")) },
		"stay":  func(g gomega.Gomega) { g.Expect(trail).To(StayIn(web, "status", "Running")) },
		"stay for": func(g gomega.Gomega) {
			// Where both entries came at once, the next bookmark decides, up to a minute later.
			g.Eventually(trail).WithTimeout(2 * limit).Should(StayIn(web, "status", "Running").For(limit))
		},
		"order": func(g gomega.Gomega) {
			g.Expect(trail).To(EnterOnlyAfter(web, "status=Running", web, "status=Stopped"))
		},
	} {
		message := failure(assertion)
		if !strings.Contains(message, "violated") || !strings.Contains(message, "Running") {
			t.Errorf("%s: %s", name, message)
		}
	}
	g := gomega.NewWithT(t)
	g.Expect(trail).NotTo(FollowPath(web, "status", "Starting -> Paused"))
}

func TestNothingIsProvenOfAnObjectThatIsNotThere(t *testing.T) {
	t.Parallel()
	namespace := api.newNamespace(t)
	trail := start(t, namespace)
	none := statetrail.VM(namespace, "none")
	for name, assertion := range map[string]func(gomega.Gomega){
		"path":      func(g gomega.Gomega) { g.Expect(trail).To(FollowPath(none, "status", "...")) },
		"not path":  func(g gomega.Gomega) { g.Expect(trail).NotTo(FollowPath(none, "status", "... -> Running")) },
		"never":     func(g gomega.Gomega) { g.Expect(trail).To(NeverEnter(none, "status", "Running")) },
		"not never": func(g gomega.Gomega) { g.Expect(trail).NotTo(NeverEnter(none, "status", "Running")) },
		"not stay":  func(g gomega.Gomega) { g.Expect(trail).NotTo(StayIn(none, "status", "Running")) },
		"no word":   func(g gomega.Gomega) { g.Expect(trail).NotTo(NeverEnter(none, "status", "Rnning")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if failure(assertion) == "" {
				t.Error("it passes")
			}
		})
	}
}

func TestAGuardSeesWhatTheAPIServerHasAnswered(t *testing.T) {
	t.Parallel()
	namespace := api.newNamespace(t)
	trail := start(t, namespace)
	web := api.newVM(t, namespace)
	api.enter(t, web, "Starting")
	for i := range 20 {
		state := fmt.Sprintf("Failed%d", i)
		api.enter(t, web, state)
		if failure(func(g gomega.Gomega) { g.Expect(trail).To(NeverEnter(web, "status", "'"+state+"'")) }) == "" {
			t.Errorf("never %s passes, although the API server had answered that it was entered", state)
		}
	}
}

func TestTheTrailAnswersAndKeepsAWholeRecording(t *testing.T) {
	t.Parallel()
	g := gomega.NewWithT(t)
	namespace := api.newNamespace(t)
	trail := start(t, namespace)
	web := api.newVM(t, namespace)
	api.enter(t, web, "Starting", "Running")
	g.Eventually(trail).WithTimeout(limit).Should(FollowPath(web, "status", "... -> Running -> ..."))

	filter, err := statetrail.FilterFor(web)
	g.Expect(err).NotTo(gomega.HaveOccurred())
	filter.Track = "status"
	entries, err := trail.Timeline(t.Context(), filter)
	g.Expect(err).NotTo(gomega.HaveOccurred())
	var path []string
	for _, entry := range entries {
		if entry.Track == "status" && entry.To != nil {
			path = append(path, *entry.To)
		}
	}
	g.Expect(path).To(gomega.HaveExactElements("Starting", "Running"))
	subjects, err := trail.Subjects(t.Context(), filter)
	g.Expect(err).NotTo(gomega.HaveOccurred())
	g.Expect(subjects).To(gomega.HaveLen(1))
	g.Expect(subjects[0].Tracks["status"].State).To(gomega.HaveValue(gomega.Equal("Running")))
	status, err := trail.Status(t.Context())
	g.Expect(err).NotTo(gomega.HaveOccurred())
	g.Expect(status.Attached).To(gomega.BeTrue())
	var recording bytes.Buffer
	_, err = trail.Recording(t.Context(), &recording, statetrail.Filter{Namespace: namespace})
	g.Expect(err).NotTo(gomega.HaveOccurred())
	g.Expect(recording.Len()).To(gomega.BeNumerically(">", 0))
	_, err = trail.Judge(t.Context(), "not: an expectation", statetrail.JudgeOptions{})
	g.Expect(err).To(gomega.MatchError(gomega.ContainSubstring("apiVersion")))

	result, err := trail.Stop(t.Context())
	g.Expect(err).NotTo(gomega.HaveOccurred())
	g.Expect(result.Whole).To(gomega.BeTrue(), result.Log)
	verify(t, result.Recordings[0])
}

// verify fails unless a recording is whole.
func verify(t *testing.T, file string) {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), os.Getenv(statetrail.EnvBinary), "verify", file).CombinedOutput()
	if err != nil {
		t.Errorf("verify: %v: %s", err, output)
	}
}

func TestASharedServerIsUsedByItsAddress(t *testing.T) {
	t.Parallel()
	g := gomega.NewWithT(t)
	namespace := api.newNamespace(t)
	owner := start(t, namespace)
	status, err := owner.Status(t.Context())
	g.Expect(err).NotTo(gomega.HaveOccurred())
	g.Expect(status.Recording).To(gomega.HaveSuffix(namespace + ".jsonl.zst"))

	trail, err := statetrail.Start(t.Context(), statetrail.Options{
		URL: owner.URL(), Namespaces: []string{namespace}, Artifacts: t.TempDir(),
	})
	g.Expect(err).NotTo(gomega.HaveOccurred())
	web := api.newVM(t, namespace)
	api.enter(t, web, "Starting", "Running")
	g.Eventually(trail).WithTimeout(limit).Should(FollowPath(web, "status", "... -> Running -> ..."))
	result, err := trail.Stop(t.Context())
	g.Expect(err).NotTo(gomega.HaveOccurred())
	g.Expect(result.Recordings).To(gomega.HaveLen(1))
	output, err := exec.CommandContext(t.Context(), os.Getenv(statetrail.EnvBinary), "show", result.Recordings[0]).Output()
	g.Expect(err).NotTo(gomega.HaveOccurred())
	g.Expect(string(output)).To(gomega.ContainSubstring("Running"))
}

// orphan is a suite that is killed: it starts a recorder, says where its file is, and goes on for ever.
func orphan() {
	trail, err := statetrail.Start(context.Background(), statetrail.Options{
		What: []string{"vm"}, Namespaces: []string{"default"}, Artifacts: os.Getenv(envOrphan),
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(trail.URL())
	select {}
}

func TestARecorderWhoseSuiteIsKilledEndsWithAWholeRecording(t *testing.T) {
	t.Parallel()
	g := gomega.NewWithT(t)
	self, err := os.Executable()
	g.Expect(err).NotTo(gomega.HaveOccurred())
	artifacts := t.TempDir()
	suite := exec.CommandContext(t.Context(), self)
	suite.Env = append(os.Environ(), envOrphan+"="+artifacts)
	suite.Stderr = os.Stderr
	output, err := suite.StdoutPipe()
	g.Expect(err).NotTo(gomega.HaveOccurred())
	g.Expect(suite.Start()).To(gomega.Succeed())
	address := make([]byte, len("http://127.0.0.1:10000"))
	_, err = output.Read(address)
	g.Expect(err).NotTo(gomega.HaveOccurred())
	g.Expect(suite.Process.Kill()).To(gomega.Succeed())
	g.Expect(suite.Wait()).NotTo(gomega.Succeed())

	g.Eventually(func() error {
		file := filepath.Join(artifacts, "statetrail.jsonl.zst")
		return exec.CommandContext(t.Context(), os.Getenv(statetrail.EnvBinary), "verify", file).Run()
	}).WithTimeout(limit).WithPolling(time.Second / 4).Should(gomega.Succeed())
}
