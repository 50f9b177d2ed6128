package client

import "tandem/core"

// Phase says which page a device is on before anything else is asked.
type Phase uint8

// Phases. A device moves down this list, and back to Welcome by Clear Data.
const (
	Starting  Phase = iota // the store is being opened
	Elsewhere              // another tab of this origin is the writer; this one waits to take over
	Broken                 // the store cannot be opened; Snapshot.Fault says why
	Welcome                // no account: Register, Restore, Link
	Words                  // registered; the 13 words are shown until confirmed
	Key                    // the account ID is shown until confirmed
	Joining                // a linking attempt as secondary is open, or its end has not been read
	Main                   // an account
	Erased                 // this device was unlinked and wiped itself
	Locked                 // a passphrase is needed; nothing else is known
)

// Link is how the network looks from here.
type Link uint8

// Link states, in the words of data-state.
const (
	Connecting Link = iota
	Online
	Offline
)

// String is the word used in data-state.
func (l Link) String() string {
	switch l {
	case Online:
		return "online"
	case Offline:
		return "offline"
	}
	return "connecting"
}

// Snapshot is everything that a page may show, at one moment. It is immutable:
// the loop makes a new one after each change and never writes to an old one.
type Snapshot struct {
	Phase   Phase
	Fault   string // one sentence, for Broken and for a failing store later on
	Account core.ID
	Name    string    // the account's display name
	Role    core.Role // of this device
	Safety  string    // one's own safety number, that friends compare; "" = not known yet
	Seed    []string  // the 13 words; in phase Words only

	Devices []DeviceRow
	Chats   []ChatRow
	Logs    map[core.ID][]core.Message // by conversation, oldest first, the newest 200

	Requests []RequestRow       // friend requests of others that wait for an answer, newest first
	Blocked  []core.ID          // accounts, requests and contacts alike
	Older    map[core.ID]bool   // conversations with older messages than Logs holds
	Newer    map[core.ID]bool   // and with newer ones, after Engine.Older
	Drafts   map[core.ID]string // as they were saved
	Receipts bool               // read receipts are sent and shown

	Join    Join   // secondary side of linking
	Dialog  Dialog // primary side of linking
	Success bool   // linking has just ended well; until dismissed

	Restore  Restore    // on the page Key after Restore, and until the choice was carried out
	Restored *DeviceRow // this device was primary until that one was restored: was it you? nil = no question
	Absent   bool       // the account's list does not name this device: nothing is sent
	Leaving  bool       // this device says farewell and will be wiped
	Refused  int        // messages refused because a removed device sent them
	Lock     LockView
	OtherTab bool // another tab of this browser is the writer, and has sent this to be shown here

	Past []PastRow // what was said before, on its way to a new device

	Network NetworkView
}

// DeviceRow is one line of Settings > Devices.
type DeviceRow struct {
	ID       core.ID
	Role     core.Role
	Facts    core.Facts
	Added    core.Millis
	LastSeen core.Millis // 0 = never or unknown
	This     bool
	// Unconfirmed: authorised, but the device has not yet said that it is done.
	Unconfirmed bool
}

// RestoreStage is how far reading the account's public outbox has come.
type RestoreStage uint8

// Stages of restoring.
const (
	RestoreNone    RestoreStage = iota // no restore is under way
	RestoreReading                     // the outbox is being read
	RestoreAlone                       // read: the account has no other device
	RestoreFound                       // read: Devices are the others
)

// Restore is what a device restored from the words knows of the others.
type Restore struct {
	Stage   RestoreStage
	Devices []DeviceRow // to keep or to remove
	Full    bool        // six are listed: one must be chosen for removal
	Cause   string      // why reading failed last; it goes on
	Chosen  bool        // the choice was made and waits to be carried out
}

// LockView is how this device is locked.
type LockView struct {
	On      bool        // there is a passphrase
	Minutes int         // until it locks itself; 0 = never
	Wait    core.Millis // local clock, ms: no passphrase is tried before; 0 = now
}

// ChatRow is one line of the chat list.
type ChatRow struct {
	Conversation core.ID
	Note         bool   // Note to self
	Name         string // empty for Note to self, and where the contact gave none
	Last         string // text of the newest message
	LastAt       core.Millis
	Unread       int
	FirstUnread  core.MessageID // zero = none

	Friendship Friendship // NotAsked for Note to self
	Typing     bool       // a plain contact writes just now
	Devices    int        // of the contact; 0 = not known
	Plain      bool       // the contact uses a client that knows nothing of several devices
	Safety     string     // safety number, 30 digits; "" = not known
	Second     string     // the account answers as two: safety number of its second list key; "" = it does not
	Missing    int        // messages that are known to be missing here

	Group *GroupRow `json:",omitempty"` // an open group; nil = a person, or Note to self
}

// GroupRow is what is known of an open group beside its name.
type GroupRow struct {
	URL         string // by which others join
	Me          string // one's own ID there, as Post.Author has it; "" = not known yet
	Description string
	Members     int
	Loaded      bool // the server has said what is there
	Write       bool // one may post
	Moderator   bool // one may delete what others posted, and ban them
	Pinned      *core.Message
	Trouble     GroupTrouble // why it cannot be read now
}

// GroupVerb is what a GroupOrder asks for.
type GroupVerb uint8

// Verbs, with the fields that they need.
const (
	JoinGroup   GroupVerb = 1 + iota // Text: the address
	LeaveGroup                       // Group
	ReplyToPost                      // Message; Text; Token as in Client.SendOnce, zero = none. Durable on return, as Send
	EditPost                         // Message, one's own; Text
	ReactToPost                      // Message; Text, an emoji; On: add it, or take it back
	BanAuthor                        // Message; On: its author may not be here any more, or may again; who may do it
	PinPost                          // Message; On: it stands above the others, or not any more; who may do it
)

// GroupOrder is a command about an open group.
type GroupOrder struct {
	Verb    GroupVerb
	Group   core.ID
	Message core.MessageID
	Text    string
	On      bool
	Token   [16]byte
}

// Friendship is how an account stands with another one (multi-device.md §7).
type Friendship uint8

// Friendships.
const (
	NotAsked    Friendship = iota
	Asked                  // by us; no answer yet
	AskedTooOld            // by us; no answer in 14 days
	Friends                // accepted
	ToConfirm              // was a contact before a restore; not heard from since
	Blocked
)

// RequestRow is a friend request that waits for an answer.
type RequestRow struct {
	Account core.ID
	Name    string      // the display name that came with it; never trusted
	Text    string      // the first message
	At      core.Millis // by the sender's network time
	Plain   bool        // from a client that knows nothing of several devices
	// Before: it was a contact before this account lost what it knew, which it
	// proves; there is no name and no text.
	Before bool
}

// JoinStage is how far an attempt to join has come (multi-device.md §12, S).
type JoinStage uint8

// Stages of joining.
const (
	JoinNone    JoinStage = iota
	JoinAsking            // "Waiting for your primary device"
	JoinWords             // words are shown, not authorised yet
	JoinHolding           // words are shown, the grant is here: Finish works
	JoinEnding            // not linked; the primary is being told
	JoinGone              // not linked; the cause is shown until read
)

// Join is the secondary's side of linking. Its stages, in the order in which
// people see them, are over as soon as:
//
//	key made          Phase is Joining
//	network reached   Sent
//	request stored    Stored
//	primary answered  Stage is JoinWords or JoinHolding
//	words confirmed   Stage is JoinHolding
//	data received     Stage is JoinHolding; it is opened by Finish
//
// All of it is as true after a reload, and without a network.
type Join struct {
	Stage    JoinStage
	Target   core.ID // the account that it wants to join, in JoinGone too
	Words    []string
	Sent     bool        // the network was reached, and with its time the attempt began
	Stored   bool        // the request lies in the network; in JoinEnding: the word of the end does
	Trouble  string      // one sentence: why this stage does not get on; "" = it does
	Deadline core.Millis // of the present stage, local clock, ms; 0 = none, or not begun: 10 minutes
	Cause    Cause       // why it ended
}

// Dialog is the primary's side of linking, as the dialog Waiting for Device
// shows it.
type Dialog struct {
	Open   bool
	Notice bool // a device asks while no dialog is open, or it is Over; raised at most once in 10 minutes
	// Over: nobody has asked for 10 minutes. The dialog serves nobody any more;
	// OpenDialog begins again, CloseDialog ends it.
	Over     bool
	Deadline core.Millis // local clock, ms: when it will be Over; 0 while somebody asks
	// Stage is that of the first asker; without any, how the dialog stands.
	Stage  DialogStage
	Cause  Cause   // how the last attempt ended
	Code   string  // the link code, as text; "" when closed. Each works once
	Askers []Asker // at most 8, best first: those who know the code, then the newest, then those authorised
	Month  Amount  // what was said in the last 30 days; zero until it is counted
	All    Amount  // and of all
	More   int     // devices that ask and found no place, up to 16,384
}

// Asker is a device that asks to be linked, in the dialog's list.
type Asker struct {
	Attempt  [16]byte
	Stage    DialogStage // DialogChallenge, DialogWords or DialogSending
	Words    []string
	Facts    core.Facts
	Asked    core.Millis // local clock, ms
	Deadline core.Millis // local clock, ms; 0 = none
	Proved   bool        // it asked by the link code of this dialog
}

// DialogStage is what the dialog shows.
type DialogStage uint8

// Stages of the dialog.
const (
	DialogWaiting   DialogStage = iota // nobody asks yet
	DialogChallenge                    // a device asks, the words are on their way
	DialogWords                        // words are shown: Authorise, Reject
	DialogSending                      // authorised, not confirmed
	DialogDone                         // linked
	DialogEnded                        // this attempt ended without a link; Cause says why
)

// Cause is why an attempt ended. web/view turns each into a sentence; the
// numbers are those of the reasons in PROTOCOL.md.
type Cause uint8

// Causes.
const (
	CauseNone      Cause = 0
	CauseRejected  Cause = 1  // Reject on the primary
	CauseDiffer    Cause = 2  // They differ on the secondary
	CauseCancelled Cause = 3  // Cancel on the secondary
	CauseClosed    Cause = 4  // the primary's dialog was cancelled
	CauseExpired   Cause = 5  // 10 minutes are over
	CauseLimit     Cause = 6  // five secondary devices are linked already
	CauseLinked    Cause = 7  // this device is linked already, or was removed
	CauseInvalid   Cause = 8  // a message did not verify: somebody may be interfering
	CauseFlood     Cause = 9  // too many requests in one opening of the dialog
	CauseUnlinked  Cause = 10 // unlinked while it was being linked
	CauseOwn       Cause = 11 // a device that asks to join itself
)

// NetworkView is what the status chip and Settings > Network show.
type NetworkView struct {
	State    Link
	Profile  string      // "demo", "local" or "session"
	Cause    string      // one sentence when offline
	LastPoll core.Millis // local clock, ms; 0 = not yet
	Queue    int         // copies that wait to be stored

	Path    []Hop       // by which the last answer came, guard first; nil = none yet
	Nodes   int         // how many are known; 0 = there is no list yet
	Offset  core.Millis // network time minus that of this device, ms
	Synced  bool        // Offset is known
	Gateway string      // in use; "" = the guard is called directly
}

// Hop is a node of a path. It is shown to the owner, and never logged.
type Hop struct {
	IP     string
	Since  core.Millis // local clock, ms: the first answer through it
	Worked core.Millis // and the last
}
