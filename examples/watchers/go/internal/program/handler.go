package program

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/cache"
)

// Handler prints what an informer tells. Informers of client-go and of controller-runtime tell it alike.
func Handler() cache.ResourceEventHandler {
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { printObject(object) },
		UpdateFunc: func(_, object any) { printObject(object) },
		// An informer that missed a deletion and noticed it in a list gives a tombstone (cache.DeletedFinalStateUnknown).
		DeleteFunc: func(object any) {
			name, err := cache.DeletionHandlingObjectToName(object)
			if err != nil {
				PrintError(err)
				return
			}
			PrintDeletedName(name)
		},
	}
}

func printObject(object any) {
	if object, ok := object.(*unstructured.Unstructured); ok {
		PrintState(object)
	}
}
