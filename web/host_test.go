package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/core/client"
	"tandem/web/tag"
	"tandem/web/view"
)

// browser is a Host in memory.
type browser struct {
	room    view.Room // as it is once the browser was asked to keep it
	marked  bool
	file    []byte // chosen; nil = none
	broken  bool   // it cannot be read
	saved   []byte
	name    string
	ringing view.Ringing
	rang    []view.Ring
	badges  []int
}

var _ Host = (*browser)(nil)

func (b *browser) Room(_ context.Context, persist bool) view.Room {
	r := b.room
	r.Kept = r.Kept && persist
	return r
}
func (b *browser) Marked() bool          { return b.marked }
func (b *browser) Mark(on bool)          { b.marked = on }
func (b *browser) Sink() Sink            { b.saved = nil; return b }
func (b *browser) Write(piece []byte)    { b.saved = append(b.saved, piece...) }
func (b *browser) Save(name string)      { b.name = name }
func (b *browser) Ringing() view.Ringing { return b.ringing }
func (b *browser) SetRinging(context.Context, bool) view.Ringing {
	return b.ringing
}
func (b *browser) Ring(r view.Ring, _ func()) { b.rang = append(b.rang, r) }
func (b *browser) Badge(n int)                { b.badges = append(b.badges, n) }
func (b *browser) Size() int64                { return int64(len(b.file)) }
func (b *browser) Source(string) (Source, error) {
	if b.file == nil {
		return nil, view.ErrNoFile
	}
	return b, nil
}
func (b *browser) Read(_ context.Context, at int64, n int) ([]byte, error) {
	if b.broken {
		return nil, view.ErrNoFile
	}
	return b.file[at:min(at+int64(n), b.Size())], nil
}

// bank is a twin that gives a file in three pieces, and takes one.
type bank struct {
	twin
	orders []client.BackupOrder
	refuse error
	gave   int
}

func (e *bank) Backup(o client.BackupOrder) (r client.BackupReply, err error) {
	e.orders = append(e.orders, o)
	r = client.BackupReply{Run: 7, Messages: 3, Fresh: 2, Total: 3}
	if o.Verb == client.ExportNext {
		e.gave++
		r.Piece, r.Done = []byte{byte(e.gave)}, e.gave == 3
	}
	return r, e.refuse
}

// moving is the moves of a root that is mounted.
func moving(t *testing.T, e client.Engine, h Host) (m *moves, settle func()) {
	t.Helper()
	s, engine := &stage{}, app.NewTestEngine()
	if err := engine.Load(s); err != nil {
		t.Fatal(err)
	}
	engine.ConsumeAll()
	return &moves{ctx: s.ctx, engine: e, host: h}, engine.ConsumeAll
}

func TestExportGoesToTheDownloads(t *testing.T) {
	e, b := &bank{}, &browser{}
	m, settle := moving(t, e, b)
	p := &export{moves: m, trail: &trail{}, Move: m.now.Transfer}
	page := act(t, p)
	p.typed.next, p.typed.again = "a long passphrase", "another one"
	p.submit(app.Context{}, press)
	page()
	if !errors.Is(p.err, view.ErrDiffer) || len(e.orders) > 0 || !strings.Contains(shownBy(p), view.Differ) {
		t.Fatalf("two passphrases: %v, %d orders", p.err, len(e.orders))
	}
	m.export("a long passphrase")
	if shown := shownBy(underWay(m.now.Transfer, nil)); !strings.Contains(shown, "Writing") {
		t.Error(shown)
	}
	settle()
	if !bytes.Equal(b.saved, []byte{1, 2, 3}) || b.name == "" || e.orders[0].Passphrase != "a long passphrase" {
		t.Errorf("saved %v as %q", b.saved, b.name)
	}
	p.err = nil // something was typed
	if p.Move = m.now.Transfer; !strings.Contains(shownBy(p), "3 messages") {
		t.Errorf("it says %+v", m.now)
	}
	e.refuse = client.ErrPassphraseShort
	m.export("short")
	settle()
	if p.Move = m.now.Transfer; !strings.Contains(shownBy(p), view.Sentence(client.ErrPassphraseShort)) || strings.Contains(shownBy(p), "3 messages") {
		t.Error("a refusal is not said")
	}
}

func TestImportReadsTheFileTwice(t *testing.T) {
	file := bytes.Repeat([]byte("0123456789abcdef"), 40_000) // three pieces
	e, b := &bank{}, &browser{}
	m, settle := moving(t, e, b)
	m.take(fileID, "x")
	if p := (&take{Move: m.now.Transfer, moves: m}); !strings.Contains(shownBy(p), view.Sentence(view.ErrNoFile)) {
		t.Error("no file was chosen, and nothing is said")
	}
	b.file = file
	e.snap.Phase = client.Welcome
	m.take(fileID, "secret")
	if !m.now.On || !m.now.first {
		t.Errorf("it does not go on: %+v", m.now)
	}
	r := &root{engine: &e.twin, moves: *m}
	r.OnInit()
	r.snap.Phase = client.Key // the account is here, and its history is not
	if !strings.Contains(shownBy(tag.Div().Body(r.page())), "Reading the file") {
		t.Error("the page of the account stands before the history has come")
	}
	settle()
	var given []byte
	ends := 0
	for _, o := range e.orders[1:] {
		given = append(given, o.Piece...)
		if len(o.Piece) == 0 {
			ends++
		}
	}
	if !bytes.Equal(given, append(bytes.Clone(file), file...)) || ends != 2 || e.orders[0].Passphrase != "secret" {
		t.Errorf("%d bytes, %d ends", len(given), ends)
	}
	if m.now.On || !strings.Contains(m.now.Said, "2 messages") {
		t.Errorf("%+v", m.now)
	}
	e.refuse = client.ErrPassphrase
	m.take(fileID, "wrong")
	settle()
	p := &take{Move: m.now.Transfer, moves: m}
	if page := app.HTMLString(p); !strings.Contains(text(page), view.Sentence(client.ErrPassphrase)) || !regexpInvalid.MatchString(page) {
		t.Error("a wrong passphrase is not said at its box")
	}
}

func TestStopEndsATransfer(t *testing.T) {
	e, b := &bank{}, &browser{}
	m, settle := moving(t, e, b)
	told := func() bool {
		return slices.ContainsFunc(e.orders, func(o client.BackupOrder) bool { return o.Verb == client.BackupStop && o.Run == 7 })
	}
	m.export("a long passphrase")
	m.cancel() // before the engine has named it
	settle()
	if m.now.On || m.now.Err != nil || b.name != "" || !told() {
		t.Errorf("%+v, saved %q, told %v", m.now, b.name, told())
	}
	e.orders, b.file = nil, []byte("a file")
	m.take(fileID, "x")
	m.cancel()
	settle()
	if m.now.On || m.now.Err != nil || !told() || slices.ContainsFunc(e.orders, func(o client.BackupOrder) bool { return len(o.Piece) > 0 }) {
		t.Errorf("%+v, told %+v", m.now, e.orders)
	}
	e.orders, b.broken = nil, true
	m.take(fileID, "x")
	settle()
	if m.now.On || m.now.Err == nil || !told() {
		t.Errorf("a file that cannot be read: %+v, told %+v", m.now, e.orders)
	}
	e.orders, m.now = nil, transfer{run: 7, stop: new(atomic.Bool)} // the engine has named it
	m.now.On = true
	m.cancel()
	settle()
	if !told() {
		t.Error("the engine was not told")
	}
}

// The browser's promise is asked for by a press, and both answers are said.
func TestStorageIsAskedFor(t *testing.T) {
	for _, kept := range []bool{true, false} {
		b := &browser{room: view.Room{Known: true, Used: 5 << 20, Quota: 1 << 40, Kept: kept}}
		p := &storage{host: b, trail: &trail{}}
		settle := act(t, p)
		settle()
		if page := shownBy(p); !strings.Contains(page, "5 MB used") || !strings.Contains(page, "1,024 GB") || !strings.Contains(page, "Not protected") {
			t.Errorf("before: %s", page)
		}
		p.persist(app.Context{}, press)
		settle()
		page := app.HTMLString(p)
		if want := map[bool]string{true: "Protected: ", false: "The browser said no"}[kept]; !strings.Contains(page, want) {
			t.Errorf("kept %v: %s", kept, text(page))
		}
		if strings.Contains(page, "Ask the browser") == kept || !strings.Contains(page, `data-kept="`+map[bool]string{true: "yes", false: "no"}[kept]) {
			t.Errorf("kept %v: %s", kept, page)
		}
	}
}

// A device that was just linked is shown what is left to do, and can do it there.
func TestChecksAfterLinking(t *testing.T) {
	b := &browser{room: view.Room{Known: true}, ringing: view.MayAsk}
	went := ""
	p := &checks{host: b, trail: &trail{moved: func(place string) { went = place }}}
	settle := act(t, p)
	settle()
	page := shownBy(p)
	for _, want := range []string{"Storage is not protected", "Protect it", "No passphrase yet", "Set a passphrase", "Notifications are off", "Turn on"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not in %s", want, page)
		}
	}
	if got := strings.Count(app.HTMLString(p), `role="status"`); got != 3 {
		t.Errorf("%d answers are announced", got)
	}
	linked := mainSnap(func(s *client.Snapshot) { s.Success = true })
	for _, tt := range []struct {
		name  string
		page  *panes
		shown int
	}{
		{"beside the list", &panes{Wide: true, host: b}, 1},
		{"in the list, where that is alone", &panes{host: b}, 1},
		{"in Devices", &panes{Place: view.AtDevices, Wide: true, host: b}, 0},
		{"in Devices, alone", &panes{Place: view.AtDevices, host: b}, 0},
		{"in the demo, which has no browser to ask", &panes{Wide: true}, 0},
		{"in the demo, alone", &panes{}, 0},
	} {
		tt.page.Snap, tt.page.trail = &linked, p.trail
		if got := strings.Count(shownBy(tt.page), "No passphrase yet"); got != tt.shown {
			t.Errorf("%s: it is shown %d times, want %d", tt.name, got, tt.shown)
		}
	}
	tt := &panes{Snap: new(mainSnap(nil)), host: b, trail: p.trail}
	if strings.Contains(shownBy(tt), "No passphrase yet") {
		t.Error("it is shown before anything was linked")
	}
	p.lock(app.Context{}, press)
	if went != view.AtLock {
		t.Errorf("the passphrase is set at %q", went)
	}
	b.room.Kept, b.ringing = true, view.On
	p.keep(app.Context{}, press)
	p.ring(app.Context{}, press)
	settle()
	p.Locked = true
	page = shownBy(p)
	for _, want := range []string{"Storage is protected", "A passphrase is set", "Notifications are on"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not in %s", want, page)
		}
	}
	if strings.Contains(app.HTMLString(p), "<button") {
		t.Error("what is done is offered again")
	}
	b.room.Kept, b.ringing = false, view.Refused
	again := &checks{host: b, trail: &trail{}}
	settle = act(t, again)
	settle()
	again.keep(app.Context{}, press)
	settle()
	if page := shownBy(again); !strings.Contains(page, "The browser said no") || strings.Contains(page, "Protect it") || strings.Contains(page, "Turn on") {
		t.Errorf("what the browser refuses is offered: %s", page)
	}
}

// Whether an account was thrown away is known at the start of a tab, and nowhere
// else.
func TestEvictionIsToldFromAFirstRun(t *testing.T) {
	const s, w, k, m = client.Starting, client.Welcome, client.Words, client.Main
	for _, tt := range []struct {
		name    string
		marked  bool
		phases  []client.Phase
		evicted bool
		after   bool // the mark
	}{
		{"first run", false, []client.Phase{s, w}, false, false},
		{"registered", false, []client.Phase{s, w, k}, false, true},
		{"at home", true, []client.Phase{s, m}, false, true},
		{"the mark alone is gone", false, []client.Phase{s, m}, false, true},
		{"evicted", true, []client.Phase{s, w}, true, true},
		{"evicted, and known before the page is there", true, []client.Phase{w}, true, true},
		{"evicted, and looks around", true, []client.Phase{s, w, w}, true, true},
		{"evicted, and restored", true, []client.Phase{s, w, client.Key, m}, false, true},
		{"cleared", true, []client.Phase{s, m, w}, false, true}, // the engine has wiped it
		{"another tab has cleared it", true, []client.Phase{client.Elsewhere, m, w}, false, true},
	} {
		b := &browser{marked: tt.marked}
		x := mark{host: b}
		for _, p := range tt.phases {
			x.follow(p)
		}
		if x.evicted != tt.evicted || b.marked != tt.after {
			t.Errorf("%s: evicted %v, marked %v", tt.name, x.evicted, b.marked)
		}
	}

	b := &browser{marked: true}
	r := &root{engine: &twin{snap: client.Snapshot{Phase: w}}, host: b}
	r.OnInit()
	r.mark.host = b
	r.mark.follow(w)
	page := app.HTMLString(tag.Div().Body(r.page()))
	if got := strings.Join(buttonNames(page), "|"); got != "Link device to an existing account|Restore using seed|Import a file|Begin anew" || !strings.Contains(text(page), "removed your data") {
		t.Errorf("%q", got)
	}
	r.place = view.AtRestore
	if !strings.Contains(shownBy(tag.Div().Body(r.page())), "13 words") {
		t.Error("the ways back lead nowhere")
	}
	r.place = ""
	r.mark.forget()
	if b.marked || !strings.Contains(shownBy(tag.Div().Body(r.page())), "Register a new account") {
		t.Error("nobody can begin anew")
	}
}

// What has come rings once, by name, and is counted in the title and the badge.
func TestNotifications(t *testing.T) {
	row := func(unread int, at core.Millis) client.Snapshot {
		return friendSnap(func(c *client.ChatRow) { c.Unread, c.LastAt, c.Last = unread, at, "a secret" })
	}
	before, one, two := row(0, 1), row(1, 2), row(2, 3)
	b := &browser{}
	r := &root{engine: &twin{}, host: b}
	none := app.Context{}
	for _, s := range []client.Snapshot{{}, before, before, one, one, two, before} {
		last := r.snap
		if last == nil {
			last = &client.Snapshot{}
		}
		snap := s
		r.snap = &snap
		r.ring(none, last)
	}
	want := []view.Ring{{Title: "Ines", Text: "New message", Place: inesPlace}, {Title: "Ines", Text: "2 new messages", Place: inesPlace}}
	if !slices.Equal(b.rang, want) || !slices.Equal(b.badges, []int{1, 2, 0}) {
		t.Errorf("%+v, badges %v", b.rang, b.badges)
	}
	if strings.Contains(fmt.Sprint(b.rang), "secret") {
		t.Error("what was written is shown outside of the page")
	}
	if got := view.TabTitle(view.Chats, &two); got != "(2) Tandem" || view.TabTitle(view.Chats, &before) != "Tandem" {
		t.Error(got)
	}

	asked := askedSnap(nil)
	if got := view.Rings(&two, &asked); len(got) != 1 || got[0].Place != view.AtRequests {
		t.Errorf("a friend request: %+v", got)
	}
	for name, quiet := range map[string]func(*client.Snapshot){
		"another tab does that":  func(s *client.Snapshot) { s.OtherTab = true },
		"another account":        func(s *client.Snapshot) { s.Account = here },
		"a group":                func(s *client.Snapshot) { s.Chats[1].Group = &client.GroupRow{} },
		"blocked":                func(s *client.Snapshot) { s.Chats[1].Friendship = client.Blocked },
		"older than what is new": func(s *client.Snapshot) { s.Chats[1].LastAt = 0 },
		"locked":                 func(s *client.Snapshot) { s.Phase = client.Locked },
	} {
		s := row(1, 2)
		quiet(&s)
		if got := view.Rings(&before, &s); len(got) != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestTheSwitchOfNotificationsSaysWhatTheBrowserSays(t *testing.T) {
	for _, ringing := range []view.Ringing{view.NoRinging, view.MayAsk, view.Refused, view.Silenced, view.On} {
		p := &notices{host: &browser{ringing: ringing}, trail: &trail{}, Now: 100_000, Net: client.NetworkView{LastPoll: 60_000}}
		settle := act(t, p)
		settle()
		page := app.HTMLString(p)
		if !strings.Contains(text(page), view.RingingLine(ringing)) || !strings.Contains(text(page), "Last checked 40 s ago.") ||
			regexp.MustCompile(`<input[^>]* checked[ >]`).MatchString(page) != (ringing == view.On) || strings.Contains(page, "switch") == (ringing == view.NoRinging) {
			t.Errorf("%d: %s", ringing, page)
		}
		p.OnDismount()
	}
}

// A browser that has kept nothing of the program cannot tell its hash.
func TestTheHashMayBeUnknown(t *testing.T) {
	page := shownBy(&program{hash: "unknown", trail: &trail{}})
	if !strings.Contains(page, view.HashUnknown) || strings.Contains(app.HTMLString(&program{hash: "unknown", trail: &trail{}}), "Copy hash") {
		t.Error(page)
	}
}
