package view

import (
	"strings"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
)

var (
	self  = core.IDFromX25519([32]byte{201})
	tomas = core.IDFromX25519([32]byte{203})
)

func TestNamesFromOutsideAreTamed(t *testing.T) {
	for name, want := range map[string]string{
		"Ines":                    "Ines",
		" Ines \n Moreau ":        "Ines Moreau",
		"מאיה לוי":                "מאיה לוי",
		"\u202eseni\u202c\u2069x": "senix",
		"a\x00b\x1b[1m":           "ab[1m",
		"":                        ShortKey(ines),
		" \u200b\ufeff\u200d":     ShortKey(ines),
	} {
		if got := NameOf(name, ines); got != want {
			t.Errorf("%q is shown as %q, want %q", name, got, want)
		}
	}
	if got := NameOf(strings.Repeat("ä", 90), ines); len(got) > nameLimit || strings.ContainsRune(got, '\ufffd') {
		t.Errorf("an endless name: %q", got)
	}
	if key := ShortKey(ines); len([]rune(key)) != 14 || !strings.HasPrefix(ines.Hex(), key[:8]) || !strings.HasSuffix(ines.Hex(), key[len(key)-5:]) {
		t.Errorf("%q", key)
	}
	if InitialOf(ShortKey(ines), ines) != "05" || InitialOf("ines", ines) != "I" {
		t.Error("initials")
	}
}

func TestStandings(t *testing.T) {
	for _, tt := range []struct {
		row     client.ChatRow
		box     Box
		line    string // in the header
		says    string
		unblock bool
	}{
		{row: client.ChatRow{Note: true}, box: SendBox, line: "Only you, on this device"},
		{row: client.ChatRow{Friendship: client.Friends, Devices: 2}, box: SendBox, line: "Friend · 2 devices"},
		{row: client.ChatRow{Friendship: client.Friends}, box: SendBox, line: "Friend"},
		{row: client.ChatRow{Friendship: client.Friends, Plain: true}, box: SendBox, line: "Friend · a plain Session client", says: "goes to the account"},
		{row: client.ChatRow{}, box: AskBox, line: "Not a friend yet", says: "is a friend request"},
		{row: client.ChatRow{Friendship: client.Asked}, box: NoBox, line: "Friend request sent", says: "as soon as"},
		{row: client.ChatRow{Friendship: client.AskedTooOld}, box: AskBox, line: "No answer to your friend request", says: "14 days"},
		{row: client.ChatRow{Friendship: client.ToConfirm, Devices: 1}, box: SendBox, line: "Was your contact before · 1 device", says: "restored"},
		{row: client.ChatRow{Friendship: client.Blocked, Devices: 2}, box: NoBox, line: "Blocked", says: "not told", unblock: true},
	} {
		tt.row.Name, tt.row.Conversation = "Ines", ines
		row := chatRow(&client.Snapshot{Account: self}, tt.row)
		got := StandingOf(row)
		if got.Box != tt.box || got.Unblock != tt.unblock || !strings.Contains(got.Line, tt.says) || (got.Line == "") != (tt.says == "") {
			t.Errorf("%+v: %+v", tt.row, got)
		}
		if line := Audience(&client.Snapshot{Devices: make([]client.DeviceRow, 1)}, row); line != tt.line {
			t.Errorf("%+v: %q, want %q", tt.row, line, tt.line)
		}
	}
}

func TestSafetyNumberIsSixGroups(t *testing.T) {
	if got := strings.Join(Safety("123456789012345678901234567890"), " "); got != "12345 67890 12345 67890 12345 67890" {
		t.Errorf("%q", got)
	}
	if Safety("") != nil {
		t.Error("groups of nothing")
	}
}

func TestChatList(t *testing.T) {
	out := func(status core.Status, body string) []core.Message {
		return []core.Message{{Direction: core.Out, Status: status, Body: body}}
	}
	s := &client.Snapshot{
		Account: self,
		Chats: []client.ChatRow{
			{Conversation: ines, Name: "Ines", Last: "See\nyou", LastAt: 5},
			{Conversation: self, Note: true, Last: "a note", LastAt: 3},
			{Conversation: tomas, Last: "hello", LastAt: 9},
		},
		Logs: map[core.ID][]core.Message{ines: out(core.Read, "See\nyou"), tomas: out(core.Failed, "hello"), self: out(core.Stored, "a note")},
	}
	rows := ChatRows(s)
	if len(rows) != 3 || rows[0].Conversation != tomas || rows[1].Conversation != ines || !rows[2].Note {
		t.Fatalf("the order: %+v", rows)
	}
	for i, want := range []struct {
		last   string
		mark   string
		failed bool
	}{{"Not sent: hello", "fail", true}, {"You: See you", "read", false}, {"a note", "tick", false}} {
		if r := rows[i]; r.Last != want.last || r.Mark.Icon != want.mark || r.Failed != want.failed {
			t.Errorf("row %d: %+v", i, r)
		}
	}
	s.Drafts = map[core.ID]string{tomas: "on second\nthought", ines: " "}
	s.Logs[ines] = []core.Message{{Direction: core.In, Unable: "voice message"}}
	rows = ChatRows(s)
	if r := rows[0]; r.Last != "Draft: on second thought" || r.Failed || r.Mark != (Mark{}) {
		t.Errorf("a draft: %+v", r)
	}
	if r := rows[1]; r.Last != "Voice message. This version cannot open it" {
		t.Errorf("what cannot be shown: %+v", r)
	}
	// A window that has left the end says nothing of the newest message.
	s.Logs[ines], s.Newer = out(core.Failed, "old"), map[core.ID]bool{ines: true}
	if r := ChatRows(s)[1]; r.Failed || r.Last != "See you" {
		t.Errorf("an old page: %+v", r)
	}
	s.Chats[0].Typing = true
	if r := ChatRows(s)[1]; r.Last != Typing || r.Mark != (Mark{}) || Audience(s, r) != Typing {
		t.Errorf("somebody who writes: %+v", r)
	}
}

func TestPlacesOfAContact(t *testing.T) {
	s := &client.Snapshot{Phase: client.Main, Account: self, Chats: []client.ChatRow{{Conversation: ines, Name: "Ines"}}}
	chat := PlaceOf(s, ines)
	for place, want := range map[string]Page{
		chat: Chat, ContactPlace(chat): Contact, AtNote: Chat, ContactPlace(AtNote): Chats, AtNew: NewChat, AtRequests: Requests,
		PlaceOf(s, tomas): Chats, ContactPlace(PlaceOf(s, tomas)): Chats,
	} {
		if got := PageOf(s, place); got != want {
			t.Errorf("%q is page %d, want %d", place, got, want)
		}
	}
	if strings.Contains(chat, ines.Hex()[2:10]) {
		t.Errorf("the key is in the address: %s", chat)
	}
	if Viewed(s, chat) != ines || Viewed(s, ContactPlace(chat)) != (core.ID{}) || Viewed(s, AtNote) != self || Viewed(s, AtSettings) != (core.ID{}) {
		t.Error("what is looked at")
	}
	s.Phase = client.Locked
	if Viewed(s, chat) != (core.ID{}) {
		t.Error("a locked device looks at a chat")
	}
}

func TestRequestRows(t *testing.T) {
	s := &client.Snapshot{Requests: []client.RequestRow{{Account: ines, Name: "Mira", Text: "hi", At: 0}, {Account: tomas, Plain: true}}}
	rows := RequestRows(s, 12*core.Minute)
	if rows[0].Name != "Mira" || rows[0].Line != "12 minutes ago" || rows[1].Name != ShortKey(tomas) || rows[1].Line != "12 minutes ago · a plain Session client" {
		t.Errorf("%+v", rows)
	}
	for n, want := range map[int]string{1: "Mira", 2: isolated("Mira") + ", and one more", 5: isolated("Mira") + ", and 4 more"} {
		s.Requests = append(s.Requests[:1:1], make([]client.RequestRow, n-1)...)
		if got := Requesters(s); got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
	if empty := (&client.Snapshot{}); Requesters(empty) != "" || RequestsLead(empty) == RequestsLead(s) {
		t.Error("nobody asks")
	}
}

func TestBlockedHaveNames(t *testing.T) {
	s := &client.Snapshot{Blocked: []core.ID{ines, tomas}, Chats: []client.ChatRow{{Conversation: ines, Name: "Ines"}}}
	if rows := BlockedRows(s); rows[0].Name != "Ines" || rows[1].Name != ShortKey(tomas) {
		t.Errorf("%+v", rows)
	}
}

func TestReadKey(t *testing.T) {
	key, err := ReadKey(" " + strings.ToUpper(ines.Hex()[:30]) + "\n" + ines.Hex()[30:])
	if err != nil || key != ines.Hex() {
		t.Errorf("%q, %v", key, err)
	}
	_, err = ReadKey("0561")
	if s := AccountSentence(err, "0561"); !AboutKey(err) || !strings.Contains(s, "this has 4") {
		t.Errorf("%v: %q", err, s)
	}
	_, err = ReadKey("")
	sentence(t, "no key", AccountSentence(err, ""))
	if AboutKey(client.ErrOffline) || AboutText(client.ErrOffline) || AboutKey(nil) || !AboutText(client.ErrTextEmpty) || !AboutKey(client.ErrAlready) {
		t.Error("whose refusal it is")
	}
}

func TestAboutAMessage(t *testing.T) {
	row := ChatRow{Name: "Ines"}
	for _, tt := range []struct {
		m        core.Message
		row      ChatRow
		everyone bool
		says     string
	}{
		{core.Message{Direction: core.In, Body: "hi"}, row, false, "Sent on"},
		{core.Message{Direction: core.Out, Status: core.Stored}, row, true, "Sent: it lies in the network"},
		{core.Message{Direction: core.Out, Status: core.Read}, row, true, "Read."},
		{core.Message{Direction: core.Out, Status: core.Failed, Cause: "Nobody answered."}, row, false, "Not sent: Nobody answered."},
		{core.Message{Direction: core.Out, Status: core.Delivered}, ChatRow{Note: true}, false, "Delivered"},
		{core.Message{Direction: core.In, Unable: "call"}, row, false, "Call. This version cannot open it."},
		{core.Message{Direction: core.In, Unverified: true, Ends: core.Hour}, row, false, "It disappears in 1 hour."},
	} {
		a := AboutMessage(tt.m, tt.row, nil, nil, 0, time.UTC)
		if a.Everyone != tt.everyone || !strings.Contains(strings.Join(a.Facts, " "), tt.says) {
			t.Errorf("%+v: %+v", tt.m, a)
		}
		for _, fact := range a.Facts {
			sentence(t, "a fact", fact)
		}
	}
}

// The dialog about a message says where its copies are.
func TestWhereTheCopiesAre(t *testing.T) {
	laptop := core.IDFromX25519([32]byte{3})
	s := &client.Snapshot{Devices: []client.DeviceRow{{ID: laptop, Facts: core.Facts{Name: "Laptop"}}}}
	theirs := func(states ...client.CopyState) (rows []client.CopyRow) {
		for _, state := range states {
			rows = append(rows, client.CopyRow{State: state})
		}
		return rows
	}
	for _, tt := range []struct {
		copies []client.CopyRow
		want   string
	}{
		{nil, ""},
		{theirs(client.CopyStored, client.CopyWaiting), "In the mailbox of 1 of 2 devices of Ines."},
		{theirs(client.CopyStored, client.CopyTakenBack), "In the mailbox of 1 of 1 device of Ines."},
		{theirs(client.CopyNoSession, client.CopyGivenUp), "In the mailbox of 0 of 2 devices of Ines. 1 device of Ines must be heard from first. 1 device of Ines could not be reached for 14 days."},
		{[]client.CopyRow{{Device: laptop, Own: true, State: client.CopyWaiting}}, "Laptop: it waits for the network."},
		{[]client.CopyRow{{Own: true, State: client.CopyStored}, {Own: true, State: client.CopyTakenBack}}, "Another device: it lies in the mailbox of this device."},
	} {
		got := strings.NewReplacer("\u2068", "", "\u2069", "").Replace(strings.Join(CopyFacts(tt.copies, s, ChatRow{Name: "Ines"}), " "))
		if got != tt.want {
			t.Errorf("%+v: %q", tt.copies, got)
		}
	}
}

// From chat to chat by the keyboard, as the list has them, and not beyond its ends.
func TestNextChat(t *testing.T) {
	s := &client.Snapshot{Phase: client.Main, Account: self, Chats: []client.ChatRow{
		{Conversation: tomas, LastAt: 9}, {Conversation: ines, LastAt: 5}, {Conversation: self, Note: true},
	}}
	first, second := PlaceOf(s, tomas), PlaceOf(s, ines)
	for _, tt := range []struct {
		place    string
		down, up string
	}{
		{"", first, AtNote}, {AtSettings, first, AtNote}, {first, second, first}, {second, AtNote, first},
		{ContactPlace(second), AtNote, first}, {AtNote, AtNote, second},
	} {
		if down, up := NextChat(s, tt.place, true), NextChat(s, tt.place, false); down != tt.down || up != tt.up {
			t.Errorf("from %q down to %q, up to %q", tt.place, down, up)
		}
	}
	if s.Phase = client.Welcome; NextChat(s, "", true) != "" {
		t.Error("there are chats on the welcome page")
	}
}

// A long list is searched by name, in any case, or by key.
func TestFindChats(t *testing.T) {
	s := &client.Snapshot{Account: self, Chats: []client.ChatRow{{Conversation: tomas, Name: "Tomás"}, {Conversation: ines, Name: "Ines"}}}
	for find, want := range map[string]string{"INE": "Ines", " tomás ": "Tomás", "o": "Tomás" + NoteToSelf, "x": "", tomas.Hex()[:12]: "Tomás", "05": ""} {
		got := ""
		for _, row := range FindChats(ChatRows(s), find) {
			got += row.Name
		}
		if got != want {
			t.Errorf("%q finds %q", find, got)
		}
	}
	if ManyChats(s) {
		t.Error("two chats are many")
	}
	if s.Chats = append(s.Chats, make([]client.ChatRow, manyChats)...); !ManyChats(s) {
		t.Error("ten are not")
	}
}
