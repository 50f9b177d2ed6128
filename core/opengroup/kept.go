package opengroup

import (
	"crypto/sha256"
	"encoding/hex"

	"tandem/core"
	"tandem/core/wire"
)

// A room is kept on the disk as {1 name, 2 description, 3 bits, 4 message, for each
// of the newest, 5 the pinned one}; a message as {1 number, 2 author, 33 bytes,
// 3 posted, 4 bits, 5 what was signed, 6 {1 emoji, 2 count, 3 you}, for each}. Its
// signature is not kept: it was checked before.
const (
	// maxKept bounds the messages that are kept of a room, maxKeptData what was
	// signed in them, in bytes. The next poll after a start brings as many.
	maxKept     = page
	maxKeptData = 256 << 10

	keptBlinded, keptWrite, keptModerator, keptOlder = 1, 2, 4, 8 // bits of a room
	keptEdited, keptModerates                        = 1, 2       // and of a message
)

// Keep is the room for the disk, and what Kept is told once it is there. nil: the
// disk has it, or the window is not at the end of the room.
func (v *View) Keep(s *Server) (b []byte, sum [32]byte) {
	if !v.Loaded || v.Newer || s.member == nil {
		return nil, sum
	}
	b = v.marshal(s.member.blinded != nil)
	if sum = sha256.Sum256(b); sum == v.kept {
		return nil, sum
	}
	return b, sum
}

// Kept says that what Keep gave is on the disk.
func (v *View) Kept(sum [32]byte) { v.kept = sum }

func (v *View) marshal(blinded bool) []byte {
	first, size := len(v.Rows), 0
	for first > 0 && len(v.Rows)-first < maxKept && size+len(v.Rows[first-1].data) <= maxKeptData {
		first--
		size += len(v.Rows[first].data)
	}
	bits := bit(blinded, keptBlinded) | bit(v.Info.Write, keptWrite) | bit(v.Info.Moderator, keptModerator) |
		bit(v.Older || first > 0, keptOlder)
	out := wire.AppendText(nil, 1, v.Info.Name)
	out = wire.AppendText(out, 2, v.Info.Description)
	out = wire.AppendUint(out, 3, bits)
	for i := first; i < len(v.Rows); i++ {
		out = wire.AppendBytes(out, 4, v.marshalMessage(&v.Rows[i]))
	}
	if v.Pin != nil {
		out = wire.AppendBytes(out, 5, v.marshalMessage(v.Pin))
	}
	return out
}

func (v *View) marshalMessage(m *Message) []byte {
	author, _ := hex.DecodeString(m.Author) // it was verified
	out := wire.AppendUint(nil, 1, uint64(m.ID))
	out = wire.AppendBytes(out, 2, author)
	out = wire.AppendUint(out, 3, uint64(m.Posted))
	out = wire.AppendUint(out, 4, bit(m.Edited, keptEdited)|bit(v.Moderates(m.Author), keptModerates))
	out = wire.AppendBytes(out, 5, m.data)
	for _, r := range m.Reactions {
		one := wire.AppendText(nil, 1, r.Emoji)
		one = wire.AppendUint(one, 2, uint64(r.Count))
		out = wire.AppendBytes(out, 6, wire.AppendUint(one, 3, bit(r.You, 1)))
	}
	return out
}

func bit(on bool, value uint64) uint64 {
	if on {
		return value
	}
	return 0
}

// Restore shows what Keep gave in a run before, until the server has said what is
// there now. It takes the account's name there as it was: who was blinded stays
// so. Error: ErrGarbage, and nothing has changed.
func (s *Server) Restore(v *View, b []byte) error {
	old := View{Room: v.Room, Info: Info{Name: v.Room.Token}, changed: true}
	var m wire.Message
	var bits uint64
	err := wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Text(f, &old.Info.Name, MaxName)
		case 2:
			return m.Text(f, &old.Info.Description, maxDescription)
		case 3:
			return m.Uint(f, &bits, 1<<32)
		case 4:
			one, err := old.parseMessage(f.Bytes)
			if n := len(old.Rows); err != nil || n == maxKept || n > 0 && old.Rows[n-1].ID >= one.ID {
				return ErrGarbage
			}
			old.Rows = append(old.Rows, one)
		case 5:
			pin, err := old.parseMessage(f.Bytes)
			if err != nil || old.Pin != nil {
				return ErrGarbage
			}
			old.Pin, old.Info.Pinned = &pin, []int64{pin.ID}
		}
		return nil
	})
	if err != nil || !m.Has(1) || old.Info.Name == "" || !m.Has(3) {
		return ErrGarbage
	}
	old.Info.Write, old.Info.Moderator, old.Older = bits&keptWrite != 0, bits&keptModerator != 0, bits&keptOlder != 0
	if len(old.Rows) > 0 {
		old.floor = old.Rows[0].ID
	}
	old.kept = sha256.Sum256(b)
	if *v = old; s.member == nil || bits&keptBlinded != 0 && s.member.blinded == nil {
		s.member = NewMember(s.account, s.Host.Key, bits&keptBlinded != 0)
	}
	return nil
}

// parseMessage reads a message that marshalMessage wrote, and whether its author
// moderates. Error: ErrGarbage.
func (v *View) parseMessage(b []byte) (Message, error) {
	var out Message
	var m wire.Message
	var author [33]byte
	var id, posted, bits uint64
	err := wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Uint(f, &id, maxNumber-1)
		case 2:
			return m.Fixed(f, author[:])
		case 3:
			return m.Uint(f, &posted, latest)
		case 4:
			return m.Uint(f, &bits, 1<<32)
		case 5:
			return m.Bytes(f, &out.data, 1, maxData)
		case 6:
			r, err := parseReaction(f.Bytes)
			if err != nil || len(out.Reactions) == maxReactions {
				return ErrGarbage
			}
			out.Reactions = append(out.Reactions, r)
		}
		return nil
	})
	if err != nil || id == 0 || !m.Has(2) || !out.read() {
		return Message{}, ErrGarbage
	}
	out.ID, out.Author, out.Posted, out.Edited = int64(id), hex.EncodeToString(author[:]), core.Millis(posted), bits&keptEdited != 0
	if bits&keptModerates != 0 && !v.Moderates(out.Author) {
		v.Info.moderators = append(v.Info.moderators, out.Author)
	}
	return out, nil
}

func parseReaction(b []byte) (Reaction, error) {
	var r Reaction
	var m wire.Message
	var count, you uint64
	err := wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Text(f, &r.Emoji, maxEmoji)
		case 2:
			return m.Uint(f, &count, 1e9)
		case 3:
			return m.Uint(f, &you, 1)
		}
		return nil
	})
	if r.Count, r.You = int(count), you == 1; err != nil || !validEmoji(r.Emoji) || r.Count == 0 {
		return Reaction{}, ErrGarbage
	}
	return r, nil
}
