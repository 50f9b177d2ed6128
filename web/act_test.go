package web

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// stage mounts a page and hands out its context, which natively no page gets:
// go-app mounts only in a browser.
type stage struct {
	app.Compo

	ctx app.Context
}

func (s *stage) OnPreRender(ctx app.Context) { s.ctx = ctx }
func (s *stage) Render() app.UI              { return tag.Div() }

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
		{"key", &accountKey{engine: e, Snap: e.Snapshot()}, func(p app.Mounter) { p.(*accountKey).submit(none, press) }, "ConfirmKey"},
		{"link", &linkHere{engine: e, intake: &nothing{}, typed: " " + strings.ToUpper(key[:22]) + "\n" + key[22:]}, func(p app.Mounter) { p.(*linkHere).submit(none, press) }, "Join " + key},
		{"cancel joining", &joining{engine: e}, func(p app.Mounter) { p.(*joining).cancel(none, press) }, "CancelJoin"},
		{"finish", &joining{engine: e}, func(p app.Mounter) { p.(*joining).finish(none, press) }, "Finish"},
		{"they differ", &joining{engine: e}, func(p app.Mounter) { p.(*joining).differ(none, press) }, "Differ"},
		{"read the cause", &joining{engine: e, trail: &trail{}}, func(p app.Mounter) { p.(*joining).acknowledge(none, press) }, "Acknowledge"},
		{"link device", &devices{engine: e}, func(p app.Mounter) { p.(*devices).link(none, press) }, "OpenDialog"},
		{"review", &banners{engine: e}, func(p app.Mounter) { p.(*banners).review(none, press) }, "OpenDialog"},
		{"dismiss", &banners{engine: e}, func(p app.Mounter) { p.(*banners).dismiss(none, press) }, "DismissSuccess"},
		{"continue after success", &nothingOpen{engine: e}, func(p app.Mounter) { p.(*nothingOpen).dismiss(none, press) }, "DismissSuccess"},
		{"cancel the dialog", &linkDialog{engine: e}, func(p app.Mounter) { p.(*linkDialog).leave(none, press) }, "CloseDialog"},
		{"try again in the dialog", &linkDialog{engine: e}, func(p app.Mounter) { p.(*linkDialog).again(none, press) }, "OpenDialog"},
		{"esc in the dialog", &linkDialog{engine: e}, func(p app.Mounter) { p.(*linkDialog).cancel(none, press) }, "CloseDialog"},
		{"authorise", &askerCard{engine: e, Asker: view.Asker{Name: "Firefox"}}, func(p app.Mounter) { p.(*askerCard).authorise(none, press) }, "Authorise Firefox"},
		{"stop what comes", &banners{engine: e, Snap: &client.Snapshot{Past: []client.PastRow{{Coming: true}}}}, func(p app.Mounter) { p.(*banners).stopPast(none, press) }, "StopPast"},
		{"stop what goes", &devices{engine: e}, func(p app.Mounter) { p.(*devices).stopPast(here) }, "StopPast"},
		{"reject", &askerCard{engine: e}, func(p app.Mounter) { p.(*askerCard).reject(none, press) }, "Reject"},
		{"try again", &joining{engine: e}, func(p app.Mounter) { p.(*joining).retry(none, press) }, "RetryJoin"},
		{"it was me", &banners{engine: e}, func(p app.Mounter) { p.(*banners).yes(none, press) }, "WasItMe true"},
		{"it was not me", &banners{engine: e}, func(p app.Mounter) { p.(*banners).no(none, press) }, "WasItMe false"},
		{"ask to be added", &banners{engine: e, trail: &trail{}}, func(p app.Mounter) { p.(*banners).ask(none, press) }, "AskToBeAdded"},
		{"erase an absent device", &banners{engine: e}, func(p app.Mounter) { p.(*banners).doErase(none, press) }, "ClearData"},
		{"rebuild path", &network{engine: e}, func(p app.Mounter) { p.(*network).rebuild(none, press) }, "RebuildPath"},
		{"clear data", &settings{engine: e}, func(p app.Mounter) { p.(*settings).confirm(none, press) }, "ClearData"},
		{"ask for friendship", &newChat{engine: e, trail: &trail{}, Snap: e.Snapshot(), key: "\n" + strings.ToUpper(key) + " ", text: "hi"}, func(p app.Mounter) { p.(*newChat).submit(none, press) }, "Befriend hi"},
		{"accept", &requests{engine: e, trail: &trail{}, Snap: e.Snapshot()}, func(p app.Mounter) { p.(*requests).answer(accept, ines) }, "Accept"},
		{"decline", &requests{engine: e}, func(p app.Mounter) { p.(*requests).answer(decline, ines) }, "Decline"},
		{"block who asks", &requests{engine: e}, func(p app.Mounter) { p.(*requests).answer(block, ines) }, "Block"},
		{"block", &contact{engine: e}, func(p app.Mounter) { p.(*contact).block(none, press) }, "Block"},
		{"send to the account", &contact{engine: e}, func(p app.Mounter) { p.(*contact).doPlain(none, press) }, "UsePlain true"},
		{"send to the devices", &contact{engine: e, Row: view.ChatRow{Contact: client.ChatRow{Plain: true}}}, func(p app.Mounter) { p.(*contact).doPlain(none, press) }, "UsePlain false"},
		{"unblock", &contact{engine: e}, func(p app.Mounter) { p.(*contact).unblock(none, press) }, "Unblock"},
		{"unblock in the chat", &chat{engine: e}, func(p app.Mounter) { p.(*chat).unblock(none, press) }, "Unblock"},
		{"unblock in Settings", &settings{engine: e}, func(p app.Mounter) { p.(*settings).unblock(ines) }, "Unblock"},
		{"read receipts", &settings{engine: e, Snap: e.Snapshot()}, func(p app.Mounter) { p.(*settings).receipts(none, press) }, "SetReceipts true"},
		{"retry", &chat{engine: e}, func(p app.Mounter) { p.(*chat).Act(part.Retry, core.Message{}) }, "Retry"},
		{"delete for me", &chat{engine: e}, func(p app.Mounter) { p.(*chat).deleteMine(none, press) }, "Delete false"},
		{"delete for everyone", &chat{engine: e}, func(p app.Mounter) { p.(*chat).deleteAll(none, press) }, "Delete true"},
		{"trust the second key", &chat{engine: e}, func(p app.Mounter) { p.(*chat).doTrust(none, press) }, "TrustKey"},
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

// What a new device gets is said before it is authorised, if it is not what it
// would get anyway.
func TestAuthoriseWithAChoice(t *testing.T) {
	e := &twin{}
	p := &askerCard{engine: e, Asker: view.Asker{Stage: client.DialogWords}, past: client.PastAll, name: "Firefox",
		Dialog: client.Dialog{All: client.Amount{Messages: 12}}}
	if page := text(app.HTMLString(p.Render())); !strings.Contains(page, "12 messages") {
		t.Errorf("the card: %s", page)
	}
	settle := act(t, p)
	p.name = "Firefox"
	p.authorise(app.Context{}, press)
	settle()
	if want := []string{fmt.Sprint("ChoosePast ", client.PastAll), "Authorise Firefox"}; !slices.Equal(e.asked, want) {
		t.Errorf("%q, want %q", e.asked, want)
	}
}

// What was said of the last device is not said of the next.
func TestNextDeviceEndsTheSuccess(t *testing.T) {
	e := &twin{snap: mainSnap(func(s *client.Snapshot) { s.Success = true })}
	p := &devices{engine: e}
	settle := act(t, p)
	p.link(app.Context{}, press)
	settle()
	if !slices.Equal(e.asked, []string{"DismissSuccess", "OpenDialog"}) {
		t.Errorf("%q", e.asked)
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
	p := &linkHere{engine: e, intake: &nothing{}, typed: "0561"}
	settle := act(t, p)
	p.submit(app.Context{}, press)
	settle()
	if len(e.asked) != 0 || !strings.Contains(text(app.HTMLString(p.Render())), "this has 4") {
		t.Errorf("%q", e.asked)
	}
}

// Each refusal of a friend request stands at the box that it is about.
func TestRefusedFriendRequests(t *testing.T) {
	for _, tt := range []struct {
		key, text string
		err       error
		says      string
		blamed    string // the box, "" = none
		asked     int
	}{
		{"", "hi", nil, "Paste the public key", part.FirstID, 0},
		{"0561", "hi", nil, "this has 4", part.FirstID, 0},
		{ines.Hex(), " ", nil, "type a message first", firstMessageID, 0},
		{ines.Hex(), strings.Repeat("x", 2001), nil, "too long", firstMessageID, 0},
		{ines.Hex(), "hi", client.ErrOwnAccount, "your own public key", part.FirstID, 1},
		{ines.Hex(), "hi", client.ErrAlready, "asked this person already", part.FirstID, 1},
		{ines.Hex(), "hi", client.ErrBlocked, "unblock them", part.FirstID, 1},
		{ines.Hex(), "hi", client.ErrOffline, "does not answer", "", 1},
	} {
		e := &twin{snap: mainSnap(nil), err: tt.err}
		p := &newChat{engine: e, trail: &trail{}, Snap: e.Snapshot(), key: tt.key, text: tt.text}
		settle := act(t, p)
		p.submit(app.Context{}, press)
		settle()
		page := app.HTMLString(p.Render())
		if len(e.asked) != tt.asked || strings.Count(page, `role="alert"`) != 1 || !strings.Contains(text(page), tt.says) {
			t.Errorf("%.8s: asked %q, %s", tt.key, e.asked, text(page))
		}
		blamed := ""
		for _, box := range regexp.MustCompile(`<textarea[^>]*>`).FindAllString(page, -1) {
			if regexpInvalid.MatchString(box) {
				blamed += attributes(box, "id")[0]
			}
		}
		if blamed != tt.blamed {
			t.Errorf("%s: %q is blamed, want %q", tt.says, blamed, tt.blamed)
		}
	}
}

// Delete asks first, offers what can be done, and says in its dialog why not.
func TestMessageOptions(t *testing.T) {
	snap := friendSnap(nil)
	row, _ := view.OpenChat(&snap, inesPlace)
	note, _ := view.OpenChat(&snap, view.AtNote)
	for _, tt := range []struct {
		row  view.ChatRow
		m    core.Message
		want string
	}{
		{row, core.Message{Direction: core.In}, "Cancel|Delete for me"},
		{row, core.Message{Direction: core.Out, Status: core.Stored}, "Cancel|Delete for everyone|Delete for me"},
		{row, core.Message{Direction: core.Out, Status: core.Failed}, "Cancel|Delete for me"},
		{note, core.Message{Direction: core.Out, Status: core.Delivered}, "Cancel|Delete for me"},
	} {
		e := &twin{snap: snap, err: client.ErrStore}
		p := &chat{engine: e, Row: tt.row, Snap: &snap, drafts: &drafts{}}
		p.OnInit()
		settle := act(t, p)
		p.Act(part.Delete, tt.m)
		settle()
		if got := strings.Join(buttonNames(app.HTMLString(p.options())), "|"); got != tt.want || len(e.asked) > 0 {
			t.Errorf("%+v: %q, asked %q", tt.m, got, e.asked)
		}
		p.deleteMine(app.Context{}, press)
		settle()
		if page := shownBy(p.Render()); !p.asking || strings.Count(page, view.Sentence(client.ErrStore)) != 1 {
			t.Errorf("refused: %s", page)
		}
		e.err = nil
		p.deleteMine(app.Context{}, press)
		settle()
		if page := shownBy(p.Render()); p.asking || strings.Contains(page, view.Sentence(client.ErrStore)) {
			t.Errorf("after it is done: %s", page)
		}
	}
}

// What is typed where there is no friend yet, is a friend request.
func TestSendingDependsOnFriendship(t *testing.T) {
	for friendship, want := range map[client.Friendship]string{
		client.Friends: "Send hi", client.ToConfirm: "Send hi", client.AskedTooOld: "Befriend hi", client.NotAsked: "Befriend hi",
	} {
		e := &twin{snap: friendSnap(func(c *client.ChatRow) { c.Friendship = friendship })}
		e.snap.Newer = map[core.ID]bool{ines: true}
		r := &root{engine: e}
		if err := r.sendText(ines, "hi"); err != nil || !slices.Equal(e.asked, []string{want, "Newest"}) {
			t.Errorf("%d: %v, %q", friendship, err, e.asked)
		}
		e.asked = nil
		if err := r.sendText(account, "hi"); err != nil || !slices.Equal(e.asked, []string{"SendNote hi"}) {
			t.Errorf("note: %v, %q", err, e.asked)
		}
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

// shownBy is what a page says after all it has begun is done.
func shownBy(p app.UI) string { return text(app.HTMLString(p)) }

func TestRestoreAsksWhatBecomesOfTheOthers(t *testing.T) {
	other := core.IDFromX25519([32]byte{7})
	found := func(full bool) *client.Snapshot {
		return &client.Snapshot{Phase: client.Key, Account: account, Restore: client.Restore{
			Stage: client.RestoreFound, Full: full, Devices: []client.DeviceRow{{ID: other, Facts: core.Facts{Name: "Old phone"}}},
		}}
	}
	for _, tt := range []struct {
		name   string
		snap   *client.Snapshot
		choose func(*accountKey)
		want   string
	}{
		{"keep is the default", found(false), func(*accountKey) {}, "ConfirmRestore false"},
		{"before anything is known", &client.Snapshot{Phase: client.Key, Restore: client.Restore{Stage: client.RestoreReading}}, func(*accountKey) {}, "ConfirmRestore false"},
		{"remove", found(false), func(p *accountKey) { p.removeThem(app.Context{}, press) }, "ConfirmRestore true"},
		{"full, and nobody makes room", found(true), func(*accountKey) {}, ""},
		{"full, one makes room", found(true), func(p *accountKey) { p.drop = other }, "ConfirmRestore false drop"},
		{"full, all go", found(true), func(p *accountKey) { p.drop, p.remove = other, true }, "ConfirmRestore true"},
	} {
		e := &twin{}
		p := &accountKey{engine: e, Snap: tt.snap}
		settle := act(t, p)
		tt.choose(p)
		p.submit(app.Context{}, press)
		settle()
		if got := strings.Join(e.asked, "|"); got != tt.want {
			t.Errorf("%s: asked %q, want %q", tt.name, got, tt.want)
		}
		if said := strings.Contains(shownBy(p.Render()), view.Sentence(view.ErrNoDrop)); said != (tt.want == "") {
			t.Errorf("%s: the page asks for a device: %v", tt.name, said)
		}
	}
}

func TestDevicesAreNamedAndRemoved(t *testing.T) {
	e := &twin{snap: mainSnap(nil)}
	for _, tt := range []struct {
		name  string
		kind  deviceDo
		press func(*devices)
		want  string
	}{
		{"rename", doRename, func(p *devices) { p.act.name = " Studio "; p.saveName(app.Context{}, press) }, "RenameDevice Studio"},
		{"rename to nothing", doRename, func(p *devices) { p.act.name = " "; p.saveName(app.Context{}, press) }, ""},
		{"unlink", doUnlink, func(p *devices) { p.unlink(app.Context{}, press) }, "Unlink"},
		{"leave", doLeave, func(p *devices) { p.leave(app.Context{}, press) }, "Leave"},
		{"cancel", doUnlink, func(p *devices) { p.stopAct(app.Context{}, press) }, ""},
	} {
		e.asked = nil
		p := &devices{engine: e, Snap: e.Snapshot()}
		p.OnInit()
		settle := act(t, p)
		p.begin(tt.kind, view.DeviceRow{ID: account, Name: "Old"})
		settle()
		if len(e.asked) != 0 || !strings.Contains(app.HTMLString(p.Render()), ">Cancel<") {
			t.Errorf("%s: nobody was asked first, %q", tt.name, e.asked)
		}
		tt.press(p)
		settle()
		if got := strings.Join(e.asked, "|"); got != tt.want {
			t.Errorf("%s: %q", tt.name, got)
		}
		if open := p.act.kind != doNothing; open != (tt.name == "rename to nothing") {
			t.Errorf("%s: the dialog is open: %v", tt.name, open)
		}
	}
}

// A refusal stands in the dialog that asked.
func TestRefusedUnlinkIsSaid(t *testing.T) {
	e := &twin{snap: mainSnap(nil), err: client.ErrStore}
	p := &devices{engine: e, Snap: e.Snapshot()}
	p.OnInit()
	settle := act(t, p)
	p.begin(doUnlink, view.DeviceRow{ID: account, Name: "Old"})
	p.unlink(app.Context{}, press)
	settle()
	page := shownBy(p.Render())
	if p.act.kind != doUnlink || strings.Count(page, view.Sentence(client.ErrStore)) != 1 {
		t.Errorf("%s", page)
	}
}

// nothing is an Intake of a browser that can do nothing.
type nothing struct{}

func (*nothing) Ways() view.Ways                                 { return view.Ways{} }
func (*nothing) Clipboard(context.Context) (string, error)       { return "", view.ErrNoClipboard }
func (*nothing) Picture(context.Context, string) (string, error) { return "", view.ErrNoCode }
func (*nothing) Camera(context.Context, string) (string, error)  { return "", view.ErrNoCamera }

// able is one of a browser that can do everything, and reads text.
type able struct {
	text string
	err  error
}

func (a *able) Ways() view.Ways                                 { return view.Ways{Clipboard: true, Camera: true, Picture: true} }
func (a *able) Clipboard(context.Context) (string, error)       { return a.text, a.err }
func (a *able) Picture(context.Context, string) (string, error) { return a.text, a.err }
func (a *able) Camera(context.Context, string) (string, error)  { return a.text, a.err }

func TestCodesComeIntoTheBox(t *testing.T) {
	const code = "tandem-link:AQVhc"
	paste := func(p *linkHere) { p.paste(app.Context{}, press) }
	picture := func(p *linkHere) { p.picture(app.Context{}, press) }
	camera := func(p *linkHere) { p.scan(app.Context{}, press) }
	for _, tt := range []struct {
		name   string
		intake able
		press  func(*linkHere)
		typed  string
		says   string
	}{
		{"paste", able{text: code}, paste, code, "Pasted."},
		{"paste anything", able{text: "x"}, paste, "x", "Pasted."},
		{"clipboard refused", able{err: view.ErrNoClipboard}, paste, "", view.Sentence(view.ErrNoClipboard)},
		{"picture", able{text: code}, picture, code, "The QR code was read."},
		{"picture of something else", able{text: "https://example.org"}, picture, "", view.Sentence(view.ErrOtherCode)},
		{"picture of nothing", able{err: view.ErrNoCode}, picture, "", view.Sentence(view.ErrNoCode)},
		{"camera", able{text: code}, camera, code, "The QR code was read."},
		{"camera refused", able{err: view.ErrNoCamera}, camera, "", view.Sentence(view.ErrNoCamera)},
		{"camera stopped", able{err: context.Canceled}, camera, "", "Hold the QR code"},
	} {
		e := &twin{}
		p := &linkHere{engine: e, intake: &tt.intake}
		settle := act(t, p)
		settle()
		if names := strings.Join(buttonNames(app.HTMLString(p.Render())), "|"); names != "Back|Paste|Read a picture of the QR code|Scan QR code|Link" {
			t.Fatalf("%s: %s", tt.name, names)
		}
		tt.press(p)
		settle()
		if page := shownBy(p.Render()); p.typed != tt.typed || !strings.Contains(page, tt.says) {
			t.Errorf("%s: the box holds %q, the page says %s", tt.name, p.typed, page)
		}
		if len(e.asked) != 0 {
			t.Errorf("%s: %q, and nobody pressed Link", tt.name, e.asked)
		}
	}
}

// A browser that can read nothing offers nothing.
func TestNoWayIsNotOffered(t *testing.T) {
	p := &linkHere{engine: &twin{}, intake: &nothing{}}
	act(t, p)()
	if names := strings.Join(buttonNames(app.HTMLString(p.Render())), "|"); names != "Back|Link" {
		t.Errorf("%s", names)
	}
}

// The person decides who is looked at; a device that comes later changes
// nothing, and one that goes leaves the place to the best.
func TestChosenAskerIsShown(t *testing.T) {
	asker := func(n byte, name string) client.Asker {
		return client.Asker{Attempt: [16]byte{n}, Stage: client.DialogWords, Words: []string{name, "lagoon", "cedar"}, Facts: core.Facts{Name: name}}
	}
	d := &linkDialog{engine: &twin{}, Open: true, Dialog: client.Dialog{Open: true, Askers: []client.Asker{asker(1, "one"), asker(2, "two")}}}
	d.OnInit()
	settle := act(t, d)
	shown := func() string {
		words := regexp.MustCompile(`(?s)data-testid="link-words"[^>]*>(.*?)</ol>`).FindStringSubmatch(app.HTMLString(d.Render()))
		return strings.Fields(text(words[1]))[0]
	}
	for _, tt := range []struct {
		name   string
		change func()
		want   string
	}{
		{"the first", func() {}, "one"},
		{"a newer one comes", func() { d.Dialog.Askers = append([]client.Asker{asker(3, "three")}, d.Dialog.Askers...) }, "one"},
		{"the person chooses", func() { d.choose([16]byte{2}) }, "two"},
		{"one with the code comes", func() {
			proved := asker(4, "four")
			proved.Proved = true
			d.Dialog.Askers = append([]client.Asker{proved}, d.Dialog.Askers...)
		}, "two"},
		{"the chosen one goes", func() { d.Dialog.Askers = d.Dialog.Askers[:3] }, "four"},
	} {
		tt.change()
		d.follow()
		settle()
		if got := shown(); got != tt.want {
			t.Errorf("%s: %s is shown, want %s", tt.name, got, tt.want)
		}
	}
}

// The display name is changed in a dialog, which stays open and says why not.
func TestTheDisplayNameIsChanged(t *testing.T) {
	e := &twin{snap: mainSnap(nil)}
	p := &naming{engine: e, Name: "Ada"}
	p.OnInit()
	settle := act(t, p)
	p.ask(app.Context{}, press)
	settle()
	p.typed = "Ada Lovelace"
	e.err = client.ErrOffline
	p.save(app.Context{}, press)
	settle()
	if page := shownBy(p.Render()); !p.open || strings.Count(page, view.Sentence(e.err)) != 1 {
		t.Errorf("a refusal is not said: %s", page)
	}
	e.err = nil
	p.save(app.Context{}, press)
	settle()
	if got := strings.Join(e.asked, "|"); p.open || got != "SetName Ada Lovelace|SetName Ada Lovelace" {
		t.Errorf("%q, open: %v", got, p.open)
	}
}

// A message that another of one's own devices could not send is sent again there;
// what waits of one's own is said in the dialog about it.
func TestFailedElsewhereAndCopies(t *testing.T) {
	snap := friendSnap(nil)
	snap.Logs[ines][0].ID.Device = core.IDFromX25519([32]byte{3})
	if got := app.HTMLString(tag.In("div", (&root{snap: &snap, place: inesPlace, wide: true, engine: &twin{snap: snap}}).page())); strings.Contains(got, ">Retry<") {
		t.Error("another device's message can be sent again here")
	}
	e := &twin{snap: snap, copies: []client.CopyRow{{State: client.CopyStored}, {State: client.CopyWaiting}}}
	row, _ := view.OpenChat(&snap, inesPlace)
	p := &chat{engine: e, Row: row, Snap: &snap, drafts: &drafts{}}
	p.OnInit()
	settle := act(t, p)
	p.Act(part.Options, core.Message{Direction: core.Out, Status: core.Stored})
	settle()
	if page := shownBy(p.options()); !strings.Contains(page, "1 of 2 devices") {
		t.Errorf("the copies are not there: %s", page)
	}
}

// A long list of chats has a box to search it, which a short one has not.
func TestTheChatListIsSearched(t *testing.T) {
	snap := friendSnap(nil)
	b := &sidebar{Snap: &snap, trail: &trail{}}
	if page := app.HTMLString(tag.In("div", b.body()...)); strings.Contains(page, findID) {
		t.Error("two chats can be searched")
	}
	for n := range byte(9) {
		snap.Chats = append(snap.Chats, client.ChatRow{Conversation: core.IDFromX25519([32]byte{100 + n}), Name: "Somebody"})
	}
	if page := app.HTMLString(tag.In("div", b.body()...)); !strings.Contains(page, findID) || !strings.Contains(page, "Somebody") {
		t.Error("eleven cannot")
	}
	b.find = "ines"
	if page := app.HTMLString(tag.In("div", b.body()...)); strings.Contains(page, "Somebody") || !strings.Contains(page, "Ines") {
		t.Error("the list does not follow the search")
	}
	b.find = "nobody"
	if page := app.HTMLString(tag.In("div", b.body()...)); !strings.Contains(page, "No chat has this") {
		t.Error("that nothing was found is not said")
	}
}
