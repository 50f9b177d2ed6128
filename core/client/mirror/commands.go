package mirror

import (
	"tandem/core"
	"tandem/core/client"
)

// command is a method of client.Engine and what it was called with. It is shown
// to nobody and never logged: it may hold a passphrase.
type command struct {
	Name    string
	Account core.ID             `json:",omitzero"` // or a device, or a conversation
	Message core.MessageID      `json:",omitzero"`
	Attempt [16]byte            `json:",omitzero"`
	Text    string              `json:",omitempty"`
	More    string              `json:",omitempty"`
	On      bool                `json:",omitempty"`
	Number  int                 `json:",omitempty"`
	Group   *client.GroupOrder  `json:",omitempty"`
	Backup  *client.BackupOrder `json:",omitempty"`
	Token   *[16]byte           `json:",omitempty"` // of a text that comes from another tab

	copies []client.CopyRow    // what Copies found
	backup *client.BackupReply // what Backup did
}

// text reports whether the command writes a message.
func (c *command) text() bool { return c.Name == "Send" || c.Name == "SendNote" }

// run carries a command out.
func (c *command) run(d Device) (err error) {
	if c.text() && c.Token != nil {
		return d.SendOnce(*c.Token, c.Account, c.Text)
	}
	switch c.Name {
	case "Register":
		return d.Register(c.Text)
	case "ConfirmWords":
		return d.ConfirmWords()
	case "ConfirmKey":
		return d.ConfirmKey()
	case "ConfirmRestore":
		return d.ConfirmRestore(c.On, c.Account)
	case "WasItMe":
		return d.WasItMe(c.On)
	case "Restore":
		return d.Restore(c.Text, c.More)
	case "Join":
		return d.Join(c.Text)
	case "CancelJoin":
		return d.CancelJoin()
	case "Finish":
		return d.Finish()
	case "Differ":
		return d.Differ()
	case "RetryJoin":
		return d.RetryJoin()
	case "Acknowledge":
		return d.Acknowledge()
	case "OpenDialog":
		return d.OpenDialog()
	case "CloseDialog":
		return d.CloseDialog()
	case "Authorise":
		return d.Authorise(c.Attempt, c.Text)
	case "ChoosePast":
		return d.ChoosePast(client.Past(c.Number))
	case "StopPast":
		return d.StopPast(c.Account)
	case "Reject":
		return d.Reject(c.Attempt)
	case "DismissSuccess":
		return d.DismissSuccess()
	case "SetName":
		return d.SetName(c.Text)
	case "RenameDevice":
		return d.RenameDevice(c.Account, c.Text)
	case "Unlink":
		return d.Unlink(c.Account)
	case "Leave":
		return d.Leave()
	case "AskToBeAdded":
		return d.AskToBeAdded()
	case "SetPassphrase":
		return d.SetPassphrase(c.Text, c.More)
	case "SetAutoLock":
		return d.SetAutoLock(c.Number)
	case "Lock":
		return d.Lock()
	case "Unlock":
		return d.Unlock(c.Text)
	case "SendNote":
		return d.SendNote(c.Text)
	case "Send":
		return d.Send(c.Account, c.Text)
	case "Befriend":
		return d.Befriend(c.More, c.Text)
	case "Accept":
		return d.Accept(c.Account)
	case "Decline":
		return d.Decline(c.Account)
	case "Block":
		return d.Block(c.Account)
	case "Unblock":
		return d.Unblock(c.Account)
	case "TrustKey":
		return d.TrustKey(c.Account)
	case "UsePlain":
		return d.UsePlain(c.Account, c.On)
	case "Copies":
		c.copies, err = d.Copies(c.Message)
		return err
	case "Retry":
		return d.Retry(c.Message)
	case "Delete":
		return d.Delete(c.Message, c.On)
	case "Older":
		return d.Older(c.Account)
	case "Newest":
		return d.Newest(c.Account)
	case "SetDraft":
		return d.SetDraft(c.Account, c.Text)
	case "SetReceipts":
		return d.SetReceipts(c.On)
	case "Group":
		if c.Group == nil {
			return client.ErrNotNow
		}
		return d.Group(*c.Group)
	case "Backup":
		if c.Backup == nil {
			return client.ErrNotNow
		}
		reply, err := d.Backup(*c.Backup)
		c.backup = &reply
		return err
	case "RebuildPath":
		return d.RebuildPath()
	case "ClearData":
		return d.ClearData()
	}
	return client.ErrNotNow
}
