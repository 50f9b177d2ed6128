package web

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/core/client"
	"tandem/web/view"
)

var (
	account = core.IDFromX25519([32]byte{1})
	here    = core.IDFromX25519([32]byte{2}) // this device
	words   = []string{"violin", "lagoon", "cedar"}
	seed    = strings.Fields("faxed mechanic mocked agony unrest loincloth pencil eccentric boyfriend oasis speedy ribbon faxed")
)

// main is a snapshot of a primary with one secondary.
func mainSnap(change func(*client.Snapshot)) client.Snapshot {
	s := client.Snapshot{
		Phase: client.Main, Account: account, Name: "Ada", Role: core.Primary,
		Devices: []client.DeviceRow{
			{ID: here, Role: core.Primary, This: true},
			{ID: core.IDFromX25519([32]byte{3}), Role: core.Secondary},
		},
		Logs: map[core.ID][]core.Message{account: {
			{Direction: core.Out, Status: core.Stored, Body: "<b>one</b>\n two "},
			{Direction: core.In, Status: core.Delivered, Body: "three"},
			{ID: core.MessageID{Device: here}, Direction: core.Out, Status: core.Failed, Body: "four", Cause: "Nobody answered."},
		}},
	}
	if change != nil {
		change(&s)
	}
	return s
}

func joinSnap(j client.Join) client.Snapshot {
	return client.Snapshot{Phase: client.Joining, Join: j}
}

func restoreSnap(r client.Restore) client.Snapshot {
	return client.Snapshot{Phase: client.Key, Account: account, Name: "Ada", Restore: r}
}

// asking is a dialog with one device in it.
func asking(stage client.DialogStage, more ...client.Asker) client.Snapshot {
	first := client.Asker{Attempt: [16]byte{1}, Stage: stage, Facts: core.Facts{Name: "Firefox on Linux"}}
	if stage == client.DialogWords {
		first.Words = words
	}
	return dialogSnap(client.Dialog{Stage: stage, Code: "tandem-link:x", Askers: append([]client.Asker{first}, more...)})
}

func dialogSnap(d client.Dialog) client.Snapshot {
	d.Open = true
	return mainSnap(func(s *client.Snapshot) { s.Dialog = d })
}

// ines is a friend of account; inesPlace is where the chat with her is.
var (
	ines      = core.IDFromX25519([32]byte{44})
	inesPlace = view.PlaceOf(&client.Snapshot{Account: account}, ines)
)

// friendSnap is mainSnap with a friend.
func friendSnap(change func(*client.ChatRow)) client.Snapshot {
	id := func(n uint64) core.MessageID { return core.MessageID{Device: ines, Counter: n} }
	row := client.ChatRow{
		Conversation: ines, Name: "Ines", Last: "text", Unread: 2, FirstUnread: id(3), Friendship: client.Friends, Devices: 2,
		Safety: strings.Repeat("12345", 6),
	}
	if change != nil {
		change(&row)
	}
	return mainSnap(func(s *client.Snapshot) {
		s.Chats = []client.ChatRow{{Conversation: account, Note: true}, row}
		s.Logs[ines] = []core.Message{
			{ID: core.MessageID{Device: here, Counter: 1}, Conversation: ines, Direction: core.Out, Status: core.Failed, Body: "lost", Cause: "Nobody answered."},
			{ID: id(2), Conversation: ines, Direction: core.In, Unverified: true, Ends: 1, Body: "see https://a.example/?b=1&c=<d>, javascript:alert(1)"},
			{ID: id(3), Conversation: ines, Direction: core.In, Unable: "voice message"},
			{ID: id(4), Conversation: ines, Direction: core.In, Body: "<script>alert(1)</script>"},
		}
	})
}

// askedSnap is friendSnap with two who ask.
func askedSnap(change func(*client.Snapshot)) client.Snapshot {
	s := friendSnap(nil)
	s.Requests = []client.RequestRow{
		{Account: core.IDFromX25519([32]byte{71}), Name: "Mira", Text: "<i>It is Mira</i> https://a.example", At: clock()},
		{Account: core.IDFromX25519([32]byte{72}), Text: "hello?", At: clock() - 30*core.Hour, Plain: true},
	}
	if change != nil {
		change(&s)
	}
	return s
}

// spoken are the buttons of friendSnap's messages.
const spoken = "Message options|Retry|Delete|Message options|Message options|Message options"

// listed are the buttons of friendSnap's list.
const listed = "New chat|Settings|Note to self|Ines|"

// noted are the buttons of mainSnap's notes: each has its options, the failed one
// its way out.
const noted = "Message options|Message options|Message options|Retry|Delete|Send"

// behind are the buttons of Devices, which the dialog stands over.
const behind = "New chat|Settings|Note to self|Back to Settings|Link Device|" + "Rename A device without a name|" +
	"Rename A device without a name|Unlink A device without a name|"

// The pages as an automaton sees them: these names are a contract with every
// test and every screen reader that drives the app.
var pages = []struct {
	name    string
	snap    client.Snapshot
	place   string
	narrow  bool
	buttons string // in the order of the Tab key
	testids string
	says    string
}{
	{name: "starting", snap: client.Snapshot{}, says: "Opening"},
	{name: "another tab", snap: client.Snapshot{Phase: client.Elsewhere}, says: "takes over by itself"},
	{name: "broken", snap: client.Snapshot{Phase: client.Broken, Fault: "The disk is full."}, buttons: "Reload this page", says: "The disk is full."},
	{name: "welcome", snap: client.Snapshot{Phase: client.Welcome},
		buttons: "Register a new account|Restore using seed|Link device to an existing account|Try the demo (nothing leaves this tab)"},
	{name: "register", snap: client.Snapshot{Phase: client.Welcome}, place: view.AtRegister, buttons: "Back|Continue", says: "Display name"},
	{name: "restore", snap: client.Snapshot{Phase: client.Welcome}, place: view.AtRestore, buttons: "Back|Continue|Import a file instead", says: "Seed"},
	{name: "restore, name without words", snap: client.Snapshot{Phase: client.Welcome}, place: view.AtRestoreName, buttons: "Back|Continue|Import a file instead", says: "Seed"},
	{name: "link", snap: client.Snapshot{Phase: client.Welcome}, place: view.AtLink, buttons: "Back|Link", says: "Public key of your primary device"},
	{name: "words", snap: client.Snapshot{Phase: client.Words, Seed: seed}, buttons: "Continue", testids: "seed-words"},
	{name: "key", snap: client.Snapshot{Phase: client.Key, Account: account}, buttons: "Copy public key|Continue", testids: "account-id"},
	{name: "restored, reading", snap: restoreSnap(client.Restore{Stage: client.RestoreReading}), buttons: "Copy public key|Continue",
		testids: "account-id", says: "Looking for your other devices"},
	{name: "restored, alone", snap: restoreSnap(client.Restore{Stage: client.RestoreAlone}), buttons: "Copy public key|Continue",
		testids: "account-id", says: "no other device"},
	{name: "restored, others", snap: restoreSnap(client.Restore{Stage: client.RestoreFound, Devices: []client.DeviceRow{{Facts: core.Facts{Name: "Old phone"}}}}),
		buttons: "Copy public key|Continue", testids: "account-id", says: "Keep my other devices"},
	{name: "restored, full", snap: restoreSnap(client.Restore{Stage: client.RestoreFound, Full: true, Devices: make([]client.DeviceRow, 6)}),
		buttons: "Copy public key|Continue", testids: "account-id", says: view.DropOne},
	{name: "asking", snap: joinSnap(client.Join{Stage: client.JoinAsking, Deadline: 1}), buttons: "Cancel", testids: "status",
		says: "Waiting for your primary device"},
	{name: "words compared", snap: joinSnap(client.Join{Stage: client.JoinWords, Words: words}), buttons: "They differ|Cancel",
		testids: "link-words status", says: "Waiting for your primary device"},
	{name: "holding", snap: joinSnap(client.Join{Stage: client.JoinHolding, Words: words}), buttons: "Finish|They differ|Cancel",
		testids: "link-words status"},
	{name: "asking in trouble", snap: joinSnap(client.Join{Stage: client.JoinAsking, Trouble: "No node takes the request."}), buttons: "Cancel|Try again",
		testids: "status", says: "No node takes the request."},
	{name: "words in trouble", snap: joinSnap(client.Join{Stage: client.JoinWords, Words: words, Trouble: "No node takes it."}),
		buttons: "They differ|Cancel|Try again", testids: "link-words status", says: "No node takes it."},
	{name: "ending", snap: joinSnap(client.Join{Stage: client.JoinEnding, Cause: client.CauseDiffer}), buttons: "Continue", testids: "status",
		says: "still being told, in the background"},
	{name: "gone", snap: joinSnap(client.Join{Stage: client.JoinGone, Cause: client.CauseRejected}), buttons: "Continue", testids: "status",
		says: "Your primary device rejected this device."},
	{name: "gone, and nobody knows whether the primary heard", snap: joinSnap(client.Join{
		Stage: client.JoinGone, Cause: client.CauseDiffer, Trouble: "Check Devices on your primary device.",
	}), buttons: "Continue", testids: "status", says: "Check Devices on your primary device."},
	{name: "gone, and could be tried again", snap: joinSnap(client.Join{Stage: client.JoinGone, Cause: client.CauseExpired, Target: account}),
		buttons: "Try again|Continue", testids: "status", says: "The 10 minutes for this attempt are over"},
	{name: "leaving", snap: mainSnap(func(s *client.Snapshot) { s.Leaving = true }), says: "says goodbye"},
	{name: "unlinked", snap: client.Snapshot{Phase: client.Erased}, buttons: "Continue"},

	{name: "main", snap: mainSnap(nil), buttons: "New chat|Settings|Note to self", testids: "status chat-list"},
	{name: "main on a phone", snap: mainSnap(nil), narrow: true, buttons: "New chat|Settings|Note to self", testids: "status chat-list"},
	{name: "note", snap: mainSnap(nil), place: view.AtNote, buttons: "New chat|Settings|Note to self|Back to chats|" + noted,
		testids: "status chat-list chat-log message message message", says: "Nobody answered."},
	{name: "note on a phone", snap: mainSnap(nil), place: view.AtNote, narrow: true, buttons: "Back to chats|" + noted,
		testids: "status chat-log message message message"},
	{name: "note, empty", snap: mainSnap(func(s *client.Snapshot) { s.Logs = nil }), place: view.AtNote,
		buttons: "New chat|Settings|Note to self|Back to chats|Send", testids: "status chat-list chat-log"},
	{name: "new chat", snap: friendSnap(nil), place: view.AtNew, buttons: listed + "Back to chats|Send friend request|Join|Copy public key",
		testids: "status chat-list", says: "Public key"},
	{name: "new chat on a phone", snap: friendSnap(nil), place: view.AtNew, narrow: true,
		buttons: "Back to chats|Send friend request|Join|Copy public key", testids: "status", says: "Message"},
	{name: "requests", snap: askedSnap(nil), place: view.AtRequests,
		buttons: "New chat|Settings|Friend requests|Note to self|Ines|Back to chats|Accept|Decline|Block|Accept|Decline|Block",
		testids: "status chat-list request-count request-list", says: "1 day ago · a plain Session client"},
	{name: "requests on a phone", snap: askedSnap(nil), place: view.AtRequests, narrow: true,
		buttons: "Back to chats|Accept|Decline|Block|Accept|Decline|Block", testids: "status request-list", says: "<i>It is Mira</i>"},
	{name: "requests in the list on a phone", snap: askedSnap(nil), narrow: true, buttons: "New chat|Settings|Friend requests|Note to self|Ines",
		testids: "status chat-list request-count", says: "Mira\u2069, and one more"},
	{name: "no request", snap: friendSnap(nil), place: view.AtRequests, buttons: listed + "Back to chats",
		testids: "status chat-list request-list", says: "Nobody is waiting"},
	{name: "friend", snap: friendSnap(nil), place: inesPlace,
		buttons: listed + "Back to chats|Details|" + spoken + "|Send",
		testids: "status chat-list chat-log message message message message", says: view.Unverified},
	{name: "friend on a phone", snap: friendSnap(func(c *client.ChatRow) { c.Missing = 3 }), place: inesPlace, narrow: true,
		buttons: "Back to chats|Details|" + spoken + "|Send",
		testids: "status chat-log message message message message", says: "3 messages are missing here"},
	{name: "asked", snap: friendSnap(func(c *client.ChatRow) { c.Friendship = client.Asked }), place: inesPlace, narrow: true,
		buttons: "Back to chats|Details|" + spoken,
		testids: "status chat-log message message message message", says: "as soon as \u2068Ines\u2069 accepts"},
	{name: "asked too long ago", snap: friendSnap(func(c *client.ChatRow) { c.Friendship = client.AskedTooOld }), place: inesPlace, narrow: true,
		buttons: "Back to chats|Details|" + spoken + "|Send friend request",
		testids: "status chat-log message message message message", says: "14 days"},
	{name: "blocked", snap: friendSnap(func(c *client.ChatRow) { c.Friendship = client.Blocked }), place: inesPlace, narrow: true,
		buttons: "Back to chats|Details|" + spoken + "|Unblock",
		testids: "status chat-log message message message message", says: "You blocked"},
	{name: "answers as two", snap: friendSnap(func(c *client.ChatRow) { c.Second = strings.Repeat("09876", 6) }), place: inesPlace, narrow: true,
		buttons: "Back to chats|Details|Trust the second|" + spoken + "|Send",
		testids: "status chat-log message message message message", says: "This account answers as two"},
	{name: "details", snap: friendSnap(nil), place: view.ContactPlace(inesPlace), buttons: listed + "Back to chat|Copy public key|Send to the account|Block",
		testids: "status chat-list safety-number contact-key", says: view.SafetyTruth},
	{name: "details of somebody blocked, on a phone", snap: friendSnap(func(c *client.ChatRow) { c.Friendship, c.Safety = client.Blocked, "" }),
		place: view.ContactPlace(inesPlace), narrow: true, buttons: "Back to chat|Copy public key|Unblock", testids: "status contact-key"},
	{name: "blocked people in Settings", snap: func() client.Snapshot {
		s := friendSnap(nil)
		s.Blocked, s.Safety = []core.ID{ines, {5, 9}}, strings.Repeat("67890", 6)
		return s
	}(), place: view.AtSettings, narrow: true, buttons: "Back to chats|Change name|Copy public key|Devices|Network|Lock|Storage|Notifications|About|Unblock|Unblock|Clear Data",
		testids: "status account-id safety-number", says: view.OwnSafety},

	{name: "settings", snap: mainSnap(nil), place: view.AtSettings,
		buttons: "New chat|Settings|Note to self|Back to chats|Change name|Copy public key|Devices|Network|Lock|Storage|Notifications|About|Clear Data", testids: "status chat-list account-id"},
	{name: "settings on a phone", snap: mainSnap(nil), place: view.AtSettings, narrow: true,
		buttons: "Back to chats|Change name|Copy public key|Devices|Network|Lock|Storage|Notifications|About|Clear Data", testids: "status account-id"},
	{name: "devices", snap: mainSnap(nil), place: view.AtDevices,
		buttons: behind[:len(behind)-1], testids: "status chat-list device-list"},
	{name: "devices of a secondary", snap: mainSnap(func(s *client.Snapshot) { s.Role = core.Secondary }), place: view.AtDevices,
		buttons: "New chat|Settings|Note to self|Back to Settings|Rename A device without a name|Unlink this device|Rename A device without a name",
		testids: "status chat-list device-list", says: view.ElsewhereLink},
	{name: "network", snap: mainSnap(func(s *client.Snapshot) {
		s.Network = client.NetworkView{State: client.Online, Profile: "session", Nodes: 1, Path: []client.Hop{{IP: "198.51.100.23"}}}
	}), place: view.AtNetwork, buttons: "New chat|Settings|Note to self|Back to Settings|Rebuild path",
		testids: "status chat-list profile path network-facts", says: "hop 1, your guard"},
	{name: "network before any", snap: mainSnap(nil), place: view.AtNetwork, narrow: true, buttons: "Back to Settings|Rebuild path",
		testids: "status profile path network-facts", says: "No network yet"},
	{name: "network, offline", snap: mainSnap(func(s *client.Snapshot) {
		s.Network = client.NetworkView{State: client.Offline, Cause: "The gateway is away."}
	}), place: view.AtNetwork, buttons: "New chat|Settings|Note to self|Back to Settings|Rebuild path",
		testids: "status chat-list profile path network-facts", says: "The gateway is away."},
	{name: "about", snap: mainSnap(nil), place: view.AtProgram, narrow: true, buttons: "Back to Settings",
		testids: "status", says: view.HashComing},
	{name: "lock, no passphrase", snap: mainSnap(nil), place: view.AtLock,
		buttons: "New chat|Settings|Note to self|Back to Settings|Set passphrase", testids: "status chat-list", says: view.LockLead},
	{name: "lock", snap: mainSnap(func(s *client.Snapshot) { s.Lock = client.LockView{On: true, Minutes: 5} }), place: view.AtLock,
		buttons: "New chat|Settings|Note to self|Back to Settings|Lock now|Change the passphrase|Take the passphrase away",
		testids: "status chat-list", says: "After 5 minutes"},
	{name: "lock on a phone", snap: mainSnap(func(s *client.Snapshot) { s.Lock.On = true }), place: view.AtLock, narrow: true,
		buttons: "Back to Settings|Lock now|Change the passphrase|Take the passphrase away", testids: "status", says: "Never"},
	{name: "storage", snap: mainSnap(nil), place: view.AtStorage,
		buttons: "New chat|Settings|Note to self|Back to Settings|Export|Import", testids: "status chat-list kept", says: "does not say whether it keeps"},
	{name: "export", snap: mainSnap(nil), place: view.AtExport, narrow: true, buttons: "Back to Storage|Export", testids: "status transferred", says: view.ExportSeed},
	{name: "export on a secondary", snap: mainSnap(func(s *client.Snapshot) { s.Role = core.Secondary }), place: view.AtExport, narrow: true,
		buttons: "Back to Storage|Export", testids: "status transferred", says: view.ExportNoSeed},
	{name: "import", snap: mainSnap(nil), place: view.AtImport, narrow: true, buttons: "Back to Storage|Import", testids: "status transferred", says: view.ImportLead},
	{name: "import without an account", snap: client.Snapshot{Phase: client.Welcome}, place: view.AtImport, buttons: "Back|Import",
		testids: "transferred", says: view.ImportHere},
	{name: "notifications", snap: mainSnap(nil), place: view.AtNotices, narrow: true, buttons: "Back to Settings",
		testids: "status last-checked", says: view.ClosedTab},
	{name: "locked", snap: client.Snapshot{Phase: client.Locked, Lock: client.LockView{On: true}}, place: view.AtNote,
		buttons: "Unlock|Forgotten?", says: "Tandem is locked"},
	{name: "locked, and it waits", snap: client.Snapshot{Phase: client.Locked, Lock: client.LockView{On: true, Wait: 1}},
		buttons: "Unlock|Forgotten?", says: "until the next try"},

	{name: "offline", snap: mainSnap(func(s *client.Snapshot) { s.Network.State = client.Offline }), buttons: "New chat|Settings|Note to self",
		testids: "status chat-list", says: "You are offline."},
	{name: "fault", snap: mainSnap(func(s *client.Snapshot) { s.Fault = "The disk is full." }), buttons: "New chat|Settings|Note to self",
		testids: "status chat-list", says: "The disk is full."},
	{name: "a view of another tab", snap: mainSnap(func(s *client.Snapshot) { s.OtherTab = true }), buttons: "New chat|Settings|Note to self",
		testids: "status chat-list", says: view.OtherTabLine},
	{name: "a device asks", snap: mainSnap(func(s *client.Snapshot) { s.Dialog.Notice = true }), place: view.AtSettings,
		buttons: "Review|New chat|Settings|Note to self|Back to chats|Change name|Copy public key|Devices|Network|Lock|Storage|Notifications|About|Clear Data", testids: "status chat-list account-id"},

	{name: "dialog, waiting", snap: dialogSnap(client.Dialog{Code: "tandem-link:x"}),
		buttons: behind + "Copy link code|Copy public key|Cancel", testids: "status chat-list device-list", says: "tandem-link:x"},
	{name: "dialog, challenge", snap: asking(client.DialogChallenge),
		buttons: behind + "Copy link code|Copy public key|Cancel", testids: "status chat-list device-list", says: "Waiting for Device"},
	{name: "dialog, words", snap: asking(client.DialogWords),
		buttons: behind + "Authorise|Reject|Copy link code|Copy public key|Cancel", testids: "status chat-list device-list link-words",
		says: "Check that the 3 words match between devices, and authorise the request."},
	{name: "dialog, a flood", snap: func() client.Snapshot {
		s := asking(client.DialogWords, client.Asker{Facts: core.Facts{Name: "Chrome on Android"}})
		s.Dialog.More = 9992
		return s
	}(), buttons: behind + "Authorise|Reject|Copy link code|Copy public key|Chrome on Android|Cancel",
		testids: "status chat-list device-list link-words", says: "9,992 more devices"},
	{name: "dialog, sending", snap: asking(client.DialogSending), buttons: behind + "Copy link code|Copy public key|Close",
		testids: "status chat-list device-list", says: "Waiting for Device"},
	{name: "dialog, nobody came", snap: dialogSnap(client.Dialog{Over: true}),
		buttons: behind + "Cancel|Try again", testids: "status chat-list device-list", says: "Nobody asked within 10 minutes"},
	{name: "dialog, somebody came late", snap: dialogSnap(client.Dialog{Over: true, Notice: true}),
		buttons: behind + "Cancel|Try again", testids: "status chat-list device-list", says: "A device asks just now"},
	{name: "dialog, ended", snap: dialogSnap(client.Dialog{Stage: client.DialogEnded, Cause: client.CauseDiffer}),
		buttons: behind + "Copy public key|Cancel", testids: "status chat-list device-list",
		says: "The other device said that the words differ"},

	{name: "was it you", snap: mainSnap(func(s *client.Snapshot) { s.Restored = &client.DeviceRow{Facts: core.Facts{Name: "New phone"}} }),
		buttons: "Yes, it was me|No, remove it|New chat|Settings|Note to self", testids: "status chat-list", says: "Restored on New phone. Was it you?"},
	{name: "was it you, wherever one is", snap: mainSnap(func(s *client.Snapshot) { s.Restored = &client.DeviceRow{} }),
		place: view.AtNetwork, narrow: true, buttons: "Yes, it was me|No, remove it|Back to Settings|Rebuild path",
		testids: "status profile path network-facts", says: view.YesItWasMe},
	{name: "absent", snap: mainSnap(func(s *client.Snapshot) { s.Absent = true }),
		buttons: "Ask to be added|Erase this device|New chat|Settings|Note to self", testids: "status chat-list", says: view.AbsentLine},
	{name: "a choice waits for the network", snap: mainSnap(func(s *client.Snapshot) { s.Restore.Chosen = true }),
		buttons: "New chat|Settings|Note to self", testids: "status chat-list", says: "carried out as soon as"},
	{name: "refused messages", snap: mainSnap(func(s *client.Snapshot) { s.Refused = 3 }), place: view.AtDevices,
		buttons: behind[:len(behind)-1], testids: "status chat-list device-list", says: "3 messages were refused"},

	{name: "earlier messages come", snap: mainSnap(func(s *client.Snapshot) {
		s.Past = []client.PastRow{{Device: s.Devices[1].ID, Coming: true, Begun: true, Done: 214, Total: 1380}}
	}), place: view.AtDevices, buttons: "Stop|" + behind[:len(behind)-1], testids: "status chat-list device-list", says: "214 of 1,380"},
	{name: "earlier messages go", snap: mainSnap(func(s *client.Snapshot) { s.Past = []client.PastRow{{Device: s.Devices[1].ID}} }),
		place: view.AtDevices, buttons: strings.Replace(behind[:len(behind)-1], "|Rename A device without a name|Unlink", "|Stop sending history|Rename A device without a name|Unlink", 1),
		testids: "status chat-list device-list", says: "as soon as it asks"},

	{name: "success", snap: mainSnap(func(s *client.Snapshot) { s.Success = true }), buttons: "New chat|Settings|Note to self|Continue",
		testids: "status chat-list", says: view.Success},
	{name: "success on a phone", snap: mainSnap(func(s *client.Snapshot) { s.Success = true }), narrow: true,
		buttons: "Dismiss|New chat|Settings|Note to self", testids: "status chat-list", says: view.Success},
	{name: "success in Devices", snap: mainSnap(func(s *client.Snapshot) { s.Success = true }), place: view.AtDevices,
		buttons: "Dismiss|" + behind[:len(behind)-1], testids: "status chat-list device-list", says: view.Success},
	{name: "success while the next one asks", snap: func() client.Snapshot {
		s := asking(client.DialogChallenge)
		s.Success = true
		return s
	}(), buttons: behind + "Copy link code|Copy public key|Cancel", testids: "status chat-list device-list", says: view.Success},
}

func TestPages(t *testing.T) {
	for _, p := range pages {
		t.Run(p.name, func(t *testing.T) {
			r := &root{engine: &twin{snap: p.snap}, place: p.place}
			r.OnInit()
			r.wide = !p.narrow
			page := app.HTMLString(r.Render())
			if got := strings.Join(buttonNames(page), "|"); got != p.buttons {
				t.Errorf("buttons %q, want %q", got, p.buttons)
			}
			if got := attributes(page, "data-testid"); !sameSet(got, strings.Fields(p.testids)) {
				t.Errorf("testids %v, want %v", got, p.testids)
			}
			if !strings.Contains(text(page), p.says) {
				t.Errorf("does not say %q", p.says)
			}
			if n := strings.Count(page, "<h1"); n != 1 {
				t.Errorf("%d headings of the first level", n)
			}
			if n := strings.Count(page, "<main"); n != 1 {
				t.Errorf("%d main landmarks", n)
			}
			if got, want := strings.Count(text(page), "You've successfully set up"), strings.Count(p.says, view.Success); got != want {
				t.Errorf("success is said %d times, want %d", got, want)
			}
			for _, id := range attributes(page, "id") {
				if strings.Count(page, fmt.Sprintf(" id=%q", id)) != 1 {
					t.Errorf("id %q is there twice", id)
				}
			}
			if strings.Contains(page, " style=") {
				t.Error("a style attribute: the site's policy blocks it")
			}
		})
	}
}

func TestNarrowPagesShowTheStatusOnce(t *testing.T) {
	for _, place := range []string{"", view.AtNote, view.AtSettings, view.AtDevices, view.AtNetwork, view.AtLock, view.AtNew, view.AtRequests} {
		r := &root{engine: &twin{snap: mainSnap(func(s *client.Snapshot) { s.Network.State = client.Online })}, place: place}
		r.OnInit()
		r.wide = false
		page := app.HTMLString(r.Render())
		if n := strings.Count(page, `data-testid="status"`); n != 1 || !strings.Contains(page, `data-state="online"`) {
			t.Errorf("%q: %d", place, n)
		}
	}
}

func TestMessagesAreTextCharacterForCharacter(t *testing.T) {
	r := &root{engine: &twin{snap: mainSnap(nil)}, place: view.AtNote}
	r.OnInit()
	page := app.HTMLString(r.Render())
	body := regexp.MustCompile(`(?s)<span[^>]*class="text"[^>]*>(.*?)</span>`).FindStringSubmatch(page)
	if body == nil || html.UnescapeString(body[1]) != "<b>one</b>\n two " || !strings.Contains(body[0], `dir="auto"`) {
		t.Errorf("%q", body)
	}
	for _, want := range []string{`data-direction="out"`, `data-direction="in"`, `data-status="stored"`, `data-status="delivered"`, `data-status="failed"`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
}

// Of all that others write, only an address that shows itself becomes a link, and
// nothing becomes an element.
func TestLinksAreShownInFullAndOpenApart(t *testing.T) {
	r := &root{engine: &twin{snap: friendSnap(nil)}, place: inesPlace}
	r.OnInit()
	page := app.HTMLString(r.Render())
	links := regexp.MustCompile(`(?s)<a ([^>]*)>(.*?)</a>`).FindAllStringSubmatch(page, -1)
	if len(links) != 2 { // the first one skips to the content
		t.Fatalf("%d links: %q", len(links), links)
	}
	href := attributes(links[1][0], "href")
	if len(href) != 1 || href[0] != "https://a.example/?b=1&amp;c=" && href[0] != "https://a.example/?b=1&c=" || html.UnescapeString(links[1][2]) != "https://a.example/?b=1&c=" {
		t.Errorf("%q", links[1])
	}
	for _, want := range []string{`target="_blank"`, `rel="noopener noreferrer"`} {
		if !strings.Contains(links[1][1], want) {
			t.Errorf("no %s in %s", want, links[1][1])
		}
	}
	if strings.Contains(page, "<script") || !strings.Contains(text(page), "<script>alert(1)</script>") {
		t.Error("text became an element")
	}
	for _, want := range []string{view.Unverified, view.KindTruth, "Voice message", "disappears within a minute", "Nobody answered."} {
		if !strings.Contains(text(page), want) {
			t.Errorf("does not say %q", want)
		}
	}
	r = &root{engine: &twin{snap: askedSnap(nil)}, place: view.AtRequests}
	r.OnInit()
	if page := app.HTMLString(r.Render()); strings.Count(page, "<a ") != 1 {
		t.Error("a stranger’s text has links")
	}
}

func TestWordsAndKeyHoldNothingElse(t *testing.T) {
	for _, tt := range []struct {
		snap        client.Snapshot
		testid, tag string
		want        string
	}{
		{client.Snapshot{Phase: client.Words, Seed: seed}, "seed-words", "ol", strings.Join(seed, " ")},
		{joinSnap(client.Join{Stage: client.JoinHolding, Words: words}), "link-words", "ol", "violin lagoon cedar"},
		{asking(client.DialogWords), "link-words", "ol", "violin lagoon cedar"},
		{client.Snapshot{Phase: client.Key, Account: account}, "account-id", "p", account.Hex()},
	} {
		r := &root{engine: &twin{snap: tt.snap}}
		r.OnInit()
		page := app.HTMLString(r.Render())
		element := regexp.MustCompile(`(?s)<` + tt.tag + `[^>]*data-testid="` + tt.testid + `"[^>]*>(.*?)</` + tt.tag + `>`).FindStringSubmatch(page)
		if element == nil || strings.Join(strings.Fields(text(element[1])), " ") != tt.want {
			t.Errorf("%s: %q, want %q", tt.testid, element, tt.want)
		}
	}
}

// buttonNames are the accessible names of the buttons, the first word group of
// a chat's button only.
func buttonNames(page string) []string {
	var names []string
	for _, b := range regexp.MustCompile(`(?s)<button([^>]*)>(.*?)</button>`).FindAllStringSubmatch(page, -1) {
		name := strings.Join(strings.Fields(text(b[2])), " ")
		if label := attributes(b[0], "aria-label"); len(label) > 0 && strings.Contains(b[1], "aria-label") {
			name = label[0]
		}
		for _, chat := range []string{view.NoteToSelf, "Ines", "Friend requests"} {
			if strings.HasPrefix(strings.TrimPrefix(name, "I "), chat) { // after the avatar, which has no name
				name = chat
			}
		}
		names = append(names, name)
	}
	return names
}

func attributes(page, name string) []string {
	var out []string
	for _, m := range regexp.MustCompile(` `+name+`="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		out = append(out, m[1])
	}
	return out
}

// text is what a page says, without what is only drawn.
func text(page string) string {
	page = regexp.MustCompile(`(?s)<svg.*?</svg>`).ReplaceAllString(page, "")
	return html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, ""))
}

func sameSet(a, b []string) bool {
	count := map[string]int{}
	for _, x := range a {
		count[x]++
	}
	for _, x := range b {
		count[x]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}
