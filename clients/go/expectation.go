package statetrail

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// An Expectation is one document of the expectation language, in the form of docs/schema/expectation-v1.schema.json. It
// is sent as JSON, so no name or label needs to be quoted for YAML. States and paths are written in the language, whose
// own quotes are those of Label.
type Expectation struct {
	Name     string
	Subjects Subjects
	Window   Window
	// Statements must all hold. Each is as the language has it:
	// map[string]any{"track": "vm.status", "never": "Failed"}.
	Statements []map[string]any
}

// Subjects are the objects of an expectation, each under a word of its own.
type Subjects struct {
	words   []string
	objects []Object
}

// A Window is the span of time that an expectation is about.
type Window struct {
	// From is where it begins: when the object was created, if nil.
	From *Bound
	// Until is where it ends: as the recording does, if nil.
	Until *Bound
	// Max is how long it is at most, if not empty: "2m".
	Max string
}

// A Bound is a mark, or the first entry into a state. One of its members is set.
type Bound struct {
	Mark string
	// Enter is such as "vm.status=Running".
	Enter string
}

// Add adds an object that ObjectOf returned, with its owners, and returns the word by which statements name it.
func (s *Subjects) Add(object Object) string {
	if word, ok := s.word(object); ok {
		return word
	}
	word := object.alias()
	for n := 2; s.taken(word); n++ {
		word = fmt.Sprintf("%s%d", object.alias(), n)
	}
	s.words = append(s.words, word)
	s.objects = append(s.objects, object)
	if owner, ok := object.Owner.(Object); ok {
		s.Add(owner)
	}
	return word
}

func (s *Subjects) word(object Object) (string, bool) {
	for i := range s.objects {
		if s.objects[i] == object {
			return s.words[i], true
		}
	}
	return "", false
}

func (s *Subjects) taken(word string) bool {
	for _, other := range s.words {
		if other == word {
			return true
		}
	}
	return false
}

// Document returns the expectation as one JSON document.
func (e *Expectation) Document() (string, error) {
	document := map[string]any{
		"apiVersion": "statetrail/v1",
		"kind":       "Expectation",
		"metadata":   map[string]string{"name": e.Name},
		"subjects":   e.Subjects.document(),
		"expect":     e.Statements,
	}
	if window := e.Window.document(); len(window) > 0 {
		document["window"] = window
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // so that diagnostics quote `->` as it was written
	if err := encoder.Encode(document); err != nil {
		return "", fmt.Errorf("statetrail: writing the expectation %q: %w", e.Name, err)
	}
	return text.String(), nil
}

func (s *Subjects) document() map[string]map[string]string {
	subjects := map[string]map[string]string{}
	for i, object := range s.objects {
		subject := map[string]string{"kind": object.Kind}
		set := func(key, value string) {
			if value != "" {
				subject[key] = value
			}
		}
		set("namespace", object.Namespace)
		set("name", object.Name)
		set("uid", object.UID)
		switch {
		case object.UID != "":
		case object.Name != "":
			set("life", or(object.Life, "first"))
		default:
			set("quantify", object.Life)
		}
		if owner, ok := object.Owner.(Object); ok {
			word, _ := s.word(owner)
			set("ownedBy", word)
		}
		subjects[s.words[i]] = subject
	}
	return subjects
}

func (w Window) document() map[string]any {
	window := map[string]any{}
	if w.From != nil {
		window["from"] = w.From.document()
	}
	if w.Until != nil {
		window["until"] = w.Until.document()
	}
	if w.Max != "" {
		window["max"] = w.Max
	}
	return window
}

func (b *Bound) document() map[string]string {
	if b.Mark != "" {
		return map[string]string{"mark": b.Mark}
	}
	return map[string]string{"enter": b.Enter}
}

// or returns the first of the values that is not empty.
func or(values ...string) string {
	for _, value := range values {
		if value != "" {
			return value
		}
	}
	return ""
}

// Label quotes a label for a path or a set of states: Label("it's") is 'it”s'. Bare words need no quotes.
func Label(text string) string {
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}
