package client

// SetPassphrase sets, changes or takes away the passphrase.
func (c *Client) SetPassphrase(_, _ string) error { return ErrNotNow }

// SetAutoLock says after how many minutes the device locks itself.
func (c *Client) SetAutoLock(int) error { return ErrNotNow }

// Lock drops every key from memory.
func (c *Client) Lock() error { return ErrNotNow }

// Unlock opens what Lock closed.
func (c *Client) Unlock(string) error { return ErrNotNow }

// Active says that somebody is using the page.
func (c *Client) Active() {}
