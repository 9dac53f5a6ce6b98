package imagepull_test

import (
	"context"
	"fmt"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	virtv1 "kubevirt.io/api/core/v1"

	"statetrail.dev/client/gomega"
	"statetrail.dev/examples/kubevirt/tests/testsuite"
)

// These are three versions of one assertion: that the status of a VM toggles twice between ErrImagePull and
// ImagePullBackOff. A test of KubeVirt would have 660 s for it. The story has both toggles in its first 36 s.

const (
	timeout = 50 * time.Second
	polling = time.Second
)

// followsPath is the version with statetrail.
func followsPath(g Gomega, vm *virtv1.VirtualMachine) {
	g.Eventually(testsuite.Trail()).WithTimeout(timeout).Should(gomega.FollowPath(vm, "status",
		"Stopped? -> Starting -> (ErrImagePull -> ImagePullBackOff){2,} -> ..."))
}

// isPolled is the version that gets the VM every second.
func isPolled(ctx context.Context, g Gomega, c *cluster, vm *virtv1.VirtualMachine) {
	status := func() (virtv1.VirtualMachinePrintableStatus, error) {
		seen, err := c.vms.Get(ctx, vm.Name, metav1.GetOptions{})
		if err != nil {
			return "", err
		}
		return seen.Status.PrintableStatus, nil
	}
	for range 2 {
		g.Eventually(status).WithContext(ctx).WithTimeout(timeout).WithPolling(polling).Should(Equal(errImagePull))
		g.Eventually(status).WithContext(ctx).WithTimeout(timeout).WithPolling(polling).Should(Equal(imagePullBackOff))
	}
}

// isWatched is the version that takes one event of a watch every second.
func isWatched(ctx context.Context, g Gomega, c *cluster, vm *virtv1.VirtualMachine) {
	watched, err := c.vms.Watch(ctx, metav1.ListOptions{FieldSelector: "metadata.name=" + vm.Name})
	g.Expect(err).NotTo(HaveOccurred())
	defer watched.Stop()
	status := func(event watch.Event) (virtv1.VirtualMachinePrintableStatus, error) {
		seen, ok := event.Object.(*virtv1.VirtualMachine)
		if !ok {
			return "", fmt.Errorf("not a VM: %v", event.Object)
		}
		return seen.Status.PrintableStatus, nil
	}
	for range 2 {
		for _, expected := range []virtv1.VirtualMachinePrintableStatus{errImagePull, imagePullBackOff} {
			g.Eventually(watched.ResultChan()).WithContext(ctx).WithTimeout(timeout).WithPolling(polling).Should(
				Receive(WithTransform(status, Equal(expected))))
		}
	}
}

// failure returns the message with which assertions fail, or "" if they pass.
func failure(assertions func(g Gomega)) (message string) {
	type ended struct{}
	defer func() {
		if reason := recover(); reason != nil && reason != (ended{}) {
			panic(reason)
		}
	}()
	assertions(NewGomega(func(text string, _ ...int) {
		message = text
		panic(ended{})
	}))
	return ""
}
