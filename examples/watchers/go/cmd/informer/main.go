// Informer watches with a shared informer of client-go.
package main

import (
	"context"
	"fmt"

	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"

	"statetrail.dev/examples/watchers/internal/program"
)

func main() {
	program.Run("Watches with a shared informer of client-go.", func(ctx context.Context, options program.Options) error {
		client, err := options.Client()
		if err != nil {
			return err
		}
		return watch(ctx, client, options)
	})
}

func watch(ctx context.Context, client dynamic.Interface, options program.Options) error {
	factory := dynamicinformer.NewFilteredDynamicSharedInformerFactory(client, 0, options.Namespace, nil)
	informer := factory.ForResource(options.Resource).Informer()
	if _, err := informer.AddEventHandler(program.Handler()); err != nil {
		return fmt.Errorf("adding the event handler: %w", err)
	}
	factory.Start(ctx.Done())
	<-ctx.Done()
	factory.Shutdown()
	return nil
}
