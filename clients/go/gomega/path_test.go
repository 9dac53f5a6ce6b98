package gomega

import "testing"

func TestOnlyAStateOrASetOfStatesIsOne(t *testing.T) {
	t.Parallel()
	for _, state := range []string{
		"Running", "_", "!Running", "waiting:ErrImagePull", "Init:0/1", "True/Deferred", "terminated:Error/137", ">=2",
		"<=0.5",
		"'a | b'", "'it''s -> there'", "~'disk|full'", "[Running, Paused]", "!['a -> b', B]", "$home",
	} {
		p := path{}
		if p.one(state); p.err != nil {
			t.Errorf("%s: %v", state, p.err)
		}
	}
	for _, several := range []string{
		"", " ", "A | B", "A|B", "A?", "A*", "A+", "(A)", "A -> B", "A->B", "...", "A for >=1s", "A{2}", "A,B",
		"[A] | B", "'a' | 'b'",
	} {
		p := path{}
		if p.one(several); p.err == nil {
			t.Errorf("%q is taken for a state", several)
		}
	}
}

func TestATextOfAGoFileLosesItsIndentation(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"\n\t\ta: 1\n\t\tb:\n\t\t  c: 2\n\t": "\na: 1\nb:\n  c: 2\n\t",
		"a: 1\n  b: 2":                       "a: 1\n  b: 2",
		"  a\n\tb":                           "  a\n\tb",
		"":                                   "",
	} {
		if got := dedented(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
