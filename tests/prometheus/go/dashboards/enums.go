package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// enums has the constants of the SDK's types, by the names of the package and of the type. Where the schema lists values,
// the SDK accepts any text, and only its source has these lists.
type enums map[string]map[string][]string

// check fails if a value, or a part of it, has a type with constants and is none of them.
func (known enums) check(path string, value reflect.Value) error {
	switch value.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !value.IsNil() {
			return known.check(path, value.Elem())
		}
	case reflect.Struct:
		var errs []error
		for i := range value.NumField() {
			errs = append(errs, known.check(path+"."+value.Type().Field(i).Name, value.Field(i)))
		}
		return errors.Join(errs...)
	case reflect.Slice:
		var errs []error
		for i := range value.Len() {
			errs = append(errs, known.check(fmt.Sprintf("%s[%d]", path, i), value.Index(i)))
		}
		return errors.Join(errs...)
	case reflect.String:
		constants, err := known.of(value.Type())
		if err != nil {
			return err
		}
		// Where the schema has a default, the SDK's zero value is written as nothing.
		if len(constants) > 0 && value.String() != "" && !slices.Contains(constants, value.String()) {
			return fmt.Errorf("%s: %q is none of %s", path, value.String(), strings.Join(constants, ", "))
		}
	}
	return nil
}

func (known enums) of(kind reflect.Type) ([]string, error) {
	pkg := kind.PkgPath()
	if pkg == "" {
		return nil, nil
	}
	if _, seen := known[pkg]; !seen {
		constants, err := read(pkg)
		if err != nil {
			return nil, err
		}
		known[pkg] = constants
	}
	return known[pkg][kind.Name()], nil
}

// read collects the constants of a package: `const Name Type = "value"`.
func read(pkg string) (map[string][]string, error) {
	found, err := build.Import(pkg, ".", build.FindOnly)
	if err != nil {
		return nil, err
	}
	file, err := parser.ParseFile(token.NewFileSet(), found.Dir+"/types_gen.go", nil, 0)
	if err != nil {
		return nil, err
	}
	constants := make(map[string][]string)
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		kind, named := spec.Type.(*ast.Ident)
		literal, plain := spec.Values[0].(*ast.BasicLit)
		if named && plain && literal.Kind == token.STRING {
			if text, err := strconv.Unquote(literal.Value); err == nil {
				constants[kind.Name] = append(constants[kind.Name], text)
			}
		}
		return true
	})
	return constants, nil
}
