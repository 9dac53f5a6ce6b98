package statetrail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	pageSize = 1000
	// maxEntries bounds what Timeline holds in memory.
	maxEntries = 1_000_000
)

// A Filter selects objects. An empty member selects all. Marks, and gaps that could concern what is selected, are never
// left out.
type Filter struct {
	Kind, Namespace, Name, UID string
	// Track is one track of the objects: "status". Only Timeline has it.
	Track string
}

// FilterFor returns the filter for one object, as ObjectOf knows it.
func FilterFor(object any) (Filter, error) {
	o, err := ObjectOf(object)
	if err != nil {
		return Filter{}, err
	}
	return Filter{Kind: o.Kind, Namespace: o.Namespace, Name: o.Name, UID: o.UID}, nil
}

func (f Filter) query() url.Values {
	query := url.Values{}
	for _, pair := range [][2]string{
		{"kind", f.Kind}, {"namespace", f.Namespace}, {"name", f.Name}, {"uid", f.UID}, {"track", f.Track},
	} {
		if pair[1] != "" {
			query.Set(pair[0], pair[1])
		}
	}
	return query
}

// An Entry is one element of a timeline: a transition, or a gap, a mark, an Event or a change of details.
type Entry struct {
	// At is the receipt time, by the recorder's clock.
	At        time.Time `json:"at"`
	Kind      string    `json:"kind"`
	Namespace string    `json:"namespace"`
	Name      string    `json:"name"`
	UID       string    `json:"uid"`
	// Track is set for a transition: From or To is nil where the track had no state.
	Track string  `json:"track"`
	From  *string `json:"from"`
	To    *string `json:"to"`
	// Mark is the name of a mark.
	Mark string `json:"mark"`
	// Gap is set for a span that was not seen.
	Gap *Gap `json:"gap"`
	// Evidence is set for an Event about the object.
	Evidence *Evidence `json:"evidence"`
	// JSON is all that the server said, as docs/schema/timeline-v1.schema.json describes it.
	JSON json.RawMessage `json:"-"`
}

// A Gap is a span that was not seen: nothing may be concluded about what happened inside.
type Gap struct {
	Resource  string `json:"resource"`
	Namespace string `json:"namespace"`
	Reason    string `json:"reason"`
	// From and To are nil where there is no such moment.
	From *time.Time `json:"from"`
	To   *time.Time `json:"to"`
}

// Evidence is an Event.
type Evidence struct {
	Type    string `json:"type"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
	Count   int    `json:"count"`
}

// UnmarshalJSON keeps all of the entry, too.
func (e *Entry) UnmarshalJSON(data []byte) error {
	type plain Entry
	if err := json.Unmarshal(data, (*plain)(e)); err != nil {
		return err //nolint:wrapcheck // encoding/json adds the place
	}
	e.JSON = append(json.RawMessage(nil), data...)
	return nil
}

// String returns the entry as one line.
func (e *Entry) String() string {
	at := e.At.UTC().Format("15:04:05.000")
	switch {
	case e.Mark != "":
		return fmt.Sprintf("%s  mark %s", at, e.Mark)
	case e.Gap != nil:
		resource := strings.TrimSuffix(e.Gap.Resource+" in "+e.Gap.Namespace, " in ")
		return fmt.Sprintf("%s  ~~~ gap of %s: %s, not seen from %s to %s ~~~",
			at, resource, e.Gap.Reason, moment(e.Gap.From), moment(e.Gap.To))
	case e.Evidence != nil:
		return fmt.Sprintf("%s  %s  %s: %s", at, e.object(), e.Evidence.Reason, e.Evidence.Message)
	case e.Track != "":
		return fmt.Sprintf("%s  %s  %s  %s -> %s", at, e.object(), e.Track, state(e.From), state(e.To))
	default:
		return fmt.Sprintf("%s  %s  %s", at, e.object(), e.JSON)
	}
}

func (e *Entry) object() string {
	object := Object{Kind: e.Kind, Name: e.Name}
	if e.Namespace == "" {
		return object.String()
	}
	return object.String() + " in " + e.Namespace
}

func state(label *string) string {
	if label == nil {
		return "(none)"
	}
	return *label
}

func moment(t *time.Time) string {
	if t == nil {
		return "?"
	}
	return t.UTC().Format("15:04:05.000")
}

// Timeline returns what was recorded of the selected objects so far, in order.
func (t *Trail) Timeline(ctx context.Context, filter Filter) ([]Entry, error) {
	var entries []Entry
	query := filter.query()
	query.Set("limit", strconv.Itoa(pageSize))
	for {
		var page struct {
			Entries []Entry `json:"entries"`
			Next    string  `json:"next"`
			More    bool    `json:"more"`
		}
		r := request{method: http.MethodGet, path: "v1/timeline", query: query, repeatable: true}
		if err := t.call(ctx, r, &page); err != nil {
			return nil, err
		}
		entries = append(entries, page.Entries...)
		switch {
		case !page.More:
			return entries, nil
		case page.Next == "" || page.Next == query.Get("after"):
			return nil, errors.New("statetrail: GET v1/timeline: the server promises more entries and does not give them")
		case len(entries) > maxEntries:
			return nil, fmt.Errorf("statetrail: GET v1/timeline: more than %d entries; select fewer", maxEntries)
		}
		query.Set("after", page.Next)
	}
}

// A Subject is an object as it is now.
type Subject struct {
	Kind      string           `json:"kind"`
	Namespace string           `json:"namespace"`
	Name      string           `json:"name"`
	UID       string           `json:"uid"`
	Deleted   bool             `json:"deleted"`
	Tracks    map[string]Track `json:"tracks"`
}

// A Track is the state that a track of an object is in.
type Track struct {
	// State is nil if it is not known, because of a gap.
	State *string `json:"state"`
	Since string  `json:"since"`
	Seen  string  `json:"seen"`
}

// Subjects returns the selected objects as they are now.
func (t *Trail) Subjects(ctx context.Context, filter Filter) ([]Subject, error) {
	filter.Track = ""
	var answer struct {
		Subjects []Subject `json:"subjects"`
	}
	r := request{method: http.MethodGet, path: "v1/subjects", query: filter.query(), repeatable: true}
	if err := t.call(ctx, r, &answer); err != nil {
		return nil, err
	}
	return answer.Subjects, nil
}
