package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

const (
	added = `{"type":"ADDED","object":{"apiVersion":"v1","kind":"Pod",` +
		`"metadata":{"namespace":"ns","name":"a","resourceVersion":"7"}}}`
	gone = `{"type":"ERROR","object":{"apiVersion":"v1","kind":"Status","status":"Failure","reason":"Expired","code":410}}`
)

func TestItAsksForTheSameResourceVersionAgainAfter410Gone(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		asked = append(asked, request.URL.Query().Get("resourceVersion"))
		answer.Header().Set("Content-Type", "application/json")
		switch len(asked) {
		case 1:
			_, _ = fmt.Fprintln(answer, added)
		case 2:
			_, _ = fmt.Fprintln(answer, gone)
		default:
			cancel()
		}
	}))
	defer server.Close()

	client := dynamic.NewForConfigOrDie(&rest.Config{Host: server.URL})
	watchForever(ctx, client.Resource(schema.GroupVersionResource{Version: "v1", Resource: "pods"}), 0)

	if want := []string{"", "7", "7"}; !reflect.DeepEqual(asked, want) {
		t.Errorf("got %q, want %q", asked, want)
	}
}
