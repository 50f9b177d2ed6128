package client

import "tandem/core"

// ConfirmRestore decides about the other devices of a restored account.
func (c *Client) ConfirmRestore(bool, core.ID) error { return ErrNotNow }

// WasItMe answers whether the restore on another device was the owner's.
func (c *Client) WasItMe(bool) error { return ErrNotNow }
