// Package plain is a messenger of Session's kind for tests: one account on one
// device, written from network.md §8 alone. It knows no device list, no
// pairwise session and none of Tandem's fields, and shares no code with the
// client that it talks to but keys and storage RPC. What it understands, a
// plain Session client understands; what it refuses, such a client drops.
//
// It is no twin of any program's looks: it keeps what it was told and says what
// a test makes it say. It has no goroutine: Poll is called.
package plain

import (
	"context"
	"slices"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/testnet"
)

// Client is one account. It is not safe for concurrent use.
type Client struct {
	net     *testnet.Network
	name    string
	account *identity.Account

	seen     map[string]bool // hashes of the mailbox
	asked    map[core.ID]bool
	approved map[core.ID]bool
	chats    map[core.ID]*Chat
	refused  int
	last     core.Millis // of what was sent last: no two messages have one time
}

// Chat is what the client holds of another account.
type Chat struct {
	Name       string
	Messages   []Message // as they came in
	ApprovedMe bool      // it has answered a request of this client
	Typing     bool
	Timer      Timer // what the other side set last
}

// Message is one row. Author and Sent are what Session's clients know it by.
type Message struct {
	Author core.ID
	Sent   core.Millis
	Body   string
	Read   bool // one's own: the other side said so
	Timer  Timer
}

// Timer is when a message disappears: kind 0 never, 1 after it was read, 2
// after it was sent.
type Timer struct{ Kind, Seconds uint64 }

// New makes an account with a display name.
func New(net *testnet.Network, name string) *Client {
	return withRoot(net, name, identity.NewRoot())
}

// Restore is a client of the account with these words, whatever else it is used
// by.
func Restore(net *testnet.Network, name, words string) (*Client, error) {
	root, err := identity.RootFromWords(words)
	if err != nil {
		return nil, err
	}
	return withRoot(net, name, root), nil
}

func withRoot(net *testnet.Network, name string, root *identity.Root) *Client {
	return &Client{
		net: net, name: name, account: root.Account(), seen: map[string]bool{},
		asked: map[core.ID]bool{}, approved: map[core.ID]bool{}, chats: map[core.ID]*Chat{},
	}
}

// ID is the account's.
func (c *Client) ID() core.ID { return c.account.ID() }

// Refused counts what lay in the mailbox and is no valid message.
func (c *Client) Refused() int { return c.refused }

// Chat is what there is of an account; empty if nothing.
func (c *Client) Chat(with core.ID) Chat {
	if chat := c.chats[with]; chat != nil {
		out := *chat
		out.Messages = slices.Clone(chat.Messages)
		return out
	}
	return Chat{}
}

// Requests are the accounts that have written and were not accepted.
func (c *Client) Requests() []core.ID {
	var out []core.ID
	for id := range c.asked {
		if !c.approved[id] {
			out = append(out, id)
		}
	}
	return out
}

func (c *Client) chat(with core.ID) *Chat {
	if c.chats[with] == nil {
		c.chats[with] = &Chat{}
	}
	return c.chats[with]
}

// Write sends a text, with the profile. Whoever writes to an account has
// accepted it.
func (c *Client) Write(ctx context.Context, to core.ID, text string) (sent core.Millis, err error) {
	return c.WriteWith(ctx, to, text, Timer{})
}

// WriteWith is Write of a message that disappears.
func (c *Client) WriteWith(ctx context.Context, to core.ID, text string, timer Timer) (sent core.Millis, err error) {
	content := bytesField(nil, 1, c.data(text))
	sent, err = c.Send(ctx, to, timed(content, timer))
	if err == nil {
		c.approved[to] = true
		chat := c.chat(to)
		chat.Messages = append(chat.Messages, Message{Author: c.ID(), Sent: sent, Body: text, Timer: timer})
	}
	return sent, err
}

// data is DataMessage{1 body, 101 profile{1 name}}.
func (c *Client) data(text string) []byte {
	return bytesField(bytesField(nil, 1, []byte(text)), 101, c.profile())
}

func (c *Client) profile() []byte { return bytesField(nil, 1, []byte(c.name)) }

// timed adds expirationType and expirationTimer.
func timed(content []byte, timer Timer) []byte {
	return uintField(uintField(content, 12, timer.Kind), 13, timer.Seconds)
}

// SetTimer says that messages disappear from now on, or not any more.
func (c *Client) SetTimer(ctx context.Context, to core.ID, timer Timer) error {
	data := bytesField(uintField(nil, 4, 2), 101, c.profile())
	_, err := c.Send(ctx, to, timed(bytesField(nil, 1, data), timer))
	return err
}

// Accept answers a message request.
func (c *Client) Accept(ctx context.Context, from core.ID) error {
	_, err := c.Send(ctx, from, bytesField(nil, 10, bytesField(uintField(nil, 1, 1), 3, c.profile())))
	if err == nil {
		c.approved[from] = true
	}
	return err
}

// Read says that messages by an account were read.
func (c *Client) Read(ctx context.Context, from core.ID, sent ...core.Millis) error {
	receipt := uintField(nil, 1, 1)
	for _, at := range sent {
		receipt = uintField(receipt, 2, uint64(at))
	}
	_, err := c.Send(ctx, from, bytesField(nil, 5, receipt))
	return err
}

// Type says that somebody has begun to type, or has stopped.
func (c *Client) Type(ctx context.Context, to core.ID, started bool) error {
	action := uint64(1)
	if started {
		action = 0
	}
	_, err := c.Send(ctx, to, bytesField(nil, 6, uintField(uintField(nil, 1, uint64(c.net.Now())), 2, action)))
	return err
}

// Unsend takes a message back: a client's own, or, as only a hostile one does,
// that of somebody else.
func (c *Client) Unsend(ctx context.Context, to core.ID, sent core.Millis, author core.ID) error {
	_, err := c.Send(ctx, to, bytesField(nil, 9, bytesField(uintField(nil, 1, uint64(sent)), 2, []byte(author.Hex()))))
	return err
}

// Kinds of content that are sent to see what becomes of them.
const (
	Picture    = "picture"
	Voice      = "voice"
	Call       = "call"
	Invitation = "invitation"
	Reaction   = "reaction"
)

// SendOther sends a message of one of these kinds.
func (c *Client) SendOther(ctx context.Context, to core.ID, kind, text string) error {
	data := c.data(text)
	file := bytesField(fixedField(nil, 1, 7), 2, []byte("image/png"))
	var content []byte
	switch kind {
	case Picture:
		data = bytesField(data, 2, file)
	case Voice:
		data = bytesField(data, 2, uintField(file, 8, 1))
	case Invitation:
		data = bytesField(data, 102, bytesField(bytesField(nil, 1, []byte("http://example.org/room")), 3, []byte("Room")))
	case Reaction:
		reaction := bytesField(uintField(nil, 1, 7), 2, []byte(to.Hex()))
		data = bytesField(data, 11, uintField(bytesField(reaction, 3, []byte("❤")), 4, 0))
	case Call:
		content = bytesField(nil, 3, bytesField(uintField(nil, 1, 6), 5, []byte("call")))
	}
	if content == nil {
		content = bytesField(nil, 1, data)
	}
	_, err := c.Send(ctx, to, timed(content, Timer{}))
	return err
}
