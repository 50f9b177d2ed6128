//go:build !js

package testnet

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"tandem/core/onion"
)

// Patience of the listeners.
const (
	idleTimeout = 10 * time.Second // the servers' own, for keep-alive and for headers
	graceful    = 3 * time.Second  // for requests under way when the listeners stop
	certDays    = 10_000           // the servers' own
)

// Servers are the sockets of a network: one HTTPS listener per node, and one
// for the seed.
type Servers struct {
	Seed string // URL of POST /json_rpc
	// SPKI names the key of each certificate as browsers do that are to trust it:
	// the SHA-256 of its SubjectPublicKeyInfo in base64.
	SPKI []string

	list []*http.Server
	done sync.WaitGroup // one per listener
	once sync.Once
}

// Serve opens the sockets on the loopback interface, on free ports unless
// Sockets.FirstPort says otherwise. Nodes then carry their URL in NodeInfo. The
// sockets close when ctx ends, or with Close. Certificates are self-signed for
// nothing that a browser would believe, as those of real nodes are.
func (n *Network) Serve(ctx context.Context) (*Servers, error) {
	s := &Servers{}
	limits := newBuckets()
	for _, node := range n.all {
		port := 0
		if n.opts.Sockets.FirstPort > 0 {
			port = n.opts.Sockets.FirstPort + node.info.Index
		}
		d := &door{net: n, node: node, cors: n.opts.Sockets.CORS}
		if n.opts.Sockets.RateLimit {
			d.limits = limits
		}
		url, err := s.listen(port, d)
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		node.url.Store(&url)
	}
	url, err := s.listen(0, &door{net: n, cors: n.opts.Sockets.CORS})
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.Seed = url + pathSeed
	context.AfterFunc(ctx, func() { s.Close() })
	return s, nil
}

// listen opens one socket and returns its URL.
func (s *Servers) listen(port int, h http.Handler) (string, error) {
	cert, err := selfSigned()
	if err != nil {
		return "", err
	}
	l, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return "", err
	}
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: idleTimeout,
		IdleTimeout:       idleTimeout,
		ErrorLog:          log.New(io.Discard, "", 0), // it would name clients
	}
	s.list = append(s.list, server)
	s.SPKI = append(s.SPKI, spki(cert))
	conf := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	s.done.Go(func() { server.Serve(&tlsListener{Listener: l, conf: conf}) })
	return "https://" + l.Addr().String(), nil
}

// Close stops the listeners and waits for the requests that are under way, for
// a few seconds.
func (s *Servers) Close() error {
	var all error
	s.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), graceful)
		defer cancel()
		errs := make([]error, len(s.list))
		var wg sync.WaitGroup
		for i, server := range s.list {
			wg.Go(func() {
				if errs[i] = server.Shutdown(ctx); errs[i] != nil {
					errs[i] = server.Close()
				}
			})
		}
		wg.Wait()
		all = errors.Join(errs...)
	})
	s.done.Wait()
	return all
}

// selfSigned makes a certificate that proves nothing: what protects a request
// is the onion layer for the node's key.
func selfSigned() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	now := time.Now()
	t := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{Country: []string{"AU"}, CommonName: "localhost"},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.AddDate(0, 0, certDays),
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, nil
}

func spki(cert tls.Certificate) string {
	sum := sha256.Sum256(cert.Leaf.RawSubjectPublicKeyInfo)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// door is the HTTP side of one node, or of the seed if node is nil.
type door struct {
	net    *Network
	node   *Node
	cors   bool
	limits *buckets // nil: no rate limit
}

// ServeHTTP reads a request, has the node answer it, and writes the answer as
// the servers' HTTP library would.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Server", "Oxen Storage Server/"+version)
	if d.cors {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		if r.Method == http.MethodOptions {
			w.Header().Set("Access-Control-Allow-Headers", "*")
			w.WriteHeader(http.StatusNoContent)
			return
		}
	}
	path, _, _ := strings.Cut(r.RequestURI, "?")
	if d.limits != nil && r.Method == http.MethodPost && path == pathRPC && !d.limits.take(r.RemoteAddr, d.net.now()) {
		d.write(w, r, plain(http.StatusTooManyRequests, "Too Many Requests\n"))
		return
	}
	body, ok := readBody(r)
	if !ok {
		d.write(w, r, tooLarge())
		return
	}
	answer, err := d.answer(r, path, body)
	if err != nil {
		panic(http.ErrAbortHandler) // the client sees the connection end
	}
	d.write(w, r, answer)
}

func (d *door) answer(r *http.Request, path string, body []byte) (Response, error) {
	if d.node == nil {
		return d.net.Seed(r.Context(), r.Method, path, body), nil
	}
	header := make(Header, len(r.Header))
	for k, v := range r.Header {
		header[strings.ToLower(k)] = v[0]
	}
	return carry(r.Context(), way{net: d.net, from: Outside, to: d.node}, func(ctx context.Context, t trip) Response {
		a := d.node.Serve(ctx, r.Method, path, header, t.there(body))
		a.Body = t.back(a.Body)
		return a
	})
}

// readBody reads at most onion.MaxBody bytes.
func readBody(r *http.Request) ([]byte, bool) {
	if r.ContentLength > onion.MaxBody {
		return nil, false
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, onion.MaxBody+1))
	return body, err == nil && len(body) <= onion.MaxBody
}

// write sends an answer. Headers of a server outside are handed through, its
// Content-Length beside our own. A HEAD is answered with the body, too, which
// net/http would not do.
func (d *door) write(w http.ResponseWriter, r *http.Request, a Response) {
	h := w.Header()
	h["Content-Type"] = nil // no guessing
	for _, f := range a.Header {
		key := http.CanonicalHeaderKey(f[0])
		h[key] = append(h[key], f[1])
	}
	h.Add("Content-Length", strconv.Itoa(len(a.Body)))
	if r.Method != http.MethodHead {
		w.WriteHeader(a.Status)
		w.Write(a.Body)
		return
	}
	conn, buf, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	h.Set("Connection", "close")
	fmt.Fprintf(buf, "HTTP/1.1 %d %s\r\n", a.Status, http.StatusText(a.Status))
	h.Write(buf)
	fmt.Fprintf(buf, "\r\n%s", a.Body)
	buf.Flush()
}

// tlsListener hands out TLS connections of which net/http does not know that
// they are: there is no HTTP/2 on the servers, and see patientConn.
type tlsListener struct {
	net.Listener
	conf *tls.Config
}

func (l *tlsListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &patientConn{Conn: tls.Server(c, l.conf)}, nil
}

// patientConn replaces the words with which net/http refuses a request that it
// cannot read by those of the servers' HTTP library.
type patientConn struct{ *tls.Conn }

// goRefusal is how net/http begins to refuse.
const goRefusal = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n"

func (c *patientConn) Write(b []byte) (int, error) {
	if !strings.HasPrefix(string(b[:min(len(b), len(goRefusal))]), goRefusal) {
		return c.Conn.Write(b)
	}
	body := badLength().Body
	_, err := fmt.Fprintf(c.Conn, "HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	return len(b), err
}
