package web

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/view"
)

var lobbyURL = "https://groups.example/lobby?public_key=" + strings.Repeat("a1", 32)

// groupSnap is friendSnap with an open group, in which others do what they can.
func groupSnap(t *testing.T, change func(*client.ChatRow)) (client.Snapshot, string) {
	t.Helper()
	room, err := client.ReadGroupURL(lobbyURL)
	if err != nil {
		t.Fatal(err)
	}
	me, eve := "15"+strings.Repeat("0c", 32), "15"+strings.Repeat("0e", 32)
	row := func(n uint64, who string, d core.Direction, body string) core.Message {
		return core.Message{ID: core.MessageID{Device: room, Counter: n}, Conversation: room, Direction: d, Status: core.Stored, Body: body,
			Post: &core.Post{Author: who}}
	}
	s := friendSnap(nil)
	pin := row(2, "15"+strings.Repeat("0d", 32), core.In, "<b>pinned</b>")
	chat := client.ChatRow{Conversation: room, Name: "\u202eybboL", Group: &client.GroupRow{
		URL: lobbyURL, Description: "<i>come in</i>", Members: 3, Loaded: true, Write: true, Pinned: &pin,
	}}
	if change != nil {
		change(&chat)
	}
	s.Chats = append(s.Chats, chat)
	hostile := row(3, eve, core.In, "<img src=x onerror=alert(1)>\u202egnp.exe")
	hostile.Post.Name, hostile.Post.Moderator, hostile.Post.Edited = "\u202eAda<script>", true, true
	hostile.Post.Reactions = []core.Reaction{{Emoji: "🍍", Count: 2, You: true}}
	failed := row(4, me, core.Out, "lost")
	failed.Status, failed.Cause = core.Failed, "Not permitted."
	s.Logs[room] = []core.Message{row(1, me, core.Out, "mine"), pin, hostile, failed}
	s.Logs[ines] = append(s.Logs[ines], core.Message{ID: core.MessageID{Device: ines, Counter: 9}, Conversation: ines, Direction: core.In, Body: lobbyURL})
	return s, view.PlaceOf(&s, room)
}

func drawn(s client.Snapshot, place string) string {
	r := &root{engine: &twin{snap: s}, place: place}
	r.OnInit()
	r.wide = false
	return app.HTMLString(r.Render())
}

// A group is a chat whose messages say who wrote them; what others write is text.
func TestGroupPages(t *testing.T) {
	s, place := groupSnap(t, nil)
	page := drawn(s, place)
	for _, want := range []string{`data-author="15` + strings.Repeat("0e", 32), `data-emoji="🍍"`, `data-testid="pinned"`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
	for _, want := range []string{"Ada<script>", "0e0e", "moderator", "edited", "<b>pinned</b>", "Not permitted.", "🍍 2", "Retry"} {
		if !strings.Contains(text(page), want) {
			t.Errorf("does not say %q", want)
		}
	}
	for _, never := range []string{"<script", "<img", "\u202eAda", "\u202eybboL"} {
		if strings.Contains(page, never) {
			t.Errorf("%q is on the page", never)
		}
	}
	details := drawn(s, view.ContactPlace(place))
	if got := strings.Join(buttonNames(details), "|"); got != "Back to chat|Copy address|Invite Ines|Leave" || !strings.Contains(text(details), lobbyURL) || !strings.Contains(text(details), "3 active members") {
		t.Errorf("details: %s", got)
	}
	if !strings.Contains(text(page), view.GroupWord) { // which tells it from a friend of the same name
		t.Error("a narrow page does not say that it is a group")
	}
	for me, want := range map[string]string{"15": "You are known here as 15", "05": "sees your public key", "": ""} {
		if me != "" {
			me += strings.Repeat("0c", 32)
		}
		s, place := groupSnap(t, func(r *client.ChatRow) { r.Group.Me = me })
		if page := drawn(s, view.ContactPlace(place)); !strings.Contains(text(page), want) || me == "" && strings.Contains(text(page), "known here") {
			t.Errorf("as %.2s: does not say %q", me, want)
		}
	}
	if page := drawn(s, inesPlace); !strings.Contains(strings.Join(buttonNames(page), "|"), "Join") || strings.Contains(page, `href="https://groups`) {
		t.Error("an invitation is no button, or a link")
	}
	if page := drawn(s, view.AtNew+"/"+lobbyURL); !strings.Contains(text(page), view.GroupURL) {
		t.Error("a link to a group does not lead to where it is joined")
	}
	for want, change := range map[string]func(*client.GroupRow){
		"Unpin":                       func(g *client.GroupRow) { g.Moderator = true },
		"Only moderators write here.": func(g *client.GroupRow) { g.Write = false },
		"Reading the group…":          func(g *client.GroupRow) { g.Loaded = false },
		"does not answer":             func(g *client.GroupRow) { g.Trouble = 1 },
	} {
		s, place := groupSnap(t, func(r *client.ChatRow) { change(r.Group) })
		if page := drawn(s, place); !strings.Contains(text(page), want) {
			t.Errorf("does not say %q", want)
		}
	}
}

// What members and moderators can do from the dialog about a post.
func TestGroupActs(t *testing.T) {
	s, place := groupSnap(t, func(r *client.ChatRow) { r.Group.Moderator = true })
	row, _ := view.OpenChat(&s, place)
	for _, m := range s.Logs[row.Conversation] {
		about := view.AboutMessage(m, row, nil, &s, 0, time.UTC)
		mine, kept := m.Direction == core.Out, m.Status != core.Failed
		pin := kept && m.ID.Counter != 2 // which is pinned already
		if !about.Everyone || about.Mine || about.Edit != (mine && kept) || about.Ban != !mine || about.Post != kept || about.Pin != pin {
			t.Errorf("%q: %+v", m.Body, about)
		}
	}
}

// Every button about an open group asks for what it says, and where that is refused
// the page says why.
func TestGroupCommands(t *testing.T) {
	s, place := groupSnap(t, func(r *client.ChatRow) { r.Group.Moderator = true })
	row, _ := view.OpenChat(&s, place)
	order := func(verb client.GroupVerb, group bool, message uint64, text string, on bool) string {
		return fmt.Sprintf("Group %d group %v message %d text %q on %v", verb, group, message, text, on)
	}
	post := s.Logs[row.Conversation][2]
	invited := s.Logs[ines][len(s.Logs[ines])-1]
	e := &twin{snap: s}
	none := app.Context{}
	inChat := func(f func(*chat)) func() app.Mounter {
		return func() app.Mounter {
			p := &chat{engine: e, Row: row, Snap: &s, trail: &trail{}, drafts: &drafts{}}
			p.OnInit()
			f(p)
			return p
		}
	}
	about := inChat(func(p *chat) { p.about, p.asking, p.edited = post, true, "new" })
	for _, tt := range []struct {
		name  string
		page  func() app.Mounter
		press func(app.Mounter)
		want  string
	}{
		{"Join", func() app.Mounter {
			return &joinGroup{engine: e, Snap: &s, trail: &trail{}, Address: lobbyURL}
		}, func(p app.Mounter) { p.(*joinGroup).submit(none, press) }, order(client.JoinGroup, false, 0, lobbyURL, false)},
		{"Join in a chat", inChat(func(*chat) {}), func(p app.Mounter) { p.(*chat).JoinFrom(invited) }, order(client.JoinGroup, false, 0, lobbyURL, false)},
		{"Leave", func() app.Mounter { return &group{engine: e, Snap: &s, Row: row, trail: &trail{}} },
			func(p app.Mounter) { p.(*group).leave(none, press) }, order(client.LeaveGroup, true, 0, "", false)},
		{"Invite", func() app.Mounter { return &group{engine: e, Snap: &s, Row: row, trail: &trail{}} },
			func(p app.Mounter) { p.(*group).invite(view.Friends(&s)[0])(none, press) }, "Send " + lobbyURL},
		{"a reaction", inChat(func(*chat) {}), func(p app.Mounter) { p.(*chat).React(post, "👍") }, order(client.ReactToPost, false, 3, "👍", true)},
		{"one's own reaction", inChat(func(*chat) {}), func(p app.Mounter) { p.(*chat).React(post, "🍍") }, order(client.ReactToPost, false, 3, "🍍", false)},
		{"Ban author", about, func(p app.Mounter) { p.(*chat).ban(none, press) }, order(client.BanAuthor, false, 3, "", true)},
		{"Unban author", about, func(p app.Mounter) { p.(*chat).unban(none, press) }, order(client.BanAuthor, false, 3, "", false)},
		{"Pin", about, func(p app.Mounter) { p.(*chat).pin(none, press) }, order(client.PinPost, false, 3, "", true)},
		{"Unpin", inChat(func(*chat) {}), func(p app.Mounter) { p.(*chat).unpin(none, press) }, order(client.PinPost, false, 2, "", false)},
		{"Delete for everyone", about, func(p app.Mounter) { p.(*chat).deleteAll(none, press) }, "Delete true"},
	} {
		for _, refusal := range []error{client.ErrGroupForbidden, nil} {
			e.asked, e.err = nil, refusal
			page := tt.page()
			settle := act(t, page)
			tt.press(page)
			settle()
			if !slices.Equal(e.asked, []string{tt.want}) {
				t.Errorf("%s asks for %q, want %q", tt.name, e.asked, tt.want)
			}
			if said := strings.Contains(shownBy(page.(app.Composer).Render()), view.Sentence(client.ErrGroupForbidden)); said != (refusal != nil) {
				t.Errorf("%s, refused %v: it says so: %v", tt.name, refusal, said)
			}
		}
	}
}

// A reply stands over the box until it is sent or cancelled, and comes back with a
// text that was refused; what is quoted is what is here.
func TestGroupReply(t *testing.T) {
	s, place := groupSnap(t, nil)
	row, _ := view.OpenChat(&s, place)
	post := s.Logs[row.Conversation][2]
	e := &twin{snap: s, err: client.ErrNotNow}
	r := &root{engine: e}
	d := &drafts{send: r.sendText, answer: r.answer, run: func(f func() error, done func(error)) { done(f()) }}
	p := &chat{engine: e, Row: row, Snap: &s, trail: &trail{}, drafts: d}
	p.OnInit()
	settle := act(t, p)
	p.Act(part.Options, post)
	settle()
	if names := strings.Join(buttonNames(app.HTMLString(p.options())), "|"); !strings.Contains(names, "Reply") {
		t.Errorf("%s", names)
	}
	p.reply(app.Context{}, press)
	settle()
	box := p.box(view.SendBox).(*composer)
	if box.Reply != post.ID { // a field that differs is what has it drawn
		t.Error("the box is not drawn anew")
	}
	if !strings.Contains(app.HTMLString(box.Render()), `autocomplete="off"`) {
		t.Error("the browser may write down what is typed")
	}
	shown := func() string { return text(app.HTMLString(box.Render())) }
	if got := shown(); !strings.Contains(got, "<img src=x") || strings.Contains(app.HTMLString(box.Render()), "<img") || p.asking {
		t.Errorf("the box: %s", got)
	}
	order := fmt.Sprintf("Group %d group false message 3 text %q on false", client.ReplyToPost, "yes")
	d.Send(row.Conversation, "yes")
	if a := d.at(row.Conversation); !slices.Equal(e.asked, []string{order}) || a.reply.ID != post.ID || a.text != "yes" {
		t.Errorf("refused: %q %+v", e.asked, a)
	}
	e.err, e.asked = nil, nil
	d.Send(row.Conversation, "yes")
	d.Send(row.Conversation, "and")
	if !slices.Equal(e.asked, []string{order, "Send and"}) || strings.Contains(shown(), "<img") {
		t.Errorf("%q: %s", e.asked, shown())
	}
	p.reply(app.Context{}, press)
	settle()
	d.at(row.Conversation).reply = post
	box.noReply(p.ctx, press)
	if strings.Contains(shown(), "<img") {
		t.Error("Cancel reply does not end it")
	}

	s.Logs[row.Conversation][0].Post.Reply = &core.Quoted{Author: post.Post.Author, Name: "Eve", Body: "<b>said</b>"}
	s.Logs[row.Conversation][1].Post.Reply = &core.Quoted{}
	page := drawn(s, place)
	for _, want := range []string{"<b>said</b>", "Eve", "A message that is not here"} {
		if !strings.Contains(text(page), want) {
			t.Errorf("the log does not say %q", want)
		}
	}
	if strings.Count(page, "<blockquote") != 2 || strings.Contains(page, "<b>said") {
		t.Error("quotes are not drawn as such")
	}
}
