package opengroup

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"tandem/core/identity"
	"tandem/core/onion"
)

// Server is one server as a member sees it: its joined rooms, and what to ask
// next. Not safe for concurrent use.
//
//	Poll ──► GET /capabilities, by nobody ──► the account is blinded, or not
//	Poll ──► POST /sequence: each room's info and messages ──► Views
//
// Who asks a server for the first time does so without a name: only its
// capabilities say under which one.
type Server struct {
	Host Host

	account *identity.Account
	member  *Member // nil: not known under which name
	views   []*View
	polls   int
	haste   int // polls since the last pause
}

// NewServer is a server without rooms.
func NewServer(host Host, account *identity.Account) *Server {
	return &Server{Host: host, account: account}
}

// Me is one's own ID there; "" = not known yet.
func (s *Server) Me() string {
	if s.member == nil {
		return ""
	}
	return s.member.ID()
}

// Views are the joined rooms.
func (s *Server) Views() []*View { return s.views }

// View is a joined room; nil: it is not joined.
func (s *Server) View(token string) *View {
	for _, v := range s.views {
		if v.Room.Token == token {
			return v
		}
	}
	return nil
}

// Add joins a room.
func (s *Server) Add(token string) *View {
	if v := s.View(token); v != nil {
		return v
	}
	v := &View{Room: Room{s.Host, token}, Info: Info{Name: token}, changed: true}
	s.views = append(s.views, v)
	return v
}

// Remove leaves a room.
func (s *Server) Remove(token string) {
	s.views = slices.DeleteFunc(s.views, func(v *View) bool { return v.Room.Token == token })
}

// Poll is what to ask now; Polled takes the answer.
type Poll struct {
	Call
	steps []step
}

// step is one request of a sequence.
type step struct {
	path   string
	view   *View
	kind   stepKind
	number int64 // of the message, or the seqno that was asked for
}

type stepKind uint8

const (
	asCapabilities stepKind = iota
	asInfo
	asRecent
	asSince
	asPin
)

// Poll makes one request of all that may have changed. A sequence ends at its
// first failure, so rooms in trouble come last, and one of them at a time.
func (s *Server) Poll() Poll {
	if s.member == nil {
		return Poll{Call: Call{method: "GET", path: "/capabilities"}, steps: []step{{path: "/capabilities"}}}
	}
	steps := []step{{path: "/capabilities"}}
	var troubled *View // the one that has waited longest
	fresh := 0
	for _, v := range s.views {
		switch {
		case v.Trouble == nil:
			if !v.Loaded {
				fresh++
			}
			if v.Loaded || fresh <= maxFresh {
				steps = append(steps, v.steps()...)
			}
		case troubled == nil || v.asked < troubled.asked:
			troubled = v
		}
	}
	if s.polls++; troubled != nil {
		troubled.asked = s.polls
		steps = append(steps, troubled.steps()...)
	}
	type part struct {
		Method string `json:"method"`
		Path   string `json:"path"`
	}
	parts := make([]part, len(steps))
	for i, st := range steps {
		parts[i] = part{"GET", st.path}
	}
	return Poll{Call: s.call("POST", "/sequence", parts), steps: steps}
}

// steps ask for what changed in a room.
func (v *View) steps() []step {
	at := "/room/" + v.Room.Token
	steps := []step{{path: at + "/pollInfo/" + number(v.Info.updates), view: v, kind: asInfo}}
	if v.Loaded {
		steps = append(steps, step{path: at + "/messages/since/" + number(v.seqno) + "?t=r&reactors=4&limit=" + number(page), view: v, kind: asSince, number: v.seqno})
	} else {
		steps = append(steps, step{path: at + "/messages/recent?reactors=4&limit=" + number(page), view: v, kind: asRecent})
	}
	if id := v.wantsPin(); id != 0 {
		steps = append(steps, step{path: at + "/message/" + number(id), view: v, kind: asPin, number: id})
	}
	return steps
}

// wantsPin is the newest pinned message, if it is not here.
func (v *View) wantsPin() int64 {
	if len(v.Info.Pinned) == 0 {
		v.Pin = nil
		return 0
	}
	id := v.Info.Pinned[len(v.Info.Pinned)-1]
	if m, ok := v.Find(id); ok {
		v.Pin = &m
	}
	if v.Pin != nil && v.Pin.ID == id {
		return 0
	}
	v.Pin = nil
	return id
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// call makes a signed request; body nil: none.
func (s *Server) call(method, path string, body any) Call {
	c := Call{method: method, path: path, member: s.member}
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			panic(err) // strings and numbers always encode
		}
		c.body = b
	}
	return c
}

// answered is one answer of a sequence.
type answered struct {
	Code int             `json:"code"`
	Body json.RawMessage `json:"body"`
}

// Polled takes the answer to a poll. again: there is more, so poll at once, which
// no server can have for ever. Errors: those of Check, ErrGarbage; a room's own
// trouble is in its View.
func (s *Server) Polled(p Poll, r onion.V4Response) (again bool, err error) {
	again, err = s.polled(p, r)
	for _, v := range s.views {
		again = again || err == nil && v.Trouble == nil && !v.Loaded
	}
	if s.haste++; !again || err != nil || s.haste > maxHaste {
		s.haste = 0
		return false, err
	}
	return true, nil
}

func (s *Server) polled(p Poll, r onion.V4Response) (again bool, err error) {
	if err := Check(r.Code); err != nil {
		return false, s.refused(r, err)
	}
	if p.member == nil {
		return true, s.capabilities(r.Body)
	}
	var answers []answered
	if !read(r.Body, &answers) || len(answers) == 0 || len(answers) > len(p.steps) {
		return false, ErrGarbage
	}
	for i, a := range answers {
		st := p.steps[i]
		err := Check(a.Code)
		if err == nil {
			err = s.follow(st, a.Body)
		}
		switch {
		case st.view == nil && err != nil:
			return again, err
		case st.view != nil && st.kind == asPin && err != nil:
			st.view.Info.Pinned = nil // it is gone, or was never there
		case st.view != nil:
			st.view.changed = st.view.changed || st.view.Trouble != err
			st.view.Trouble = err
			if err != nil {
				return again, nil // the sequence ends here
			}
			wants := st.kind != asInfo && (st.view.wantsPin() != 0 || st.view.behind)
			again = again || wants
		}
	}
	return again, nil
}

// refused notices a server that has begun to want blinded IDs.
func (s *Server) refused(r onion.V4Response, err error) error {
	if r.Code == 400 && s.member != nil && s.member.blinded == nil && strings.Contains(string(r.Body[:min(len(r.Body), 200)]), "blinded") {
		s.member = nil
	}
	return err
}

// capabilities learns under which name the account is a member. Who is blinded
// stays so: a server that takes the word back would learn the account's ID.
func (s *Server) capabilities(body []byte) error {
	var c struct {
		Capabilities []string `json:"capabilities"`
	}
	if !read(body, &c) || len(c.Capabilities) == 0 {
		return ErrGarbage
	}
	blind := slices.Contains(c.Capabilities, "blind")
	if s.member == nil || blind && s.member.blinded == nil {
		s.member = NewMember(s.account, s.Host.Key, blind)
	}
	return nil
}

func (s *Server) follow(st step, body []byte) error {
	switch st.kind {
	case asCapabilities:
		return s.capabilities(body)
	case asInfo:
		before := st.view.Info.updates
		news, err := st.view.Info.follow(st.view.Room.Token, body)
		st.view.changed = st.view.changed || news
		if st.view.Info.updates < before {
			st.view.Start() // it is not the room that it was
		}
		return err
	case asPin:
		return st.view.pinned(st.number, body)
	}
	return st.view.listed(st, body)
}

// pinned takes a message that is pinned.
func (v *View) pinned(id int64, body []byte) error {
	var l listed
	if !read(body, &l) || l.ID != id {
		return ErrGarbage
	}
	m, ok := l.message(v.Rows)
	if !ok {
		return ErrGarbage
	}
	v.Pin, v.changed = &m, true
	return nil
}

// listed takes messages.
func (v *View) listed(st step, body []byte) error {
	entries, err := parseList(body)
	if err != nil {
		return err
	}
	if st.kind == asSince && st.number != v.seqno {
		return nil // the window has moved since this was asked
	}
	before := v.Rows
	if st.kind == asRecent {
		v.Start()
	}
	v.take(entries, before)
	v.changed = v.changed || !v.Loaded
	if v.Loaded = true; st.kind == asRecent {
		v.Older, v.floor = len(entries) >= page, lowest(entries)
	}
	if !v.Newer {
		v.trim(false)
	}
	if v.behind = st.kind == asSince && len(entries) >= page && v.seqno > st.number; !v.behind {
		v.streak = 0
	} else if v.streak++; v.streak > maxStreak {
		v.Start() // too far behind to read all of it
		v.behind = true
	}
	return nil
}
