// Package program is what the watcher programs share: their flags, their connection, and the lines that they print.
// How an API server is watched is not in here: that is what the programs differ in.
package program

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

const usage = `%s

Prints a line "NAMESPACE/NAME STATE" for each change of an object, and "NAMESPACE/NAME -" when it was deleted.
The environment variable KUBECONFIG says which API server to watch.

Flags:
`

// Options are what a program was asked to watch, and where.
type Options struct {
	// Resource is what to watch.
	Resource schema.GroupVersionResource
	// Namespace is where to watch; empty means in all of them.
	Namespace string
	// Config is the connection that KUBECONFIG names.
	Config *rest.Config
}

// Client returns a client for objects of any kind.
func (options Options) Client() (*dynamic.DynamicClient, error) {
	client, err := dynamic.NewForConfig(options.Config)
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	return client, nil
}

// Run reads the flags and runs watch until SIGINT or SIGTERM. Then it returns. When watch fails before that, the
// process ends with 1.
func Run(about string, watch func(context.Context, Options) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	options, err := options(about)
	if err == nil {
		err = watch(ctx, options)
	}
	if err != nil && ctx.Err() == nil {
		PrintError(err)
		os.Exit(1)
	}
}

func options(about string) (Options, error) {
	flag.Usage = func() {
		_, _ = fmt.Fprintf(flag.CommandLine.Output(), usage, about)
		flag.PrintDefaults()
	}
	resource := flag.String("resource", "pods", "`PLURAL.VERSION.GROUP` to watch, or PLURAL alone for the core group")
	namespace := flag.String("n", "", "the `NAMESPACE` to watch (default all)")
	flag.Parse()
	if flag.NArg() > 0 {
		return Options{}, fmt.Errorf("unexpected argument %q", flag.Arg(0))
	}
	parsed, err := parseResource(*resource)
	if err != nil {
		return Options{}, err
	}
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
		clientcmd.NewDefaultClientConfigLoadingRules(), &clientcmd.ConfigOverrides{}).ClientConfig()
	if err != nil {
		return Options{}, fmt.Errorf("reading the kubeconfig: %w", err)
	}
	return Options{Resource: parsed, Namespace: *namespace, Config: config}, nil
}

func parseResource(text string) (schema.GroupVersionResource, error) {
	full, short := schema.ParseResourceArg(text)
	switch {
	case full != nil:
		return *full, nil
	case short.Group == "":
		return schema.GroupVersionResource{Version: "v1", Resource: short.Resource}, nil
	default:
		return schema.GroupVersionResource{}, fmt.Errorf("%q has no version: write PLURAL.VERSION.GROUP", text)
	}
}
