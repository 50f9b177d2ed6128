package client

import (
	"tandem/core"
	"tandem/core/wire"
)

// Retry sends a message again that failed.
func (c *Client) Retry(id core.MessageID) error { return ErrNotNow }

// Delete removes a message.
func (c *Client) Delete(id core.MessageID, everyone bool) error { return ErrNotNow }

// Viewing says what is looked at.
func (c *Client) Viewing(conversation core.ID) {}

// Older brings older messages into memory.
func (c *Client) Older(conversation core.ID) error { return ErrNotNow }

// Newest goes back to the end of a conversation.
func (c *Client) Newest(conversation core.ID) error { return ErrNotNow }

// SetDraft keeps what is not sent yet.
func (c *Client) SetDraft(conversation core.ID, text string) error { return ErrNotNow }

// SetReceipts switches read receipts.
func (c *Client) SetReceipts(on bool) error { return ErrNotNow }

// receiveFromContact takes what a device of a contact said in their session.
func (c *Client) receiveFromContact(t *tx, contact, from core.ID, content *wire.Content) error {
	return nil
}
