package opengroup

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"tandem/core"
	"tandem/core/onion"
	"tandem/core/wire"
)

// Host is a server: where it is, and the X25519 key that requests are sealed
// for. Two addresses with one key are two servers.
type Host struct {
	Base string // http(s)://host[:port], lower case, no slash at the end
	Key  [32]byte
}

// Room is a room of a server.
type Room struct {
	Host  Host
	Token string // its name in the address
}

// Bounds of an address, in bytes.
const (
	maxHost  = 253
	maxToken = 64
)

// IDPrefix is the first byte of a room's conversation ID: no account has it.
const IDPrefix = 0x0f

// ID names the room among conversations: 0x0f ‖ SHA-256(lp(base) ‖ lp(token) ‖
// key). It is no account and never leaves the account's devices.
func (r Room) ID() core.ID {
	b := append(wire.LP([]byte(r.Host.Base)), wire.LP([]byte(r.Token))...)
	sum := sha256.Sum256(append(b, r.Host.Key[:]...))
	var id core.ID
	id[0] = IDPrefix
	copy(id[1:], sum[:])
	return id
}

// IsRoom reports whether a conversation is an open group.
func IsRoom(conversation core.ID) bool { return conversation[0] == IDPrefix }

// URL is the room's address, as it is given to others.
func (r Room) URL() string {
	return r.Host.Base + "/" + r.Token + "?public_key=" + hex.EncodeToString(r.Host.Key[:])
}

// ParseURL reads http(s)://host[:port]/room?public_key=<64 hex>; white space
// around it, /r/room and other query fields are accepted. Error: ErrURL.
func ParseURL(text string) (Room, error) {
	text = strings.TrimSpace(text)
	if len(text) > 2*maxHost+maxToken+128 {
		return Room{}, ErrURL
	}
	scheme, rest, ok := strings.Cut(text, "://")
	scheme = strings.ToLower(scheme)
	if !ok || scheme != "http" && scheme != "https" {
		return Room{}, ErrURL
	}
	address, query, _ := strings.Cut(rest, "?")
	query, _, _ = strings.Cut(query, "#")
	host, token, _ := strings.Cut(address, "/")
	token = strings.TrimPrefix(strings.TrimSuffix(token, "/"), "r/")
	r := Room{Token: token}
	if r.Host.Base, ok = base(scheme, strings.ToLower(host)); !ok || !validToken(token) {
		return Room{}, ErrURL
	}
	for field := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(field, "=")
		if name != "public_key" {
			continue
		}
		if b, err := hex.DecodeString(value); err != nil || len(b) != 32 || r.Host.Key != [32]byte{} {
			return Room{}, ErrURL
		} else {
			copy(r.Host.Key[:], b)
		}
	}
	if r.Host.Key == [32]byte{} {
		return Room{}, ErrURL
	}
	return r, nil
}

// base checks host and port and leaves out the port that is the scheme's own.
func base(scheme, address string) (string, bool) {
	host, port, given := strings.Cut(address, ":")
	if host == "" || len(host) > maxHost || host[0] == '.' || host[0] == '-' || strings.Contains(host, "..") {
		return "", false
	}
	for _, c := range []byte(host) {
		if !letterOrDigit(c) && c != '-' && c != '.' {
			return "", false
		}
	}
	if !given {
		return scheme + "://" + host, true
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return "", false
	}
	if n == 443 && scheme == "https" || n == 80 && scheme == "http" {
		return scheme + "://" + host, true
	}
	return scheme + "://" + host + ":" + strconv.FormatUint(n, 10), true
}

func validToken(token string) bool {
	if token == "" || len(token) > maxToken {
		return false
	}
	for _, c := range []byte(token) {
		if !letterOrDigit(c) && (c < 'A' || c > 'Z') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

func letterOrDigit(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }

// target is where a node posts a request for a server (network.md §6.4).
const target = "/oxen/v4/lsrpc"

// Server is the host as the last node of a path finds it.
func (h Host) Server() onion.Server {
	scheme, host, _ := strings.Cut(h.Base, "://")
	s := onion.Server{X: h.Key, Host: host, Target: target}
	if scheme == "http" {
		s.Protocol, s.Port = "http", 80
	}
	if name, port, given := strings.Cut(host, ":"); given {
		s.Host = name
		s.Port, _ = strconv.Atoi(port)
		s.Protocol = scheme
	}
	return s
}

// Marshal is the room as the account's devices tell it each other: {1 base,
// 2 token, 3 key}.
func (r Room) Marshal() []byte {
	out := wire.AppendText(nil, 1, r.Host.Base)
	out = wire.AppendText(out, 2, r.Token)
	return wire.AppendBytes(out, 3, r.Host.Key[:])
}

// ParseRoom reads what Marshal wrote. Error: ErrURL.
func ParseRoom(b []byte) (Room, error) {
	var r Room
	var m wire.Message
	err := wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Text(f, &r.Host.Base, maxHost+16)
		case 2:
			return m.Text(f, &r.Token, maxToken)
		case 3:
			return m.Fixed(f, r.Host.Key[:])
		}
		return nil
	})
	if err != nil {
		return Room{}, ErrURL
	}
	if again, err := ParseURL(r.URL()); err != nil || again != r {
		return Room{}, ErrURL // not the canonical form, which is the only one
	}
	return r, nil
}
