package client

import "tandem/core"

// Befriend sends a friend request.
func (c *Client) Befriend(account, text string) error { return ErrNotNow }

// Accept makes friends with whoever asked.
func (c *Client) Accept(account core.ID) error { return ErrNotNow }

// Decline answers a request with silence.
func (c *Client) Decline(account core.ID) error { return ErrNotNow }

// Block ignores an account from now on.
func (c *Client) Block(account core.ID) error { return ErrNotNow }

// Unblock ends Block.
func (c *Client) Unblock(account core.ID) error { return ErrNotNow }

// TrustKey pins the second list key of a contact.
func (c *Client) TrustKey(account core.ID) error { return ErrNotNow }

// friendDevices are the devices of a contact that get messages; false = the
// account is no contact.
func (c *Client) friendDevices(account core.ID) (to []core.ID, ok bool) { return nil, false }
