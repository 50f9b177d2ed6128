package client

import (
	"context"
	"errors"
	"reflect"
	"time"

	"tandem/core/client/courier"
	"tandem/core/store"
)

// linkState is how this device stands to the network, and the one-time news
// that a page shows until it is dismissed.
type linkState struct {
	success bool          // linking has just ended well
	syncing bool          // network time is being asked for
	syncAt  time.Time     // not before
	cause   string        // why the network could not be asked
	untimed bool          // network time was asked for in vain
	hurry   chan struct{} // network.json is wanted at once
	shown   NetworkView
}

// forget is all but hurry, which others read.
func (l *linkState) forget() {
	l.success, l.syncing, l.syncAt, l.cause, l.untimed, l.shown = false, false, time.Time{}, "", false, NetworkView{}
}

// askAgain is the wait after network.json or network time could not be had.
const askAgain = 3 * time.Second

// fetchNetworkFile reads network.json until it is there, then starts the
// courier with what is known of the network from earlier.
func (c *Client) fetchNetworkFile() {
	c.always(func(ctx context.Context) func() {
		if c.cfg.Idle != nil {
			c.cfg.Idle(ctx)
		}
		for {
			file, err := c.readNetworkFile(ctx)
			if err == nil {
				return func() { c.startCourier(file) }
			}
			c.later(func() { c.setCause(fileSentence(err)) })
			select {
			case <-ctx.Done():
				return func() {}
			case <-time.After(askAgain):
			case <-c.link.hurry:
			}
		}
	})
}

func (c *Client) readNetworkFile(ctx context.Context) (courier.NetworkFile, error) {
	raw, err := c.cfg.NetworkFile(ctx)
	if err != nil {
		return courier.NetworkFile{}, err
	}
	file, err := courier.ParseNetworkFile(raw)
	if err != nil || file.Bundled == "" {
		return file, err
	}
	if c.cfg.NodesFile == nil {
		return courier.NetworkFile{}, courier.ErrNoNodes
	}
	if raw, err = c.cfg.NodesFile(ctx, file.Bundled); err != nil {
		return courier.NetworkFile{}, errors.Join(courier.ErrNoNodes, err)
	}
	return file.Bundle(raw)
}

// fileSentence says why network.json cannot be used.
func fileSentence(err error) string {
	if errors.Is(err, courier.ErrNoNodes) {
		return "This site has no list of the Session network’s nodes: whoever runs it can make one by “go run . gateway -write-nodes nodes.json”."
	}
	return "The app's own server cannot be reached, or its network.json is not valid."
}

func (c *Client) setCause(text string) {
	if c.link.cause != text {
		c.link.cause, c.dirty = text, true
	}
}

func (c *Client) startCourier(file courier.NetworkFile) {
	if c.testOnlyCarrier != nil {
		c.net = c.testOnlyCarrier
		return
	}
	var state []byte
	if c.db != nil {
		// What was known of the network can be learnt again, so errors are not.
		state, _ = c.db.Get(c.ctx, store.Courier, "")
	}
	net, err := courier.New(courier.Config{
		Transport: c.cfg.Transport,
		Net:       file,
		State:     state,
		Save:      c.saveCourier,
		LocalNow:  c.local,
	})
	if err != nil {
		c.setCause("The network file of this site is not valid.")
		return
	}
	c.net = net
	c.setCause("")
}

// saveCourier keeps what is known of the network. It is called off the loop,
// and losing it costs only time, so a store that refuses is not spoken of.
func (c *Client) saveCourier(state []byte) {
	go c.later(func() {
		if c.db == nil {
			return
		}
		change := c.db.Change()
		change.Put(store.Courier, "", state)
		_ = change.Commit(c.ctx)
	})
}

// tickLink learns network time at first, and after each doubt, and keeps the
// view of the network new.
func (c *Client) tickLink() {
	c.now() // notices a jump
	if !c.net.Synced() && !c.link.syncing && !time.Now().Before(c.link.syncAt) {
		c.syncTime()
	}
	if v := c.networkView(); !reflect.DeepEqual(v, c.link.shown) {
		c.link.shown, c.dirty = v, true
	}
}

// askNetworkAgain drops the ways into the network and asks for whatever could
// not be had, at once.
func (c *Client) askNetworkAgain() {
	if c.net == nil {
		select {
		case c.link.hurry <- struct{}{}:
		default: // it is under way
		}
		return
	}
	c.net.Rebuild()
	c.link.syncing, c.link.syncAt = false, time.Time{} // one that hangs is not waited for
	c.hurryMail()
	c.dirty = true
}

func (c *Client) syncTime() {
	c.link.syncing = true
	net := c.net
	c.always(func(ctx context.Context) func() {
		err := net.Sync(ctx)
		return func() {
			c.link.syncing, c.link.syncAt = false, time.Now().Add(askAgain)
			c.dirty, c.link.untimed = true, err != nil
			if err != nil {
				return
			}
			c.hurryMail()
			c.hurryPost()
			c.hurryJoin()
		}
	})
}

// hurryAfterGrant reads both mailboxes fast for a minute (multi-device.md §3).
func (c *Client) hurryAfterGrant() {
	c.mail.hurryUntil = time.Now().Add(time.Minute)
	c.hurryMail()
}

// DismissSuccess takes the news of a finished linking away.
func (c *Client) DismissSuccess() error {
	return c.do(func() error {
		c.link.success, c.dirty = false, true
		return nil
	})
}

// ClearData erases everything on this device, of which the others are told if that
// is possible just now.
func (c *Client) ClearData() error {
	if said := c.partingWords(); said != nil {
		enough := time.NewTimer(partingTime)
		select {
		case <-said:
		case <-enough.C:
		case <-c.gone:
		}
		enough.Stop()
	}
	return c.do(func() error {
		err := c.erase(Welcome)
		c.show() // whoever asked for it finds nothing any more
		return err
	})
}

// erase closes the store, deletes it and starts on an empty one. Network calls
// under way come back to an account that is gone and change nothing.
func (c *Client) erase(then Phase) error {
	c.close()
	if err := c.cfg.Wipe(c.ctx); err != nil {
		c.broken("This browser did not delete Tandem's storage. Close other tabs of Tandem and try again.")
		return ErrStore
	}
	if c.phase == Locked {
		c.answerCalls()
		c.fetchNetworkFile()
	}
	c.reset()
	if then == Erased {
		return c.update(func(t *tx) error {
			c.setPhase(t, Erased)
			return nil
		})
	}
	return nil
}
