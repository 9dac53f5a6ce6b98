// Reads lines of OTLP/JSON with the OpenTelemetry Collector's own unmarshaler, and writes them with its marshaler:
// what it did not take is missing in its output. It is the unmarshaler of the receiver `otlpjsonfile`.
package main

import (
	"bufio"
	"fmt"
	"os"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	out := bufio.NewWriter(os.Stdout)
	defer func() { _ = out.Flush() }()
	var reader ptrace.JSONUnmarshaler
	var writer ptrace.JSONMarshaler
	for number := 1; lines.Scan(); number++ {
		traces, err := reader.UnmarshalTraces(lines.Bytes())
		if err == nil && traces.SpanCount() == 0 {
			err = fmt.Errorf("no spans")
		}
		var again []byte
		if err == nil {
			again, err = writer.MarshalTraces(traces)
		}
		if err != nil {
			fail(number, err)
		}
		_, _ = out.Write(append(again, '\n'))
	}
	if err := lines.Err(); err != nil {
		fail(0, err)
	}
}

func fail(line int, err error) {
	fmt.Fprintf(os.Stderr, "read-otlp: line %d: %v\n", line, err)
	os.Exit(1)
}
