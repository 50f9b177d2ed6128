package part

import (
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

func TestBoxIsDescribedByWhatIsThere(t *testing.T) {
	for _, tt := range []struct {
		name          string
		box           Box
		says, keptOut string
		described     bool
	}{
		{"nothing to say", Box{ID: "b", Label: "Name"}, "Name", "aria-describedby", false},
		{"hint", Box{ID: "b", Label: "Name", Hint: "any"}, "any", `role="alert"`, true},
		{"error instead of the hint", Box{ID: "b", Label: "Name", Hint: "any", Error: "Wrong."}, "Wrong.", "any", true},
		{"several lines", Box{ID: "b", Label: "Name", Lines: 3, Error: "Wrong."}, "<textarea", "<input", true},
	} {
		got := app.HTMLString(tt.box.Draw())
		if !strings.Contains(got, tt.says) || strings.Contains(got, tt.keptOut) {
			t.Errorf("%s: %s", tt.name, got)
		}
		if strings.Contains(got, `aria-describedby="b-note"`) != tt.described || strings.Contains(got, `id="b-note"`) != tt.described {
			t.Errorf("%s: described wrongly: %s", tt.name, got)
		}
		if !strings.Contains(got, `autocomplete="off"`) {
			t.Errorf("%s: the browser may write down what is typed", tt.name)
		}
		if !strings.Contains(got, `for="b"`) {
			t.Errorf("%s: the label belongs to nothing", tt.name)
		}
	}
}

func TestSecretsStayOutOfSpellCheckers(t *testing.T) {
	got := app.HTMLString(Box{ID: "b", Lines: 4, Complete: "off"}.Draw())
	for _, want := range []string{`spellcheck="false"`, `autocomplete="off"`, `autocapitalize="none"`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s", want)
		}
	}
}
