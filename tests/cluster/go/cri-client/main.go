// Command cri-client asks a container runtime as crictl does: it reads JSON into the messages of the cri-api that it is
// built with, so that what those do not know is left out. It is built with an old one (old.mod) and a new one (go.mod).
//
//	cri-client SOCK runp POD.json                           # runs a sandbox
//	cri-client SOCK create SANDBOX CONTAINER.json POD.json  # creates a container in it
//
// Either prints the id of what it made.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

const patience = 2 * time.Minute

func main() {
	id, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(id)
}

func run(args []string) (string, error) {
	if len(args) < 3 {
		return "", fmt.Errorf("usage: cri-client SOCK runp POD.json | create SANDBOX CONTAINER.json POD.json")
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := grpc.NewClient("unix://"+args[0], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	runtime := cri.NewRuntimeServiceClient(conn)

	var pod cri.PodSandboxConfig
	if err := read(args[len(args)-1], &pod); err != nil {
		return "", err
	}
	switch verb := args[1]; {
	case verb == "runp" && len(args) == 3:
		answer, err := runtime.RunPodSandbox(ctx, &cri.RunPodSandboxRequest{Config: &pod})
		return answer.GetPodSandboxId(), err
	case verb == "create" && len(args) == 5:
		var container cri.ContainerConfig
		if err := read(args[3], &container); err != nil {
			return "", err
		}
		request := &cri.CreateContainerRequest{PodSandboxId: args[2], Config: &container, SandboxConfig: &pod}
		answer, err := runtime.CreateContainer(ctx, request)
		return answer.GetContainerId(), err
	default:
		return "", fmt.Errorf("unknown: %q", args[1:])
	}
}

func read(file string, message any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, message)
}
