package testnet

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"sync"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/onion"
)

// Bounds of an open-group server, as of the public ones.
const (
	maxPost       = 64 << 10 // bytes of a message
	postsPerPage  = 100
	maxPosts      = 256 // in one answer
	signedWithin  = 24 * core.Hour
	maxBatchGroup = 1024
)

// GroupOptions describe an open-group server.
type GroupOptions struct {
	Seed  [32]byte // the key follows from it
	Host  string   // under which nodes find it: RegisterServer
	Plain bool     // it does not blind; it then takes no blinded IDs
	// FirstModerates makes whoever posts first in a room its moderator.
	FirstModerates bool
}

// Groups is an open-group server behind the network, with the routes and checks
// of network.md §12. It believes no signature that it has not verified, with
// crypto/ed25519 alone, and knows nothing of core/opengroup: it is the other
// side. What was posted lives in memory.
//
// As with public servers, it does not check the signatures of messages, only
// those of requests: what to believe is for clients to say.
type Groups struct {
	o   GroupOptions
	key *identity.Device // of whose X25519 form alone there is use
	now func() core.Millis

	mu     sync.Mutex // guards the fields below
	rooms  map[string]*groupRoom
	nonces map[string]core.Millis // used, by when they may be forgotten
	lie    func(onion.V4Request) (onion.V4Response, bool)
	calls  int
}

// groupRoom is a room. Sequence numbers count all changes in it.
type groupRoom struct {
	token, name, description string
	created                  core.Millis
	posts                    []*groupPost // in order of ID
	lastID, seqno, updates   int64
	moderators               []string
	banned                   map[string]bool
	readOnly                 bool
	pinned                   []int64
	seen                     map[string]core.Millis // who is active
}

// groupPost is a message of a room. seqno is that of its newest change, said that of
// its words.
type groupPost struct {
	id, seqno, said int64
	author          string
	posted, edited  core.Millis
	data, signature []byte
	deleted         bool
	reactions       []*reaction
}

type reaction struct {
	emoji string
	by    []string
}

// NewGroups starts an open-group server and makes it known to the nodes.
func (n *Network) NewGroups(o GroupOptions) (*Groups, error) {
	key, err := identity.ParseDevice(o.Seed[:])
	if err != nil {
		return nil, err
	}
	g := &Groups{o: o, key: key, now: n.now, rooms: map[string]*groupRoom{}, nonces: map[string]core.Millis{}}
	n.RegisterServer(o.Host, g.Serve)
	return g, nil
}

// URL is the address by which a room is joined.
func (g *Groups) URL(token string) string {
	key := g.key.PublicKey()
	return "http://" + g.o.Host + "/" + token + "?public_key=" + hex.EncodeToString(key[:])
}

// Open makes a room. Numbers in it begin with the time, so that those of a
// server that was started again are higher.
func (g *Groups) Open(token, name, description string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	first := int64(g.now() / core.Second)
	g.rooms[token] = &groupRoom{
		token: token, name: name, description: description, created: g.now(),
		lastID: first, seqno: first, updates: first, banned: map[string]bool{}, seen: map[string]core.Millis{},
	}
}

// Moderate gives an author, 66 hex characters, the rights of a moderator.
func (g *Groups) Moderate(token, author string) {
	g.change(token, func(r *groupRoom) { r.moderators = append(r.moderators, author); r.updates++ })
}

// Restrict lets only moderators write.
func (g *Groups) Restrict(token string, on bool) {
	g.change(token, func(r *groupRoom) { r.readOnly = on; r.updates++ })
}

// Plant puts a message into a room whatever it is: for tests of those who read.
func (g *Groups) Plant(token, author string, data, signature []byte) (id int64) {
	g.change(token, func(r *groupRoom) { id = r.add(author, data, signature, g.now()).id })
	return id
}

// Pin pins a message.
func (g *Groups) Pin(token string, id int64) {
	g.change(token, func(r *groupRoom) { r.pin(id) })
}

// Withdraw deletes a message, as its author or a moderator does.
func (g *Groups) Withdraw(token string, id int64) {
	g.change(token, func(r *groupRoom) {
		if p := r.find(id); p != nil {
			r.delete(p)
		}
	})
}

// Lie lets f answer in the server's place, where it says so; nil: no more.
func (g *Groups) Lie(f func(onion.V4Request) (onion.V4Response, bool)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lie = f
}

// Calls counts the requests that arrived.
func (g *Groups) Calls() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.calls
}

// Posted is a message as the server keeps it.
type Posted struct {
	ID              int64
	Author          string
	Data, Signature []byte
}

// Posts lists what is in a room and not deleted.
func (g *Groups) Posts(token string) (out []Posted) {
	g.change(token, func(r *groupRoom) {
		for _, p := range r.posts {
			if !p.deleted {
				out = append(out, Posted{p.id, p.author, slices.Clone(p.data), slices.Clone(p.signature)})
			}
		}
	})
	return out
}

func (g *Groups) change(token string, f func(*groupRoom)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if r := g.rooms[token]; r != nil {
		f(r)
	}
}

// Serve answers what a node relays: an onion layer for the server's key.
func (g *Groups) Serve(_ context.Context, r ServerRequest) (Response, error) {
	if r.Target != "/oxen/v4/lsrpc" {
		return plain(404, "Not Found"), nil
	}
	sealed, err := onion.ParseBody(r.Body)
	if err != nil {
		return plain(400, "Invalid onion request"), nil
	}
	opened, channel, err := onion.Open(g.key, sealed)
	if err != nil {
		return plain(400, "Invalid onion request"), nil
	}
	request, err := onion.DecodeV4Request(opened)
	if err != nil {
		return plain(400, "Invalid onion request"), nil
	}
	answer := onion.EncodeV4Response(g.Ask(request))
	return Response{
		Status: 200, Header: [][2]string{{"Content-Type", "application/octet-stream"}}, Body: channel.Seal(answer),
	}, nil
}

// Ask answers a request that is already opened.
func (g *Groups) Ask(r onion.V4Request) onion.V4Response {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls++
	if g.lie != nil {
		if answer, lied := g.lie(r); lied {
			return answer
		}
	}
	header := map[string]string{}
	for name, value := range r.Headers {
		header[strings.ToLower(name)] = value
	}
	who, refusal := g.authenticate(r, header)
	if refusal.code != 0 {
		return refusal.v4()
	}
	return g.visit(visit{who: who, method: r.Method, path: r.Endpoint, body: r.Body}).v4()
}

func (r *groupRoom) add(author string, data, signature []byte, now core.Millis) *groupPost {
	r.lastID++
	r.seqno++
	p := &groupPost{id: r.lastID, seqno: r.seqno, said: r.seqno, author: author, posted: now, data: data, signature: signature}
	r.posts = append(r.posts, p)
	return p
}

func (r *groupRoom) find(id int64) *groupPost {
	at, ok := slices.BinarySearchFunc(r.posts, id, func(p *groupPost, id int64) int { return int(p.id - id) })
	if !ok || r.posts[at].deleted {
		return nil
	}
	return r.posts[at]
}

func (r *groupRoom) touch(p *groupPost, words bool) {
	r.seqno++
	p.seqno = r.seqno
	if words {
		p.said = r.seqno
	}
}

func (r *groupRoom) pin(id int64) {
	r.pinned = append(slices.DeleteFunc(r.pinned, func(p int64) bool { return p == id }), id)
	r.updates++
}

// object is a message as a visitor sees it.
func (p *groupPost) shown(who string, since int64) jsonMap {
	o := jsonMap{"id": p.id, "seqno": p.seqno}
	if p.deleted {
		o["deleted"], o["data"] = true, nil
		return o
	}
	if len(p.reactions) > 0 || since > 0 {
		o["reactions"] = p.reacted(who)
	}
	if since > 0 && p.said <= since {
		return o // only its reactions have changed
	}
	o["session_id"], o["posted"] = p.author, float64(p.posted)/1000
	if p.edited > 0 {
		o["edited"] = float64(p.edited) / 1000
	}
	o["data"] = base64.StdEncoding.EncodeToString(p.data)
	if len(p.signature) > 0 {
		o["signature"] = base64.StdEncoding.EncodeToString(p.signature)
	}
	return o
}

func (p *groupPost) reacted(who string) jsonMap {
	out := jsonMap{}
	for i, r := range p.reactions {
		out[r.emoji] = jsonMap{
			"index": int64(i), "count": int64(len(r.by)), "reactors": r.by[:min(len(r.by), 4)], "you": slices.Contains(r.by, who),
		}
	}
	return out
}
