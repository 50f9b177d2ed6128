//go:build !js

package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Times of a connection from a tab. A body may need DefaultTimeout, and the
// client has to come through a slow line.
const (
	headTime  = 10 * time.Second
	readTime  = DefaultTimeout + headTime
	writeTime = 2 * time.Minute
	idleTime  = 2 * time.Minute

	// grace is how long requests under way may take after Ctrl-C.
	grace = time.Second

	// maxConns: a browser opens six to an origin.
	maxConns = 1024
)

// Compose is everything that a tab asks of its own origin: the site, the
// bridge below /gateway/, and network.json. network replaces the site's own
// network.json; nil keeps it. Requests for a foreign host name are refused,
// whatever they ask for.
func Compose(dir fs.FS, network []byte, o Options) (http.Handler, error) {
	pages, err := newSite(dir, network)
	if err != nil {
		return nil, err
	}
	bridge := New(o)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, pathPrefix):
			bridge.ServeHTTP(w, r)
		case !hosts(o.Hosts).allow(r):
			inertHeaders(w.Header())
			errHost.write(w)
		default:
			pages.ServeHTTP(w, r)
		}
	}), nil
}

// Server is a loopback port: http://localhost and http://127.0.0.1 both lead
// to it, and nothing from outside this machine does.
type Server struct {
	port      int
	listeners []net.Listener
}

// Listen takes a port, 0 for any. Where localhost may also mean ::1 the same
// port is taken there, so that no other program answers in our name. The error
// is syscall.EADDRINUSE when the port is taken.
func Listen(port int) (*Server, error) {
	four, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, fmt.Errorf("gateway: listen: %w", err)
	}
	s := &Server{port: four.Addr().(*net.TCPAddr).Port, listeners: []net.Listener{four}}
	six, err := net.Listen("tcp6", net.JoinHostPort("::1", strconv.Itoa(s.port)))
	switch {
	case err == nil:
		s.listeners = append(s.listeners, six)
	case port != 0 && errors.Is(err, syscall.EADDRINUSE):
		four.Close()
		return nil, fmt.Errorf("gateway: listen: %w", err)
	}
	return s, nil // any other error: a machine without IPv6
}

// Port is the one that was taken.
func (s *Server) Port() int { return s.port }

// Close frees the port of a server that was never run. After Run it does
// nothing.
func (s *Server) Close() {
	for _, l := range s.listeners {
		l.Close()
	}
}

// Run answers requests until ctx ends or a listener fails, gives requests
// under way a moment, and frees the port.
func (s *Server) Run(ctx context.Context, h http.Handler) error {
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headTime,
		ReadTimeout:       readTime,
		WriteTimeout:      writeTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHead,
		// The server's own messages carry addresses of clients.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	ended := make(chan error, len(s.listeners))
	slots := make(chan struct{}, maxConns)
	for _, l := range s.listeners {
		go func() { ended <- srv.Serve(&limited{Listener: l, slots: slots}) }()
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-ended:
	}
	// ctx is over; requests under way get their moment regardless.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if srv.Shutdown(last) != nil {
		srv.Close()
	}
	if err != nil {
		return fmt.Errorf("gateway: serve: %w", err)
	}
	return nil
}

// limited accepts no more connections than there are slots; further ones wait.
type limited struct {
	net.Listener
	slots chan struct{}
	crowd *crowd // closes a connection at once whose client has too many; may be nil
}

func (l *limited) Accept() (net.Conn, error) {
	for {
		l.slots <- struct{}{}
		c, err := l.Listener.Accept()
		if err != nil {
			<-l.slots
			return nil, err
		}
		leave, ok := func() {}, true
		if l.crowd != nil {
			leave, ok = l.crowd.arrive(c.RemoteAddr())
		}
		if !ok {
			c.Close()
			<-l.slots
			continue
		}
		return &counted{Conn: c, done: sync.OnceFunc(func() {
			leave()
			<-l.slots
		})}, nil
	}
}

type counted struct {
	net.Conn
	done func()
}

func (c *counted) Close() error {
	defer c.done()
	return c.Conn.Close()
}
