package program

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func TestLineOfAnObjectHasItsNameAndState(t *testing.T) {
	for want, object := range map[string]map[string]any{
		"ns/a Running": {"metadata": in("ns"), "status": map[string]any{"phase": "Running", "printableStatus": "Stopped"}},
		"ns/a Stopped": {"metadata": in("ns"), "status": map[string]any{"phase": "", "printableStatus": "Stopped"}},
		"ns/a Present": {"metadata": in("ns"), "status": map[string]any{"phase": int64(1)}},
		"a Active":     {"metadata": map[string]any{"name": "a"}, "status": map[string]any{"phase": "Active"}},
		"a Present":    {"metadata": map[string]any{"name": "a"}},
	} {
		object := &unstructured.Unstructured{Object: object}
		if got := line(nameOf(object), state(object)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func in(namespace string) map[string]any {
	return map[string]any{"name": "a", "namespace": namespace}
}

func TestResourceIsWrittenAsKubectlTakesIt(t *testing.T) {
	for text, want := range map[string]schema.GroupVersionResource{
		"pods":     {Version: "v1", Resource: "pods"},
		"pods.v1.": {Version: "v1", Resource: "pods"},
		"virtualmachines.v1.kubevirt.io": {
			Group: "kubevirt.io", Version: "v1", Resource: "virtualmachines",
		},
	} {
		if got, err := parseResource(text); err != nil || got != want {
			t.Errorf("%s: got %v, %v, want %v", text, got, err, want)
		}
	}
	if got, err := parseResource("deployments.apps"); err == nil {
		t.Errorf("got %v for a resource without a version", got)
	}
}
