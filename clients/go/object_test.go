package statetrail

import (
	"testing"
)

// Types shaped like those of client-go: the uid is a defined string, and the kind is behind two calls.
type (
	fakeUID    string
	objectKind struct{ Group, Version, Kind string }
	typeMeta   struct{ kind string }
	meta       struct {
		name, namespace string
		uid             fakeUID
	}
	VirtualMachine struct {
		typeMeta
		meta
	}
	nameOnly struct{ meta2 }
	meta2    struct{}
)

func (t *typeMeta) GetObjectKind() interface{ GroupVersionKind() objectKind } { return t }
func (t *typeMeta) GroupVersionKind() objectKind                              { return objectKind{Kind: t.kind} }
func (m *meta) GetName() string                                               { return m.name }
func (m *meta) GetNamespace() string                                          { return m.namespace }
func (m *meta) GetUID() fakeUID                                               { return m.uid }
func (meta2) GetName() string                                                 { return "n" }
func (meta2) GetNamespace() string                                            { return "" }

func TestObjectOfTypedObjectHasTheKindOfItsTypeMetaOrItsType(t *testing.T) {
	t.Parallel()
	typed := &VirtualMachine{meta: meta{"web", "ns", "u1"}}
	for kind, want := range map[string]string{"": "VirtualMachine", "Pod": "Pod"} {
		typed.kind = kind
		got, err := ObjectOf(typed)
		if err != nil || got != (Object{Kind: want, Namespace: "ns", Name: "web", UID: "u1"}) {
			t.Errorf("TypeMeta %q: got %+v, %v", kind, got, err)
		}
		typed = &VirtualMachine{meta: meta{"web", "ns", "u1"}}
	}
	if got, err := ObjectOf(nameOnly{}); err != nil || got != (Object{Kind: "nameOnly", Name: "n"}) {
		t.Errorf("an object without uid and kind: got %+v, %v", got, err)
	}
}

func TestObjectOfRefusesWhatWouldMeanMoreThanOneObject(t *testing.T) {
	t.Parallel()
	var nilVM *VirtualMachine
	var nilObject *Object
	for name, value := range map[string]any{
		"nil": nil, "nil pointer": nilVM, "nil object": nilObject, "another type": "web",
		"generateName": &VirtualMachine{meta: meta{"", "ns", ""}},
		"no kind":      Object{Name: "web"}, "life without a name": Object{Kind: "Pod", UID: "1", Life: "first"},
		"owner without a name": OwnedBy("Pod", VM("ns", "")),
		"life of none owned":   Object{Kind: "Pod", Owner: VM("ns", "web"), Life: "last"},
	} {
		if got, err := ObjectOf(value); err == nil {
			t.Errorf("%s: got %+v and no error", name, got)
		}
	}
}

func TestDocumentPinsTheLifeByUidAndOtherwiseByTheFirst(t *testing.T) {
	t.Parallel()
	e := Expectation{Name: `a "b" -> 'c': <d>`, Window: Window{From: &Bound{Mark: "m: 'x'"}, Max: "2m"}}
	pods, err := ObjectOf(OwnedBy("Pod", &VirtualMachine{meta: meta{"web", "ns", "u1"}}))
	if err != nil {
		t.Fatal(err)
	}
	word := e.Subjects.Add(pods)
	same := e.Subjects.Add(pods)
	other := e.Subjects.Add(Pod("ns", "yes"))
	if word != "pod" || same != "pod" || other != "pod2" {
		t.Errorf("words: %s, %s, %s", word, same, other)
	}
	e.Statements = []map[string]any{{"track": word + ".phase", "never": Label("it's")}}
	got, err := e.Document()
	want := `{"apiVersion":"statetrail/v1","expect":[{"never":"'it''s'","track":"pod.phase"}],"kind":"Expectation",` +
		`"metadata":{"name":"a \"b\" -> 'c': <d>"},"subjects":{"pod":{"kind":"Pod","ownedBy":"vm"},` +
		`"pod2":{"kind":"Pod","life":"first","name":"yes","namespace":"ns"},` +
		`"vm":{"kind":"VirtualMachine","name":"web","namespace":"ns","uid":"u1"}},` +
		`"window":{"from":{"mark":"m: 'x'"},"max":"2m"}}` + "\n"
	if err != nil || got != want {
		t.Errorf("got %v\n%s\nwant\n%s", err, got, want)
	}
}
