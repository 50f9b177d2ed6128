package friends

import (
	"crypto/sha256"
	"slices"

	"tandem/core"
	"tandem/core/wire"
)

// maxIDs bounds the ids of one person's requests that are remembered at once.
const maxIDs = 16

// Ask is what this device holds of somebody who asks and was not answered: the
// newest request of the account, and the ids of all. It is one per person, not
// per device or request, and on this device only: the others find the same
// requests in the account's mailbox.
type Ask struct {
	Signed []byte // the newest request; nil: from a client that knows nothing of §7
	Text   string
	Name   string
	Sent   core.Millis // of the message around it
	IDs    []RequestID
	// List is the device list of somebody who was a friend before this account
	// lost what it knew; there is no request then.
	List []byte
}

// BeforeID is the id under which such a one is asked about, once: one per
// account.
func BeforeID(account core.ID) RequestID {
	sum := sha256.Sum256([]byte("tandem contact before v1" + string(account[:])))
	return RequestID(sum[:len(RequestID{})])
}

// Knows reports whether a request is one of these.
func (a Ask) Knows(id RequestID) bool { return slices.Contains(a.IDs, id) }

// With is the ask with one more id; of too many the oldest goes. a stays as it
// is.
func (a Ask) With(id RequestID) Ask {
	if a.Knows(id) {
		return a
	}
	a.IDs = append(slices.Clone(a.IDs), id)
	if len(a.IDs) > maxIDs {
		a.IDs = a.IDs[1:]
	}
	return a
}

// Marshal writes {1 request, 2 text, 3 name, 4 sent, 5 ids, 6 list}.
func (a Ask) Marshal() []byte {
	var out []byte
	if a.Signed != nil {
		out = wire.AppendBytes(out, 1, a.Signed)
	}
	out = wire.AppendText(out, 2, a.Text)
	out = wire.AppendText(out, 3, a.Name)
	out = wire.AppendUint(out, 4, uint64(a.Sent))
	var ids []byte
	for _, id := range a.IDs {
		ids = append(ids, id[:]...)
	}
	out = wire.AppendBytes(out, 5, ids)
	if a.List != nil {
		out = wire.AppendBytes(out, 6, a.List)
	}
	return out
}

// ParseAsk reads what Marshal wrote. Error: ErrRecord.
func ParseAsk(b []byte) (Ask, error) {
	var (
		a    Ask
		m    wire.Message
		sent uint64
		ids  []byte
	)
	err := wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Bytes(f, &a.Signed, 1, wire.MaxSigned)
		case 2:
			return m.Text(f, &a.Text, wire.MaxBody)
		case 3:
			return m.Text(f, &a.Name, wire.MaxName)
		case 4:
			return m.Uint(f, &sent, maxTime)
		case 5:
			return m.Bytes(f, &ids, 0, maxIDs*len(RequestID{}))
		case 6:
			return m.Bytes(f, &a.List, 1, MaxList)
		}
		return nil
	})
	if err != nil || !m.Has(2) || !m.Has(3) || !m.Has(4) || !m.Has(5) || len(ids)%len(RequestID{}) != 0 {
		return Ask{}, ErrRecord
	}
	a.Sent = core.Millis(sent)
	for id := range slices.Chunk(ids, len(RequestID{})) {
		a.IDs = append(a.IDs, RequestID(id))
	}
	return a, nil
}
