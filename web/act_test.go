package web

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core/client"
	"tandem/web/view"
)

// stage mounts a page and hands out its context, which natively no page gets:
// go-app mounts only in a browser.
type stage struct {
	app.Compo

	ctx app.Context
}

func (s *stage) OnPreRender(ctx app.Context) { s.ctx = ctx }
func (s *stage) Render() app.UI              { return app.Div() }

// act mounts a page and returns what waits until all it has begun is done.
func act(t *testing.T, page app.Mounter) (settle func()) {
	t.Helper()
	s, engine := &stage{}, app.NewTestEngine()
	if err := engine.Load(s); err != nil {
		t.Fatal(err)
	}
	engine.ConsumeAll()
	page.OnMount(s.ctx)
	return engine.ConsumeAll
}

// regexpInvalid finds a box that is blamed.
var regexpInvalid = regexp.MustCompile(`aria-invalid[ >]`)

// press is an event that nothing can be read from.
var press = app.Event{Value: app.Window()}

func TestCommands(t *testing.T) {
	const key = "056173e859be4ef731e3c1c067d14dc17a0c2ddf33e5179b8d39709c70a51b904c"
	e := &twin{snap: mainSnap(nil)}
	none := app.Context{}
	for _, tt := range []struct {
		name  string
		page  app.Mounter
		press func(app.Mounter)
		want  string
	}{
		{"register", &register{engine: e, name: "Ada"}, func(p app.Mounter) { p.(*register).submit(none, press) }, "Register Ada"},
		{"restore", &restore{engine: e, name: "Ada", seed: "x"}, func(p app.Mounter) { p.(*restore).submit(none, press) }, "Restore Ada"},
		{"words", &seedWords{engine: e}, func(p app.Mounter) { p.(*seedWords).submit(none, press) }, "ConfirmWords"},
		{"key", &accountKey{engine: e}, func(p app.Mounter) { p.(*accountKey).submit(none, press) }, "ConfirmKey"},
		{"link", &linkHere{engine: e, typed: " " + strings.ToUpper(key[:22]) + "\n" + key[22:]}, func(p app.Mounter) { p.(*linkHere).submit(none, press) }, "Join " + key},
		{"cancel joining", &joining{engine: e}, func(p app.Mounter) { p.(*joining).cancel(none, press) }, "CancelJoin"},
		{"finish", &joining{engine: e}, func(p app.Mounter) { p.(*joining).finish(none, press) }, "Finish"},
		{"they differ", &joining{engine: e}, func(p app.Mounter) { p.(*joining).differ(none, press) }, "Differ"},
		{"read the cause", &joining{engine: e, trail: &trail{}}, func(p app.Mounter) { p.(*joining).acknowledge(none, press) }, "Acknowledge"},
		{"link device", &devices{engine: e}, func(p app.Mounter) { p.(*devices).link(none, press) }, "OpenDialog"},
		{"review", &banners{engine: e}, func(p app.Mounter) { p.(*banners).review(none, press) }, "OpenDialog"},
		{"dismiss", &banners{engine: e}, func(p app.Mounter) { p.(*banners).dismiss(none, press) }, "DismissSuccess"},
		{"continue after success", &nothingOpen{engine: e}, func(p app.Mounter) { p.(*nothingOpen).dismiss(none, press) }, "DismissSuccess"},
		{"cancel the dialog", &linkDialog{engine: e}, func(p app.Mounter) { p.(*linkDialog).leave(none, press) }, "CloseDialog"},
		{"esc in the dialog", &linkDialog{engine: e}, func(p app.Mounter) { p.(*linkDialog).cancel(none, press) }, "CloseDialog"},
		{"authorise", &linkStage{engine: e}, func(p app.Mounter) { p.(*linkStage).authorise(none, press) }, "Authorise"},
		{"reject", &linkStage{engine: e}, func(p app.Mounter) { p.(*linkStage).reject(none, press) }, "Reject"},
		{"rebuild path", &network{engine: e}, func(p app.Mounter) { p.(*network).rebuild(none, press) }, "RebuildPath"},
		{"clear data", &settings{engine: e}, func(p app.Mounter) { p.(*settings).confirm(none, press) }, "ClearData"},
		{"leave after unlinking", &unlinked{engine: e, trail: &trail{}}, func(p app.Mounter) { p.(*unlinked).leave(none, press) }, "ClearData"},
	} {
		e.asked = nil
		settle := act(t, tt.page)
		tt.press(tt.page)
		settle()
		if !slices.Equal(e.asked, []string{tt.want}) {
			t.Errorf("%s asks for %q, want %q", tt.name, e.asked, tt.want)
		}
	}
}

func TestRebuildPathIsSaid(t *testing.T) {
	const said = "Requests take a new path now."
	e := &twin{}
	p := &network{engine: e}
	settle := act(t, p)
	for _, tt := range []struct {
		err  error
		says string
	}{
		{nil, said},
		{client.ErrNoNetworkFile, view.Sentence(client.ErrNoNetworkFile)},
	} {
		e.err = tt.err
		p.rebuild(app.Context{}, press)
		settle()
		page := text(app.HTMLString(p.Render()))
		if !strings.Contains(page, tt.says) || strings.Contains(page, said) != (tt.err == nil) {
			t.Errorf("%v: %s", tt.err, page)
		}
	}
}

func TestTwoPressesAreOneCommand(t *testing.T) {
	e := &twin{}
	p := &joining{engine: e}
	settle := act(t, p)
	p.finish(app.Context{}, press)
	p.finish(app.Context{}, press)
	p.differ(app.Context{}, press)
	settle()
	if !slices.Equal(e.asked, []string{"Finish"}) {
		t.Errorf("%q", e.asked)
	}
	p.differ(app.Context{}, press)
	settle()
	if len(e.asked) != 2 {
		t.Errorf("after the command has ended: %q", e.asked)
	}
}

func TestRefusalsStandWhereTheyHappened(t *testing.T) {
	for _, tt := range []struct {
		err     error
		invalid string
	}{
		{client.ErrNameEmpty, "true"},
		{client.ErrNameLong, "true"},
		{client.ErrStore, "false"},
	} {
		e := &twin{err: tt.err}
		p := &register{engine: e}
		settle := act(t, p)
		p.submit(app.Context{}, press)
		settle()
		page := app.HTMLString(p.Render())
		if !strings.Contains(text(page), view.Sentence(tt.err)) || strings.Count(page, `role="alert"`) != 1 {
			t.Errorf("%v: %s", tt.err, text(page))
		}
		if got := attributes(page, "aria-describedby"); len(got) != 1 || !strings.Contains(page, `id="`+got[0]+`"`) {
			t.Errorf("%v: the box is described by %q", tt.err, got)
		}
		// An attribute that is true is written without its value.
		if blamed := regexpInvalid.MatchString(page); blamed != (tt.invalid == "true") {
			t.Errorf("%v: aria-invalid is not %s", tt.err, tt.invalid)
		}
	}
}

func TestWrongKeyNeverReachesTheEngine(t *testing.T) {
	e := &twin{}
	p := &linkHere{engine: e, typed: "0561"}
	settle := act(t, p)
	p.submit(app.Context{}, press)
	settle()
	if len(e.asked) != 0 || !strings.Contains(text(app.HTMLString(p.Render())), "this has 4") {
		t.Errorf("%q", e.asked)
	}
}

func TestClearDataAsksFirst(t *testing.T) {
	e := &twin{snap: mainSnap(nil)}
	p := &settings{engine: e, Snap: e.Snapshot()}
	settle := act(t, p)
	p.ask(app.Context{}, press)
	settle()
	names := buttonNames(app.HTMLString(p.Render()))
	if len(e.asked) != 0 || strings.Count(strings.Join(names, "|"), "Clear Data") != 1 || names[len(names)-2] != "Cancel" {
		t.Errorf("asked %q, buttons %q", e.asked, names)
	}
	p.cancel(app.Context{}, press)
	settle()
	if strings.Contains(strings.Join(buttonNames(app.HTMLString(p.Render())), "|"), "Cancel") {
		t.Error("Cancel does not end it")
	}
}

func TestRestoreChecksTheWordsFirst(t *testing.T) {
	e := &twin{}
	p := &restore{engine: e, trail: &trail{}, Named: true, typed: "one two"}
	settle := act(t, p)
	p.check(app.Context{}, press)
	settle()
	if page := text(app.HTMLString(p.Render())); !strings.Contains(page, "these are 2") {
		t.Errorf("%s", page)
	}
	p.typed = strings.ToUpper(strings.Join(seed, "\n "))
	p.check(app.Context{}, press)
	settle()
	if page := text(app.HTMLString(p.Render())); !strings.Contains(page, "Display name") || len(e.asked) != 0 {
		t.Errorf("%s", page)
	}
}
