package client

import (
	"cmp"
	"errors"

	"tandem/core"
	"tandem/core/envelope"
	"tandem/core/snapshot"
	"tandem/core/store"
	"tandem/core/wire"
)

// fromPlain takes what a plain contact says.
func (c *Client) fromPlain(t *tx, from envelope.FromSession) error {
	account, content := from.Sender, from.Content
	if err := c.hearPlain(t, from); err != nil {
		return err
	}
	c.hearTyping(t, from)
	if err := c.plainMessage(t, from, false); err != nil {
		return err
	}
	if u := content.Unsend; u != nil && u.Author == account.Hex() && u.Sent > 0 {
		err := c.bury(t, deletion{
			id: plainID(account, from.Sent), conversation: account, message: plainID(account, u.Sent),
		})
		if err != nil {
			return err
		}
	}
	return c.plainReads(t, account, content.Reads)
}

// plainName is the display name that comes with a message; "" = none.
func plainName(content *wire.Content) string {
	name := ""
	switch {
	case content.Data != nil:
		name = content.Data.Name
	case content.Response != nil:
		name = content.Response.Name
	}
	if name, err := checkName(name); err == nil {
		return name
	}
	return ""
}

// hearPlain takes a contact's new name, and that it is still one. Messages that
// are older than what the devices agree on say nothing about it: a new device
// reads them as well.
func (c *Client) hearPlain(t *tx, from envelope.FromSession) error {
	contact := c.people.contacts[from.Sender]
	name := cmp.Or(plainName(from.Content), contact.Name)
	if name == contact.Name && !contact.Unsure || from.Sent <= c.account.state.Written(snapshot.Contact, string(from.Sender[:])) {
		return nil
	}
	contact.Name, contact.Unsure = name, false
	return c.saveContact(t, from.Sender, contact)
}

// plainMessage files what can be shown of a message, once, and lets it disappear
// when its timer says so.
func (c *Client) plainMessage(t *tx, from envelope.FromSession, unverified bool) error {
	m, ok := c.plainRow(from)
	if !ok {
		return nil
	}
	m.Unverified = unverified
	timer := from.Content.Timer
	if timer == nil || timer.Seconds == 0 || timer.Kind != wire.TimerAfterSend && timer.Kind != wire.TimerAfterRead {
		_, err := c.fileMessage(t, m)
		return err
	}
	lasts := core.Millis(timer.Seconds) * core.Second
	if timer.Kind == wire.TimerAfterSend {
		m.Ends = m.Sent + lasts
		if m.Ends <= c.now() {
			return c.end(t, ending{conversation: m.Conversation, place: store.PositionOf(m)})
		}
	}
	fresh, err := c.fileMessage(t, m)
	if err != nil {
		return err
	}
	if !fresh { // a request's text, of which the timer was not kept
		old, err := t.Message(c.ctx, m.ID)
		if err != nil || old.Ends != 0 {
			return nil // deleted, or it has one
		}
		old.Ends = m.Ends
		c.saveMessage(t, old)
		m = old
	}
	if timer.Kind == wire.TimerAfterRead {
		return c.endsOnceRead(t, m, lasts)
	}
	return nil
}

// plainRow is a message as it is shown. false: there is nothing to show.
func (c *Client) plainRow(from envelope.FromSession) (core.Message, bool) {
	m := core.Message{
		ID: plainID(from.Sender, from.Sent), Conversation: from.Sender, Direction: core.In, Status: core.Delivered,
		Sent: min(from.Sent, c.now()+sentAhead), Unable: unable(from.Content),
	}
	if data := from.Content.Data; data != nil {
		m.Body = textOf(data)
	}
	own := from.Content.Data != nil && from.Content.Data.SyncTarget != ""
	return m, !own && (m.Body != "" || m.Unable != "")
}

// unable is what a message is that cannot be shown; "" = it can, or is nothing
// that people would see.
func unable(content *wire.Content) string {
	switch content.Extraction {
	case 0:
	case wire.ExtractionScreenshot:
		return "notice of a screenshot"
	default:
		return "notice of a saved attachment"
	}
	if content.Call == wire.CallPreOffer {
		return "call"
	}
	if content.Data == nil {
		return ""
	}
	switch parts := content.Data.Parts; {
	case parts&wire.HasVoice != 0:
		return "voice message"
	case parts&wire.HasFile != 0:
		return "attachment"
	case parts&(wire.HasInvitation|wire.HasGroup) != 0, content.Data.Invitation != "" && textOf(content.Data) == "":
		return "invitation to a group"
	case parts&wire.HasReaction != 0:
		return "reaction"
	}
	return ""
}

// maxLooked bounds how many of the messages that one receipt names are looked
// for on the disk; newer ones are in memory.
const maxLooked = 64

// plainReads takes which of this account's messages a contact has read.
func (c *Client) plainReads(t *tx, account core.ID, times []core.Millis) error {
	if !c.receipts() {
		return nil
	}
	looked := 0
	for _, at := range times {
		rows := c.log.rows[account]
		if looked < maxLooked && (len(rows) == 0 || at < rows[0].Sent) {
			looked++
			rows, _ = c.db.Page(c.ctx, account, store.Position{Sent: at + 1}, places)
		}
		found := false
		for _, m := range rows {
			if m.Sent != at || m.Direction != core.Out {
				continue
			}
			found = true
			if err := c.saveStatus(t, m.ID, core.Read, ""); err != nil {
				return err
			}
		}
		if !found {
			if err := c.keepPlainRead(t, account, at); err != nil {
				return err
			}
		}
	}
	return nil
}

// keepPlainRead keeps that a message was read until its transcript is here. It
// goes by the account's ID and the time: who wrote it is not known yet.
func (c *Client) keepPlainRead(t *tx, account core.ID, at core.Millis) error {
	now := c.now()
	if c.talks.early >= maxEarly || at <= 0 || at > now+sentAhead || now-at > keepEarly {
		return nil
	}
	name := earlyName(account, plainID(c.account.id(), at))
	_, err := t.Get(c.ctx, store.Early, name)
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	t.Put(store.Early, name, append([]byte{byte(core.Read)}, moment(now)...))
	t.early = true
	t.then(func() { c.talks.early++ })
	return nil
}
