package web

import (
	"slices"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core/client"
	"tandem/web/view"
)

func TestUnlocking(t *testing.T) {
	e := &twin{}
	p := &locked{engine: e, trail: &trail{}, Lock: client.LockView{On: true}}
	p.OnInit()
	settle := act(t, p)
	p.typed = "a passphrase"
	e.err = client.ErrPassphrase
	p.unlock(app.Context{}, press)
	if page := text(app.HTMLString(p.Render())); !strings.Contains(page, "Unlocking…") {
		t.Errorf("at work: %s", page)
	}
	p.unlock(app.Context{}, press)
	settle()
	page := app.HTMLString(p.Render())
	if !slices.Equal(e.asked, []string{"Unlock"}) || strings.Count(page, `role="alert"`) != 1 ||
		!strings.Contains(text(page), view.Sentence(client.ErrPassphrase)) || !regexpInvalid.MatchString(page) {
		t.Errorf("refused: %q, %s", e.asked, text(page))
	}
	for _, want := range []string{`type="password"`, `autocomplete="current-password"`} {
		if strings.Count(page, want) != 1 {
			t.Errorf("not one %s", want)
		}
	}
	if strings.Contains(page, "a passphrase") {
		t.Error("what was typed is drawn")
	}

	// Forgotten: a dialog of its own asks first.
	e.asked, e.err = nil, client.ErrStore
	p.ask(app.Context{}, press)
	if page := text(app.HTMLString(p.Render())); len(e.asked) > 0 || !strings.Contains(page, "Your 13 words bring the account back") {
		t.Errorf("asked %q: %s", e.asked, page)
	}
	p.clear(app.Context{}, press)
	settle()
	page = app.HTMLString(p.Render())
	if !slices.Equal(e.asked, []string{"ClearData"}) || strings.Count(page, `role="alert"`) != 1 {
		t.Errorf("after Clear Data: %q, %s", e.asked, text(page))
	}
}

func TestSettingAPassphrase(t *testing.T) {
	for _, tt := range []struct {
		name             string
		on               bool
		form             change
		old, next, again string
		refusal          error
		asked            string // of the engine
		says             string
		at               string // id of the box that is to blame
	}{
		{"set", false, changeNone, "", "good enough", "good enough", nil, "SetPassphrase", "The passphrase is set.", ""},
		{"differs", false, changeNone, "", "good enough", "good enougg", nil, "", view.Differ, againID},
		{"empty", false, changeNone, "", "", "", nil, "", view.Sentence(client.ErrPassphraseShort), nextID},
		{"short", false, changeNone, "", "short", "short", client.ErrPassphraseShort, "SetPassphrase", view.Sentence(client.ErrPassphraseShort), nextID},
		{"long", false, changeNone, "", "x", "x", client.ErrPassphraseLong, "SetPassphrase", view.Sentence(client.ErrPassphraseLong), nextID},
		{"full disk", false, changeNone, "", "good enough", "good enough", client.ErrStore, "SetPassphrase", view.Sentence(client.ErrStore), nextID},
		{"changed", true, changeIt, "old one", "good enough", "good enough", nil, "SetPassphrase", "The passphrase is set.", ""},
		{"changed to nothing", true, changeIt, "old one", "", "", nil, "", view.Sentence(client.ErrPassphraseShort), nextID},
		{"wrong", true, changeIt, "old one", "good enough", "good enough", client.ErrPassphrase, "SetPassphrase", view.Sentence(client.ErrPassphrase), oldID},
		{"too early", true, changeIt, "old one", "good enough", "good enough", client.ErrPassphraseWait, "SetPassphrase", view.Sentence(client.ErrPassphraseWait), oldID},
		{"taken away", true, changeAway, "old one", "", "", nil, "SetPassphrase", "The passphrase is taken away.", ""},
		{"not taken away", true, changeAway, "old one", "", "", client.ErrPassphrase, "SetPassphrase", view.Sentence(client.ErrPassphrase), oldID},
		{"taken away, full disk", true, changeAway, "old one", "", "", client.ErrStore, "SetPassphrase", view.Sentence(client.ErrStore), oldID},
	} {
		snap := mainSnap(func(s *client.Snapshot) { s.Lock.On = tt.on })
		e := &twin{snap: snap, err: tt.refusal}
		p := &lock{Snap: &snap, engine: e, trail: &trail{}}
		settle := act(t, p)
		p.form = tt.form
		p.typed.old, p.typed.next, p.typed.again = tt.old, tt.next, tt.again
		p.set(app.Context{}, press)
		settle()
		page := app.HTMLString(p.Render())
		if got := strings.Join(e.asked, "|"); got != tt.asked {
			t.Errorf("%s asks for %q", tt.name, got)
		}
		if !strings.Contains(text(page), tt.says) {
			t.Errorf("%s does not say %q", tt.name, tt.says)
		}
		if n := strings.Count(page, `role="alert"`); (n == 1) != (tt.at != "") || tt.at != "" && !strings.Contains(page, `id="`+tt.at+`-note"`) {
			t.Errorf("%s: %d errors, none at %s", tt.name, n, tt.at)
		}
		if tt.at == "" && (p.typed.old+p.typed.next+p.typed.again != "" || p.form != changeNone) {
			t.Errorf("%s: what was typed is kept", tt.name)
		}
	}
}

func TestLockCommands(t *testing.T) {
	snap := mainSnap(func(s *client.Snapshot) { s.Lock = client.LockView{On: true, Minutes: 5} })
	e := &twin{snap: snap}
	p := &lock{Snap: &snap, engine: e, trail: &trail{}}
	settle := act(t, p)
	p.now(app.Context{}, press)
	settle()
	if !slices.Equal(e.asked, []string{"Lock"}) {
		t.Errorf("%q", e.asked)
	}
	e.err = client.ErrStore
	p.now(app.Context{}, press)
	settle()
	if page := app.HTMLString(p.Render()); strings.Count(page, `role="alert"`) != 1 {
		t.Errorf("a refusal is said %d times", strings.Count(page, `role="alert"`))
	}
	p.open(changeIt)(app.Context{}, press)
	if page := app.HTMLString(p.Render()); strings.Count(page, `type="password"`) != 3 || strings.Count(page, `autocomplete="new-password"`) != 2 {
		t.Error("not three boxes for a change")
	}
	p.cancel(app.Context{}, press)
	if page := app.HTMLString(p.Render()); strings.Contains(page, `type="password"`) {
		t.Error("boxes after Cancel")
	}
}

// A locked device's page keeps no text that somebody typed.
func TestLockForgetsDrafts(t *testing.T) {
	d := drafts{}
	d.at(account).text = "not sent"
	d.forget()
	if d.at(account).text != "" {
		t.Error("a draft is left")
	}
}
