package wire

// Contact is what a device tells a friend's device about its own account.
type Contact struct {
	Reading []byte // 1, the key of the account's public outbox; core/identity reads it
	Name    string // 2, display name
}

func (c *Contact) marshal() []byte {
	var out []byte
	if c.Reading != nil {
		out = AppendBytes(out, 1, c.Reading)
	}
	return AppendText(out, 2, c.Name)
}

func (c *Contact) field(m *Message, f Field) error {
	switch f.Number {
	case 1:
		return m.Bytes(f, &c.Reading, 1, maxKey)
	case 2:
		return m.Text(f, &c.Name, MaxName)
	}
	return nil
}
