//go:build !js

package gateway

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// rawNode is a node that speaks TLS and then whatever say writes.
func rawNode(t *testing.T, say func(c io.Writer)) Upstream {
	t.Helper()
	return node(t, 1, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		say(c)
	})
}

func text(s string) func(io.Writer) {
	return func(c io.Writer) { _, _ = io.WriteString(c, s) }
}

// Answers that never reach the tab as an answer of the node.
func TestNodesThatAnswerNonsense(t *testing.T) {
	for _, c := range []struct {
		name   string
		say    func(io.Writer)
		status int
		want   string
	}{
		{"closes", text(""), 502, "gateway: the node cannot be reached\n"},
		{"garbage", text("\x00\x01\x02 garbage\r\n\r\n"), 502, "gateway: the node cannot be reached\n"},
		{"half a head", text("HTTP/1.1 200 OK\r\nContent-"), 502, "gateway: the node cannot be reached\n"},
		{"an endless head", func(c io.Writer) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n")
			for range 100 {
				if _, err := io.WriteString(c, "X: "+strings.Repeat("x", 1000)+"\r\n"); err != nil {
					return
				}
			}
		}, 502, "gateway: the node cannot be reached\n"},
		{"no content", text("HTTP/1.1 204 No Content\r\n\r\n"), 502, "gateway: the node gave an answer that makes no sense\n"},
		{"another protocol", text("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"), 502, "gateway: the node gave an answer that makes no sense\n"},
		{"a status beyond all", text("HTTP/1.1 999 ?\r\nContent-Length: 0\r\n\r\n"), 502, "gateway: the node gave an answer that makes no sense\n"},
		{"more than 10 MiB, as it says", text("HTTP/1.1 200 OK\r\nContent-Length: 10485761\r\n\r\n"), 502, "gateway: the node's answer is larger than 10 MiB\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := rawNode(t, c.say)
			status, answer, err := post(start(t, Options{}, n)+pathOf(n.Ed), []byte("x"))
			if status != c.status || answer != c.want || err != nil {
				t.Errorf("%d %q %v, want %d %q", status, answer, err, c.status, c.want)
			}
		})
	}
}

// After the head has gone out only a cut connection can say that the answer is
// not whole: the tab sees an error, never a short answer.
func TestAnswersThatBreakOff(t *testing.T) {
	zeros := make([]byte, 1<<20)
	for _, c := range []struct {
		name string
		say  func(io.Writer)
	}{
		{"shorter than it says", text("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")},
		{"a chunk cut off", text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nshort")},
		{"without an end", func(c io.Writer) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
			for {
				if _, err := c.Write(zeros); err != nil {
					return
				}
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := rawNode(t, c.say)
			status, answer, err := post(start(t, Options{}, n)+pathOf(n.Ed), []byte("x"))
			if err == nil {
				t.Errorf("%d and %d bytes look like a whole answer", status, len(answer))
			}
			if len(answer) > MaxBody+1 {
				t.Errorf("%d bytes came through", len(answer))
			}
		})
	}
}

func TestTheLargestAnswerComesThrough(t *testing.T) {
	full := make([]byte, MaxBody)
	n := node(t, 1, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = w.Write(full)
	})
	status, answer, err := post(start(t, Options{}, n)+pathOf(n.Ed), full)
	if status != 200 || len(answer) != MaxBody || err != nil {
		t.Errorf("%d, %d bytes, %v", status, len(answer), err)
	}
}

func TestNodeThatIsDown(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := Upstream{Ed: key(1), URL: "https://" + l.Addr().String()}
	l.Close()
	status, answer, err := post(start(t, Options{}, n)+pathOf(n.Ed), []byte("x"))
	if status != 502 || answer != "gateway: the node cannot be reached\n" || err != nil {
		t.Errorf("%d %q %v", status, answer, err)
	}
}

func TestNodeThatIsSilent(t *testing.T) {
	n := node(t, 1, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	})
	status, answer, err := post(start(t, Options{Timeout: 50 * time.Millisecond}, n)+pathOf(n.Ed), []byte("x"))
	if status != 504 || answer != "gateway: the node did not answer in time\n" || err != nil {
		t.Errorf("%d %q %v", status, answer, err)
	}
}

func TestAnswerThatDoesNotEndInTime(t *testing.T) {
	n := node(t, 1, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, "the first bytes")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	status, answer, err := post(start(t, Options{Timeout: 50 * time.Millisecond}, n)+pathOf(n.Ed), []byte("x"))
	if err == nil && status != http.StatusGatewayTimeout { // on a slow machine time is over before the head
		t.Errorf("%d %q looks like a whole answer", status, answer)
	}
}

// A node that points elsewhere does not send the gateway there.
func TestRedirectIsNotFollowed(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("asked for %s", r.URL)
	}))
	defer other.Close()
	n := node(t, 1, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/secret", http.StatusTemporaryRedirect)
	})
	status, answer, err := post(start(t, Options{}, n)+pathOf(n.Ed), []byte("x"))
	if status != 502 || strings.Contains(answer, "secret") || err != nil {
		t.Errorf("%d %q %v", status, answer, err)
	}
}

// Packed answers go through packed: unpacking here could be a bomb.
func TestPackedAnswerStaysPacked(t *testing.T) {
	packed := []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0}
	n := node(t, 1, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "" {
			t.Error("the node was invited to pack")
		}
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(packed)
	})
	status, answer, err := post(start(t, Options{}, n)+pathOf(n.Ed), []byte("x"))
	if status != 200 || !bytes.Equal([]byte(answer), packed) || err != nil {
		t.Errorf("%d %x %v", status, answer, err)
	}
}
