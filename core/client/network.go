package client

import "tandem/core/client/courier"

// networkView is what the status chip and Settings > Network show.
func (c *Client) networkView() NetworkView {
	v := NetworkView{State: Connecting, Queue: c.post.queue(), Cause: c.link.cause}
	if c.net == nil {
		if v.Cause != "" {
			v.State = Offline
		}
		return v
	}
	s := c.net.Status()
	v.Profile, v.LastPoll = s.Profile, c.mail.lastPoll
	v.Path, v.Nodes, v.Gateway = hops(s.Path), s.Nodes, s.Gateway
	if v.Synced = s.Synced; v.Synced {
		v.Offset = s.Offset
	}
	switch {
	case s.Cause != "":
		v.State, v.Cause = Offline, s.Cause
	case !s.Synced && c.link.untimed:
		v.State, v.Cause = Offline, troubleNoTime
	case s.LastSuccess != 0 && s.Synced: // or what is signed cannot be dated yet
		v.State = Online
	}
	return v
}

func hops(path []courier.Hop) []Hop {
	var out []Hop
	for _, h := range path {
		out = append(out, Hop{IP: h.IP, Since: h.Since, Worked: h.Worked})
	}
	return out
}

// RebuildPath drops the ways into the network. Both mailboxes are read at once,
// so that a new way is seen soon. Errors: ErrNoNetworkFile, ErrClosed.
func (c *Client) RebuildPath() error {
	return c.do(func() error {
		if c.net == nil {
			return ErrNoNetworkFile
		}
		c.net.Rebuild()
		c.hurryMail()
		c.dirty = true
		return nil
	})
}
