package client

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"

	"tandem/core"
	"tandem/core/backup"
	"tandem/core/delivery"
	"tandem/core/identity"
	"tandem/core/opengroup"
	"tandem/core/snapshot"
	"tandem/core/store"
	"tandem/core/wire"
)

// BackupVerb is what a BackupOrder asks for.
type BackupVerb uint8

// Verbs, with the fields that they need.
const (
	ExportBegin BackupVerb = 1 + iota // Passphrase
	ExportNext                        // Run
	ImportBegin                       // Passphrase
	ImportPiece                       // Run, Piece; an empty one is the end of the file
	BackupStop                        // Run
)

// BackupOrder is a command about an exported file (PROTOCOL.md §18). It is given
// and taken in pieces, so that it may be larger than memory, and there is one at a
// time: another Begin ends it, and so do Lock, and a tab that takes over.
//
// An import is given the whole file twice, from its beginning. The first time it
// is checked, to its end; the second time it is merged, and a device without an
// account becomes one of the file's, restored by the words in it.
type BackupOrder struct {
	Verb       BackupVerb
	Run        uint64 // as Begin named it
	Passphrase string
	Piece      []byte // at most 1 MiB
}

// BackupReply is what became of it.
type BackupReply struct {
	Run   uint64
	Piece []byte // of ExportNext: what comes next in the file
	// Done: that was the last piece; or, the first time, that the file is whole.
	Done     bool
	Messages int // so far
	Total    int // of ExportNext; 0 = not counted yet
	Fresh    int // of an import: those that were not here before
}

const (
	maxBackupPiece = 1 << 20
	// backupFill is how full a part gets; the largest single thing in it, an item or
	// a register, is smaller than what is left of backup.MaxPart, or stands alone.
	backupFill = 60_000
	// unsentCause stands on messages that the network had not got when the file was
	// made: who wrote them may be gone.
	unsentCause = "It was not sent when the backup was made."
)

// backups is the file that is under way.
type backups struct {
	run uint64 // counts Begins; 0 = there was none
	out *exporting
	in  *importing
}

// exporting is a file that is written.
type exporting struct {
	file  backup.Writer
	begun bool
	head  backup.Head
	parts [][]byte // that come before the messages
	feed  *feed
	done  int
	total int
}

// importing is a file that is read.
type importing struct {
	file    *backup.Reader
	head    *backup.Head
	checked bool // it was read to its end once
	ended   bool
	items   int
	fresh   int
}

// Backup exports and imports. Errors: ErrNotNow, ErrStore; those of a passphrase;
// ErrBackup…
func (c *Client) Backup(o BackupOrder) (reply BackupReply, err error) {
	err = c.do(func() error {
		b := &c.backups
		begins := o.Verb == ExportBegin || o.Verb == ImportBegin
		if c.leaving.on() || !begins && (b.run == 0 || o.Run != b.run) || len(o.Piece) > maxBackupPiece {
			return ErrNotNow
		}
		switch {
		case o.Verb == ExportBegin && c.phase == Main:
			err = c.beginExport(o.Passphrase)
		case o.Verb == ExportNext && b.out != nil && c.phase == Main:
			err = c.export(&reply)
		case o.Verb == ImportBegin && (c.phase == Main || c.phase == Welcome):
			*b = backups{run: b.run + 1, in: &importing{file: backup.NewReader(o.Passphrase)}}
		case o.Verb == ImportPiece && b.in != nil:
			err = c.importPiece(o.Piece, &reply)
		case o.Verb == BackupStop:
			b.out, b.in = nil, nil
		default:
			return ErrNotNow
		}
		reply.Run = b.run
		return err
	})
	return reply, err
}

// beginExport gathers what comes before the messages.
func (c *Client) beginExport(passphrase string) error {
	if err := checkPassphrase(passphrase); err != nil {
		return err
	}
	account := c.account.keys.Shared.Account
	e := &exporting{head: backup.Head{Account: account.ID(), Ed: account.Ed(), Created: c.now(), Name: c.account.name}}
	if root := c.account.keys.Root; root != nil {
		e.head.Words = strings.Join(root.Words(), " ")
	}
	part := backup.NewBody()
	add := func(next []byte) {
		if n := len(part); len(next) > backupFill && n > 1 {
			e.parts, next = append(e.parts, part), append(backup.NewBody(), next[n:]...)
		}
		part = next
	}
	for _, r := range c.account.state.All() {
		add(backup.AddRegister(part, r.Marshal()))
	}
	gone, err := c.db.All(c.ctx, store.Deletion)
	if err != nil && !errors.Is(err, store.ErrDamaged) {
		return c.failed(&tx{}, err)
	}
	for _, b := range gone {
		if i, ok := deletedItem(b); ok {
			add(backup.AddItem(part, &i))
			e.done++
		}
	}
	e.parts = append(e.parts, part)
	e.feed = c.feed(delivery.Mark{Sent: never}, 0)
	e.feed.all = slices.DeleteFunc(e.feed.all, func(s stream) bool { return opengroup.IsRoom(s.conversation) })
	e.file = backup.NewWriter(passphrase)
	c.backups = backups{run: c.backups.run + 1, out: e}
	deleted := e.done
	c.count(0, func(a Amount, _ error) { e.total = a.Messages + deleted })
	return nil
}

// deletedItem is a deletion in the form of a message.
func deletedItem(b store.Blob) (i wire.Item, ok bool) {
	id, ok := parseMessageName(b.Name)
	if !ok {
		return i, false
	}
	d, err := parseDeletion(id, b.Value)
	if err != nil || opengroup.IsRoom(d.conversation) {
		return i, false
	}
	return wire.Item{Author: id.Device, Counter: id.Counter, Conversation: d.conversation, Sent: d.at, Deletes: d.message}, true
}

// parseMessageName reads what messageName wrote.
func parseMessageName(name string) (id core.MessageID, ok bool) {
	if len(name) != len(id.Device)+8 {
		return id, false
	}
	copy(id.Device[:], name)
	id.Counter = binary.BigEndian.Uint64([]byte(name[len(id.Device):]))
	return id, true
}

// export writes the next piece.
func (c *Client) export(reply *BackupReply) error {
	e := c.backups.out
	var piece []byte
	switch {
	case !e.begun:
		e.begun = true
		piece = append(e.file.Header(), e.file.Seal(e.head.Marshal())...)
	case len(e.parts) > 0:
		piece = e.file.Seal(e.parts[0])
		e.parts = e.parts[1:]
	default:
		part, items := c.exportItems(e.feed)
		if e.feed.err != nil {
			c.backups.out = nil
			return c.failed(&tx{}, e.feed.err)
		}
		if items == 0 {
			part = backup.MarshalEnd(c.account.keys.Shared.Account, e.file.Sum(), uint64(e.done))
			c.backups.out = nil
			reply.Done = true
		}
		e.done += items
		piece = e.file.Seal(part)
	}
	reply.Piece, reply.Messages, reply.Total = piece, e.done, max(e.total, e.done)
	if e.total == 0 {
		reply.Total = 0
	}
	return nil
}

// exportItems takes as many messages as go into a part.
func (c *Client) exportItems(from *feed) (part []byte, items int) {
	part = backup.NewBody()
	for {
		m, ok := from.peek()
		if !ok {
			return part, items
		}
		item := c.pastItem(m)
		next := backup.AddItem(part, &item)
		if len(next) > backupFill && items > 0 {
			return part, items
		}
		from.drop()
		part, items = next, items+1
	}
}

// importPiece takes the next piece of a file, or its end.
func (c *Client) importPiece(piece []byte, reply *BackupReply) error {
	in := c.backups.in
	var err error
	if len(piece) > 0 {
		in.file.Feed(piece)
		err = c.importParts(in)
	} else if !in.ended || in.file.Rest() {
		err = ErrBackup
	} else {
		reply.Done = true
		if in.checked {
			c.backups.in = nil
		} else {
			in.file.Rewind()
			in.checked, in.ended = true, false
		}
	}
	reply.Messages, reply.Fresh = in.items, in.fresh
	if err != nil {
		c.backups.in = nil
		return err
	}
	if reply.Done {
		in.items = 0
	}
	return nil
}

// importParts does what is whole of the file.
func (c *Client) importParts(in *importing) error {
	for {
		plain, sum, err := in.file.Next()
		switch {
		case errors.Is(err, backup.ErrForeign):
			return ErrBackupForeign
		case errors.Is(err, backup.ErrPassphrase):
			return ErrPassphrase
		case err != nil:
			return ErrBackup
		case plain == nil:
			return nil
		}
		p, err := backup.ParsePart(plain)
		if err != nil || in.ended {
			return ErrBackup
		}
		if in.checked {
			err = c.mergePart(in, p)
		} else {
			err = c.checkPart(in, p, sum)
		}
		if err != nil {
			return err
		}
		if p.Body != nil {
			in.items += len(p.Body.Items)
		}
		in.ended = p.End != nil
	}
}

// checkPart judges a part of the first reading.
func (c *Client) checkPart(in *importing, p backup.Part, sum [32]byte) error {
	switch {
	case (p.Head != nil) != (in.head == nil):
		return ErrBackup
	case p.Head != nil:
		in.head = p.Head
		if c.phase == Welcome && p.Head.Words == "" {
			return ErrBackupWords
		}
		if c.phase != Welcome && p.Head.Account != c.account.id() {
			return ErrBackupAccount
		}
	case p.End != nil:
		if p.End.Sum != sum || p.End.Items != uint64(in.items) || !p.End.By(in.head) {
			return ErrBackup
		}
	default:
		if _, err := snapshot.Load(p.Body.Registers); err != nil {
			return ErrBackup
		}
	}
	return nil
}

// mergePart makes a part of the second reading one's own. The phase may have
// changed since the first one, and the account with it.
func (c *Client) mergePart(in *importing, p backup.Part) error {
	switch {
	case p.Head != nil && c.phase == Welcome:
		return c.restoreFrom(p.Head)
	case c.phase != Main && c.phase != Key || c.account.keys == nil || c.account.id() != in.head.Account:
		return ErrNotNow
	case p.Body == nil:
		return nil
	}
	fresh := 0
	err := c.update(func(t *tx) (err error) {
		fresh, err = c.mergeBody(t, p.Body, in.head.Created)
		return err
	})
	if err == nil {
		in.fresh += fresh
	}
	return err
}

// restoreFrom is Restore by the words of a file.
func (c *Client) restoreFrom(h *backup.Head) error {
	root, err := identity.RootFromWords(h.Words)
	if err != nil {
		return ErrBackup
	}
	name, err := checkName(h.Name)
	if err != nil {
		return ErrBackup
	}
	return c.adopt(identity.NewKeyring(root, 0), name, Key, &restoring{stage: RestoreReading})
}

// mergeBody merges what a part says. Nothing that is here is replaced by
// something older, and nothing that was deleted comes back. Times in the file are
// measured by when it was made: the clock of this device may be wrong as long as
// the network has not been asked.
func (c *Client) mergeBody(t *tx, b *backup.Body, made core.Millis) (fresh int, err error) {
	if c.net != nil && c.net.Synced() {
		made = min(made, c.now()) // or what it says would beat all that is said later
	}
	registers := make([]snapshot.Register, 0, len(b.Registers))
	for _, raw := range b.Registers {
		r, err := snapshot.ParseRegister(raw)
		if err != nil {
			return 0, ErrBackup
		}
		registers = append(registers, r)
	}
	t.registers = true
	if err := c.saveRegisters(t, c.account.state.Merge(made, registers)); err != nil {
		return 0, err
	}
	t.then(c.tendSoon)
	for i := range b.Items {
		new, err := c.takeItem(t, &b.Items[i], made, true)
		if err != nil {
			return 0, err
		}
		if new {
			fresh++
		}
	}
	return fresh, nil
}

// discardBackup forgets the keys of a file that is under way.
func (c *Client) discardBackup() { c.backups = backups{run: c.backups.run} }
