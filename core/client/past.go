package client

import (
	"errors"

	"tandem/core"
	"tandem/core/delivery"
	"tandem/core/store"
	"tandem/core/wire"
)

// Past is how much of what was said before a new device gets.
type Past uint8

// Choices at Authorise (multi-device.md §9). The zero value is the default.
const (
	PastMonth Past = iota // the last 30 days
	PastAll
	PastNone
)

// pastMonth is how far back PastMonth goes.
const pastMonth = 30 * core.Day

// Amount is how much there is to give.
type Amount struct {
	Messages int
	Bytes    int64 // as stored
}

// PastRow is one transfer of the past that is under way.
type PastRow struct {
	Device core.ID // the other one
	// Coming: this device gets it; otherwise it gives.
	Coming bool
	// Begun: the other device has spoken about it.
	Begun       bool
	Done, Total int // messages; about
}

// pasts is what is under way between this device and new ones of its account.
type pasts struct {
	giving map[core.ID]*delivery.Giving // as on the disk
	feeds  map[core.ID]*feed
	counts map[core.ID]bool // a count is under way
	taking *delivery.Taking // nil: this device was not linked, or before there was a past
	answer bool             // the giver is to be told what is here
	chosen Past
	// month and all are what there is to give, counted when the dialog opened.
	month, all Amount
}

func newPasts() pasts {
	return pasts{giving: map[core.ID]*delivery.Giving{}, feeds: map[core.ID]*feed{}, counts: map[core.ID]bool{}}
}

// loadPasts reads how far they are.
func (c *Client) loadPasts() error {
	c.pasts = newPasts()
	saved, err := c.db.All(c.ctx, store.Past)
	if err != nil {
		return err
	}
	for _, b := range saved {
		if b.Name == "" {
			if c.pasts.taking, err = delivery.ParseTaking(b.Value); err == nil {
				c.pasts.answer = c.pasts.taking.Untold()
			}
		} else {
			var device core.ID
			if device, err = core.IDFromBytes([]byte(b.Name)); err == nil {
				c.pasts.giving[device], err = delivery.ParseGiving(b.Value)
			}
		}
		if err != nil {
			return store.ErrDamaged
		}
	}
	return nil
}

// tickPast goes on with what is under way, one chunk at a time.
func (c *Client) tickPast() {
	if c.phase != Main || c.silent() {
		return
	}
	c.tickTaking()
	for device, g := range c.pasts.giving {
		switch {
		case !c.account.sibling(device):
			_ = c.update(func(t *tx) error { c.dropGiving(t, device); return nil }) // or at the next tick
			return
		case g.Late(c.now(), c.account.facts[device].seen):
			_ = c.update(func(t *tx) error { // likewise
				next := g.Clone()
				next.Again(c.now())
				c.saveGiving(t, device, next)
				return nil
			})
			return
		case g.Room():
			_ = c.update(func(t *tx) error { return c.giveChunk(t, device) }) // likewise
			return
		}
	}
}

// duePast is when tickPast has a chunk to give.
func (c *Client) duePast() core.Millis {
	for _, g := range c.pasts.giving {
		if g.Room() && c.phase == Main && !c.silent() {
			return 0
		}
	}
	return never
}

// ChoosePast says what the device gets that the next Authorise takes in.
func (c *Client) ChoosePast(past Past) error {
	return c.do(func() error {
		if past > PastNone || c.linker.machine == nil || !c.linker.machine.View(c.now()).Open {
			return ErrNotNow
		}
		c.pasts.chosen = past
		return nil
	})
}

// StopPast ends the transfer with another device, on either side.
func (c *Client) StopPast(device core.ID) error {
	return c.do(func() error {
		k := c.pasts.taking
		taking := k != nil && k.From == device && !k.Over()
		if c.phase != Main || !taking && c.pasts.giving[device] == nil {
			return ErrNotNow
		}
		return c.update(func(t *tx) error {
			if taking {
				next := *k
				next.End()
				c.saveTaking(t, &next)
			} else {
				c.dropGiving(t, device)
			}
			return c.tellPast(t, device, &wire.Past{State: wire.PastStopped})
		})
	})
}

func (c *Client) tellPast(t *tx, device core.ID, past *wire.Past) error {
	_, err := c.enqueue(t, []core.ID{device}, &wire.Content{Past: past}, core.Message{})
	return err
}

// receivePast takes what a sibling says about the past.
func (c *Client) receivePast(t *tx, from core.ID, p *wire.Past) error {
	k := c.pasts.taking
	if p.Number == 0 && len(p.Items) > 0 && from == c.account.list().Primary().ID {
		for i := range p.Items {
			if err := c.filePast(t, &p.Items[i]); err != nil {
				return err
			}
		}
		return nil
	}
	if k != nil && k.From == from && (p.Number != 0 || p.State == wire.PastStopped) {
		return c.takeChunk(t, p)
	}
	if p.Number != 0 {
		return nil // nobody asked this device
	}
	g, err := c.savedGiving(t, from)
	switch {
	case err != nil:
		return err
	case g == nil && p.State == 0 && c.mayAsk(from):
		return c.tellPast(t, from, &wire.Past{State: wire.PastStopped})
	case g == nil:
	case p.State != 0:
		c.dropGiving(t, from)
	case g.Run == 0:
		t.then(func() { c.countFor(from) })
	default:
		g.Heard(p.Run, p.Got)
		c.saveGiving(t, from, g)
	}
	return nil
}

// savedGiving is a transfer as this transaction knows it; nil = there is none.
func (c *Client) savedGiving(t *tx, device core.ID) (*delivery.Giving, error) {
	b, err := t.Get(c.ctx, store.Past, string(device[:]))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	g, err := delivery.ParseGiving(b)
	if err != nil {
		return nil, store.ErrDamaged
	}
	return g, nil
}

// pastRows are the transfers that a page shows.
func (c *Client) pastRows() (rows []PastRow) {
	if k := c.pasts.taking; k != nil && !k.Over() {
		rows = append(rows, PastRow{Device: k.From, Coming: true, Begun: k.Run > 0, Done: int(k.Done), Total: int(k.Total)})
	}
	for _, d := range c.account.list().Devices {
		if g := c.pasts.giving[d.ID]; g != nil {
			rows = append(rows, PastRow{Device: d.ID, Begun: g.Run > 0, Done: int(g.Done()), Total: int(max(g.Total, g.Done()))})
		}
	}
	return rows
}
