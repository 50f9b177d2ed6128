package mirror

import (
	"crypto/rand"

	"tandem/core"
	"tandem/core/client"
)

// The commands of client.Engine. Each is carried out by this tab's client if it
// is the writer, and otherwise goes to the one that is: command.run has a line
// for each of them.

// Register is client.Engine's, and so are all below.
func (m *Tab) Register(name string) error { return m.do(&command{Name: "Register", Text: name}) }

// ConfirmWords leaves the words.
func (m *Tab) ConfirmWords() error { return m.do(&command{Name: "ConfirmWords"}) }

// ConfirmKey leaves the account's key.
func (m *Tab) ConfirmKey() error { return m.do(&command{Name: "ConfirmKey"}) }

// ConfirmRestore leaves it after a restore.
func (m *Tab) ConfirmRestore(remove bool, drop core.ID) error {
	return m.do(&command{Name: "ConfirmRestore", On: remove, Account: drop})
}

// WasItMe answers for another primary.
func (m *Tab) WasItMe(yes bool) error { return m.do(&command{Name: "WasItMe", On: yes}) }

// CheckSeed has no effect and needs no other tab.
func (m *Tab) CheckSeed(seed string) error { return m.cfg.Device.CheckSeed(seed) }

// Restore takes the account of a seed.
func (m *Tab) Restore(seed, name string) error {
	return m.do(&command{Name: "Restore", Text: seed, More: name})
}

// Join asks to be linked.
func (m *Tab) Join(target string) error { return m.do(&command{Name: "Join", Text: target}) }

// CancelJoin ends it.
func (m *Tab) CancelJoin() error { return m.do(&command{Name: "CancelJoin"}) }

// Finish ends it well.
func (m *Tab) Finish() error { return m.do(&command{Name: "Finish"}) }

// Differ ends it: the words differ.
func (m *Tab) Differ() error { return m.do(&command{Name: "Differ"}) }

// RetryJoin tries again.
func (m *Tab) RetryJoin() error { return m.do(&command{Name: "RetryJoin"}) }

// Acknowledge leaves what went wrong.
func (m *Tab) Acknowledge() error { return m.do(&command{Name: "Acknowledge"}) }

// OpenDialog waits for a device.
func (m *Tab) OpenDialog() error { return m.do(&command{Name: "OpenDialog"}) }

// CloseDialog waits no more.
func (m *Tab) CloseDialog() error { return m.do(&command{Name: "CloseDialog"}) }

// Authorise takes a device in.
func (m *Tab) Authorise(attempt [16]byte, name string) error {
	return m.do(&command{Name: "Authorise", Attempt: attempt, Text: name})
}

// ChoosePast says how much a device is given of what was said before.
func (m *Tab) ChoosePast(past client.Past) error {
	return m.do(&command{Name: "ChoosePast", Number: int(past)})
}

// StopPast ends that.
func (m *Tab) StopPast(device core.ID) error {
	return m.do(&command{Name: "StopPast", Account: device})
}

// Reject does not take it in.
func (m *Tab) Reject(attempt [16]byte) error {
	return m.do(&command{Name: "Reject", Attempt: attempt})
}

// DismissSuccess was read.
func (m *Tab) DismissSuccess() error { return m.do(&command{Name: "DismissSuccess"}) }

// SetName gives the account another name.
func (m *Tab) SetName(name string) error { return m.do(&command{Name: "SetName", Text: name}) }

// RenameDevice gives a device another name.
func (m *Tab) RenameDevice(device core.ID, name string) error {
	return m.do(&command{Name: "RenameDevice", Account: device, Text: name})
}

// Unlink removes a device.
func (m *Tab) Unlink(device core.ID) error {
	return m.do(&command{Name: "Unlink", Account: device})
}

// Leave removes this one.
func (m *Tab) Leave() error { return m.do(&command{Name: "Leave"}) }

// AskToBeAdded links it again.
func (m *Tab) AskToBeAdded() error { return m.do(&command{Name: "AskToBeAdded"}) }

// SetPassphrase locks the store.
func (m *Tab) SetPassphrase(old, next string) error {
	return m.do(&command{Name: "SetPassphrase", Text: old, More: next})
}

// SetAutoLock says when it locks itself.
func (m *Tab) SetAutoLock(minutes int) error {
	return m.do(&command{Name: "SetAutoLock", Number: minutes})
}

// Lock locks it now.
func (m *Tab) Lock() error { return m.do(&command{Name: "Lock"}) }

// Unlock opens it.
func (m *Tab) Unlock(passphrase string) error {
	return m.do(&command{Name: "Unlock", Text: passphrase})
}

// Active goes with the next ping.
func (m *Tab) Active() {
	if !waits(m.cfg.Device.Snapshot()) {
		m.cfg.Device.Active()
		return
	}
	m.mu.Lock()
	m.active = true
	m.mu.Unlock()
}

// SendNote writes to Note to self.
func (m *Tab) SendNote(text string) error { return m.do(&command{Name: "SendNote", Text: text}) }

// Send writes to a contact.
func (m *Tab) Send(conversation core.ID, text string) error {
	return m.do(&command{Name: "Send", Account: conversation, Text: text})
}

// Befriend asks somebody.
func (m *Tab) Befriend(account, text string) error {
	return m.do(&command{Name: "Befriend", More: account, Text: text})
}

// Accept says yes.
func (m *Tab) Accept(account core.ID) error {
	return m.do(&command{Name: "Accept", Account: account})
}

// Decline says nothing.
func (m *Tab) Decline(account core.ID) error {
	return m.do(&command{Name: "Decline", Account: account})
}

// Block wants to hear no more.
func (m *Tab) Block(account core.ID) error { return m.do(&command{Name: "Block", Account: account}) }

// Unblock does again.
func (m *Tab) Unblock(account core.ID) error {
	return m.do(&command{Name: "Unblock", Account: account})
}

// TrustKey takes a second list key.
func (m *Tab) TrustKey(account core.ID) error {
	return m.do(&command{Name: "TrustKey", Account: account})
}

// UsePlain sends in Session's format.
func (m *Tab) UsePlain(account core.ID, on bool) error {
	return m.do(&command{Name: "UsePlain", Account: account, On: on})
}

// Copies asks where a message is.
func (m *Tab) Copies(id core.MessageID) ([]client.CopyRow, error) {
	c := &command{Name: "Copies", Message: id}
	err := m.do(c)
	return c.copies, err
}

// Retry sends again.
func (m *Tab) Retry(id core.MessageID) error { return m.do(&command{Name: "Retry", Message: id}) }

// Delete takes a message away.
func (m *Tab) Delete(id core.MessageID, everyone bool) error {
	return m.do(&command{Name: "Delete", Message: id, On: everyone})
}

// Viewing goes with a ping, which is sent at once.
func (m *Tab) Viewing(conversation core.ID) {
	m.pingNow(func() {
		m.viewed = conversation
		if m.epoch != 0 {
			m.viewAll()
		}
	})
}

// Older moves the window of a conversation.
func (m *Tab) Older(conversation core.ID) error {
	return m.do(&command{Name: "Older", Account: conversation})
}

// Newest moves it back.
func (m *Tab) Newest(conversation core.ID) error {
	return m.do(&command{Name: "Newest", Account: conversation})
}

// SetDraft keeps a text.
func (m *Tab) SetDraft(conversation core.ID, text string) error {
	return m.do(&command{Name: "SetDraft", Account: conversation, Text: text})
}

// SetReceipts switches read receipts.
func (m *Tab) SetReceipts(on bool) error { return m.do(&command{Name: "SetReceipts", On: on}) }

// Group is about open groups.
func (m *Tab) Group(o client.GroupOrder) error {
	if o.Verb == client.ReplyToPost {
		rand.Read(o.Token[:]) // a text is written once, as those of Send
	}
	return m.do(&command{Name: "Group", Group: &o})
}

// Backup exports and imports, one piece at a time.
func (m *Tab) Backup(o client.BackupOrder) (reply client.BackupReply, err error) {
	c := &command{Name: "Backup", Backup: &o}
	if err = m.do(c); c.backup != nil {
		reply = *c.backup
	}
	return reply, err
}

// RebuildPath takes other nodes.
func (m *Tab) RebuildPath() error { return m.do(&command{Name: "RebuildPath"}) }

// ClearData erases everything.
func (m *Tab) ClearData() error { return m.do(&command{Name: "ClearData"}) }
