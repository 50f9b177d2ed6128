package wire

import "tandem/core"

// Bounds of the past as it is given to a new device.
const (
	// MaxPast is how many bytes of items a chunk holds (multi-device.md §9).
	MaxPast = 60_000
	// maxPastItems bounds a chunk: the smallest item is 80 bytes long.
	maxPastItems = MaxPast / 80
	// PastWindow is how many chunks are under way at most (multi-device.md §9).
	PastWindow = 8
)

// States of a Past. Others are ignored.
const (
	PastDone    = 1 // of a chunk: there are no more; of an answer: all of it is here
	PastStopped = 2 // there is none, or no more of it: somebody pressed Stop
)

// Past is one chunk of what was said before a device was linked; or the answer
// of that device: how many it has; or, with items but no number, something that
// its author did not send to that device, because it did not know it.
type Past struct {
	Run    uint64 // 1: chunks are numbered anew in each run; 0 in an answer = none was begun
	Base   uint64 // 2: the chunks up to this number are of runs before
	Number uint64 // 3: of this chunk; 0 = it is none
	Before uint64 // 4: messages up to the end of this chunk
	Total  uint64 // 5: of which there will be about so many
	State  uint64 // 6
	Items  []Item // 7, repeated, the newest first
	Got    uint64 // 8, of an answer: all chunks up to this number are here
}

func (p *Past) marshal() []byte {
	var out []byte
	for i, v := range [...]uint64{p.Run, p.Base, p.Number, p.Before, p.Total, p.State} {
		out = AppendUint(out, 1+i, v)
	}
	for i := range p.Items {
		out = AppendBytes(out, 7, p.Items[i].Marshal())
	}
	return AppendUint(out, 8, p.Got)
}

// parse also refuses items that are nobody's or nowhere.
func (p *Past) parse(outer *Message, f Field) error {
	if err := sub(outer, f, p.field); err != nil {
		return err
	}
	for i := range p.Items {
		if it := &p.Items[i]; it.Counter == 0 || it.Conversation.IsZero() || it.Author.IsZero() {
			return ErrMalformed
		}
	}
	return nil
}

func (p *Past) field(m *Message, f Field) error {
	switch f.Number {
	case 1:
		return m.Uint(f, &p.Run, maxEpoch)
	case 2:
		return m.Uint(f, &p.Base, maxEpoch)
	case 3:
		return m.Uint(f, &p.Number, maxEpoch)
	case 4:
		return m.Uint(f, &p.Before, maxEpoch)
	case 5:
		return m.Uint(f, &p.Total, maxEpoch)
	case 6:
		return m.Uint(f, &p.State, 255)
	case 7:
		if len(p.Items) == maxPastItems {
			return ErrMalformed
		}
		item, err := ParseItem(f)
		p.Items = append(p.Items, item)
		return err
	case 8:
		return m.Uint(f, &p.Got, maxEpoch)
	}
	return nil
}

// past appends the fields of an item that count in a Past.
func (i *Item) past(out []byte) []byte {
	if i.Author.IsZero() {
		return out
	}
	out = AppendBytes(out, 9, i.Author[:])
	out = AppendUint(out, 10, uint64(i.Status))
	if i.Lasts != 0 {
		out = AppendUint(out, 11, uint64(i.Lasts))
	}
	if i.Unverified {
		out = AppendUint(out, 12, 1)
	}
	return out
}

func (i *Item) pastField(m *Message, f Field) error {
	switch f.Number {
	case 9:
		return m.id(f, &i.Author)
	case 10:
		var status uint64
		err := m.Uint(f, &status, 255)
		i.Status = core.Status(status)
		return err
	case 11:
		return m.time(f, &i.Lasts)
	case 12:
		return m.flag(f, &i.Unverified)
	}
	return nil
}
