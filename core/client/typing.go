package client

import (
	"tandem/core"
	"tandem/core/envelope"
	"tandem/core/wire"
)

// typingFor is how long one word of it counts: who goes on writing says so every
// ten seconds, and the account's mailbox is read every thirty.
const typingFor = 30 * core.Second

// hearTyping takes whether a plain contact is writing. What was said before the
// newest message says nothing any more.
func (c *Client) hearTyping(t *tx, from envelope.FromSession) {
	account, until := from.Sender, core.Millis(0)
	switch {
	case from.Content.Typing == wire.TypingStarted && c.log.tip[account].Sent < from.Sent && from.Sent <= c.now()+sentAhead:
		if until = c.now() + typingFor; from.Sent+typingFor < c.now() {
			return
		}
	case from.Content.Typing == 0 && from.Content.Data == nil:
		return
	}
	t.then(func() { c.talks.typing[account] = until })
}

// tickTyping ends what was said too long ago.
func (c *Client) tickTyping() {
	for account, until := range c.talks.typing {
		if c.now() >= until {
			delete(c.talks.typing, account)
			c.dirty = true
		}
	}
}
