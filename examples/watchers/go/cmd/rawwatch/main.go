// Rawwatch opens a watch in a loop, from the resourceVersion of the last event. Much code does that. It is here for its
// fault: when the API server no longer has that resourceVersion (410 Gone), it asks for the same one again and again.
package main

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"

	"statetrail.dev/examples/watchers/internal/program"
)

func main() {
	program.Run("Watches by opening a watch again and again.", func(ctx context.Context, options program.Options) error {
		client, err := options.Client()
		if err != nil {
			return err
		}
		watchForever(ctx, client.Resource(options.Resource).Namespace(options.Namespace), time.Second)
		return nil
	})
}

func watchForever(ctx context.Context, objects dynamic.ResourceInterface, pause time.Duration) {
	resourceVersion := ""
	for ctx.Err() == nil {
		watcher, err := objects.Watch(ctx, metav1.ListOptions{ResourceVersion: resourceVersion})
		if err != nil {
			program.PrintError(err)
			time.Sleep(pause)
			continue
		}
		for event := range watcher.ResultChan() {
			object, ok := event.Object.(*unstructured.Unstructured)
			switch {
			case event.Type == watch.Error:
				program.PrintError(apierrors.FromObject(event.Object))
			case !ok:
			case event.Type == watch.Deleted:
				resourceVersion = object.GetResourceVersion()
				program.PrintDeleted(object)
			default:
				resourceVersion = object.GetResourceVersion()
				program.PrintState(object)
			}
		}
		time.Sleep(pause)
	}
}
