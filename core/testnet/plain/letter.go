package plain

import (
	"bytes"
	"errors"

	"tandem/core"
	"tandem/core/identity"
)

// errLetter: bytes that Session's clients drop.
var errLetter = errors.New("plain: not a valid message")

const (
	step        = 160 // of padding
	tail        = 32 + 64
	typeSession = 6
)

// letter is what was in an envelope.
type letter struct {
	from    core.ID
	sent    core.Millis
	content fields
}

// seal writes content as it lies in a mailbox (network.md §8, 1 to 6).
func (c *Client) seal(to core.ID, sent core.Millis, content []byte) []byte {
	padded := make([]byte, (len(content)/step+1)*step)
	copy(padded, content)
	padded[len(content)] = 0x80
	ed, x := c.account.Ed(), to.X25519()
	signature := c.account.Sign(bytes.Join([][]byte{padded, ed[:], x[:]}, nil))
	box := identity.SealBox(to, bytes.Join([][]byte{padded, ed[:], signature}, nil))

	envelope := uintField(nil, 1, typeSession)
	envelope = bytesField(envelope, 2, nil)
	envelope = uintField(envelope, 5, uint64(sent))
	envelope = uintField(envelope, 7, 1)
	envelope = bytesField(envelope, 8, box)
	envelope = bytesField(envelope, 11, bytes.Repeat([]byte{0xaa}, 64)) // the decoy of who has not paid
	request := bytesField(bytesField(nil, 1, nil), 2, nil)
	request = uintField(bytesField(request, 3, envelope), 4, 0)
	return bytesField(uintField(nil, 1, 1), 2, request)
}

// open is the inverse. Error: errLetter.
func (c *Client) open(data []byte) (letter, error) {
	box, sent, err := unwrap(data)
	if err != nil {
		return letter{}, err
	}
	plain, err := c.account.OpenBox(box)
	if err != nil || len(plain) < tail {
		return letter{}, errLetter
	}
	padded, ed, signature := plain[:len(plain)-tail], core.EdKey(plain[len(plain)-tail:len(plain)-64]), plain[len(plain)-64:]
	x := c.ID().X25519()
	if !identity.Verify(ed, bytes.Join([][]byte{padded, ed[:], x[:]}, nil), signature) {
		return letter{}, errLetter
	}
	from, err := identity.IDFromEd(ed)
	if err != nil {
		return letter{}, errLetter
	}
	content, err := parse(bytes.TrimSuffix(bytes.TrimRight(padded, "\x00"), []byte{0x80}))
	if err != nil {
		return letter{}, errLetter
	}
	if at, ok := content.uint(15); ok && at != uint64(sent) {
		return letter{}, errLetter
	}
	return letter{from, sent, content}, nil
}

// unwrap takes the box out of WebSocketMessage and Envelope.
func unwrap(data []byte) (box []byte, sent core.Millis, err error) {
	outer, err := parse(data)
	if err != nil {
		return nil, 0, errLetter
	}
	request, ok, _ := outer.sub(2)
	if !ok {
		return nil, 0, errLetter
	}
	envelope, ok, _ := request.sub(3)
	kind, _ := envelope.uint(1)
	at, timed := envelope.uint(5)
	if !ok || kind != typeSession || !timed || len(envelope.bytes[8]) != 1 {
		return nil, 0, errLetter
	}
	return envelope.bytes[8][0], core.Millis(at), nil
}
