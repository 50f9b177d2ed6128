package client

import "tandem/core"

// Unlink takes another device out of the account.
func (c *Client) Unlink(core.ID) error { return ErrNotNow }

// Leave takes this device out of the account and wipes it.
func (c *Client) Leave() error { return ErrNotNow }

// AskToBeAdded links this device again.
func (c *Client) AskToBeAdded() error { return ErrNotNow }

// RenameDevice names a device of the account.
func (c *Client) RenameDevice(core.ID, string) error { return ErrNotNow }
