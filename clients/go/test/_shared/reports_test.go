package test_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"
)

// runSpecs runs the specs with a label in processes of their own, and returns their report, what they print, and the
// directory of their artifacts.
func runSpecs(t *testing.T, label string, env []string, command ...string) ([]types.SpecReport, string, string) {
	t.Helper()
	artifacts := t.TempDir()
	report := filepath.Join(artifacts, "report.json")
	command = append(command, "--label-filter="+label, "--json-report="+report, "--junit-report="+artifacts+"/junit.xml")
	if !strings.HasSuffix(command[0], ".test") {
		command = append(command, executable(t))
	}
	for i, argument := range command[1:] {
		if strings.HasSuffix(command[0], ".test") {
			command[i+1] = strings.Replace(argument, "--", "--ginkgo.", 1)
		}
	}
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
	cmd.Env = append(os.Environ(), envSpecs+"=1", "ARTIFACTS="+artifacts, "STATETRAIL_URL=")
	cmd.Env = append(cmd.Env, env...)
	output, err := cmd.CombinedOutput()
	text, readErr := os.ReadFile(report)
	if readErr != nil {
		t.Fatalf("%v, %v\n%s", err, readErr, output)
	}
	var reports []types.Report
	if err := json.Unmarshal(text, &reports); err != nil || len(reports) != 1 {
		t.Fatalf("%d reports, %v", len(reports), err)
	}
	return reports[0].SpecReports, string(output), artifacts
}

func executable(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// entry returns the text of the entry of a name, or "".
func entry(spec types.SpecReport, name string) string {
	for _, entry := range spec.ReportEntries {
		if entry.Name == name {
			return entry.StringRepresentation()
		}
	}
	return ""
}

func TestTheseAreTheVersionsOfThisModule(t *testing.T) {
	t.Parallel()
	if types.VERSION != ginkgoVersion || gomega.GOMEGA_VERSION != gomegaVersion {
		t.Errorf("Ginkgo %s, Gomega %s", types.VERSION, gomega.GOMEGA_VERSION)
	}
}

func TestSpecsReportVerdictsTimelinesAndRecordings(t *testing.T) {
	t.Parallel()
	specs, output, artifacts := runSpecs(t, "shared", []string{envServer + "=1"}, executable(t))
	want := map[string]struct {
		state    types.SpecState
		verdict  string
		timeline bool
	}{
		"passes":         {types.SpecStatePassed, "satisfied: because", false},
		"is not skipped": {types.SpecStatePassed, "skipped: because", false},
		"fails":          {types.SpecStateFailed, "violated: because (Starting -> Failed)", true},
		"fails early":    {types.SpecStateFailed, "", true},
	}
	const timeline = "timeline of a\n  00:00:02.000  pod/new in a  phase  A -> B\n"
	recording := ""
	for _, spec := range specs {
		recording += entry(spec, "statetrail recording")
		expected, known := want[spec.LeafNodeText]
		if !known {
			continue
		}
		delete(want, spec.LeafNodeText)
		if !spec.State.Is(expected.state) || entry(spec, "statetrail it") != expected.verdict {
			t.Errorf("%s: %s, %q", spec.LeafNodeText, spec.State, entry(spec, "statetrail it"))
		}
		wanted := ""
		if expected.timeline {
			wanted = timeline
		}
		if got := entry(spec, "statetrail timeline"); got != wanted {
			t.Errorf("%s: timeline %q", spec.LeafNodeText, got)
		}
	}
	if len(want) > 0 {
		t.Errorf("not run: %v\n%s", want, output)
	}
	if recording != filepath.Join(artifacts, "statetrail-a.jsonl") {
		t.Errorf("recording %q", recording)
	}
	if !strings.Contains(output, "statetrail recording: "+recording+"\n") {
		t.Errorf("the recording is not printed:\n%s", output)
	}
	if !strings.Contains(output, "skipped: because") {
		t.Errorf("the skipped expectation is not printed:\n%s", output)
	}
	checkProperties(t, artifacts)
}

// checkProperties checks that entries reach JUnit where Ginkgo writes them there.
func checkProperties(t *testing.T, artifacts string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(artifacts, "junit.xml"))
	if err != nil {
		t.Fatal(err)
	}
	has := strings.Contains(string(text), `<property name="statetrail it" value="{&#34;verdict&#34;:&#34;violated&#34;`)
	if old := types.VERSION == "2.28.1"; has == old {
		t.Errorf("Ginkgo %s: properties %v\n%s", types.VERSION, has, text)
	}
}

func TestProcessesHaveRecordingsOfTheirOwn(t *testing.T) {
	t.Parallel()
	recorder := filepath.Join(t.TempDir(), "recorder")
	if err := os.Symlink(executable(t), recorder); err != nil {
		t.Fatal(err)
	}
	specs, output, artifacts := runSpecs(t, "processes", []string{envRecorder + "=" + recorder},
		"go", "tool", "ginkgo", "--procs=2")
	passed, recordings := 0, map[string]bool{}
	for _, spec := range specs {
		if spec.LeafNodeType.Is(types.NodeTypeIt) && spec.State.Is(types.SpecStatePassed) {
			passed++
		}
		if name := entry(spec, "statetrail recording"); name != "" {
			recordings[name] = true
		}
	}
	for _, name := range []string{"statetrail-p1.jsonl.zst", "statetrail-p2.jsonl.zst"} {
		path := filepath.Join(artifacts, name)
		if _, err := os.Stat(path); err != nil || !recordings[path] {
			t.Errorf("%v; entries %v\n%s", err, recordings, output)
		}
	}
	if passed != 4 {
		t.Errorf("%d specs passed\n%s", passed, output)
	}
}
