package testsuite

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strconv"

	. "github.com/onsi/ginkgo/v2"

	statetrail "statetrail.dev/client"
	trailginkgo "statetrail.dev/client/ginkgo"
)

var trail *statetrail.Trail

// Trail returns the recorder of the states of VMs, VMIs and pods, or nil unless KUBEVIRT_STATETRAIL is true.
func Trail() *statetrail.Trail {
	return trail
}

// StartTrail records what happens in the namespaces until the suite has ended, if KUBEVIRT_STATETRAIL is true. Each
// parallel process has a folder of its own.
func StartTrail(artifactsDir string, namespaces []string) {
	if record, _ := strconv.ParseBool(os.Getenv("KUBEVIRT_STATETRAIL")); !record {
		return
	}
	options := statetrail.Options{Artifacts: filepath.Join(artifactsDir, "statetrail"), Namespaces: namespaces}
	if suiteConfig, _ := GinkgoConfiguration(); suiteConfig.ParallelTotal > 1 {
		options.Artifacts = filepath.Join(options.Artifacts, strconv.Itoa(suiteConfig.ParallelProcess))
	}
	if kubeconfig := flag.Lookup("kubeconfig"); kubeconfig != nil && kubeconfig.Value.String() != "" {
		options.Args = []string{"--kubeconfig", kubeconfig.Value.String()}
	}
	trail = trailginkgo.Start(context.Background(), options)
}
