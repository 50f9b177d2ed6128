package onion

import (
	"encoding/base64"
	"encoding/json"
)

// Reply opens the answer to one request. It holds the request's keys and
// prints as [secret].
type Reply struct {
	dest Channel
	hops []Channel // guard first
}

// String hides the keys.
func (Reply) String() string { return "[secret]" }

// GoString hides the keys.
func (Reply) GoString() string { return "[secret]" }

// Open reads the HTTP body of a 200 answer (network.md §6.4): status and body
// are those of the destination. body is the text of the answer, or its JSON
// when the node put it in as JSON.
//
// Errors: ErrTooLarge; ErrSealed; ErrReply; *HopError when a node of the path
// answered in the destination's place.
func (r Reply) Open(httpBody []byte) (status int, body []byte, err error) {
	if len(httpBody) > MaxBody {
		return 0, nil, ErrTooLarge
	}
	sealed := make([]byte, base64.StdEncoding.DecodedLen(len(httpBody)))
	n, err := base64.StdEncoding.Decode(sealed, httpBody)
	if err != nil {
		return 0, nil, ErrSealed
	}
	plain, err := r.dest.Open(sealed[:n])
	if err != nil {
		return 0, nil, hopError(r.hops, sealed[:n])
	}
	return parseReply(plain)
}

// hopError finds the node of the path that sealed an answer.
func hopError(hops []Channel, sealed []byte) error {
	for i, ch := range hops {
		plain, err := ch.Open(sealed)
		if err != nil {
			continue
		}
		status, _, err := parseReply(plain)
		if err != nil {
			status = 0
		}
		return &HopError{Hop: i, Status: status}
	}
	return ErrSealed
}

func parseReply(plain []byte) (status int, body []byte, err error) {
	fields, ok := object(plain)
	if !ok || json.Unmarshal(fields["status"], &status) != nil || status < 100 || status > 599 {
		return 0, nil, ErrReply
	}
	raw := fields["body"]
	if raw == nil {
		return 0, nil, ErrReply
	}
	if s, ok := text(raw); ok {
		return status, []byte(s), nil
	}
	return status, raw, nil
}

// ServerReply opens a server's answer. It prints as [secret].
type ServerReply struct {
	server Channel
	hops   []Channel
}

// String hides the keys.
func (ServerReply) String() string { return "[secret]" }

// GoString hides the keys.
func (ServerReply) GoString() string { return "[secret]" }

// Open reads the HTTP body of a 200 answer to BuildServer: raw bytes from the
// server, base64 when a node of the path refused.
//
// Errors: as Reply.Open.
func (r ServerReply) Open(httpBody []byte) (V4Response, error) {
	if len(httpBody) > MaxBody {
		return V4Response{}, ErrTooLarge
	}
	plain, err := r.server.Open(httpBody)
	if err == nil {
		return DecodeV4Response(plain)
	}
	sealed, err := base64.StdEncoding.DecodeString(string(httpBody))
	if err != nil {
		return V4Response{}, ErrSealed
	}
	return V4Response{}, hopError(r.hops, sealed)
}
