package gomega_test

import (
	"context"
	"fmt"
	"time"

	"github.com/onsi/gomega"

	statetrail "statetrail.dev/client"
	. "statetrail.dev/client/gomega"
	"statetrail.dev/client/internal/fakeserver"
)

// recording returns a trail that gives every expectation one verdict, and the Gomega of a suite.
func recording(verdict string) (*statetrail.Trail, gomega.Gomega, func()) {
	server := fakeserver.New()
	server.Say(fakeserver.Answer{Verdict: verdict})
	trail, err := statetrail.Start(context.Background(), statetrail.Options{URL: server.URL})
	if err != nil {
		panic(err)
	}
	fail := func(message string, _ ...int) { fmt.Println(message) }
	return trail, gomega.NewGomega(fail), server.Close
}

func ExampleFollowPath() {
	trail, g, end := recording("satisfied")
	defer end()
	vm := statetrail.VM("kubevirt-test", "web") // or what client-go returned

	passed := g.Eventually(trail).WithTimeout(15 * time.Minute).Should(
		FollowPath(vm, "status", "... -> (ErrImagePull -> ImagePullBackOff){2,} -> ..."))
	fmt.Println(passed)
	// Output: true
}

func ExampleNeverEnter() {
	trail, g, end := recording("violated")
	defer end()
	vm := statetrail.VM("kubevirt-test", "web")

	g.Expect(trail).To(NeverEnter(vm, "status", "CrashLoopBackOff", "ErrorUnschedulable"))
	// Output:
	// violated  it
	//   explained in full
}

func ExampleEnterOnlyAfter() {
	trail, g, end := recording("satisfied")
	defer end()
	vm := statetrail.VM("kubevirt-test", "web")

	passed := g.Expect(trail).To(
		EnterOnlyAfter(vm, "status=Running", statetrail.OwnedBy("Pod", vm), "phase=Running"))
	fmt.Println(passed)
	// Output: true
}

func ExampleStayIn() {
	trail, g, end := recording("satisfied")
	defer end()
	vm := statetrail.VM("kubevirt-test", "web")

	passed := g.Eventually(trail).WithTimeout(3 * time.Minute).Should(StayIn(vm, "status", "Running").For(time.Minute))
	fmt.Println(passed)
	// Output: true
}

func ExampleSatisfy() {
	trail, g, end := recording("satisfied")
	defer end()

	passed := g.Expect(trail).To(Satisfy(`
		vm/web status: never CrashLoopBackOff
		pod/db phase: ... -> Running -> ...
	`).UntilNow())
	fmt.Println(passed)
	// Output: true
}
