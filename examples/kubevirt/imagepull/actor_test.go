package imagepull_test

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	virtv1 "kubevirt.io/api/core/v1"
)

// recorded has what KubeVirt's virt-controller wrote, when the image of a container disk could not be pulled: a line
// for each status of the VM and of its VMI, with the time since the VM was created.
//
//go:embed story.jsonl
var recorded []byte

// A step is one write of an actor.
type step struct {
	at   time.Duration
	kind string
	// status replaces the status of the object.
	status json.RawMessage
	// write is what the step does instead, if it is not nil.
	write func(ctx context.Context, a *actor) error
}

// story returns the recorded steps.
func story() []step {
	var steps []step
	lines := json.NewDecoder(bytes.NewReader(recorded))
	for lines.More() {
		var line struct {
			At, Kind string
			Status   json.RawMessage
		}
		if err := lines.Decode(&line); err != nil {
			panic(err)
		}
		at, err := time.ParseDuration(line.At)
		if err != nil {
			panic(err)
		}
		steps = append(steps, step{at: at, kind: line.Kind, status: line.Status})
	}
	return steps
}

// is says whether the step writes this status of the VM.
func (s step) is(status virtv1.VirtualMachinePrintableStatus) bool {
	return s.kind == "VirtualMachine" && strings.Contains(string(s.status), fmt.Sprintf(`"printableStatus":%q`, status))
}

// enter returns a step that gives the VM a status.
func enter(at time.Duration, status virtv1.VirtualMachinePrintableStatus) step {
	return step{at: at, kind: "VirtualMachine", status: fmt.Appendf(nil, `{"printableStatus":%q}`, status)}
}

const (
	errImagePull     = virtv1.VirtualMachineStatusErrImagePull
	imagePullBackOff = virtv1.VirtualMachineStatusImagePullBackOff
)

// nth returns where the VM enters a status for the nth time, counted from 0.
func nth(steps []step, status virtv1.VirtualMachinePrintableStatus, n int) int {
	for i, s := range steps {
		if s.is(status) {
			if n == 0 {
				return i
			}
			n--
		}
	}
	panic("the story has no such step")
}

// neverReported leaves the error out: the VM is backing off at once, as with the feature gate ImageVolume.
func neverReported(steps []step) []step {
	return slices.DeleteFunc(steps, func(s step) bool { return s.is(errImagePull) })
}

// triedOnce ends with the first back-off.
func triedOnce(steps []step) []step {
	return steps[:nth(steps, imagePullBackOff, 0)+1]
}

// runsBetween lets the VM run for 100 ms between two errors.
func runsBetween(steps []step) []step {
	second := nth(steps, errImagePull, 1)
	at := steps[second].at
	return slices.Insert(steps, second,
		enter(at-200*time.Millisecond, virtv1.VirtualMachineStatusRunning), enter(at-100*time.Millisecond, imagePullBackOff))
}

// backsOffFirst reports each error after its back-off.
func backsOffFirst(steps []step) []step {
	for n := range 2 {
		failed, waits := nth(steps, errImagePull, n), nth(steps, imagePullBackOff, n)
		steps[failed].status, steps[waits].status = steps[waits].status, steps[failed].status
	}
	return steps
}

// replaced deletes the VM after the first back-off, and goes on with another one of its name.
func replaced(steps []step) []step {
	first := nth(steps, imagePullBackOff, 0)
	again := step{at: steps[first].at + time.Second, write: func(ctx context.Context, a *actor) error {
		if err := a.cluster.vms.Delete(ctx, a.name, metav1.DeleteOptions{}); err != nil {
			return err
		}
		_, err := a.cluster.createVM(ctx, a.name)
		return err
	}}
	return slices.Insert(steps, first+1, again)
}

// An actor writes what virt-controller would write, when it would.
type actor struct {
	cluster *cluster
	name    string
}

// play plays steps from now on, in which the VM was created. It returns early if the context ends.
func (a *actor) play(ctx context.Context, steps []step) error {
	began := time.Now()
	for _, s := range steps {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Until(began.Add(s.at))):
		}
		if err := a.take(ctx, s); err != nil && ctx.Err() == nil {
			return fmt.Errorf("%s of %s after %s: %w", s.kind, a.name, s.at, err)
		}
	}
	return nil
}

func (a *actor) take(ctx context.Context, s step) error {
	patch := fmt.Appendf(nil, `{"status":%s}`, s.status)
	var err error
	switch {
	case s.write != nil:
		err = s.write(ctx, a)
	case s.kind == "VirtualMachine":
		_, err = a.cluster.vms.Patch(ctx, a.name, types.MergePatchType, patch, metav1.PatchOptions{}, "status")
	case string(s.status) == "{}":
		vmi := &virtv1.VirtualMachineInstance{ObjectMeta: metav1.ObjectMeta{Name: a.name}}
		vmi.APIVersion, vmi.Kind = virtv1.GroupVersion.String(), "VirtualMachineInstance"
		_, err = a.cluster.vmis.Create(ctx, vmi, metav1.CreateOptions{})
	default:
		_, err = a.cluster.vmis.Patch(ctx, a.name, types.MergePatchType, patch, metav1.PatchOptions{}, "status")
	}
	return err
}
