//go:build !js

package client_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/gateway"
	"tandem/core/onion"
	"tandem/core/store"
	"tandem/core/store/memkv"
	"tandem/core/testnet"
)

// internet is a transport over real sockets. Paths are of the page's origin.
type internet struct {
	origin string
	http   *http.Client
}

// newInternet trusts every certificate if insecure.
func newInternet(t testing.TB, origin string, insecure bool) internet {
	via := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: insecure}, MaxIdleConnsPerHost: 16}
	t.Cleanup(via.CloseIdleConnections)
	return internet{origin, &http.Client{Transport: via}}
}

func (i internet) Post(ctx context.Context, url string, body []byte) (int, []byte, error) {
	if strings.HasPrefix(url, "/") {
		url = i.origin + url
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	res, err := i.http.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, onion.MaxBody+1))
	if err == nil && len(answer) > onion.MaxBody {
		err = errors.New("larger than any answer")
	}
	return res.StatusCode, answer, err
}

// hurried is how much shorter than in the real network nodes wait for one
// another: a store waits 5 s for each member that is silent.
const hurried = 25

// serve starts a network of thirty nodes, each behind its own HTTPS listener.
func serve(t testing.TB) *testnet.Network {
	t.Helper()
	net, err := testnet.New(testnet.Options{Seed: [32]byte{3}, After: func(d core.Millis, f func()) (stop func() bool) {
		return time.AfterFunc(time.Duration(d)*time.Millisecond/hurried, f).Stop
	}})
	if err != nil {
		t.Fatal(err)
	}
	servers, err := net.Serve(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(net.Close(), servers.Close()); err != nil {
			t.Error(err)
		}
	})
	return net
}

// serveGateway starts the byte bridge in front of a network and returns its
// origin.
func serveGateway(t testing.TB, net *testnet.Network) string {
	t.Helper()
	var nodes []gateway.Upstream
	for _, n := range net.Nodes() {
		nodes = append(nodes, gateway.Upstream{Ed: n.Ed, URL: n.URL})
	}
	s := httptest.NewServer(gateway.New(gateway.Options{Nodes: func() []gateway.Upstream { return nodes }}))
	t.Cleanup(s.Close)
	return s.URL
}

// connect starts a device in real time that reaches the network of a file.
func connect(t testing.TB, name string, file []byte, via core.Transport) *tab {
	t.Helper()
	disk, keeper := &memkv.Disk{}, memkv.NewKeeper()
	d := &tab{t: t, name: name, Client: client.New(client.Config{
		Lock:        newLocks().acquire,
		Open:        func(context.Context) (store.KV, store.Keeper, error) { return disk.Open(), keeper, nil },
		Wipe:        func(context.Context) error { disk.Restore(nil); return nil },
		NetworkFile: func(context.Context) ([]byte, error) { return file, nil },
		Transport:   via,
		Hidden:      func() bool { return false },
		Facts:       core.Facts{Name: name, Platform: name},
	})}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		d.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	return d
}

// within bounds a test in real time: it shows what the devices do and ends the
// program, since nobody else would end the waits.
func within(t *testing.T, d time.Duration, devices ...*tab) {
	t.Helper()
	limit := time.AfterFunc(d, func() {
		for _, d := range devices {
			t.Logf("%s: %s", d.name, d.state())
		}
		panic("the devices are stuck")
	})
	t.Cleanup(func() { limit.Stop() })
}
