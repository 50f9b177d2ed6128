package testnet

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"

	"tandem/core"
	"tandem/core/onion"
)

// Conduct of a relay (rpc/onion_processing.h and request_handler.cpp of the
// servers).
const (
	maxHop        = 15               // a request that arrives with a higher number is refused
	hopTimeout    = 30 * core.Second // for the next node
	serverTimeout = 25 * core.Second // for a server outside
)

// packet is an onion request on its way between nodes.
type packet struct {
	onion.Sealed
	hop int
}

// enter takes an onion request from outside.
func (n *Node) enter(ctx context.Context, body []byte) Response {
	p, err := parseOuter(body)
	if err != nil {
		return plain(400, "Error parsing onion request: "+err.Error())
	}
	return n.peel(ctx, p)
}

// parseOuter reads the outer frame. Its errors are texts for the sender, and
// say what the servers' parser says; inner frames have no such errors, which is
// why onion.ParseBody is not enough here.
func parseOuter(body []byte) (packet, error) {
	if len(body) < 4 {
		return packet{}, refuse("Unexpected payload size; expected ciphertext size")
	}
	size, rest := uint64(binary.LittleEndian.Uint32(body)), body[4:]
	if size > uint64(len(rest)) {
		return packet{}, refuse("Unexpected payload size %d, expected >= %d", len(rest), size)
	}
	doc, err := parseJSON(rest[size:])
	if err != nil {
		return packet{}, err
	}
	m, ok := doc.(map[string]any)
	if !ok {
		return packet{}, refuse("[json.exception.type_error.304] cannot use at() with %s", kindOf(doc))
	}
	p := packet{Sealed: onion.Sealed{Blob: rest[:size]}}
	if p.Ephemeral, err = outerKey(m); err != nil {
		return packet{}, err
	}
	if v, present := m["enc_type"]; present {
		name, err := outerText(v)
		if err != nil {
			return packet{}, err
		}
		if p.Enc, ok = onion.ParseEnc(name); !ok {
			return packet{}, refuse("Invalid encryption type %s", name)
		}
	}
	p.hop, err = outerHop(m)
	return p, err
}

func outerText(v any) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", refuse("[json.exception.type_error.303] incompatible ReferenceType for get_ref, actual type is %s", kindOf(v))
	}
	return s, nil
}

func outerKey(m map[string]any) (key [32]byte, err error) {
	v, present := m["ephemeral_key"]
	if !present {
		return key, refuse("[json.exception.out_of_range.403] key 'ephemeral_key' not found")
	}
	text, err := outerText(v)
	if err != nil {
		return key, err
	}
	b, err := hex.DecodeString(text)
	if err != nil {
		return key, refuse("Hex key data is invalid: data is not hex")
	}
	if len(b) != len(key) {
		return key, refuse("Hex key data is invalid: expected 32 hex digits, received %d", len(text))
	}
	return [32]byte(b), nil
}

// outerHop lets a client start the count above zero, so that a relay cannot
// tell its place.
func outerHop(m map[string]any) (int, error) {
	v, present := m["hop_no"]
	switch v := v.(type) {
	case uint64:
		return max(0, int(int32(v))), nil
	case negative:
		return max(0, int(int32(v))), nil
	case float64:
		return max(0, int(int32(v))), nil
	case bool:
		if v {
			return 1, nil
		}
		return 0, nil
	}
	if present {
		return 0, refuse("[json.exception.type_error.302] type must be number, but is %s", kindOf(v))
	}
	return 0, nil
}

// peel takes one layer off and does what it says.
func (n *Node) peel(ctx context.Context, p packet) Response {
	l, err := onion.Peel(n.key, p.Sealed)
	if err != nil {
		return plain(400, "Invalid ciphertext")
	}
	n.saw(Peeled, l.Plain)
	n.saw(Carried, l.Next.Blob)
	switch l.Kind {
	case onion.ForMe:
		a := n.execute(ctx, l.Payload)
		body, _ := a.bytes()
		return plain(200, string(l.SealReply(a.status, body)))
	case onion.ToNode:
		return n.forward(ctx, l.To, packet{Sealed: l.Next, hop: p.hop + 1})
	case onion.ToServer:
		return n.outward(ctx, l)
	case onion.Refused:
	}
	return plain(200, string(l.SealReply(l.Status, []byte(l.Text))))
}

// forward sends a packet to the next node and brings its answer back: a status
// of few kinds, and a body; what headers there were stays behind.
func (n *Node) forward(ctx context.Context, to core.EdKey, p packet) Response {
	next := n.net.byEd[to]
	if next == nil || next.deregistered.Load() {
		return plain(502, "Next node not found: "+to.Hex())
	}
	n.net.emit(ctx, Event{Kind: EventLeaves, From: n.info.Ed, To: to, Size: len(p.Blob)})
	r, err := carry(ctx, way{n.net, n.info.Ed, next, hopTimeout, false}, func(ctx context.Context, t trip) Response {
		n.net.emit(ctx, Event{Kind: EventCame, From: n.info.Ed, To: to, Size: len(p.Blob)})
		p := p
		p.Blob = t.there(p.Blob)
		r := next.receive(ctx, p)
		r.Body = t.back(r.Body)
		return r
	})
	if err != nil {
		r = plain(504, "Request time out")
	}
	n.net.emit(ctx, Event{Kind: EventHop, From: n.info.Ed, To: to, Status: r.Status, Size: len(p.Blob)})
	return r
}

// receive takes a packet from another node.
func (n *Node) receive(ctx context.Context, p packet) Response {
	var r Response
	switch {
	case p.hop > maxHop:
		r = plain(400, "onion request max path length exceeded")
	case n.deregistered.Load():
		r = plain(503, "Snode not ready: "+n.info.Ed.Hex())
	default:
		r = n.peel(ctx, p)
	}
	return plain(relayedStatus(r.Status), string(r.Body))
}

// relayedStatus is the status that arrives for one that was sent (README of the
// recordings, no. 35).
func relayedStatus(status int) int {
	if slices.Contains([]int{200, 400, 401, 403, 404, 406, 410, 413, 421, 429, 502, 503, 504}, status) {
		return status
	}
	return 500
}

// Server is an HTTP server outside the network that nodes relay to: an
// open-group server or a file server in this process. body is the whole frame
// of the last layer (onion.ParseBody reads it). Error: no answer came.
type Server func(ctx context.Context, r ServerRequest) (Response, error)

// ServerRequest is what a relay sends to a server: always a POST.
type ServerRequest struct {
	Protocol string // http or https
	Host     string // as a Host header, with the port unless it is the protocol's own
	Target   string
	Header   [][2]string
	Body     []byte
}

// RegisterServer makes a server reachable for relays under a host, which has a
// port if clients name one ("open.example", "127.0.0.1:8080"). nil takes it
// away. Nodes relay to nothing else.
func (n *Network) RegisterServer(host string, s Server) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if s == nil {
		delete(n.servers, strings.ToLower(host))
		return
	}
	n.servers[strings.ToLower(host)] = s
}

func (n *Network) server(host string) Server {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.servers[strings.ToLower(host)]
}

// outward sends the frame to a server and hands its answer through.
func (n *Node) outward(ctx context.Context, l onion.Layer) Response {
	host := l.Server.Host
	own := 443
	if l.Server.Protocol == "http" {
		own = 80
	}
	if l.Server.Port != own {
		host += ":" + strconv.Itoa(l.Server.Port)
	}
	s := n.net.server(host)
	if l.Server.Host == "" || s == nil {
		return plain(502, "Could not resolve host: "+l.Server.Host)
	}
	ctx, cancel := n.net.within(ctx, serverTimeout)
	defer cancel()
	r, err := s(ctx, ServerRequest{
		Protocol: l.Server.Protocol,
		Host:     host,
		Target:   l.Server.Target,
		Header:   relayHeader(host, len(l.Frame)),
		Body:     l.Frame,
	})
	switch {
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled):
		r = plain(504, "Operation timed out")
	case err != nil:
		r = plain(502, err.Error())
	case r.Status >= 300 && r.Status < 400 && r.Get("location") != "":
		r = plain(502, "Maximum (0) redirects followed")
	case r.Get("content-type") == "":
		r.Header = append(r.Header, [2]string{"Content-Type", "text/plain"})
	}
	n.net.emit(ctx, Event{Kind: EventServer, From: n.info.Ed, Method: l.Server.Target, Status: r.Status, Size: len(l.Frame)})
	return r
}

// relayHeader is what the servers' HTTP client sends.
func relayHeader(host string, size int) [][2]string {
	return [][2]string{
		{"Host", host},
		{"Accept", "*/*"},
		{"Accept-Encoding", "deflate, gzip, br, zstd"},
		{"Content-Type", "application/octet-stream"},
		{"User-Agent", "Oxen Storage Server/" + version},
		{"Content-Length", strconv.Itoa(size)},
	}
}
