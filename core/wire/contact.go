package wire

import "tandem/core"

// Contact is what a device tells a friend's device about its own account.
type Contact struct {
	Reading []byte // 1, the key of the account's public outbox; core/identity reads it
	Name    string // 2, display name
	// Named is when the account's devices agreed on the name, 3; 0 = not said.
	Named core.Millis
}

func (c *Contact) marshal() []byte {
	var out []byte
	if c.Reading != nil {
		out = AppendBytes(out, 1, c.Reading)
	}
	out = AppendText(out, 2, c.Name)
	if c.Named != 0 {
		out = AppendUint(out, 3, uint64(c.Named))
	}
	return out
}

func (c *Contact) field(m *Message, f Field) error {
	switch f.Number {
	case 1:
		return m.Bytes(f, &c.Reading, 1, maxKey)
	case 2:
		return m.Text(f, &c.Name, MaxName)
	case 3:
		return m.time(f, &c.Named)
	}
	return nil
}
