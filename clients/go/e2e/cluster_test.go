package e2e_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

const (
	requestTime = 30 * time.Second
	virtual     = "/apis/kubevirt.io/v1/namespaces/%s/virtualmachines"
	definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
)

// cluster is a Kubernetes API server, as far as these tests need one.
type cluster struct {
	server string
	token  string
	http   *http.Client
}

// kubeconfig is what is read of such a file: its current context, with a token or a client certificate.
type kubeconfig struct {
	CurrentContext string `yaml:"current-context"`
	Contexts       []struct {
		Name    string
		Context struct{ Cluster, User string }
	}
	Clusters []struct {
		Name    string
		Cluster struct {
			Server   string
			CAData   string `yaml:"certificate-authority-data"`
			CA       string `yaml:"certificate-authority"`
			Insecure bool   `yaml:"insecure-skip-tls-verify"`
		}
	}
	Users []struct {
		Name string
		User struct {
			Token    string
			Cert     string `yaml:"client-certificate"`
			Key      string `yaml:"client-key"`
			CertData string `yaml:"client-certificate-data"`
			KeyData  string `yaml:"client-key-data"`
		}
	}
}

// openCluster reads a kubeconfig.
func openCluster(file string) (*cluster, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the kubeconfig: %w", err)
	}
	var config kubeconfig
	if err := yaml.Unmarshal(text, &config); err != nil {
		return nil, fmt.Errorf("reading the kubeconfig %s: %w", file, err)
	}
	c := &cluster{}
	settings := &tls.Config{MinVersion: tls.VersionTLS12}
	for _, current := range config.Contexts {
		if current.Name == config.CurrentContext {
			err = c.use(&config, current.Context.Cluster, current.Context.User, settings)
		}
	}
	if err == nil && c.server == "" {
		err = errors.New("it has no current context")
	}
	if err != nil {
		return nil, fmt.Errorf("kubeconfig %s: %w", file, err)
	}
	c.http = &http.Client{Timeout: requestTime, Transport: &http.Transport{TLSClientConfig: settings}}
	return c, nil
}

func (c *cluster) use(config *kubeconfig, name, user string, settings *tls.Config) error {
	for _, found := range config.Clusters {
		if found.Name != name {
			continue
		}
		c.server = found.Cluster.Server
		settings.InsecureSkipVerify = found.Cluster.Insecure
		authority, err := dataOr(found.Cluster.CAData, found.Cluster.CA)
		if err != nil {
			return err
		}
		if len(authority) > 0 {
			settings.RootCAs = x509.NewCertPool()
			settings.RootCAs.AppendCertsFromPEM(authority)
		}
	}
	for _, found := range config.Users {
		if found.Name != user {
			continue
		}
		c.token = found.User.Token
		certificate, err := dataOr(found.User.CertData, found.User.Cert)
		if err != nil || len(certificate) == 0 {
			return err
		}
		key, err := dataOr(found.User.KeyData, found.User.Key)
		if err != nil {
			return err
		}
		pair, err := tls.X509KeyPair(certificate, key)
		if err != nil {
			return fmt.Errorf("client certificate: %w", err)
		}
		settings.Certificates = []tls.Certificate{pair}
	}
	return nil
}

// dataOr returns what base64 encodes, or the content of a file.
func dataOr(data, file string) ([]byte, error) {
	if data == "" && file != "" {
		return os.ReadFile(file)
	}
	return base64.StdEncoding.DecodeString(data)
}

// do sends a request, and decodes the answer into out unless that is nil. A status other than those given is an error.
func (c *cluster) do(ctx context.Context, method, path, contentType string, body, out any, accept ...int) error {
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.server+path, bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	request.Header.Set("Content-Type", contentType)
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	for _, status := range append(accept, http.StatusOK, http.StatusCreated, http.StatusAccepted) {
		if response.StatusCode == status {
			if out == nil {
				return nil
			}
			return json.Unmarshal(answer, out)
		}
	}
	return fmt.Errorf("%s %s: %s: %s", method, path, response.Status, answer)
}

func (c *cluster) create(ctx context.Context, path string, body, out any, accept ...int) error {
	return c.do(ctx, http.MethodPost, path, "application/json", body, out, accept...)
}

// vm is a VirtualMachine as the API server answers it, with the methods that client-go's types have.
type vm struct {
	Kind     string `json:"kind"`
	Metadata struct {
		Name      string `json:"name"`
		Namespace string `json:"namespace"`
		UID       string `json:"uid"`
	} `json:"metadata"`
}

func (v *vm) GetName() string                                     { return v.Metadata.Name }
func (v *vm) GetNamespace() string                                { return v.Metadata.Namespace }
func (v *vm) GetUID() string                                      { return v.Metadata.UID }
func (v *vm) GetObjectKind() interface{ GroupVersionKind() kind } { return v }
func (v *vm) GroupVersionKind() kind                              { return kind{Kind: v.Kind} }

type kind struct{ Kind string }

// newNamespace creates a namespace, and deletes it after the test.
func (c *cluster) newNamespace(t *testing.T) string {
	t.Helper()
	name := "trail-" + strings.ToLower(rand.Text()[:8])
	meta := map[string]any{"metadata": map[string]any{"name": name}}
	if err := c.create(t.Context(), "/api/v1/namespaces", meta, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		if err := c.do(ctx, http.MethodDelete, "/api/v1/namespaces/"+name, "application/json", nil, nil); err != nil {
			t.Error(err)
		}
	})
	return name
}

// newVM creates the VirtualMachine web, which no controller cares for.
func (c *cluster) newVM(t *testing.T, namespace string) *vm {
	t.Helper()
	created := &vm{}
	body := map[string]any{
		"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": map[string]any{"name": "web"},
		"spec": map[string]any{"runStrategy": "Manual", "template": map[string]any{}},
	}
	if err := c.create(t.Context(), fmt.Sprintf(virtual, namespace), body, created); err != nil {
		t.Fatal(err)
	}
	return created
}

// enter gives a VirtualMachine one status after the other.
func (c *cluster) enter(t *testing.T, v *vm, states ...string) {
	t.Helper()
	path := fmt.Sprintf(virtual, v.GetNamespace()) + "/" + v.GetName() + "/status"
	for _, state := range states {
		body := map[string]any{"status": map[string]any{"printableStatus": state}}
		if err := c.do(t.Context(), http.MethodPatch, path, "application/merge-patch+json", body, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// define defines VirtualMachines, where KubeVirt has not done so.
func (c *cluster) define(ctx context.Context) error {
	open := map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true}
	body := map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
		"metadata": map[string]any{"name": "virtualmachines.kubevirt.io"},
		"spec": map[string]any{
			"group": "kubevirt.io", "scope": "Namespaced",
			"names": map[string]any{
				"kind": "VirtualMachine", "listKind": "VirtualMachineList", "plural": "virtualmachines",
				"singular": "virtualmachine", "shortNames": []string{"vm", "vms"},
			},
			"versions": []any{map[string]any{
				"name": "v1", "served": true, "storage": true, "subresources": map[string]any{"status": map[string]any{}},
				"schema": map[string]any{"openAPIV3Schema": open},
			}},
		},
	}
	if err := c.create(ctx, definitions, body, nil, http.StatusConflict); err != nil {
		return err
	}
	return c.untilServed(ctx)
}

// untilServed waits until VirtualMachines are served, by watching their definition.
func (c *cluster) untilServed(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	const query = "?watch=true&fieldSelector=metadata.name%3Dvirtualmachines.kubevirt.io"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.server+definitions+query, nil)
	if err != nil {
		return fmt.Errorf("watching the definition: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	response, err := c.http.Do(request)
	if err != nil {
		return fmt.Errorf("watching the definition: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	events := json.NewDecoder(response.Body)
	for {
		var event struct {
			Object struct {
				Status struct {
					Conditions []struct{ Type, Status string }
				}
			}
		}
		if err := events.Decode(&event); err != nil {
			return fmt.Errorf("watching the definition: %w", err)
		}
		for _, condition := range event.Object.Status.Conditions {
			if condition.Type == "Established" && condition.Status == "True" {
				return nil
			}
		}
	}
}
