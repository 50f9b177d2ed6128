package client

import (
	"tandem/core/linking"
	"tandem/core/store"
)

// CancelJoin gives the attempt up.
func (c *Client) CancelJoin() error {
	return c.do(func() error {
		if c.phase != Joining {
			return ErrNotNow
		}
		if c.join.machine.View().Stage == linking.Idle {
			return c.leaveJoin()
		}
		return c.moveJoin(linking.Cancel{NeverSent: !c.join.handed})
	})
}

// Differ says that the words differ.
func (c *Client) Differ() error {
	return c.do(func() error {
		if c.phase != Joining {
			return ErrNotNow
		}
		return c.moveJoin(linking.Differ{})
	})
}

// Acknowledge says that the cause was read: Joining → Welcome. An attempt whose
// primary has not been told yet is left behind, which goes on with it.
func (c *Client) Acknowledge() error {
	return c.do(func() error {
		if c.phase != Joining {
			return ErrNotNow
		}
		return c.update(func(t *tx) error {
			switch c.join.machine.View().Stage {
			case linking.Cancelling, linking.Ending:
				if err := c.abandon(t); err != nil {
					return err
				}
			default:
				if err := c.stepJoin(t, linking.Acknowledge{}); err != nil {
					return err
				}
			}
			return c.leave(t)
		})
	})
}

// leaveJoin gives up before anything was made.
func (c *Client) leaveJoin() error {
	return c.update(c.leave)
}

// leave ends an attempt: this device is what it was before.
func (c *Client) leave(t *tx) error {
	t.Delete(store.Profile, nameTarget)
	t.Delete(store.Profile, nameKey)
	t.Delete(store.Profile, nameStored)
	t.DeleteCursors() // of a mailbox that nobody reads any more
	again, err := c.again(t)
	if err != nil {
		return err
	}
	t.then(func() {
		c.join = joiner{}
		c.mail = mail{}
	})
	if again {
		c.comeBack(t)
	} else {
		c.setPhase(t, Welcome)
	}
	return nil
}
