package client

import (
	"bytes"
	"slices"

	"tandem/core"
	"tandem/core/devices"
	"tandem/core/opengroup"
)

// requestRows are the friend requests that wait for an answer, newest first.
func (c *Client) requestRows() []RequestRow {
	var rows []RequestRow
	if !c.people.knows() {
		return nil
	}
	for account, ask := range c.people.asks {
		rows = append(rows, RequestRow{Account: account, Name: ask.Name, Text: ask.Text, At: ask.Sent, Plain: ask.Signed == nil && ask.List == nil, Before: ask.List != nil})
	}
	order(len(rows), func(i, j int) bool {
		return newer(rows[i].At, rows[j].At, rows[i].Account, rows[j].Account)
	}, func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	return rows
}

// blockedRows are the accounts that are blocked.
func (c *Client) blockedRows() []core.ID {
	var out []core.ID
	for account := range c.people.blocked {
		out = append(out, account)
	}
	slices.SortFunc(out, func(a, b core.ID) int { return bytes.Compare(a[:], b[:]) })
	return out
}

// conversations are the accounts that have a line of their own in the list of
// chats: friends, who was asked, and who wrote.
func (c *Client) conversations() []core.ID {
	var out []core.ID
	for account := range c.people.contacts {
		out = append(out, account)
	}
	for _, r := range c.people.requests {
		if r.Out && !slices.Contains(out, r.Account) {
			out = append(out, r.Account)
		}
	}
	for account := range c.log.tip {
		if account != c.account.id() && !opengroup.IsRoom(account) && !slices.Contains(out, account) {
			out = append(out, account)
		}
	}
	return out
}

// personRows are the lines of all of them.
func (c *Client) personRows() []ChatRow {
	var rows []ChatRow
	for _, account := range c.conversations() {
		row := c.personRow(account)
		c.fillChat(&row)
		rows = append(rows, row)
	}
	rows = append(rows, c.groupRows()...)
	order(len(rows), func(i, j int) bool {
		return newer(rows[i].LastAt, rows[j].LastAt, rows[i].Conversation, rows[j].Conversation)
	}, func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	return rows
}

// personRow is what a line of the list of chats says about the person.
func (c *Client) personRow(account core.ID) ChatRow {
	contact := c.people.contacts[account]
	row := ChatRow{Conversation: account, Name: contact.Name, Friendship: c.friendship(account), Plain: c.plain(account)}
	pinned, second, known := c.account.book.Keys(account)
	if !known {
		return row
	}
	list, _ := c.account.book.List(account)
	if c.people.safety[account] == "" {
		c.people.safety[account] = devices.Safety(account, pinned)
	}
	row.Devices, row.Safety = len(list.Devices), c.people.safety[account]
	if second != (core.EdKey{}) {
		row.Second = devices.Safety(account, second)
	}
	return row
}
