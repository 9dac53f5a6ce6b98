// Checks dashboards against Grafana's published schema, as its foundation SDK has it: dashboards FILE...
//
// The SDK refuses members that it does not know, values of other types, and required members that are missing, also in
// the options of panels and in queries. It does not check everything: what it writes again must have all that the file
// has, and where the schema lists values, only those are accepted.
//
// The dashboards have the schema's first version, which every Grafana imports; the second needs Grafana 12.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// The first version of the schema, which the SDK calls deprecated for the second.
type dashboardV1 = dashboard.Dashboard //nolint:staticcheck // Grafana before 12 imports no other.

// The units that the dashboards use: Grafana takes any other text for a unit of its own.
var known = []string{units.NoUnit, units.Short, units.PercentUnit, units.Seconds, units.BytesPerSecondSI}

func main() {
	plugins.RegisterDefaultPlugins()
	files := os.Args[1:]
	failed := len(files) == 0
	for _, file := range files {
		if err := check(file); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", file, err)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}

func check(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := problems(new(dashboardV1).UnmarshalJSONStrict(text)); err != nil {
		return err
	}
	// Read strictly, a dashboard of the SDK is without its panels.
	var board dashboardV1
	if err := json.Unmarshal(text, &board); err != nil {
		return err
	}
	if err := problems(board.Validate()); err != nil {
		return err
	}
	if err := (enums{}).check("dashboard", reflect.ValueOf(board)); err != nil {
		return err
	}
	if err := checkPanels(board); err != nil {
		return err
	}
	return checkKept(text, board)
}

// checkPanels fails if a panel has a type that the SDK does not know, or no unit of Grafana's.
func checkPanels(board dashboardV1) error {
	if len(board.Panels) == 0 {
		return errors.New("there are no panels")
	}
	for i, either := range board.Panels {
		panel := either.Panel
		if panel == nil || panel.FieldConfig == nil || panel.FieldConfig.Defaults.Unit == nil {
			return fmt.Errorf("panel %d has no unit", i+1)
		}
		if _, found := cog.ConfigForPanelcfgVariant(panel.Type); !found {
			return fmt.Errorf("panel %d has the type %q", i+1, panel.Type)
		}
		if unit := *panel.FieldConfig.Defaults.Unit; !slices.Contains(known, unit) {
			return fmt.Errorf("panel %d has the unit %q", i+1, unit)
		}
	}
	return nil
}

// checkKept fails if the schema has no place for something of the text.
func checkKept(text []byte, board dashboardV1) error {
	again, err := json.Marshal(board)
	if err != nil {
		return err
	}
	var before, after any
	if err := errors.Join(json.Unmarshal(text, &before), json.Unmarshal(again, &after)); err != nil {
		return err
	}
	return compare("dashboard", before, after)
}

// problems is nil for the SDK's empty list of errors, which as an error is not nil.
func problems(err error) error {
	var list cog.BuildErrors
	if errors.As(err, &list) && len(list) == 0 {
		return nil
	}
	return err
}

// compare fails if something of a value is missing in another.
func compare(path string, before, after any) error {
	switch before := before.(type) {
	case map[string]any:
		after, _ := after.(map[string]any)
		for name, value := range before {
			if err := compare(path+"."+name, value, after[name]); err != nil {
				return err
			}
		}
	case []any:
		after, _ := after.([]any)
		if len(after) != len(before) {
			return fmt.Errorf("%s: of %d elements, the schema keeps %d", path, len(before), len(after))
		}
		for i := range before {
			if err := compare(fmt.Sprintf("%s[%d]", path, i), before[i], after[i]); err != nil {
				return err
			}
		}
	default:
		if !reflect.DeepEqual(before, after) {
			return fmt.Errorf("%s: the schema has no place for %v", path, before)
		}
	}
	return nil
}
