package backup

import (
	"crypto/sha256"
	"slices"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/wire"
)

// domain of the signature at the end.
const domain = "tandem backup v1"

// Bounds of a Head, in bytes: 13 words, and a display name.
const (
	maxWords = 256
	maxEnd   = 1 << 10
)

// The first byte of a part says what it is.
const (
	kindHead = 1
	kindBody = 2
	kindEnd  = 3
)

// Part is what one frame holds: one of its fields.
type Part struct {
	Head *Head
	Body *Body
	End  *End
}

// Head says whose file it is.
type Head struct {
	Account core.ID
	Ed      core.EdKey // of the account
	Created core.Millis
	Name    string // the account's display name
	Words   string // the recovery phrase; "" = the file has none
}

// Body is a part of what an account knows. Registers are as core/snapshot
// marshals them; an item that deletes has no text.
type Body struct {
	Registers [][]byte
	Items     []wire.Item
}

// End is the account's word for all that stands before it.
type End struct {
	Sum   [sha256.Size]byte
	Items uint64
	by    wire.Signed
}

// String hides the words.
func (h Head) String() string { return "[secret]" }

// GoString hides the words.
func (h Head) GoString() string { return "[secret]" }

// Marshal writes the part of a Head.
func (h *Head) Marshal() []byte {
	out := wire.AppendBytes([]byte{kindHead}, 1, h.Account[:])
	out = wire.AppendBytes(out, 2, h.Ed[:])
	out = wire.AppendUint(out, 3, uint64(h.Created))
	out = wire.AppendText(out, 4, h.Name)
	if h.Words != "" {
		out = wire.AppendText(out, 5, h.Words)
	}
	return out
}

// NewBody begins a part to which AddRegister and AddItem append.
func NewBody() []byte { return []byte{kindBody} }

// AddRegister appends a register to a body.
func AddRegister(body, register []byte) []byte { return wire.AppendBytes(body, 1, register) }

// AddItem appends a message, or a deletion, to a body.
func AddItem(body []byte, i *wire.Item) []byte { return wire.AppendBytes(body, 2, i.Marshal()) }

// MarshalEnd is the last part of a file.
func MarshalEnd(account wire.Signer, sum [sha256.Size]byte, items uint64) []byte {
	body := wire.AppendUint(wire.AppendBytes(nil, 1, sum[:]), 2, items)
	return append([]byte{kindEnd}, wire.SignBody(account, domain, body).Marshal()...)
}

// By reports whether the account of a head has signed the end.
func (e *End) By(h *Head) bool {
	return identity.Verify(h.Ed, wire.Domain(domain, e.by.Body), e.by.Signature)
}

// ParsePart reads what a frame holds. Error: ErrDamaged.
func ParsePart(plain []byte) (p Part, err error) {
	if len(plain) == 0 || len(plain) > MaxPart {
		return p, ErrDamaged
	}
	b := plain[1:]
	switch plain[0] {
	case kindHead:
		p.Head, err = parseHead(b)
	case kindBody:
		p.Body, err = parseBody(b)
	case kindEnd:
		p.End, err = parseEnd(b)
	default:
		err = ErrDamaged
	}
	if err != nil {
		return Part{}, ErrDamaged
	}
	return p, nil
}

func parseHead(b []byte) (*Head, error) {
	h := new(Head)
	var m wire.Message
	var created uint64
	err := wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Fixed(f, h.Account[:])
		case 2:
			return m.Fixed(f, h.Ed[:])
		case 3:
			return m.Uint(f, &created, 1<<53)
		case 4:
			return m.Text(f, &h.Name, wire.MaxName)
		case 5:
			return m.Text(f, &h.Words, maxWords)
		}
		return nil
	})
	if err != nil || !m.Has(1) || !m.Has(2) || !m.Has(3) || !m.Has(4) {
		return nil, ErrDamaged
	}
	h.Created = core.Millis(created)
	if id, err := identity.IDFromEd(h.Ed); err != nil || id != h.Account {
		return nil, ErrDamaged
	}
	if h.Words != "" {
		root, err := identity.RootFromWords(h.Words)
		if err != nil || root.Account().ID() != h.Account {
			return nil, ErrDamaged
		}
	}
	return h, nil
}

func parseBody(b []byte) (*Body, error) {
	body := new(Body)
	err := wire.Fields(b, func(f wire.Field) (err error) {
		switch f.Number {
		case 1:
			body.Registers = append(body.Registers, slices.Clone(f.Bytes))
		case 2:
			var i wire.Item
			i, err = wire.ParseItem(f)
			if i.Author.IsZero() || i.Counter == 0 || i.Conversation.IsZero() {
				return ErrDamaged
			}
			body.Items = append(body.Items, i)
		}
		return err
	})
	return body, err
}

func parseEnd(b []byte) (*End, error) {
	e := new(End)
	var err error
	if e.by, err = wire.ParseSignedUpTo(b, maxEnd); err != nil {
		return nil, err
	}
	var m wire.Message
	err = wire.Fields(e.by.Body, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Fixed(f, e.Sum[:])
		case 2:
			return m.Uint(f, &e.Items, 1<<62)
		}
		return nil
	})
	if err != nil || !m.Has(1) || !m.Has(2) {
		return nil, ErrDamaged
	}
	return e, nil
}
