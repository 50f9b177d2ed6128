package client

import (
	"context"
	"errors"
	"slices"
	"time"

	"tandem/core"
	"tandem/core/client/courier"
	"tandem/core/onion"
	"tandem/core/opengroup"
	"tandem/core/snapshot"
	"tandem/core/store"
)

// Open groups (multi-device.md §10). Which are joined is a register of the
// account, so all its devices read the same servers. What is said there is in
// memory, as much as the window of a conversation; the newest of it is on the disk,
// for the time without a network. The server has the rest.

const (
	everyViewed = 3 * time.Second  // a server with a room that somebody looks at
	everyGroup  = 10 * time.Second // one with others
	restGroup   = time.Minute      // a server in trouble
	maxGroups   = 200              // joined
	postAgain   = 5 * time.Second  // before a post is tried again
	maxPosting  = 200              // posts that wait
	firstPolls  = 4                // until a room that is being joined is there
	postingBase = uint64(1) << 61  // counters of posts that the server has not
)

// groups is the servers of joined rooms, and what waits to be posted.
type groups struct {
	servers map[opengroup.Host]*groupServer
	rooms   map[core.ID]*opengroup.View
	posting []posting        // in the order in which they were written
	shown   map[core.ID]bool // rooms that may have changed since they were saved
}

// groupServer is a server and when it is asked next.
type groupServer struct {
	*opengroup.Server
	next    time.Time
	busy    bool // a poll or a post is under way
	polled  time.Time
	trouble GroupTrouble // of the last poll
}

// asker is a way to servers outside the network. A model of the network that has
// none is no asker.
type asker interface {
	Ask(ctx context.Context, o courier.ServerOrder) (onion.V4Response, error)
}

func newGroups() groups {
	return groups{servers: map[opengroup.Host]*groupServer{}, rooms: map[core.ID]*opengroup.View{}, shown: map[core.ID]bool{}}
}

// loadGroups takes up the joined rooms.
func (c *Client) loadGroups() error {
	if err := c.loadPosting(); err != nil {
		return err
	}
	c.indexGroups()
	return nil
}

// indexGroups makes the rooms in memory those of the registers.
func (c *Client) indexGroups() {
	joined := map[core.ID]bool{}
	for _, r := range c.account.state.All() {
		if r.Kind != snapshot.Group || r.Deleted || len(joined) == maxGroups {
			continue
		}
		room, err := opengroup.ParseRoom(r.Value)
		if id := room.ID(); err == nil && string(id[:]) == r.Name {
			joined[id] = true
			c.enterRoom(room)
		}
	}
	for id, v := range c.groups.rooms {
		if !joined[id] {
			c.leaveRoom(id, v)
		}
	}
	c.dirty = true
}

func (c *Client) enterRoom(room opengroup.Room) {
	id := room.ID()
	if c.groups.rooms[id] != nil {
		return
	}
	s := c.groups.servers[room.Host]
	if s == nil {
		s = &groupServer{Server: opengroup.NewServer(room.Host, c.account.keys.Shared.Account)}
		c.groups.servers[room.Host] = s
	}
	v := s.Add(room.Token)
	c.groups.rooms[id] = v
	if b, err := c.db.Get(c.ctx, store.Room, string(id[:])); err == nil && !v.Loaded {
		_ = s.Restore(v, b) // or the server tells
	}
	s.next = time.Time{}
	c.showRoom(id)
}

func (c *Client) leaveRoom(id core.ID, v *opengroup.View) {
	delete(c.groups.rooms, id)
	delete(c.groups.shown, id)
	if s := c.groups.servers[v.Room.Host]; s != nil {
		if s.Remove(v.Room.Token); len(s.Views()) == 0 {
			delete(c.groups.servers, v.Room.Host)
		}
	}
	delete(c.log.rows, id)
	delete(c.log.older, id)
	delete(c.log.newer, id)
	delete(c.log.tip, id)
	c.changed(id)
}

// followGroups lets registers about rooms take effect once they are saved.
func (c *Client) followGroups(t *tx, registers []snapshot.Register) {
	joined := false
	for _, r := range registers {
		if r.Kind != snapshot.Group {
			continue
		}
		joined = true
		if r.Deleted {
			t.Delete(store.Room, r.Name)
		}
	}
	if joined {
		t.then(c.indexGroups)
	}
}

// saveRooms keeps what was said last in rooms that have changed.
func (c *Client) saveRooms() {
	if len(c.groups.shown) == 0 || time.Now().Before(c.rest) {
		return
	}
	_ = c.update(func(t *tx) error { // or with the next change
		for id := range c.groups.shown {
			v := c.groups.rooms[id]
			if b, sum := v.Keep(c.groupServer(id).Server); b != nil {
				t.Put(store.Room, string(id[:]), b)
				t.then(func() { v.Kept(sum) })
			}
		}
		return nil
	})
	clear(c.groups.shown)
}

// tickGroups asks each server what is new, and posts what waits.
func (c *Client) tickGroups() {
	if c.phase != Main || c.silent() {
		return
	}
	c.saveRooms()
	for _, s := range c.groups.servers {
		// A shorter interval may have come into force since next was set.
		if latest := time.Now().Add(c.everyServer(s)); s.next.After(latest) {
			s.next = latest
		}
		switch {
		case s.busy:
		case !time.Now().Before(s.next):
			c.pollGroups(s)
		default:
			c.postNext(s)
		}
	}
}

// everyServer is how often a server is asked just now.
func (c *Client) everyServer(s *groupServer) time.Duration {
	switch viewed := c.viewing(); {
	case s.trouble != 0:
		return restGroup
	case c.cfg.Hidden():
		return everyHidden
	case slices.ContainsFunc(s.Views(), func(v *opengroup.View) bool { return slices.Contains(viewed, v.Conversation()) }):
		return everyViewed
	}
	return everyGroup
}

// pollGroups asks a server once.
func (c *Client) pollGroups(s *groupServer) {
	net, ok := c.net.(asker)
	if !ok {
		return
	}
	s.busy = true
	poll := s.Poll()
	c.beside(func(ctx context.Context) func() {
		r, err := net.Ask(ctx, courier.ServerOrder{To: s.Host.Server(), Request: poll.Request})
		return func() { c.polledGroups(s, poll, r, err) }
	})
}

func (c *Client) polledGroups(s *groupServer, poll opengroup.Poll, r onion.V4Response, err error) {
	s.busy = false
	if c.groups.servers[s.Host] != s {
		return // left meanwhile
	}
	again := false
	if err == nil {
		again, err = s.Polled(poll, r)
	}
	before := s.trouble
	s.trouble = troubleOf(err)
	if !again {
		s.polled = time.Now()
	}
	s.next = time.Now().Add(c.everyServer(s))
	c.dirty = c.dirty || before != s.trouble
	for _, v := range s.Views() {
		c.showRoom(v.Conversation())
	}
	c.saidAlready(s)
	if again {
		c.pollGroups(s)
	}
}

// showRoom puts what is known of a room into the book of conversations.
func (c *Client) showRoom(id core.ID) {
	v := c.groups.rooms[id]
	s := c.groupServer(id)
	if v == nil || s == nil || !v.Changed() {
		return
	}
	me := s.Me()
	rows := make([]core.Message, 0, len(v.Rows))
	for i := range v.Rows {
		rows = append(rows, roomRow(v, id, me, &v.Rows[i]))
	}
	if !v.Newer {
		for _, p := range c.groups.posting {
			if p.room == id {
				row, said := p.row(me), opengroup.Unsent(p.data)
				row.Post.Reply = quoted(v, &said)
				rows = append(rows, row)
			}
		}
	}
	c.groups.shown[id] = true
	c.log.rows[id], c.log.older[id], c.log.newer[id] = rows, v.Older, v.Newer
	if !v.Newer {
		delete(c.log.tip, id)
		if len(rows) > 0 {
			c.log.tip[id] = rows[len(rows)-1]
		}
	}
	c.changed(id)
}

// beginRoom counts what was said before one came as read. Other devices of the
// account learn it as any read mark.
func (c *Client) beginRoom(t *tx, id core.ID, v *opengroup.View) error {
	at := store.Position{Sent: 1, ID: core.MessageID{Device: id}} // before the first
	if n := len(v.Rows); n > 0 {
		at = store.PositionOf(roomRow(v, id, "", &v.Rows[n-1]))
	}
	if c.talks.kept[id].read.Compare(at) >= 0 {
		return nil
	}
	return c.markRead(t, id, at)
}

// roomRow is a message of a room as pages have it.
func roomRow(v *opengroup.View, id core.ID, me string, m *opengroup.Message) core.Message {
	post := &core.Post{Author: m.Author, Name: m.Name, Moderator: v.Moderates(m.Author), Edited: m.Edited}
	for _, r := range m.Reactions {
		post.Reactions = append(post.Reactions, core.Reaction(r))
	}
	post.Reply = quoted(v, m)
	row := core.Message{
		ID: core.MessageID{Device: id, Counter: uint64(m.ID)}, Conversation: id, Direction: core.In, Status: core.Delivered,
		Sent: m.Posted, Body: m.Body, Unable: m.Unable, Post: post,
	}
	if m.Author == me {
		row.Direction, row.Status = core.Out, core.Stored
	}
	return row
}

// quoted is what a post answers; nil = nothing.
func quoted(v *opengroup.View, m *opengroup.Message) *core.Quoted {
	to, replies := v.Answered(m)
	if !replies {
		return nil
	}
	return &core.Quoted{Author: to.Author, Name: to.Name, Body: to.Body}
}

// groupServer is the server of a room; nil: it is not joined.
func (c *Client) groupServer(id core.ID) *groupServer {
	if v := c.groups.rooms[id]; v != nil {
		return c.groups.servers[v.Room.Host]
	}
	return nil
}

// groupRows are the lines of joined rooms in the list of chats.
func (c *Client) groupRows() []ChatRow {
	var rows []ChatRow
	for id, v := range c.groups.rooms {
		s := c.groupServer(id)
		g := &GroupRow{
			URL: v.Room.URL(), Me: s.Me(), Description: v.Info.Description, Members: v.Info.Members, Loaded: v.Loaded,
			Write: v.Info.Write, Moderator: v.Info.Moderator, Trouble: s.trouble,
		}
		if s.trouble == 0 {
			g.Trouble = troubleOf(v.Trouble)
		}
		if v.Pin != nil {
			pin := roomRow(v, id, s.Me(), v.Pin)
			g.Pinned = &pin
		}
		row := ChatRow{Conversation: id, Name: v.Info.Name, Group: g}
		c.fillChat(&row)
		rows = append(rows, row)
	}
	return rows
}

// troubleOf is why a server or a room cannot be used.
func troubleOf(err error) GroupTrouble {
	if err == nil {
		return 0
	}
	for i, known := range groupErrors {
		if errors.Is(err, known) {
			return GroupTrouble(i + 1)
		}
	}
	return GroupTrouble(len(groupErrors) + 1)
}

// GroupTrouble is why an open group cannot be read; 0 = it can.
type GroupTrouble uint8

// Err is the error of a command that met the same; ErrOffline where it is the
// network's. nil for 0.
func (t GroupTrouble) Err() error {
	switch {
	case t == 0:
		return nil
	case int(t) <= len(groupErrors):
		return groupErrors[t-1]
	}
	return ErrOffline
}

// groupErrors is all that has a sentence of its own.
var groupErrors = [...]error{
	ErrGroupDown, ErrGroupKey, ErrGroupGarbage, ErrGroupReply, ErrGroupSignature, ErrGroupForbidden, ErrGroupMissing,
	ErrGroupClock, ErrGroupBusy, ErrGroupServer, ErrGroupRequest, ErrGroupURL,
}

// groupSentences are those, in the same order. They stand here because a post
// that was refused keeps its own (core.Message.Cause).
var groupSentences = [...]string{
	"The group’s server does not answer; other conversations are not affected.",
	"The group’s server has another key than its address says: ask for the address again.",
	"The group’s server gives answers that Tandem cannot read.",
	"The group’s server gave an answer that is too large or none at all.",
	"The group’s server does not accept your account’s signature.",
	"The group’s server does not permit this: you may lack the right, or be banned.",
	"The group’s server does not know this group or message any more.",
	"The group’s server does not accept the time of your request.",
	"The group’s server gets too many requests: wait a moment, then try again.",
	"The group’s server has failed: try again later.",
	"The group’s server refused the request.",
	"This is not the address of an open group: it begins with http, and has a room and a public_key of 64 characters.",
}

// GroupSentence says what an error of an open group means; "" if it is none.
func GroupSentence(err error) string {
	for i, known := range groupErrors {
		if errors.Is(err, known) {
			return groupSentences[i]
		}
	}
	return ""
}

// GroupErrors are all errors that GroupSentence knows.
func GroupErrors() []error { return groupErrors[:] }
