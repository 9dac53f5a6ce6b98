package statetrail

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// An Object says which Kubernetes object, or which of several, an expectation is about.
type Object struct {
	// Kind is as the API writes it: VirtualMachine.
	Kind string
	// Namespace is that of the object. Without it, all namespaces that are recorded are meant.
	Namespace string
	Name      string
	// UID pins the one object that has it, whatever had the name before or has it later.
	UID string
	// Life selects one of the objects that had the name one after the other, where UID is empty: "first", "last", "any",
	// "each", or a number from 1. Empty is "first". Without a name, it is "any", "each" or "first" of those that Owner
	// owns, and empty is "each".
	//
	// The language of expectations takes "each" where nothing is said, which cannot be satisfied before the recording
	// ends, since one more object of the name may come. A test that knows a name, and no uid, has created one object.
	Life string
	// Owner owns those that are meant, directly or by a chain that the kinds declare (VirtualMachine,
	// VirtualMachineInstance, Pod). It is anything that ObjectOf takes. See OwnedBy.
	Owner any
}

// VM returns the VirtualMachine of this name.
func VM(namespace, name string) Object {
	return Object{Kind: "VirtualMachine", Namespace: namespace, Name: name}
}

// VMI returns the VirtualMachineInstance of this name. Each start of a VM makes a new instance under one name: this is
// the first, unless Life says otherwise.
func VMI(namespace, name string) Object {
	return Object{Kind: "VirtualMachineInstance", Namespace: namespace, Name: name}
}

// Pod returns the Pod of this name.
func Pod(namespace, name string) Object {
	return Object{Kind: "Pod", Namespace: namespace, Name: name}
}

// OwnedBy returns the objects of a kind that belong to owner, each of them: OwnedBy("Pod", vm) are the virt-launcher
// pods of a VM. The owner is anything that ObjectOf takes. As long as one more may come, what is to hold for each of
// them is pending: use it in what may not happen, and AnyOwnedBy in what is to happen.
func OwnedBy(kind string, owner any) Object {
	return Object{Kind: kind, Owner: owner}
}

// AnyOwnedBy returns the objects of a kind that belong to owner, at least one of which is meant:
// FollowPath(AnyOwnedBy("Pod", vm), "phase", "... -> Running -> ...") succeeds once one of them has run.
func AnyOwnedBy(kind string, owner any) Object {
	return Object{Kind: kind, Owner: owner, Life: "any"}
}

// named is implemented by all objects of client-go and of KubeVirt.
type named interface {
	GetName() string
	GetNamespace() string
}

// ObjectOf returns the identity of an Object, or of a typed or unstructured object of client-go or KubeVirt: anything
// with the methods GetName and GetNamespace, and GetUID if it has one. The kind is that of its TypeMeta, or the name of
// its Go type where that is empty, as it is in an answer of a typed client.
func ObjectOf(value any) (Object, error) {
	switch object := value.(type) {
	case Object:
		return object.resolved()
	case *Object:
		if object == nil {
			return Object{}, errors.New("statetrail: the object is nil")
		}
		return object.resolved()
	case named:
		if v := reflect.ValueOf(value); v.Kind() == reflect.Pointer && v.IsNil() {
			return Object{}, fmt.Errorf("statetrail: the object is a nil %T", value)
		}
		found := Object{
			Kind:      kindOf(value),
			Namespace: object.GetNamespace(),
			Name:      object.GetName(),
			UID:       stringOf(call(reflect.ValueOf(value), "GetUID")),
		}
		return found, found.check()
	default:
		return Object{}, fmt.Errorf("statetrail: %T is not an object: it lacks GetName and GetNamespace", value)
	}
}

// resolved returns the object with an Object as its owner.
func (o Object) resolved() (Object, error) {
	if err := o.check(); err != nil || o.Owner == nil {
		return o, err
	}
	owner, err := ObjectOf(o.Owner)
	if err != nil {
		return Object{}, fmt.Errorf("owner of the %s: %w", o.Kind, err)
	}
	o.Owner = owner
	return o, nil
}

// check refuses an object that would mean every object of its kind, or a pattern.
func (o Object) check() error {
	if o.Kind == "" {
		return fmt.Errorf("statetrail: the object %q has no kind", o.Name)
	}
	if o.Name == "" && o.UID == "" && o.Owner == nil {
		return fmt.Errorf("statetrail: the %s has no name: use the object that Create returned", o.Kind)
	}
	quantifies := o.Owner != nil && (o.Life == "any" || o.Life == "each" || o.Life == "first")
	if o.Life != "" && o.Name == "" && !quantifies {
		return fmt.Errorf("statetrail: the %s has a life and no name: that is only possible with an owner, "+
			"as any, each or first", o.Kind)
	}
	return nil
}

// String returns kind and name as kubectl writes them: vm/web.
func (o Object) String() string {
	switch {
	case o.Name != "":
		return o.alias() + "/" + o.Name
	case o.Owner != nil:
		return fmt.Sprintf("%s of %v", o.alias(), o.Owner)
	default:
		return o.alias() + " " + o.UID
	}
}

// alias is the word for the object within an expectation.
func (o Object) alias() string {
	switch o.Kind {
	case "VirtualMachine":
		return "vm"
	case "VirtualMachineInstance":
		return "vmi"
	case "VirtualMachineInstanceMigration":
		return "vmim"
	default:
		return strings.ToLower(o.Kind)
	}
}

// kindOf returns GetObjectKind().GroupVersionKind().Kind, which is found by name: the types are those of apimachinery.
func kindOf(value any) string {
	gvk := call(call(reflect.ValueOf(value), "GetObjectKind"), "GroupVersionKind")
	if gvk.IsValid() && gvk.Kind() == reflect.Struct {
		if kind := stringOf(gvk.FieldByName("Kind")); kind != "" {
			return kind
		}
	}
	t := reflect.TypeOf(value)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
}

// call returns the one result of a method without arguments, or the zero Value if there is no such method.
func call(v reflect.Value, method string) reflect.Value {
	if !v.IsValid() || (v.Kind() == reflect.Interface && v.IsNil()) {
		return reflect.Value{}
	}
	m := v.MethodByName(method)
	if !m.IsValid() || m.Type().NumIn() != 0 || m.Type().NumOut() != 1 {
		return reflect.Value{}
	}
	return m.Call(nil)[0]
}

func stringOf(v reflect.Value) string {
	if !v.IsValid() || v.Kind() != reflect.String {
		return ""
	}
	return v.String()
}
