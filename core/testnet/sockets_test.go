//go:build !js

package testnet

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/core"
)

var (
	networkFile  = flag.String("network", "", "replay the recordings against a running network: a file with a list of nodes in the fields of get_service_nodes")
	insecure     = flag.Bool("insecure", false, "with -network: accept any certificate, as clients of real nodes must")
	withUpstream = flag.Bool("upstream", false, "with -network: its nodes relay to servers on this machine's loopback")
)

// TestConformanceOverSockets replays the recordings over real HTTPS, against a
// network of the recorded nodes that it starts, or against -network. State is
// emptied with delete_all; cases that need a node to be stopped, and those that
// take long, are counted and left to TestConformance.
func TestConformanceOverSockets(t *testing.T) {
	for file, tr := range transcripts(t) {
		s := newOverSockets(t, tr)
		left := 0
		for i := range tr.Cases {
			c := &tr.Cases[i]
			if !s.can(c) {
				left++
				continue
			}
			if testing.Short() && i%16 != 0 {
				continue
			}
			t.Run(file+"/"+c.Name, func(t *testing.T) {
				s.t = t
				judge(t, c, replay(t, tr, s, c))
			})
		}
		t.Logf("%s: %d of %d cases need a network that can be stopped, or long", file, left, len(tr.Cases))
	}
}

// overSockets is a stand behind HTTPS.
type overSockets struct {
	t    *testing.T
	tr   *transcript
	net  *Network // nil for a foreign network
	list map[string]recordedNode
	urls map[string]string // host:port by node
}

func newOverSockets(t *testing.T, tr *transcript) *overSockets {
	t.Helper()
	s := &overSockets{t: t, tr: tr, list: make(map[string]recordedNode), urls: make(map[string]string)}
	if *networkFile != "" {
		s.readNetwork(t)
		return s
	}
	n, err := build(Options{}, tr.specs(t))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	servers, err := n.Serve(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		servers.Close()
		n.Close()
	})
	s.net, s.list = n, tr.Network.Nodes
	for i, info := range n.Nodes() {
		s.urls[fmt.Sprintf("n%d", i)] = strings.TrimPrefix(info.URL, "https://")
	}
	return s
}

// readNetwork finds the recorded nodes in a list of running ones.
func (s *overSockets) readNetwork(t *testing.T) {
	t.Helper()
	b, err := os.ReadFile(*networkFile)
	if err != nil {
		t.Fatal(err)
	}
	type running struct {
		IP    string `json:"public_ip"`
		HTTPS int    `json:"storage_port"`
		OMQ   int    `json:"storage_lmq_port"`
		Ed    string `json:"pubkey_ed25519"`
	}
	var states []running
	type reply struct {
		States []running `json:"service_node_states"`
	}
	var file struct {
		reply
		Result reply `json:"result"` // as a seed or oxend_request sends it
	}
	if json.Unmarshal(b, &states) != nil {
		if err := json.Unmarshal(b, &file); err != nil {
			t.Fatal(err)
		}
		states = append(file.States, file.Result.States...)
	}
	for name, n := range s.tr.Network.Nodes {
		i := slices.IndexFunc(states, func(r running) bool { return r.Ed == n.Ed })
		if i < 0 {
			t.Fatalf("node %s of the recordings does not run there", name)
		}
		n.IP, n.HTTPS = states[i].IP, states[i].HTTPS
		if states[i].OMQ != 0 {
			n.OMQ = states[i].OMQ
		}
		s.list[name] = n
		s.urls[name] = net.JoinHostPort(n.IP, strconv.Itoa(n.HTTPS))
	}
}

// can: this stand can neither stop nodes nor wait for long.
func (s *overSockets) can(c *recordedCase) bool {
	if len(c.State.Freeze)+len(c.State.Resume)+len(c.State.Stop) > 0 || c.Seconds > 3 {
		return false
	}
	return c.Request.Upstream == nil || s.net != nil || *withUpstream
}

func (s *overSockets) nodes() map[string]recordedNode { return s.list }
func (s *overSockets) now() core.Millis               { return realNow() }
func (s *overSockets) slack() core.Millis             { return core.Minute }

// prepare deletes whatever the case's accounts have.
func (s *overSockets) prepare(c *recordedCase, all []*recordedCase) bool {
	s.t.Helper()
	var text strings.Builder
	for _, step := range all {
		text.Write(step.Request.Params)
		text.Write(step.Request.PayloadJSON)
	}
	now := s.now()
	m := markers{t: s.t, tr: s.tr, now: now}
	for name, a := range s.tr.Accounts {
		for _, id := range []string{a.ID05, a.ID03} {
			if strings.Contains(text.String(), id) {
				s.empty(m, name, id)
			}
		}
	}
	return true
}

// empty sends delete_all to a member of the account's swarm.
func (s *overSockets) empty(m markers, account, id string) {
	s.t.Helper()
	ed := ""
	if strings.HasPrefix(id, "05") {
		ed = fmt.Sprintf(`"pubkey_ed25519":%q,`, s.tr.Accounts[account].ID03[2:])
	}
	body := m.expand(fmt.Sprintf(`{"method":"delete_all","params":{"pubkey":%q,%s"namespace":"all","timestamp":"{{now}}","signature":"{{sig:%s:delete_allall[now]}}"}}`, id, ed, account))
	for _, node := range []string{"n0", "n1"} {
		a, err := s.send(node, &recordedRequest{HTTP: "POST", Path: pathRPC}, []byte(body))
		if err != nil {
			s.t.Fatal(err)
		}
		if a.status == 200 {
			return
		}
	}
	s.t.Fatalf("cannot empty %s", account)
}

// send writes the request byte by byte, since some are not what a library
// would send, and reads the headers as they come.
func (s *overSockets) send(node string, r *recordedRequest, body []byte) (httpAnswer, error) {
	conn, err := tls.Dial("tcp", s.urls[node], &tls.Config{InsecureSkipVerify: s.net != nil || *insecure})
	if err != nil {
		return httpAnswer{}, err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute))
	method, path := "POST", pathRPC
	if r.HTTP != "" {
		method, path = r.HTTP, r.Path
	}
	var head strings.Builder
	fmt.Fprintf(&head, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, path, s.urls[node])
	for k, v := range r.Headers {
		fmt.Fprintf(&head, "%s: %s\r\n", k, v)
	}
	switch r.Framing {
	case "none":
	case "chunked":
		head.WriteString("Transfer-Encoding: chunked\r\n")
		body = fmt.Appendf(nil, "%x\r\n%s\r\n0\r\n\r\n", len(body), body)
	default:
		fmt.Fprintf(&head, "Content-Length: %d\r\n", len(body))
	}
	head.WriteString("\r\n")
	go func() { // a refusal may come before the body is through
		io.WriteString(conn, head.String())
		conn.Write(body)
	}()
	return readAnswer(conn)
}

// readAnswer reads an answer of one connection, repeated headers included.
func readAnswer(conn io.Reader) (httpAnswer, error) {
	in := bufio.NewReader(conn)
	line, err := in.ReadString('\n')
	if err != nil {
		return httpAnswer{}, err
	}
	var a httpAnswer
	if _, err := fmt.Sscanf(line, "HTTP/1.1 %d", &a.status); err != nil {
		return a, err
	}
	length := 0
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return a, err
		}
		name, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), ": ")
		if !ok {
			break
		}
		a.header = append(a.header, [2]string{strings.ToLower(name), value})
		if strings.EqualFold(name, "content-length") {
			if length, err = strconv.Atoi(value); err != nil {
				return a, err
			}
		}
	}
	a.body = make([]byte, length)
	_, err = io.ReadFull(in, a.body)
	return a, err
}

// upstream is a real HTTP server on the loopback. Our own network reaches it
// through a registered server that asks it in turn.
func (s *overSockets) upstream(u *upstreamSpec) *upstream {
	s.t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	up := &upstream{port: l.Addr().(*net.TCPAddr).Port}
	var mu sync.Mutex // guards up.received
	note := func(r ServerRequest) {
		mu.Lock()
		defer mu.Unlock()
		up.received = append(up.received, r)
	}
	if s.net != nil {
		l.Close()
		for _, host := range []string{"127.0.0.1", "localhost"} {
			s.net.RegisterServer(host+":"+strconv.Itoa(up.port), func(ctx context.Context, r ServerRequest) (Response, error) {
				note(r)
				if r.Protocol == "https" {
					return Response{}, errors.New("wrong version number")
				}
				if err := s.net.wait(ctx, core.Millis(u.DelayS)*core.Second); err != nil {
					return Response{}, err
				}
				return u.answer(s.t)
			})
		}
		return up
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.serveUpstream(c, u, note)
		}
	}()
	s.t.Cleanup(func() { l.Close() })
	return up
}

// serveUpstream answers one connection of a foreign node.
func (s *overSockets) serveUpstream(c net.Conn, u *upstreamSpec, note func(ServerRequest)) {
	defer c.Close()
	in := bufio.NewReader(c)
	if b, err := in.Peek(1); err != nil || b[0] == 0x16 {
		note(ServerRequest{Protocol: "https"})
		return
	}
	var r ServerRequest
	line, err := in.ReadString('\n')
	if err != nil {
		return
	}
	fmt.Sscanf(line, "POST %s", &r.Target)
	length := 0
	for {
		line, err := in.ReadString('\n')
		name, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), ": ")
		if err != nil || !ok {
			break
		}
		r.Header = append(r.Header, [2]string{name, value})
		if name == "Content-Length" {
			length, _ = strconv.Atoi(value)
		}
	}
	r.Body = make([]byte, length)
	io.ReadFull(in, r.Body)
	note(r)
	a, err := u.answer(s.t)
	if err != nil {
		return
	}
	<-time.After(time.Duration(u.DelayS) * time.Second)
	fmt.Fprintf(c, "HTTP/1.1 %d %s\r\n", a.Status, http.StatusText(a.Status))
	for _, h := range a.Header {
		fmt.Fprintf(c, "%s: %s\r\n", h[0], h[1])
	}
	fmt.Fprintf(c, "\r\n%s", a.Body)
}
