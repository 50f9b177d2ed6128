package courier

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/onion"
	"tandem/core/testnet"
)

// echo is a server that answers with what it was asked, until it is told to do
// otherwise.
type echo struct {
	key   *identity.Device
	calls int
	other func(ctx context.Context) (testnet.Response, error)
}

func (e *echo) serve(ctx context.Context, r testnet.ServerRequest) (testnet.Response, error) {
	e.calls++
	if e.other != nil {
		return e.other(ctx)
	}
	sealed, err := onion.ParseBody(r.Body)
	if err != nil {
		return testnet.Response{Status: 400}, nil
	}
	plain, channel, err := onion.Open(e.key, sealed)
	if err != nil {
		return testnet.Response{Status: 400, Body: []byte("Invalid onion request")}, nil
	}
	request, err := onion.DecodeV4Request(plain)
	if err != nil {
		return testnet.Response{Status: 400}, nil
	}
	return testnet.Response{Status: 200, Body: channel.Seal(onion.EncodeV4Response(onion.V4Response{
		Code: 200, Headers: map[string]string{}, Body: []byte(request.Method + request.Endpoint),
	}))}, nil
}

// A server behind the network: reached, and when it is down, slow, somebody else
// or endless, that is said, and costs no node of the network anything.
func TestServer(t *testing.T) {
	answer := func(status int, body []byte) func(context.Context) (testnet.Response, error) {
		return func(context.Context) (testnet.Response, error) {
			return testnet.Response{Status: status, Header: [][2]string{{"Content-Type", "text/html"}}, Body: body}, nil
		}
	}
	for _, c := range []struct {
		name  string
		other func(context.Context) (testnet.Response, error)
		key   *identity.Device // nil: the right one
		host  string
		want  error
	}{
		{name: "well"},
		{name: "another host", host: "nowhere.example", want: ErrServerDown},
		{name: "another key", key: identity.NewDevice(), want: ErrServerKey},
		{name: "refused", other: func(context.Context) (testnet.Response, error) { return testnet.Response{}, errors.New("refused") }, want: ErrServerDown},
		{name: "slow", other: func(ctx context.Context) (testnet.Response, error) {
			<-ctx.Done()
			return testnet.Response{}, ctx.Err()
		}, want: ErrServerDown},
		{name: "failing", other: answer(500, []byte("<html>")), want: ErrServerDown},
		{name: "a redirect", other: func(context.Context) (testnet.Response, error) {
			return testnet.Response{Status: 302, Header: [][2]string{{"Location", "http://elsewhere.example/"}}}, nil
		}, want: ErrServerDown},
		{name: "html", other: answer(200, []byte("<html>hello")), want: ErrServerKey},
		{name: "endless", other: answer(200, bytes.Repeat([]byte("x"), onion.MaxBody+1)), want: ErrServerReply},
	} {
		story(t, testnet.Options{}, nil, func(w *world) {
			d := identity.NewDevice()
			w.works(d, "before")
			guards := w.guards()
			e := &echo{key: identity.NewDevice(), other: c.other}
			w.net.RegisterServer("echo.example:8080", e.serve)
			order := ServerOrder{
				To: onion.Server{X: e.key.PublicKey(), Host: "echo.example", Port: 8080, Protocol: "http", Target: "/oxen/v4/lsrpc"},
				Request: func(core.Millis) onion.V4Request {
					return onion.V4Request{Method: "GET", Endpoint: "/x", Headers: map[string]string{}}
				},
			}
			if c.key != nil {
				order.To.X = c.key.PublicKey()
			}
			if c.host != "" {
				order.To.Host = c.host
			}
			start := time.Now()
			r, err := w.c.Ask(context.Background(), order)
			if !errors.Is(err, c.want) || c.want == nil && (err != nil || string(r.Body) != "GET/x") {
				t.Errorf("%s: %v %q", c.name, err, r.Body)
			}
			if took := time.Since(start); took > 70*time.Second {
				t.Errorf("%s: %v", c.name, took)
			}
			if !slices.Equal(guards, w.guards()) || w.c.Status().Cause != "" {
				t.Errorf("%s: the network is blamed: %q", c.name, w.c.Status().Cause)
			}
			start = time.Now()
			for range 3 {
				w.works(d, c.name)
			}
			if took := time.Since(start); took > time.Second {
				t.Errorf("%s: then the network takes %v", c.name, took)
			}
			e.calls = 0
			order.Once = true
			_, _ = w.c.Ask(context.Background(), order)
			if e.calls > 1 {
				t.Errorf("%s: asked %d times for what must be done once", c.name, e.calls)
			}
		})
	}
}

// A dead guard, middle or last node is found out, and another way is taken.
func TestServerBehindDeadNodes(t *testing.T) {
	for place := range 3 {
		story(t, testnet.Options{}, nil, func(w *world) {
			e := &echo{key: identity.NewDevice()}
			w.net.RegisterServer("echo.example", e.serve)
			order := ServerOrder{
				To: onion.Server{X: e.key.PublicKey(), Host: "echo.example", Target: "/oxen/v4/lsrpc"},
				Request: func(core.Millis) onion.V4Request {
					return onion.V4Request{Method: "GET", Endpoint: "/x", Headers: map[string]string{}}
				},
			}
			w.works(identity.NewDevice(), "before")
			w.net.Faults().Deregister(w.path()[place])
			for i := range 5 {
				if _, err := w.c.Ask(context.Background(), order); err != nil {
					t.Errorf("place %d, call %d: %v", place, i, err)
				}
			}
		})
	}
}
