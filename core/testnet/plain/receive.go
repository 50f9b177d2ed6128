package plain

import (
	"context"
	"encoding/hex"
	"slices"

	"tandem/core"
)

// Poll takes what is new out of the account's mailbox, from every node of its
// swarm.
func (c *Client) Poll(ctx context.Context) error {
	messages, err := c.retrieve(ctx)
	for _, m := range messages {
		if c.seen[m.Hash] {
			continue
		}
		c.seen[m.Hash] = true
		l, failure := c.open(m.Data)
		if failure != nil {
			c.refused++
			continue
		}
		c.receive(l)
	}
	return err
}

// receive does what network.md §8.3 says about each kind of content.
func (c *Client) receive(l letter) {
	if response, ok, _ := l.content.sub(10); ok {
		if yes, _ := response.uint(1); yes == 1 {
			c.chat(l.from).ApprovedMe = true
			c.named(l.from, response, 3)
		}
	}
	if data, ok, _ := l.content.sub(1); ok {
		c.receiveData(l, data)
	}
	if unsend, ok, _ := l.content.sub(9); ok {
		c.receiveUnsend(l.from, unsend)
	}
	if !c.approved[l.from] {
		return
	}
	if receipt, ok, _ := l.content.sub(5); ok {
		if kind, _ := receipt.uint(1); kind == 1 {
			c.receiveReads(l.from, receipt.uints[2])
		}
	}
	if typing, ok, _ := l.content.sub(6); ok {
		action, _ := typing.uint(2)
		c.chat(l.from).Typing = action == 0
	}
}

// named takes the display name out of a profile.
func (c *Client) named(from core.ID, in fields, number int) {
	if profile, ok, _ := in.sub(number); ok && profile.text(1) != "" {
		c.chat(from).Name = profile.text(1)
	}
}

func (c *Client) receiveData(l letter, data fields) {
	c.named(l.from, data, 101)
	chat := c.chat(l.from)
	var timer Timer
	timer.Kind, _ = l.content.uint(12)
	timer.Seconds, _ = l.content.uint(13)
	if flags, _ := data.uint(4); flags&2 != 0 {
		chat.Timer = timer
		return
	}
	if data.text(1) == "" || l.from == c.ID() {
		return // what has no text is not looked at here; a copy for oneself is for other devices
	}
	same := func(m Message) bool { return m.Author == l.from && m.Sent == l.sent }
	if slices.ContainsFunc(chat.Messages, same) {
		return
	}
	if !c.approved[l.from] {
		c.asked[l.from] = true
	} else {
		chat.ApprovedMe = true
	}
	chat.Typing = false
	chat.Messages = append(chat.Messages, Message{Author: l.from, Sent: l.sent, Body: data.text(1), Timer: timer})
}

// receiveUnsend deletes a message if its author says so.
func (c *Client) receiveUnsend(from core.ID, unsend fields) {
	at, _ := unsend.uint(1)
	author, err := hex.DecodeString(unsend.text(2))
	if err != nil || string(author) != string(from[:]) {
		return
	}
	chat := c.chat(from)
	chat.Messages = slices.DeleteFunc(chat.Messages, func(m Message) bool {
		return m.Author == from && m.Sent == core.Millis(at)
	})
}

func (c *Client) receiveReads(from core.ID, times []uint64) {
	for i := range c.chat(from).Messages {
		m := &c.chat(from).Messages[i]
		if m.Author == c.ID() && slices.Contains(times, uint64(m.Sent)) {
			m.Read = true
		}
	}
}
