package onion

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"

	"tandem/core"
)

// Kind says what a node does with what was under its layer.
type Kind uint8

// Kinds. Refused comes with the status and text to seal and send back.
const (
	Refused Kind = iota
	ForMe
	ToNode
	ToServer
)

// Layer is what a node finds when it opens its layer.
type Layer struct {
	Kind  Kind
	Plain []byte // all that was under the layer

	Payload []byte // ForMe: the JSON-RPC body
	Next    Sealed // ToNode: the layer to forward
	To      core.EdKey
	Frame   []byte // ToServer: what to POST, the same as Plain
	Server  Server // ToServer: where; X is not known to a node

	Status int    // Refused
	Text   string // Refused

	reply  Channel
	json   bool // answer's body as JSON, not as a string
	binary bool // no base64
}

// Peel opens s with a node's key. What a node cannot understand is a layer of
// kind Refused, not an error: the refusal is sealed with this layer's key
// (recordings, number 28).
//
// Error: ErrCiphertext, for a plain 400 "Invalid ciphertext".
func Peel(key NodeKey, s Sealed) (Layer, error) {
	plain, ch, err := Open(key, s)
	if err != nil {
		return Layer{}, err
	}
	l := Layer{Kind: Refused, Plain: plain, Status: 400, Text: "Invalid json", reply: ch}
	blob, ctl, err := split(plain)
	if err != nil {
		return l, nil
	}
	fields, ok := object(ctl)
	if !ok {
		return l, nil
	}
	// Precedence as recorded (number 30).
	switch {
	case fields["headers"] != nil:
		l.forMe(blob, fields)
	case fields["host"] != nil:
		l.toServer(plain, fields)
	case fields["destination"] != nil:
		l.toNode(blob, fields)
	}
	return l, nil
}

// Open decrypts a layer and hands out its key for the answer. A server behind
// the network uses it alone: its payload is no frame. Error: ErrCiphertext.
func Open(key NodeKey, s Sealed) (plain []byte, ch Channel, err error) {
	shared, err := key.Agree(s.Ephemeral)
	if err != nil {
		return nil, Channel{}, ErrCiphertext
	}
	ch = derive(s.Enc, shared, s.Ephemeral, key.PublicKey())
	plain, err = ch.Open(s.Blob)
	return plain, ch, err
}

func (l *Layer) forMe(blob []byte, fields map[string]json.RawMessage) {
	asJSON, ok1 := boolean(fields["json"], false)
	asBase64, ok2 := boolean(fields["base64"], true)
	if !ok1 || !ok2 {
		return
	}
	l.Kind, l.Payload, l.json, l.binary = ForMe, blob, asJSON, !asBase64
}

func (l *Layer) toNode(blob []byte, fields map[string]json.RawMessage) {
	to, ok1 := key32(fields["destination"])
	eph, ok2 := key32(fields["ephemeral_key"])
	if !ok1 || !ok2 {
		return
	}
	enc := AESGCM
	if raw, given := fields["enc_type"]; given {
		name, _ := text(raw)
		var ok bool
		if enc, ok = ParseEnc(name); !ok {
			return
		}
	}
	l.Kind, l.To, l.Next = ToNode, to, Sealed{Blob: blob, Ephemeral: eph, Enc: enc}
}

func (l *Layer) toServer(plain []byte, fields map[string]json.RawMessage) {
	s := Server{Protocol: "https", Port: 443}
	var ok1, ok2 bool
	s.Host, ok1 = text(fields["host"])
	s.Target, ok2 = text(fields["target"])
	if !ok1 || !ok2 {
		return
	}
	if raw := fields["protocol"]; raw != nil {
		if s.Protocol, ok1 = text(raw); !ok1 {
			return
		}
	}
	if raw := fields["port"]; raw != nil {
		var port uint32
		if json.Unmarshal(raw, &port) != nil {
			return
		}
		s.Port = int(uint16(port)) // 70000 wraps to 4464, as recorded
	}
	if !validTarget(s) {
		l.Text = "Invalid url"
		return
	}
	l.Kind, l.Server, l.Frame = ToServer, s, plain
}

// validTarget is the real server's check, and stricter in one point: ".." and
// "#" would lead to another path than the one that was checked (number 34).
func validTarget(s Server) bool {
	return (s.Protocol == "http" || s.Protocol == "https") &&
		(strings.HasPrefix(s.Target, "/loki/") || strings.HasPrefix(s.Target, "/oxen/")) &&
		strings.HasSuffix(s.Target, "/lsrpc") &&
		!strings.ContainsAny(s.Target, "?#") && !strings.Contains(s.Target, "..")
}

func boolean(raw json.RawMessage, absent bool) (value, ok bool) {
	switch string(raw) {
	case "":
		return absent, true
	case "true":
		return true, true
	case "false":
		return false, true
	}
	return false, false
}

// SealReply is the HTTP body of the 200 answer to this layer: status and body
// sealed for the client with this layer's key, in base64 unless the client
// asked for bytes. body goes in as text, or as JSON when the client asked for
// that and body is JSON.
func (l Layer) SealReply(status int, body []byte) []byte {
	var inner any = string(body)
	if l.json && json.Valid(body) {
		inner = json.RawMessage(body)
	}
	var plain bytes.Buffer
	enc := json.NewEncoder(&plain)
	enc.SetEscapeHTML(false)
	err := enc.Encode(struct {
		Body   any `json:"body"`
		Status int `json:"status"`
	}{inner, status})
	if err != nil {
		panic(err) // a string or valid JSON always encodes
	}
	sealed := l.reply.Seal(bytes.TrimSuffix(plain.Bytes(), []byte("\n")))
	if l.binary {
		return sealed
	}
	return base64.StdEncoding.AppendEncode(nil, sealed)
}
