package onion

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// V4Request is a request to a server behind the network (network.md §6.4).
type V4Request struct {
	Method   string            `json:"method"`
	Endpoint string            `json:"endpoint"` // path and query
	Headers  map[string]string `json:"headers"`
	Body     []byte            `json:"-"` // nil: none
}

// V4Response is the server's answer. Code is the status; the transport's own
// status is 200 always.
type V4Response struct {
	Code    int               `json:"code"`
	Headers map[string]string `json:"headers"`
	Body    []byte            `json:"-"`
}

// EncodeV4Request makes the payload of BuildServer.
func EncodeV4Request(r V4Request) []byte { return join(r, r.Body) }

// EncodeV4Response makes what a server seals as its answer.
func EncodeV4Response(r V4Response) []byte { return join(r, r.Body) }

// DecodeV4Request reads what a server opened. Error: ErrReply.
func DecodeV4Request(b []byte) (V4Request, error) {
	var r V4Request
	body, err := splitV4(b, &r)
	if err != nil || r.Method == "" || r.Endpoint == "" {
		return V4Request{}, ErrReply
	}
	r.Body = body
	return r, nil
}

// DecodeV4Response reads a server's opened answer. Error: ErrReply.
func DecodeV4Response(b []byte) (V4Response, error) {
	var r V4Response
	body, err := splitV4(b, &r)
	if err != nil || r.Code < 100 || r.Code > 599 {
		return V4Response{}, ErrReply
	}
	r.Body = body
	return r, nil
}

// join writes l<len>:<head>[<len>:<body>]e, a bencoded list of one or two
// strings.
func join(head any, body []byte) []byte {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(head); err != nil {
		panic(err) // strings and numbers always encode
	}
	out := appendString([]byte("l"), bytes.TrimSuffix(text.Bytes(), []byte("\n")))
	if body != nil {
		out = appendString(out, body)
	}
	return append(out, 'e')
}

func appendString(out, s []byte) []byte {
	out = strconv.AppendInt(out, int64(len(s)), 10)
	return append(append(out, ':'), s...)
}

// splitV4 undoes join. body is nil when the list has one string.
func splitV4(b []byte, head any) (body []byte, err error) {
	if len(b) < 2 || b[0] != 'l' || b[len(b)-1] != 'e' {
		return nil, ErrReply
	}
	text, rest, ok := cutString(b[1 : len(b)-1])
	if !ok || json.Unmarshal(text, head) != nil {
		return nil, ErrReply
	}
	if len(rest) == 0 {
		return nil, nil
	}
	if body, rest, ok = cutString(rest); !ok || len(rest) != 0 {
		return nil, ErrReply
	}
	return body, nil
}

// cutString takes one <len>:<bytes> off the front.
func cutString(b []byte) (s, rest []byte, ok bool) {
	// 8 digits are enough for MaxBody.
	i := bytes.IndexByte(b[:min(len(b), 9)], ':')
	if i <= 0 || (b[0] == '0' && i > 1) {
		return nil, nil, false
	}
	n, err := strconv.ParseUint(string(b[:i]), 10, 32)
	if err != nil || n > uint64(len(b)-i-1) {
		return nil, nil, false
	}
	b = b[i+1:]
	return b[:n:n], b[n:], true
}
