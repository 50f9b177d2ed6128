package opengroup

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"strconv"

	"golang.org/x/crypto/blake2b"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/onion"
)

// Member is the account as a server sees it. All linked devices have the same
// account key, so they make the same member (multi-device.md §10).
type Member struct {
	account *identity.Account
	blinded *identity.Blinded // nil: the server does not blind
	server  [32]byte
}

// NewMember is the account on a server; blind: under an ID of that server's own.
func NewMember(a *identity.Account, server [32]byte, blind bool) *Member {
	m := &Member{account: a, server: server}
	if blind {
		m.blinded = a.Blind(server)
	}
	return m
}

// ID is the author of one's own posts, 66 hex characters: 15… or 05….
func (m *Member) ID() string {
	if m.blinded != nil {
		return "15" + m.blinded.Ed().Hex()
	}
	return m.account.ID().Hex()
}

// signPost signs the bytes of a message.
func (m *Member) signPost(data []byte) []byte {
	if m.blinded != nil {
		return m.blinded.Sign(data)
	}
	return m.account.XEdSignEven(data)
}

// Call is a request that has yet to be signed, which is done for each attempt
// anew: a server takes a nonce once.
type Call struct {
	method, path string // path as it is signed; emoji are not encoded
	body         []byte
	member       *Member // nil: unsigned, by nobody
}

// Request signs the call. now is network time, ms.
func (c Call) Request(now core.Millis) onion.V4Request {
	r := onion.V4Request{Method: c.method, Endpoint: escape(c.path), Headers: map[string]string{}, Body: c.body}
	if c.body != nil {
		r.Headers["Content-Type"] = "application/json"
	}
	if c.member == nil {
		return r
	}
	var nonce [16]byte
	rand.Read(nonce[:])
	c.member.sign(r.Headers, c, now/core.Second, nonce)
	return r
}

// sign sets the four headers of network.md §12.
func (m *Member) sign(headers map[string]string, c Call, seconds core.Millis, nonce [16]byte) {
	timestamp := strconv.FormatInt(int64(seconds), 10)
	message := append(m.server[:len(m.server):len(m.server)], nonce[:]...)
	message = append(message, timestamp+c.method+c.path...)
	if len(c.body) > 0 {
		sum := blake2b.Sum512(c.body)
		message = append(message, sum[:]...)
	}
	key, signature := "00"+m.account.Ed().Hex(), []byte(nil)
	if m.blinded != nil {
		key, signature = "15"+m.blinded.Ed().Hex(), m.blinded.Sign(message)
	} else {
		signature = m.account.Sign(message)
	}
	headers["X-SOGS-Pubkey"] = key
	headers["X-SOGS-Timestamp"] = timestamp
	headers["X-SOGS-Nonce"] = base64.StdEncoding.EncodeToString(nonce[:])
	headers["X-SOGS-Signature"] = base64.StdEncoding.EncodeToString(signature)
}

// escape encodes the bytes of a path that an address cannot have.
func escape(path string) string {
	const digits = "0123456789ABCDEF"
	var out []byte
	for _, c := range []byte(path) {
		if c <= ' ' || c >= 0x7f || c == '%' || c == '"' || c == '#' {
			out = append(out, '%', digits[c>>4], digits[c&15])
		} else {
			out = append(out, c)
		}
	}
	return string(out)
}

// verify reports whether an author, 66 hex characters, signed data.
func verify(author string, data, signature []byte) bool {
	b, err := hex.DecodeString(author)
	if err != nil || len(b) != 33 || len(signature) != 64 {
		return false
	}
	switch b[0] {
	case 0x05:
		return identity.XEdVerify([32]byte(b[1:]), data, signature)
	case 0x15, 0x25:
		return identity.Verify(core.EdKey(b[1:]), data, signature)
	}
	return false
}
