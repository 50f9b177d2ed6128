package view

import (
	"strings"
	"testing"

	"tandem/core"
	"tandem/core/client"
)

var (
	me   = core.IDFromX25519([32]byte{1})
	ines = core.IDFromX25519([32]byte{2})
)

func TestPageOf(t *testing.T) {
	tests := []struct {
		name  string
		snap  client.Snapshot
		place string
		want  Page
	}{
		{"opening", client.Snapshot{}, AtSettings, Opening},
		{"another tab", client.Snapshot{Phase: client.Elsewhere}, "", OtherTab},
		{"broken", client.Snapshot{Phase: client.Broken}, "", CannotOpen},
		{"first page", client.Snapshot{Phase: client.Welcome}, "", Welcome},
		{"register", client.Snapshot{Phase: client.Welcome}, AtRegister, Register},
		{"restore", client.Snapshot{Phase: client.Welcome}, AtRestore, Restore},
		{"restore, name", client.Snapshot{Phase: client.Welcome}, AtRestoreName, RestoreName},
		{"link", client.Snapshot{Phase: client.Welcome}, AtLink, LinkHere},
		{"a place of an account that is gone", client.Snapshot{Phase: client.Welcome}, AtSettings, Welcome},
		{"words, wherever one was", client.Snapshot{Phase: client.Words}, AtRegister, SeedWords},
		{"key", client.Snapshot{Phase: client.Key}, AtRestoreName, AccountKey},
		{"joining", client.Snapshot{Phase: client.Joining}, AtLink, Joining},
		{"unlinked", client.Snapshot{Phase: client.Erased}, AtSettings, Unlinked},
		{"main", client.Snapshot{Phase: client.Main}, "", Chats},
		{"leaving, wherever one was", client.Snapshot{Phase: client.Main, Leaving: true}, AtSettings, Leaving},
		{"main after a first run", client.Snapshot{Phase: client.Main}, AtRegister, Chats},
		{"settings", client.Snapshot{Phase: client.Main}, AtSettings, Settings},
		{"devices", client.Snapshot{Phase: client.Main}, AtDevices, Devices},
		{"network", client.Snapshot{Phase: client.Main}, AtNetwork, Network},
		{"about", client.Snapshot{Phase: client.Main}, AtProgram, Program},
		{"lock", client.Snapshot{Phase: client.Main}, AtLock, Lock},
		{"locked, wherever one was", client.Snapshot{Phase: client.Locked}, AtLock, Locked},
		{"note", client.Snapshot{Phase: client.Main, Account: me}, AtNote, Chat},
		{"a chat that is not there", client.Snapshot{Phase: client.Main, Account: me}, "chat/0123456789abcdef", Chats},
		{"the dialog stands over Devices", client.Snapshot{Phase: client.Main, Dialog: client.Dialog{Open: true}}, AtSettings, Devices},
		{"the dialog is over", client.Snapshot{Phase: client.Main, Dialog: client.Dialog{Open: true, Stage: client.DialogDone}}, AtSettings, Settings},
	}
	for _, tt := range tests {
		if got := PageOf(&tt.snap, tt.place); got != tt.want {
			t.Errorf("%s: page %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestPlacesOfChats(t *testing.T) {
	s := &client.Snapshot{
		Phase: client.Main, Account: me,
		Chats: []client.ChatRow{{Conversation: ines, Name: "Ines"}, {Conversation: me, Note: true}},
	}
	if PlaceOf(s, me) != AtNote {
		t.Error("Note to self has another place")
	}
	place := PlaceOf(s, ines)
	if row, ok := OpenChat(s, place); !ok || row.Name != "Ines" {
		t.Errorf("%q leads to %q", place, row.Name)
	}
	// The browser keeps places in its history in clear.
	if strings.Contains(ines.Hex(), strings.TrimPrefix(place, atChat)) {
		t.Errorf("%q is a part of the account ID", place)
	}
	if len(ChatRows(s)) != 2 {
		t.Error("Note to self is there twice")
	}
	s.Chats = nil
	if rows := ChatRows(s); len(rows) != 1 || rows[0].Name != NoteToSelf || rows[0].Conversation != me {
		t.Errorf("before the first note: %+v", rows)
	}
}

func TestStepChangesWithWhatOnePerceives(t *testing.T) {
	joining := func(s client.JoinStage) string {
		return Step(&client.Snapshot{Phase: client.Joining, Join: client.Join{Stage: s}}, "")
	}
	if joining(client.JoinAsking) == joining(client.JoinWords) {
		t.Error("the arrival of the words does not move the focus")
	}
	if joining(client.JoinWords) != joining(client.JoinHolding) {
		t.Error("the grant moves the focus away from They differ")
	}
	main := &client.Snapshot{Phase: client.Main, Account: me}
	if Step(main, AtSettings) == Step(main, AtDevices) || Step(main, AtSettings) == Step(main, AtNetwork) || Step(main, "") == Step(main, AtNote) {
		t.Error("two pages are one step")
	}
}

func TestTitles(t *testing.T) {
	for p := Opening; p <= Unlinked; p++ {
		if !strings.HasSuffix(p.Title(), "Tandem") {
			t.Errorf("page %d is called %q", p, p.Title())
		}
	}
}
