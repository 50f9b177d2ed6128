package opengroup

import (
	"strings"

	"tandem/core"
	"tandem/core/onion"
	"tandem/core/wire"
)

// Words are the bytes of a post: a padded Content with text, display name and
// time. They are what the author signs, so the same words sent again are known
// for the same post.
func Words(text, name string, now core.Millis) []byte { return about(wire.Quote{}, text, name, now) }

// Reply is Words about another message of the room.
func Reply(text, name string, now core.Millis, to *Message) []byte {
	return about(wire.Quote{Sent: to.Posted, Author: to.Author, Text: clean(to.Body, maxQuoted)}, text, name, now)
}

// Reworded is Words in the place of a message, about the same one as that.
func Reworded(text, name string, now core.Millis, was *Message) []byte {
	return about(was.answer, text, name, now)
}

func about(q wire.Quote, text, name string, now core.Millis) []byte {
	c := wire.Content{Data: &wire.DataMessage{Body: text, Name: name, Quote: q}, SigTimestamp: now}
	return wire.Pad(c.Marshal())
}

// Unsent is a post that waits, as far as its words say.
func Unsent(data []byte) Message {
	m := Message{data: data}
	m.read()
	return m
}

// Answered is the message that another one answers, if that is in the window;
// replies: it answers one.
func (v *View) Answered(m *Message) (to Message, replies bool) {
	for i := range v.Rows {
		r := &v.Rows[i]
		if (r.Posted == m.answer.Sent || r.said == m.answer.Sent) && strings.EqualFold(r.Author, m.answer.Author) && r.ID != m.ID {
			return *r, true
		}
	}
	return Message{}, m.answer.Author != ""
}

// spoken is a post or an edit.
type spoken struct {
	Data      []byte `json:"data"` // base64 in JSON
	Signature []byte `json:"signature"`
}

func (s *Server) spoken(data []byte) spoken { return spoken{data, s.member.signPost(data)} }

// Known reports whether calls can be made: the server has said under which name.
func (s *Server) Known() bool { return s.member != nil }

// Post says something. data: of Words. Known must be true.
func (s *Server) Post(token string, data []byte) Call {
	return s.call("POST", "/room/"+token+"/message", s.spoken(data))
}

// Edit replaces one's own message.
func (s *Server) Edit(token string, id int64, data []byte) Call {
	return s.call("PUT", "/room/"+token+"/message/"+number(id), s.spoken(data))
}

// Delete removes a message: one's own, or a moderator any.
func (s *Server) Delete(token string, id int64) Call {
	return s.call("DELETE", "/room/"+token+"/message/"+number(id), nil)
}

// React adds or takes back a reaction. Error: ErrReaction.
func (s *Server) React(token string, id int64, emoji string, on bool) (Call, error) {
	if !validEmoji(emoji) {
		return Call{}, ErrReaction
	}
	method := "PUT"
	if !on {
		method = "DELETE"
	}
	return s.call(method, "/room/"+token+"/reaction/"+number(id)+"/"+emoji, nil), nil
}

// Ban takes the right to be in a room from an author; off gives it back.
func (s *Server) Ban(token, author string, on bool) Call {
	verb := "/ban"
	if !on {
		verb = "/unban"
	}
	return s.call("POST", "/user/"+author+verb, struct {
		Rooms []string `json:"rooms"`
	}{[]string{token}})
}

// Pin makes a message the pinned one; off makes it like any other.
func (s *Server) Pin(token string, id int64, on bool) Call {
	verb := "/pin/"
	if !on {
		verb = "/unpin/"
	}
	return s.call("POST", "/room/"+token+verb+number(id), struct{}{})
}

// Before asks for the messages before the window.
func (s *Server) Before(v *View) Call {
	return s.call("GET", "/room/"+v.Room.Token+"/messages/before/"+number(v.floor)+"?reactors=4&limit="+number(page), nil)
}

// Recent asks for the newest messages, after Before.
func (s *Server) Recent(v *View) Call {
	return s.call("GET", "/room/"+v.Room.Token+"/messages/recent?reactors=4&limit="+number(page), nil)
}

// Restarted takes the answer to Recent. Errors: those of Check, ErrGarbage.
func (v *View) Restarted(r onion.V4Response) error {
	if err := Check(r.Code); err != nil {
		return err
	}
	return v.listed(step{kind: asRecent}, r.Body)
}

// Preceded takes the answer to Before. Errors: those of Check, ErrGarbage.
func (v *View) Preceded(r onion.V4Response) error {
	if err := Check(r.Code); err != nil {
		return err
	}
	entries, err := parseList(r.Body)
	if err != nil {
		return err
	}
	low := lowest(entries)
	v.Older = false // or put would drop them
	for i := range entries {
		if m, ok := entries[i].message(v.Rows); ok && !entries[i].Deleted && m.ID < v.floor {
			v.put(m)
		}
	}
	v.Older, v.changed = len(entries) >= page && low < v.floor, true
	if low > 0 {
		v.floor = min(v.floor, low)
	}
	v.trim(true)
	return nil
}

// Posted takes the answer to Post or Edit: the message as the server keeps it,
// which is shown if it is what was said. Errors: those of Check, ErrGarbage.
func (v *View) Posted(r onion.V4Response) error {
	if err := Check(r.Code); err != nil {
		return err
	}
	var l listed
	if !read(r.Body, &l) || l.ID <= 0 || l.ID >= maxNumber {
		return ErrGarbage
	}
	if m, ok := l.message(v.Rows); ok {
		v.put(m)
		v.trim(v.Newer)
	}
	return nil
}

// Says reports whether a message by this member with these words is in the
// window: an earlier attempt to post it arrived.
func (v *View) Says(me string, data []byte) bool {
	post := Message{Author: me, data: data}
	for i := range v.Rows {
		if v.Rows[i].same(&post) {
			return true
		}
	}
	return false
}

// Gone forgets a message that was deleted by a call.
func (v *View) Gone(id int64) { v.remove(id) }
