// Package imagepull_test has the image-pull test of KubeVirt in three versions, and shows what each of them sees.
//
// It needs KUBECONFIG, STATETRAIL_BIN and KUBEVIRT_STATETRAIL=true, and a cluster without KubeVirt's controllers: its
// actors write the statuses. Specs with the label "node" need a node instead of KubeVirt's kinds.
package imagepull_test

import (
	"os"
	"strconv"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	trailginkgo "statetrail.dev/client/ginkgo"
	"statetrail.dev/examples/kubevirt/tests/testsuite"
)

// api is the cluster, and the namespace of this process.
var api *cluster

func TestImagePull(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "image pull")
}

var _ = BeforeSuite(func(ctx SpecContext) {
	namespace := newNamespace(ctx)
	testsuite.StartTrail(artifacts(), []string{namespace})
	Expect(testsuite.Trail()).NotTo(BeNil(), "these specs need KUBEVIRT_STATETRAIL=true")
	api = openCluster(namespace)
})

var (
	_ = trailginkgo.ReportFailures(testsuite.Trail, nil)
	_ = trailginkgo.ReportRecordings()
)

// runs returns how often a spec is run: $IMAGE_PULL_RUNS, or 3 times.
func runs() int {
	text := os.Getenv("IMAGE_PULL_RUNS")
	if text == "" {
		return 3
	}
	runs, err := strconv.Atoi(text)
	if err != nil {
		panic("IMAGE_PULL_RUNS: " + err.Error())
	}
	return runs
}
