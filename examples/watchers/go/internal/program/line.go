package program

import (
	"fmt"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/cache"
)

// PrintState prints the state that an object is in now.
func PrintState(object *unstructured.Unstructured) {
	fmt.Println(line(nameOf(object), state(object)))
}

// PrintDeleted prints that an object is gone.
func PrintDeleted(object *unstructured.Unstructured) {
	PrintDeletedName(nameOf(object))
}

// PrintDeletedName prints that the object of a name is gone.
func PrintDeletedName(name cache.ObjectName) {
	fmt.Println(line(name, "-"))
}

// PrintError prints what went wrong, on standard error.
func PrintError(err error) {
	fmt.Fprintln(os.Stderr, "error:", err)
}

func nameOf(object *unstructured.Unstructured) cache.ObjectName {
	return cache.MetaObjectToName(object)
}

func line(name cache.ObjectName, state string) string {
	return name.String() + " " + state
}

// state is the phase as Kubernetes' own kinds have it, or what KubeVirt prints for a VirtualMachine.
func state(object *unstructured.Unstructured) string {
	for _, field := range []string{"phase", "printableStatus"} {
		if text, _, _ := unstructured.NestedString(object.Object, "status", field); text != "" {
			return text
		}
	}
	return "Present"
}
