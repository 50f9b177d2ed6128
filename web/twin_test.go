package web

import (
	"fmt"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/mnemonic"
)

// twin is an engine in memory: it notes what it was asked and refuses with err.
type twin struct {
	snap  client.Snapshot
	asked []string
	err   error

	copies []client.CopyRow
	backup client.BackupReply
}

var _ client.Engine = (*twin)(nil)

func (e *twin) Snapshot() *client.Snapshot { return &e.snap }
func (e *twin) Watch(func()) func()        { return func() {} }

func (e *twin) ask(what string) error {
	e.asked = append(e.asked, what)
	return e.err
}

func (e *twin) Register(name string) error      { return e.ask("Register " + name) }
func (e *twin) ConfirmWords() error             { return e.ask("ConfirmWords") }
func (e *twin) ConfirmKey() error               { return e.ask("ConfirmKey") }
func (e *twin) Restore(seed, name string) error { return e.ask("Restore " + name) }
func (e *twin) Join(target string) error        { return e.ask("Join " + target) }
func (e *twin) CancelJoin() error               { return e.ask("CancelJoin") }
func (e *twin) Finish() error                   { return e.ask("Finish") }
func (e *twin) Differ() error                   { return e.ask("Differ") }
func (e *twin) Acknowledge() error              { return e.ask("Acknowledge") }
func (e *twin) OpenDialog() error               { return e.ask("OpenDialog") }
func (e *twin) CloseDialog() error              { return e.ask("CloseDialog") }
func (e *twin) RetryJoin() error                { return e.ask("RetryJoin") }
func (e *twin) Reject([16]byte) error           { return e.ask("Reject") }
func (e *twin) DismissSuccess() error           { return e.ask("DismissSuccess") }
func (e *twin) SendNote(text string) error      { return e.ask("SendNote " + text) }
func (e *twin) Group(o client.GroupOrder) error {
	return e.ask(fmt.Sprintf("Group %d group %v message %d text %q on %v", o.Verb, !o.Group.IsZero(), o.Message.Counter, o.Text, o.On))
}
func (e *twin) Backup(o client.BackupOrder) (client.BackupReply, error) {
	err := e.ask(fmt.Sprint("Backup ", o.Verb))
	return e.backup, err
}
func (e *twin) RebuildPath() error { return e.ask("RebuildPath") }
func (e *twin) ClearData() error   { return e.ask("ClearData") }

func (e *twin) Send(_ core.ID, text string) error { return e.ask("Send " + text) }

func (e *twin) ChoosePast(past client.Past) error { return e.ask(fmt.Sprint("ChoosePast ", past)) }
func (e *twin) StopPast(core.ID) error            { return e.ask("StopPast") }

func (e *twin) Authorise(_ [16]byte, name string) error { return e.ask("Authorise " + name) }

func (e *twin) ConfirmRestore(remove bool, drop core.ID) error {
	what := fmt.Sprint("ConfirmRestore ", remove)
	if !drop.IsZero() {
		what += " drop"
	}
	return e.ask(what)
}
func (e *twin) WasItMe(yes bool) error                    { return e.ask(fmt.Sprint("WasItMe ", yes)) }
func (e *twin) RenameDevice(_ core.ID, name string) error { return e.ask("RenameDevice " + name) }
func (e *twin) SetName(name string) error                 { return e.ask("SetName " + name) }
func (e *twin) Unlink(core.ID) error                      { return e.ask("Unlink") }
func (e *twin) Leave() error                              { return e.ask("Leave") }
func (e *twin) AskToBeAdded() error                       { return e.ask("AskToBeAdded") }
func (e *twin) SetPassphrase(_, _ string) error           { return e.ask("SetPassphrase") }
func (e *twin) SetAutoLock(minutes int) error             { return e.ask(fmt.Sprint("SetAutoLock ", minutes)) }
func (e *twin) Lock() error                               { return e.ask("Lock") }
func (e *twin) Unlock(string) error                       { return e.ask("Unlock") }
func (e *twin) Active()                                   {}

func (e *twin) Befriend(account, text string) error { return e.ask("Befriend " + text) }
func (e *twin) Accept(core.ID) error                { return e.ask("Accept") }
func (e *twin) Decline(core.ID) error               { return e.ask("Decline") }
func (e *twin) Block(core.ID) error                 { return e.ask("Block") }
func (e *twin) Unblock(core.ID) error               { return e.ask("Unblock") }
func (e *twin) TrustKey(core.ID) error              { return e.ask("TrustKey") }
func (e *twin) UsePlain(_ core.ID, on bool) error   { return e.ask(fmt.Sprint("UsePlain ", on)) }
func (e *twin) Copies(core.MessageID) ([]client.CopyRow, error) {
	return e.copies, nil
}
func (e *twin) Retry(core.MessageID) error { return e.ask("Retry") }
func (e *twin) Delete(_ core.MessageID, everyone bool) error {
	return e.ask(fmt.Sprint("Delete ", everyone))
}
func (e *twin) Viewing(core.ID)                       {}
func (e *twin) Older(core.ID) error                   { return e.ask("Older") }
func (e *twin) Newest(core.ID) error                  { return e.ask("Newest") }
func (e *twin) SetDraft(_ core.ID, text string) error { return e.ask("SetDraft " + text) }
func (e *twin) SetReceipts(on bool) error             { return e.ask(fmt.Sprint("SetReceipts ", on)) }

func (e *twin) CheckSeed(seed string) error {
	_, err := mnemonic.Decode(seed)
	return err
}
