package client

import (
	"context"
	"errors"
	"time"

	"tandem/core"
	"tandem/core/client/courier"
	"tandem/core/onion"
	"tandem/core/opengroup"
	"tandem/core/snapshot"
)

// Group carries out what members of open groups do.
func (c *Client) Group(o GroupOrder) error {
	switch o.Verb {
	case JoinGroup:
		return c.joinGroup(o.Text)
	case LeaveGroup:
		return c.leaveGroup(o.Group)
	case ReplyToPost:
		return c.replyPost(o)
	case EditPost:
		if err := checkText(o.Text); err != nil {
			return err
		}
	}
	return c.askRoom(o.Message.Device, func(s *groupServer, v *opengroup.View) (opengroup.Call, error) {
		id := int64(o.Message.Counter)
		m, known := v.Find(id)
		if !known {
			return opengroup.Call{}, ErrNotNow
		}
		switch o.Verb {
		case EditPost:
			if m.Author != s.Me() {
				return opengroup.Call{}, ErrNotNow
			}
			return s.Edit(v.Room.Token, id, opengroup.Reworded(o.Text, c.account.name, c.now(), &m)), nil
		case ReactToPost:
			call, err := s.React(v.Room.Token, id, o.Text, o.On)
			if err != nil {
				return call, ErrNotNow
			}
			return call, nil
		case BanAuthor:
			return s.Ban(v.Room.Token, m.Author, o.On), nil
		case PinPost:
			return s.Pin(v.Room.Token, id, o.On), nil
		}
		return opengroup.Call{}, ErrNotNow
	}, nil)
}

// ReadGroupURL is the conversation that the address of an open group leads to.
// Error: ErrGroupURL.
func ReadGroupURL(text string) (core.ID, error) {
	room, err := opengroup.ParseURL(text)
	if err != nil {
		return core.ID{}, err
	}
	return room.ID(), nil
}

// IsGroup reports whether a conversation is an open group.
func IsGroup(conversation core.ID) bool { return opengroup.IsRoom(conversation) }

// joinGroup looks at a room before it is joined: one that cannot be read is not.
func (c *Client) joinGroup(address string) error {
	room, err := opengroup.ParseURL(address)
	if err != nil {
		return err
	}
	id := room.ID()
	var net asker
	var s *opengroup.Server
	var ctx context.Context
	err = c.member(func() error {
		if c.groups.rooms[id] != nil {
			return nil
		}
		if len(c.groups.rooms) >= maxGroups {
			return ErrNotNow
		}
		net, _ = c.net.(asker)
		if net == nil {
			return ErrOffline
		}
		s, ctx = opengroup.NewServer(room.Host, c.account.keys.Shared.Account), c.calls
		return nil
	})
	if err != nil || s == nil {
		return err
	}
	v := s.Add(room.Token)
	for range firstPolls {
		poll := s.Poll()
		r, err := net.Ask(ctx, courier.ServerOrder{To: room.Host.Server(), Request: poll.Request})
		if err == nil {
			_, err = s.Polled(poll, r)
		}
		if err == nil {
			err = v.Trouble
		}
		if err != nil {
			return troubleOf(err).Err()
		}
		if v.Loaded {
			break
		}
	}
	if !v.Loaded {
		return ErrGroupGarbage
	}
	return c.member(func() error {
		if c.groups.servers[room.Host] == nil && s.Me() != "" {
			c.groups.servers[room.Host] = &groupServer{Server: s} // it need not be asked again
		}
		return c.update(func(t *tx) error {
			if err := c.setRegister(t, snapshot.Group, string(id[:]), room.Marshal()); err != nil {
				return err
			}
			return c.beginRoom(t, id, v)
		})
	})
}

func (c *Client) leaveGroup(id core.ID) error {
	return c.member(func() error {
		return c.update(func(t *tx) error {
			c.dropPosting(t, id, 0)
			return c.deleteRegister(t, snapshot.Group, string(id[:]))
		})
	})
}

// askRoom makes a request about a joined room and waits for its answer, which
// done takes on the loop; nil: the room is read again at once. Errors: those of
// GroupTrouble.Err, ErrNotNow.
func (c *Client) askRoom(id core.ID, build func(*groupServer, *opengroup.View) (opengroup.Call, error), done func(*opengroup.View, onion.V4Response) error) error {
	var call opengroup.Call
	var net asker
	var ctx context.Context
	var to opengroup.Host
	err := c.member(func() (err error) {
		s, v := c.groupServer(id), c.groups.rooms[id]
		net, _ = c.net.(asker)
		if s == nil || !s.Known() || net == nil {
			return ErrNotNow
		}
		ctx, to = c.calls, s.Host
		call, err = build(s, v)
		return err
	})
	if err != nil {
		return err
	}
	r, err := net.Ask(ctx, courier.ServerOrder{To: to.Server(), Request: call.Request})
	if err == nil {
		err = opengroup.Check(r.Code)
	}
	if err != nil {
		return troubleOf(err).Err()
	}
	return c.do(func() error {
		s, v := c.groupServer(id), c.groups.rooms[id]
		if s == nil {
			return nil // left meanwhile
		}
		if done == nil {
			s.next = time.Time{}
			return nil
		}
		err := done(v, r)
		c.showRoom(id)
		return troubleOf(err).Err()
	})
}

// deletePost removes a post from its room, or from what waits.
func (c *Client) deletePost(id core.MessageID) error {
	if id.Counter >= postingBase {
		return c.do(func() error {
			return c.update(func(t *tx) error { c.dropPosting(t, id.Device, id.Counter); return nil })
		})
	}
	number := int64(id.Counter)
	return c.askRoom(id.Device, func(s *groupServer, v *opengroup.View) (opengroup.Call, error) {
		if _, known := v.Find(number); !known {
			return opengroup.Call{}, ErrNotNow
		}
		return s.Delete(v.Room.Token, number), nil
	}, func(v *opengroup.View, _ onion.V4Response) error { v.Gone(number); return nil })
}

// errNone ends a request that need not be made.
var errNone = errors.New("client: nothing to ask")

// olderPosts brings a page of older messages.
func (c *Client) olderPosts(id core.ID) error {
	err := c.askRoom(id, func(s *groupServer, v *opengroup.View) (opengroup.Call, error) {
		if !v.Older {
			return opengroup.Call{}, errNone
		}
		return s.Before(v), nil
	}, func(v *opengroup.View, r onion.V4Response) error { return v.Preceded(r) })
	if errors.Is(err, errNone) {
		return nil
	}
	return err
}

// newestPosts goes back to the end of a room.
func (c *Client) newestPosts(id core.ID) error {
	return c.askRoom(id, func(s *groupServer, v *opengroup.View) (opengroup.Call, error) {
		return s.Recent(v), nil
	}, func(v *opengroup.View, r onion.V4Response) error { return v.Restarted(r) })
}
