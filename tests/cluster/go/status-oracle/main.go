// Command status-oracle says what `kubectl get pods` prints for a pod, by asking the code that decides it.
//
// The STATUS column is made in the API server, by the table printer of k8s.io/kubernetes, and has no
// specification beside that code. This program feeds pods to that very printer, so that the tests can hold
// our own rendering against it. It makes expected values for committed files; no test runs it.
//
// It refuses to print what depends on the moment of the run: ages, and the "(5m ago)" beside the restarts.
//
// Standard input: JSON lines, each a Pod, a watch event {"type","object"}, or such an event as a capture wraps
// it, {"receivedAt","event"}. A pod without kind and apiVersion, as lists hold them, is taken as a v1 Pod.
// Standard output: one JSON line for each of them, in order:
//
//	{"line":1,"type":"MODIFIED","name":"a","resourceVersion":"7","ready":"0/1","status":"ErrImagePull","restarts":"2"}
//
// A line that is no pod's state (a BOOKMARK, an ERROR) gives only its number and type. A line that cannot be read ends the
// program with exit code 1 and its number.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	core "k8s.io/kubernetes/pkg/apis/core"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	"k8s.io/kubernetes/pkg/printers"
	"k8s.io/kubernetes/pkg/printers/internalversion"
)

// input is any of the three accepted shapes; which one it is shows in the fields that are set.
type input struct {
	Event  json.RawMessage `json:"event"`
	Type   string          `json:"type"`
	Object json.RawMessage `json:"object"`
}

// output is one line of the answer. The columns are nil where there is no pod to print.
type output struct {
	Line            int     `json:"line"`
	Type            string  `json:"type,omitempty"`
	Name            *string `json:"name,omitempty"`
	ResourceVersion *string `json:"resourceVersion,omitempty"`
	Ready           *string `json:"ready,omitempty"`
	Status          *string `json:"status,omitempty"`
	Restarts        *string `json:"restarts,omitempty"`
}

func main() {
	if err := answer(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "status-oracle: %v\n", err)
		os.Exit(1)
	}
}

func answer(questions io.Reader, answers io.Writer) error {
	printer := printers.NewTableGenerator().With(internalversion.AddHandlers)
	reader := bufio.NewReaderSize(questions, 1<<20)
	writer := bufio.NewWriter(answers)
	encoder := json.NewEncoder(writer)
	encoder.SetEscapeHTML(false)
	for line := 1; ; line++ {
		text, readErr := reader.ReadBytes('\n')
		if readErr != nil && !errors.Is(readErr, io.EOF) {
			return fmt.Errorf("line %d: %w", line, readErr)
		}
		if len(strings.TrimSpace(string(text))) > 0 {
			row, err := columns(printer, text)
			if err != nil {
				return errors.Join(fmt.Errorf("line %d: %w", line, err), writer.Flush())
			}
			row.Line = line
			if err := encoder.Encode(row); err != nil {
				return err
			}
		}
		if readErr != nil {
			return writer.Flush()
		}
	}
}

func columns(printer *printers.HumanReadableGenerator, text []byte) (output, error) {
	var in input
	if err := json.Unmarshal(text, &in); err != nil {
		return output{}, err
	}
	if in.Event != nil {
		text = in.Event
		in = input{}
		if err := json.Unmarshal(text, &in); err != nil {
			return output{}, err
		}
	}
	object := text
	if in.Type != "" {
		object = in.Object
		if in.Type == "BOOKMARK" || in.Type == "ERROR" {
			return output{Type: in.Type}, nil
		}
	}
	pod, err := decode(object)
	if err != nil {
		return output{}, err
	}
	table, err := printer.GenerateTable(pod, printers.GenerateOptions{})
	if err != nil {
		return output{}, err
	}
	cell := make(map[string]*string)
	for i, column := range table.ColumnDefinitions {
		if i < len(table.Rows[0].Cells) {
			value := fmt.Sprint(table.Rows[0].Cells[i])
			cell[column.Name] = &value
		}
	}
	if restarts := cell["Restarts"]; restarts != nil {
		count, _, _ := strings.Cut(*restarts, " ")
		cell["Restarts"] = &count
	}
	return output{
		Type:            in.Type,
		Name:            cell["Name"],
		ResourceVersion: &pod.ResourceVersion,
		Ready:           cell["Ready"],
		Status:          cell["Status"],
		Restarts:        cell["Restarts"],
	}, nil
}

// decode reads a v1 Pod and converts it to the internal version, with defaults, as the API server does with what it stored.
func decode(object []byte) (*core.Pod, error) {
	assumed := schema.GroupVersionKind{Version: "v1", Kind: "Pod"}
	decoded, kind, err := legacyscheme.Codecs.UniversalDecoder(core.SchemeGroupVersion).Decode(object, &assumed, nil)
	if err != nil {
		return nil, err
	}
	pod, ok := decoded.(*core.Pod)
	if !ok {
		return nil, fmt.Errorf("this is a %s, not a Pod", kind)
	}
	return pod, nil
}
