// Retrywatcher lists, and watches with client-go's RetryWatcher from where the list was.
package main

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/cache"
	toolswatch "k8s.io/client-go/tools/watch"

	"statetrail.dev/examples/watchers/internal/program"
)

func main() {
	program.Run("Watches with client-go's RetryWatcher.", func(ctx context.Context, options program.Options) error {
		client, err := options.Client()
		if err != nil {
			return err
		}
		objects := client.Resource(options.Resource).Namespace(options.Namespace)
		// A RetryWatcher reopens its watch by itself. It ends when the API server no longer has the resourceVersion that it
		// needs (410 Gone), and then there is nothing left but to list again.
		wait.UntilWithContext(ctx, func(ctx context.Context) {
			if err := listAndWatch(ctx, objects); err != nil && ctx.Err() == nil {
				program.PrintError(err)
			}
		}, time.Second)
		return nil
	})
}

// listAndWatch returns when the watch cannot go on.
func listAndWatch(ctx context.Context, objects dynamic.ResourceInterface) error {
	list, err := objects.List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for i := range list.Items {
		program.PrintState(&list.Items[i])
	}
	watcher, err := toolswatch.NewRetryWatcherWithContext(ctx, list.GetResourceVersion(), &cache.ListWatch{
		WatchFuncWithContext: objects.Watch,
	})
	if err != nil {
		return err
	}
	defer watcher.Stop()
	for event := range watcher.ResultChan() {
		if event.Type == watch.Error {
			return apierrors.FromObject(event.Object)
		}
		object, ok := event.Object.(*unstructured.Unstructured)
		if !ok {
			continue
		}
		if event.Type == watch.Deleted {
			program.PrintDeleted(object)
		} else {
			program.PrintState(object)
		}
	}
	return nil
}
