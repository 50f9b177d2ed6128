package store

import (
	"context"
	"encoding/binary"
	"errors"

	"tandem/core"
)

// Cursor is the last hash that was taken from a mailbox at a node
// (multi-device.md §3); "" if nothing was.
func (r Reader) Cursor(ctx context.Context, node core.EdKey, box core.Mailbox) (string, error) {
	plain, err := r.from.read(ctx, r.cursorKey(node, box))
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return string(plain), err
}

// SetCursor moves a cursor; "" removes it.
func (c *Change) SetCursor(node core.EdKey, box core.Mailbox, hash string) {
	key := c.cursorKey(node, box)
	if hash == "" {
		c.remove(key)
		return
	}
	c.put(key, []byte(hash))
}

// DeleteCursors forgets all cursors: every mailbox is read from its start.
func (c *Change) DeleteCursors() { c.clear(recordKey(kindCursor)) }

func (r Reader) cursorKey(node core.EdKey, box core.Mailbox) []byte {
	return recordKey(kindCursor, r.tag(kindCursor, node[:], box.Owner[:], namespace(box)))
}

func namespace(box core.Mailbox) []byte {
	return binary.BigEndian.AppendUint16(nil, uint16(box.Namespace))
}
