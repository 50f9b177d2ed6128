package demo

import (
	"tandem/core"
	"tandem/core/client"
)

// The Engine of a seat hands every command to the client that lives there now.
// Only what a person types passes through the demo's hands: it is counted.

var _ client.Engine = (*device)(nil)

// Snapshot is client.Engine's. Of a killed device it is the last one.
func (d *device) Snapshot() *client.Snapshot { return d.client().Snapshot() }

// Watch is client.Engine's; f is called at most once a Frame.
func (d *device) Watch(f func()) (stop func()) { return d.watchers.Watch(f) }

// changed tells those who watch, in the next Frame.
func (d *device) changed() {
	d.w.changed()
	d.news.tell(d.w.frame, d.watchers.Tell)
}

// SendNote is client.Engine's.
func (d *device) SendNote(text string) error {
	return d.typing(d.who().account, text, false, func(c *client.Client) error { return c.SendNote(text) })
}

// Send is client.Engine's.
func (d *device) Send(conversation core.ID, text string) error {
	return d.typing(conversation, text, false, func(c *client.Client) error { return c.Send(conversation, text) })
}

// Befriend is client.Engine's.
func (d *device) Befriend(account, text string) error {
	to, err := core.ParseID(account)
	if err != nil {
		return err
	}
	return d.typing(to, text, true, func(c *client.Client) error { return c.Befriend(account, text) })
}

// Delete is client.Engine's.
func (d *device) Delete(id core.MessageID, everyone bool) error {
	err := d.client().Delete(id, everyone)
	if err == nil {
		d.w.typed.deletes(d.w, d.who().account, id, everyone)
		d.w.changed()
	}
	return err
}

// Register is client.Engine's.
func (d *device) Register(name string) error { return d.client().Register(name) }

// ConfirmWords is client.Engine's.
func (d *device) ConfirmWords() error { return d.client().ConfirmWords() }

// ConfirmKey is client.Engine's.
func (d *device) ConfirmKey() error { return d.client().ConfirmKey() }

// ConfirmRestore is client.Engine's.
func (d *device) ConfirmRestore(remove bool, drop core.ID) error {
	return d.client().ConfirmRestore(remove, drop)
}

// WasItMe is client.Engine's.
func (d *device) WasItMe(yes bool) error { return d.client().WasItMe(yes) }

// CheckSeed is client.Engine's.
func (d *device) CheckSeed(seed string) error { return d.client().CheckSeed(seed) }

// Restore is client.Engine's.
func (d *device) Restore(seed, name string) error { return d.client().Restore(seed, name) }

// Join is client.Engine's.
func (d *device) Join(target string) error { return d.client().Join(target) }

// CancelJoin is client.Engine's.
func (d *device) CancelJoin() error { return d.client().CancelJoin() }

// Finish is client.Engine's.
func (d *device) Finish() error { return d.client().Finish() }

// Differ is client.Engine's.
func (d *device) Differ() error { return d.client().Differ() }

// RetryJoin is client.Engine's.
func (d *device) RetryJoin() error { return d.client().RetryJoin() }

// Acknowledge is client.Engine's.
func (d *device) Acknowledge() error { return d.client().Acknowledge() }

// OpenDialog is client.Engine's.
func (d *device) OpenDialog() error { return d.client().OpenDialog() }

// CloseDialog is client.Engine's.
func (d *device) CloseDialog() error { return d.client().CloseDialog() }

// Authorise is client.Engine's.
func (d *device) Authorise(attempt [16]byte, name string) error {
	return d.client().Authorise(attempt, name)
}

// ChoosePast is client.Engine's.
func (d *device) ChoosePast(past client.Past) error { return d.client().ChoosePast(past) }

// StopPast is client.Engine's.
func (d *device) StopPast(device core.ID) error { return d.client().StopPast(device) }

// Reject is client.Engine's.
func (d *device) Reject(attempt [16]byte) error { return d.client().Reject(attempt) }

// DismissSuccess is client.Engine's.
func (d *device) DismissSuccess() error { return d.client().DismissSuccess() }

// SetName is client.Engine's.
func (d *device) SetName(name string) error { return d.client().SetName(name) }

// RenameDevice is client.Engine's.
func (d *device) RenameDevice(device core.ID, name string) error {
	return d.client().RenameDevice(device, name)
}

// Unlink is client.Engine's.
func (d *device) Unlink(device core.ID) error { return d.client().Unlink(device) }

// Leave is client.Engine's.
func (d *device) Leave() error { return d.client().Leave() }

// AskToBeAdded is client.Engine's.
func (d *device) AskToBeAdded() error { return d.client().AskToBeAdded() }

// SetPassphrase is client.Engine's.
func (d *device) SetPassphrase(old, next string) error { return d.client().SetPassphrase(old, next) }

// SetAutoLock is client.Engine's.
func (d *device) SetAutoLock(minutes int) error { return d.client().SetAutoLock(minutes) }

// Lock is client.Engine's.
func (d *device) Lock() error { return d.client().Lock() }

// Unlock is client.Engine's.
func (d *device) Unlock(passphrase string) error { return d.client().Unlock(passphrase) }

// Active is client.Engine's.
func (d *device) Active() { d.client().Active() }

// Accept is client.Engine's.
func (d *device) Accept(account core.ID) error { return d.client().Accept(account) }

// Decline is client.Engine's.
func (d *device) Decline(account core.ID) error { return d.client().Decline(account) }

// Block is client.Engine's.
func (d *device) Block(account core.ID) error { return d.client().Block(account) }

// Unblock is client.Engine's.
func (d *device) Unblock(account core.ID) error { return d.client().Unblock(account) }

// TrustKey is client.Engine's.
func (d *device) TrustKey(account core.ID) error { return d.client().TrustKey(account) }

// UsePlain is client.Engine's.
func (d *device) UsePlain(account core.ID, on bool) error { return d.client().UsePlain(account, on) }

// Copies is client.Engine's.
func (d *device) Copies(id core.MessageID) ([]client.CopyRow, error) { return d.client().Copies(id) }

// Retry is client.Engine's.
func (d *device) Retry(id core.MessageID) error { return d.client().Retry(id) }

// Viewing is client.Engine's.
func (d *device) Viewing(conversation core.ID) { d.client().Viewing(conversation) }

// Older is client.Engine's.
func (d *device) Older(conversation core.ID) error { return d.client().Older(conversation) }

// Newest is client.Engine's.
func (d *device) Newest(conversation core.ID) error { return d.client().Newest(conversation) }

// SetDraft is client.Engine's.
func (d *device) SetDraft(conversation core.ID, text string) error {
	return d.client().SetDraft(conversation, text)
}

// SetReceipts is client.Engine's.
func (d *device) SetReceipts(on bool) error { return d.client().SetReceipts(on) }

// Group is client.Engine's.
func (d *device) Group(o client.GroupOrder) error { return d.client().Group(o) }

// Backup is client.Engine's.
func (d *device) Backup(o client.BackupOrder) (client.BackupReply, error) {
	return d.client().Backup(o)
}

// RebuildPath is client.Engine's.
func (d *device) RebuildPath() error { return d.client().RebuildPath() }

// ClearData is client.Engine's.
func (d *device) ClearData() error { return d.client().ClearData() }
