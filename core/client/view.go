package client

import (
	"maps"

	"tandem/core"
	"tandem/core/devices"
)

// snapshot builds what the pages may show.
func (c *Client) snapshot() *Snapshot {
	if c.phase == Locked {
		return &Snapshot{Phase: Locked, Lock: c.lockView()}
	}
	s := &Snapshot{Phase: c.phase, Fault: c.fault, Success: c.link.success, Network: c.networkView(), Lock: c.lockView()}
	if c.phase == Joining {
		s.Join = c.joinView()
	}
	keys := c.account.keys
	if keys == nil {
		return s
	}
	s.Account, s.Name, s.Role = c.account.id(), c.account.name, c.account.role()
	if c.phase == Words && keys.Root != nil {
		s.Seed = keys.Root.Words()
	}
	if list, ok := c.account.book.List(s.Account); ok {
		s.Safety = devices.Safety(s.Account, list.ListKey)
	}
	s.Devices = c.deviceRows()
	s.Restore, s.Restored = c.restoreView(), c.restoredView()
	s.Absent, s.Leaving, s.Refused = c.phase == Main && c.silent(), c.leaving.on(), c.kin.refused
	c.log.shared()
	s.Logs, s.Older, s.Newer = maps.Clone(c.log.rows), maps.Clone(c.log.older), maps.Clone(c.log.newer)
	s.Drafts, s.Receipts = c.drafts(), c.receipts()
	s.Chats = append([]ChatRow{c.noteRow()}, c.personRows()...)
	s.Past = c.pastRows()
	s.Requests, s.Blocked = c.requestRows(), c.blockedRows()
	if c.linker.machine != nil {
		s.Dialog = c.dialogView()
	}
	return s
}

func (c *Client) noteRow() ChatRow {
	row := ChatRow{Conversation: c.account.id(), Note: true}
	c.fillChat(&row)
	return row
}

// deviceRows lists the devices of the account, this one first.
func (c *Client) deviceRows() []DeviceRow {
	unconfirmed := map[core.ID]bool{}
	if c.linker.machine != nil {
		for _, id := range c.linker.machine.Unconfirmed() {
			unconfirmed[id] = true
		}
	}
	var rows []DeviceRow
	if c.account.restore.pending() && c.account.list().Epoch > 0 { // not in the list yet
		me := c.account.device()
		rows = append(rows, DeviceRow{ID: me, Role: core.Primary, Facts: c.account.deviceFacts(me), This: true})
	}
	for _, d := range c.account.list().Devices {
		if c.account.left[d.ID] {
			continue
		}
		known := c.account.facts[d.ID]
		row := DeviceRow{
			ID: d.ID, Role: d.Role, Facts: c.account.deviceFacts(d.ID), Added: d.Added, LastSeen: known.seen,
			This: d.ID == c.account.device(), Unconfirmed: unconfirmed[d.ID],
		}
		if row.This {
			rows = append([]DeviceRow{row}, rows...)
		} else {
			rows = append(rows, row)
		}
	}
	return rows
}
