package statetrail_test

import (
	"context"
	"fmt"
	"time"

	statetrail "statetrail.dev/client"
	"statetrail.dev/client/internal/fakeserver"
)

func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	server := fakeserver.New() // a cluster has `statetrail serve`
	defer server.Close()
	server.Say(fakeserver.Answer{Verdict: "satisfied"})

	trail, err := statetrail.Start(ctx, statetrail.Options{URL: server.URL})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := trail.Mark(ctx, "the VM is started"); err != nil {
		fmt.Println(err)
		return
	}
	judgement, err := trail.JudgeLines(ctx, statetrail.JudgeOptions{Wait: time.Minute}, "vm/web status: ... -> Running")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(judgement.Verdict)
	// Output: satisfied
}

func ExampleOwnedBy() {
	vm := statetrail.VM("kubevirt-test", "web")
	fmt.Println(statetrail.OwnedBy("Pod", vm))
	// Output: pod of vm/web
}

func ExampleLabel() {
	fmt.Println(statetrail.Label("Waiting for the guest's agent"))
	// Output: 'Waiting for the guest''s agent'
}
