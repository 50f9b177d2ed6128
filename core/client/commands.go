package client

import "tandem/core"

// Engine is what the pages can ask of a device. Client is the only
// implementation; the interface is the contract between web and client.
//
// Every command blocks until it is durable (or refused) and may be called from
// any goroutine but the loop's own. Errors are sentinels below or wrap one;
// web/view turns them into sentences.
type Engine interface {
	// Snapshot is the newest state. It never blocks.
	Snapshot() *Snapshot
	// Watch calls f after each change, from the loop: f must not block and must
	// not call the Engine's commands. stop ends it.
	Watch(f func()) (stop func())

	Register(name string) error // Welcome → Words
	ConfirmWords() error        // Words → Key
	ConfirmKey() error          // Key → Main
	// ConfirmRestore is ConfirmKey after Restore. remove: take all other devices
	// out of the account; otherwise they stay, but for drop (zero = none), which
	// must be named when the account has no place for this device. The choice is
	// carried out as soon as the account's public outbox could be read.
	ConfirmRestore(remove bool, drop core.ID) error // Key → Main
	// WasItMe answers Snapshot.Restored: this device was primary, and another one
	// was restored from the words. yes: this one stays as secondary and forgets
	// the words. no: the other one is removed.
	WasItMe(yes bool) error
	// CheckSeed reads the words without any effect (for the page's own checks).
	CheckSeed(seed string) error
	Restore(seed, name string) error // Welcome → Key

	// Join asks an account to take this device in: Welcome → Joining. target is
	// the public key of the primary device, or a link code. Errors: core.ErrID…,
	// ErrCode.
	Join(target string) error
	CancelJoin() error // before or after the words
	// Finish: the words match and the grant is here. It asks the network: ErrOffline.
	Finish() error
	Differ() error // the words differ
	// RetryJoin is Try again, from the stage where the attempt is: whatever waits
	// is sent anew at once, by another way into the network. It makes no second
	// attempt. After JoinGone there is none: then it is a fresh one with the same
	// account (Join.Target), by its public key, because a link code works once.
	RetryJoin() error
	// Acknowledge: the cause of a failed attempt was read, in JoinEnding or
	// JoinGone: Joining → Welcome. If the primary is still being told, that goes on
	// beside whatever comes next, across reloads, for 14 days at most.
	Acknowledge() error

	OpenDialog() error  // Link Device
	CloseDialog() error // Cancel
	// Authorise takes a device in under a name; empty = the one that it gave.
	// Errors: ErrDeviceNameLong; ErrOffline, until the network has said the time.
	Authorise(attempt [16]byte, name string) error
	// ChoosePast says how much of what was said before the device gets that the next
	// Authorise takes in; without it that is PastMonth.
	ChoosePast(past Past) error
	// StopPast ends a transfer of Snapshot.Past; what has come stays.
	StopPast(device core.ID) error
	Reject(attempt [16]byte) error
	DismissSuccess() error

	// SetName changes the account's display name; friends are told.
	SetName(name string) error
	RenameDevice(device core.ID, name string) error
	Unlink(device core.ID) error // on the primary: another device
	Leave() error                // on a secondary: itself; it is wiped
	// AskToBeAdded links a device again that is absent from the list (Snapshot.
	// Absent); what it holds stays. Main → Joining.
	AskToBeAdded() error

	// SetPassphrase sets, changes (old) or takes away (next empty) the passphrase.
	// It takes about a second. Errors: ErrPassphrase, ErrPassphraseWait (both about
	// old), ErrPassphraseShort, ErrPassphraseLong.
	SetPassphrase(old, next string) error
	// SetAutoLock: minutes without Active until Locked; 0, 1, 5, 15 or 60, 0 = never.
	SetAutoLock(minutes int) error
	Lock() error                    // → Locked
	Unlock(passphrase string) error // Locked → as before. Errors: ErrPassphrase and ErrPassphraseWait; how long to wait is in Snapshot.Lock
	// Active says that somebody is using the page. It never blocks.
	Active()

	SendNote(text string) error // durable on return
	// Send writes to Note to self or to a contact. Errors: those of the text;
	// ErrNotFriends before the request was accepted, or while blocked.
	Send(conversation core.ID, text string) error

	// Befriend sends a friend request with its first message: account is the
	// other person's public key. If they asked already, it accepts. Errors:
	// core.ErrID…, ErrOwnAccount, ErrBlocked, ErrAlready, ErrOffline, those of the
	// text.
	Befriend(account, text string) error
	Accept(account core.ID) error  // a request in Snapshot.Requests
	Decline(account core.ID) error // likewise; the sender is not told
	Block(account core.ID) error   // anybody; silent
	Unblock(account core.ID) error
	// TrustKey takes the second list key of an account that answers as two
	// (ChatRow.Second) for the right one.
	TrustKey(account core.ID) error
	// UsePlain has messages to a contact sent to its account, in Session's format,
	// although it has shown a device list; or to the devices again. ErrNotNow where
	// it is so already, or there is no list.
	UsePlain(account core.ID, on bool) error

	// Copies says where each copy of a message of this device is; nil: none waits.
	Copies(id core.MessageID) ([]CopyRow, error)
	// Retry sends a Failed message again, on the device that wrote it. Delete removes one on all one's own
	// devices; everyone: on those of the contact as well, one's own messages only.
	Retry(id core.MessageID) error
	Delete(id core.MessageID, everyone bool) error
	// Viewing says that a conversation is open and looked at: what it shows counts
	// as read. The zero ID: none is. It never blocks.
	Viewing(conversation core.ID)
	// Older brings one page of older messages into Snapshot.Logs, Newest goes back
	// to the end.
	Older(conversation core.ID) error
	Newest(conversation core.ID) error
	SetDraft(conversation core.ID, text string) error // not told to anybody; "" = none
	SetReceipts(on bool) error                        // read receipts: sent, and shown

	// Group is all that is peculiar to open groups; Send, Retry, Delete (for
	// everyone: there is no other), Older, Newest and drafts are as for other
	// conversations. It waits for the group's server. Errors: ErrGroupURL and its
	// like; ErrOffline; ErrNotNow.
	Group(o GroupOrder) error

	// Backup exports what this device knows into a file, and imports one. Errors:
	// ErrNotNow; ErrPassphrase…; ErrBackup…; ErrStore.
	Backup(o BackupOrder) (BackupReply, error)

	// RebuildPath drops the ways into the network; the next request, which is made
	// at once, takes another guard and other nodes.
	RebuildPath() error

	// ClearData erases everything on this device: Welcome. A secondary says goodbye
	// before, which takes some seconds at most, and is not waited for without a network.
	ClearData() error
}
