package opengroup

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"

	"tandem/core"
	"tandem/core/wire"
)

// Message is one post of a room, by whom its signature says.
type Message struct {
	ID     int64
	Author string // 66 hex characters: 15…, 25… or 05…
	Name   string // the author's display name, as the message has it; "" = none
	Posted core.Millis
	Edited bool
	Body   string
	Unable string // what it is, where this version cannot show it

	Reactions []Reaction

	data   []byte      // what was signed
	said   core.Millis // when the author says so
	answer wire.Quote
}

// Reaction is one emoji under a message.
type Reaction struct {
	Emoji string
	Count int
	You   bool // one of them is one's own
}

// listed is an entry of a server's list of messages.
type listed struct {
	ID        int64   `json:"id"`
	Author    string  `json:"session_id"`
	Posted    float64 `json:"posted"` // seconds
	Edited    float64 `json:"edited"`
	Seqno     int64   `json:"seqno"`
	Data      *string `json:"data"`
	Signature string  `json:"signature"`
	Deleted   bool    `json:"deleted"`
	Reactions map[string]struct {
		Count int  `json:"count"`
		You   bool `json:"you"`
		Index int  `json:"index"`
	} `json:"reactions"`
}

// parseList reads a list of messages. One that is malformed counts as absent.
// Error: ErrGarbage.
func parseList(body []byte) ([]listed, error) {
	var raw []json.RawMessage
	if !read(body, &raw) || len(raw) > maxListed {
		return nil, ErrGarbage
	}
	var out []listed
	for _, b := range raw {
		var l listed
		if json.Unmarshal(b, &l) == nil && l.ID > 0 && l.ID < maxNumber && l.Seqno >= 0 && l.Seqno < maxNumber {
			out = append(out, l)
		}
	}
	return out, nil
}

// read decodes an answer. One with more parts than any sensible one is refused
// before it is taken apart: each part costs many times its bytes.
func read(answer []byte, into any) bool {
	return bytes.Count(answer, []byte{','}) <= maxParts && json.Unmarshal(answer, into) == nil
}

// message is what an entry says, if its author said it. Signatures are slow in a
// tab: a message that is among those that were verified before is not checked again.
func (l *listed) message(verified []Message) (Message, bool) {
	if l.Data == nil || len(*l.Data) > maxData*4/3+4 {
		return Message{}, false
	}
	data, err := base64.StdEncoding.DecodeString(*l.Data)
	if err != nil || len(data) > maxData {
		return Message{}, false
	}
	m := Message{
		ID: l.ID, Author: strings.ToLower(l.Author), Posted: millis(l.Posted), Edited: l.Edited > 0,
		Reactions: l.reactions(), data: data,
	}
	for i := range verified {
		if verified[i].ID == m.ID && verified[i].same(&m) {
			return m, m.read()
		}
	}
	signature, err := base64.StdEncoding.DecodeString(l.Signature)
	if err != nil || !verify(l.Author, data, signature) {
		return Message{}, false
	}
	return m, m.read()
}

// read takes the words out of what was signed; false: it is not a message of a
// conversation.
func (m *Message) read() bool {
	content, err := wire.ParseContent(wire.Unpad(m.data))
	if err != nil || content.Data == nil {
		return false
	}
	m.Body, m.Name, m.Unable = content.Data.Body, content.Data.Name, unable(content.Data)
	m.said, m.answer = content.SigTimestamp, content.Data.Quote
	return m.Body != "" || m.Unable != ""
}

// unable names what a message is beside its text.
func unable(d *wire.DataMessage) string {
	switch {
	case d.Body != "":
		return ""
	case d.Parts&wire.HasVoice != 0:
		return "voice message"
	case d.Parts&wire.HasFile != 0:
		return "attachment"
	case d.Parts&wire.HasInvitation != 0:
		return "invitation to a group"
	}
	return ""
}

// latest is the year 9999, ms.
const latest = 253_402_300_799_999

func millis(seconds float64) core.Millis {
	if !(seconds > 0) || seconds > latest/1000 {
		return 0
	}
	return core.Millis(seconds * 1000)
}

// reactions are in the server's order.
func (l *listed) reactions() []Reaction {
	var out []Reaction
	var index []int
	for emoji, r := range l.Reactions {
		if !validEmoji(emoji) || r.Count <= 0 || len(out) == maxReactions {
			continue
		}
		at := len(out)
		for at > 0 && (index[at-1] > r.Index || index[at-1] == r.Index && out[at-1].Emoji > emoji) {
			at--
		}
		out, index = append(out, Reaction{}), append(index, 0)
		copy(out[at+1:], out[at:])
		copy(index[at+1:], index[at:])
		out[at], index[at] = Reaction{Emoji: emoji, Count: min(r.Count, 1e9), You: r.You}, r.Index
	}
	return out
}

// validEmoji: short, nothing that would be another path, and nothing that turns
// or hides what stands beside it.
func validEmoji(emoji string) bool {
	if emoji == "" || len(emoji) > maxEmoji || !utf8.ValidString(emoji) {
		return false
	}
	seen := false
	for _, r := range emoji {
		joins := r == 0x200d || r >= 0xe0020 && r <= 0xe007f // of parts of one emoji, and of flags
		if r < 0x80 || unicode.IsControl(r) || unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) && !joins {
			return false // letters and slashes are no emoji
		}
		seen = seen || !joins
	}
	return seen
}

// same reports whether two posts are the same words by the same author.
func (m *Message) same(other *Message) bool {
	return m.Author == other.Author && bytes.Equal(m.data, other.data)
}
