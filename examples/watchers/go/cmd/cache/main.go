// Cache watches with an informer of controller-runtime's cache, which is what its managers and controllers watch with.
package main

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"statetrail.dev/examples/watchers/internal/program"
)

func main() {
	log.SetLogger(klog.NewKlogr())
	program.Run("Watches with an informer of controller-runtime's cache.", watch)
}

func watch(ctx context.Context, options program.Options) error {
	client, err := rest.HTTPClientFor(options.Config)
	if err != nil {
		return fmt.Errorf("making an HTTP client: %w", err)
	}
	mapper, err := apiutil.NewDynamicRESTMapper(options.Config, client)
	if err != nil {
		return fmt.Errorf("asking for the API server's kinds: %w", err)
	}
	kind, err := mapper.KindFor(options.Resource)
	if err != nil {
		return fmt.Errorf("finding the kind of %s: %w", options.Resource.GroupResource(), err)
	}
	cacheOptions := cache.Options{HTTPClient: client, Mapper: mapper}
	if options.Namespace != "" {
		cacheOptions.DefaultNamespaces = map[string]cache.Config{options.Namespace: {}}
	}
	objects, err := cache.New(options.Config, cacheOptions)
	if err != nil {
		return fmt.Errorf("making the cache: %w", err)
	}
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(kind)
	informer, err := objects.GetInformer(ctx, object, cache.BlockUntilSynced(false))
	if err != nil {
		return fmt.Errorf("getting the informer of %s: %w", kind, err)
	}
	if _, err := informer.AddEventHandler(program.Handler()); err != nil {
		return fmt.Errorf("adding the event handler: %w", err)
	}
	if err := objects.Start(ctx); err != nil {
		return fmt.Errorf("running the cache: %w", err)
	}
	return nil
}
