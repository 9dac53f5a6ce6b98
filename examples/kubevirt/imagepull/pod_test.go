package imagepull_test

import (
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"statetrail.dev/client/gomega"
	"statetrail.dev/examples/kubevirt/tests/testsuite"
)

var _ = Describe("a pod whose image cannot be pulled", Label("node"), func() {
	for run := range runs() {
		It(fmt.Sprintf("toggles between ErrImagePull and ImagePullBackOff, run %d", run+1), func(ctx SpecContext) {
			pod := api.createPod(ctx, fmt.Sprintf("right-%d", run+1))
			// The second pull is tried 10 to 20 s after the first one.
			Eventually(testsuite.Trail()).WithTimeout(2 * time.Minute).Should(
				gomega.FollowPath(pod, "status", "... -> (ErrImagePull -> ImagePullBackOff){2,} -> ..."))
		})
	}
})
