package client

import (
	"time"

	"tandem/core"
)

// tick does what is due, as far as it is known what time it is.
func (c *Client) tick() {
	if c.leaving.on() {
		c.tickLeaving()
		return
	}
	c.tickLock()
	c.tickReads()
	c.tickPatience()
	if c.net == nil {
		return
	}
	c.tickLink()
	c.tickBusiness()
}

// business is all that time decides once it is known what time it is, in the order
// in which it is done.
func (c *Client) business() [16]func() {
	return [...]func(){
		c.tickJoin, c.tickAbandoned, c.tickLinker, c.tickPost, c.tickMail, c.tickUnopened, c.tickTender, c.tickSiblings, c.tickContacts,
		c.tickMarks, c.tickEndings, c.tickTyping, c.tickHoles, c.tickGroups, c.tickPast, c.tickChores,
	}
}

// tickBusiness does what is due, up to what the store refuses: all the rest waits
// as well, and comes first when it has rested, so that one thing which the store
// never takes keeps nothing else from being done.
func (c *Client) tickBusiness() {
	all := c.business()
	for i := range all {
		if c.idle() {
			c.turn = (c.turn + i) % len(all)
			return
		}
		all[(c.turn+i)%len(all)]()
	}
	if !c.idle() {
		c.turn = 0
	}
}

// idle reports whether nothing may be done that time decides.
func (c *Client) idle() bool {
	return c.net == nil || c.db == nil || !c.net.Synced() || time.Now().Before(c.rest)
}

// untilDue is how long the loop may sleep. A second at most, because the
// local clock may jump and a frozen tab must notice when it thaws.
func (c *Client) untilDue() time.Duration {
	if c.resealing() {
		return time.Millisecond
	}
	if c.idle() || c.leaving.on() {
		return time.Second
	}
	now, next := c.now(), c.now()+core.Second
	for _, due := range []core.Millis{c.dueJoin(), c.dueAbandoned(), c.dueLinker(), c.duePost(), c.dueMail(), c.dueUnopened(), c.duePast()} {
		next = min(next, due)
	}
	return time.Duration(max(next-now, 1)) * time.Millisecond
}

// never is a due time beyond all others.
const never = core.Millis(1 << 62)
