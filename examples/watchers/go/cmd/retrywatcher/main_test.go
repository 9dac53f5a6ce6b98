package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

const (
	list = `{"apiVersion":"v1","kind":"PodList","metadata":{"resourceVersion":"7"},"items":[]}`
	gone = `{"type":"ERROR","object":{"apiVersion":"v1","kind":"Status","status":"Failure","reason":"Expired","code":410}}`
)

func TestItReturnsAfter410GoneToListAgain(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		answer.Header().Set("Content-Type", "application/json")
		switch query := request.URL.Query(); {
		case !query.Has("watch"):
			_, _ = fmt.Fprintln(answer, list)
		case query.Get("resourceVersion") == "7":
			_, _ = fmt.Fprintln(answer, gone)
		}
	}))
	defer server.Close()

	client := dynamic.NewForConfigOrDie(&rest.Config{Host: server.URL})
	pods := client.Resource(schema.GroupVersionResource{Version: "v1", Resource: "pods"})
	err := listAndWatch(context.Background(), pods)

	if !apierrors.IsResourceExpired(err) {
		t.Errorf("got %v, want 410 Gone", err)
	}
}
