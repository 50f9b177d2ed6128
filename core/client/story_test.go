package client_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/store"
	"tandem/core/store/memkv"
	"tandem/core/testnet"
)

// tab is one device: a client on storage that outlives it.
type tab struct {
	*client.Client
	t    *testing.T
	name string
	disk *memkv.Disk
	keep *memkv.Keeper
	net  *testnet.Network
	stop func()
}

// world starts a network inside a bubble of simulated time.
func world(t *testing.T, f func(t *testing.T, net *testnet.Network)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		net, err := testnet.New(testnet.Options{Seed: [32]byte{1}})
		if err != nil {
			t.Fatal(err)
		}
		defer net.Close()
		f(t, net)
	})
}

// open starts a device.
func open(t *testing.T, net *testnet.Network, name string) *tab {
	t.Helper()
	d := &tab{t: t, name: name, disk: &memkv.Disk{}, keep: memkv.NewKeeper(), net: net}
	d.start()
	t.Cleanup(func() { d.stop() })
	return d
}

func (d *tab) start() {
	ctx, cancel := context.WithCancel(context.Background())
	d.Client = client.New(client.Config{
		Lock: func(context.Context, func()) (func(), error) { return func() {}, nil },
		Open: func(context.Context) (store.KV, store.Keeper, error) {
			return d.disk.Open(), d.keep, nil
		},
		Wipe:        func(context.Context) error { d.disk = &memkv.Disk{}; return nil },
		NetworkFile: func(context.Context) ([]byte, error) { return d.net.NetworkFile("local", "/gateway"), nil },
		Transport:   d.net.Transport(),
		Hidden:      func() bool { return false },
		Facts:       core.Facts{Name: d.name, Platform: d.name},
	})
	ended := make(chan struct{})
	go func() {
		d.Run(ctx)
		close(ended)
	}()
	d.stop = func() {
		cancel()
		<-ended
	}
}

// reload is what a browser does: memory is gone, the disk stays.
func (d *tab) reload() {
	d.stop()
	d.start()
}

// until waits until the snapshot is as wanted.
func (d *tab) until(what string, want func(*client.Snapshot) bool) *client.Snapshot {
	d.t.Helper()
	changed := make(chan struct{}, 1)
	defer d.Watch(func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	})()
	deadline := time.After(15 * time.Minute)
	for {
		if s := d.Snapshot(); want(s) {
			return s
		}
		select {
		case <-changed:
		case <-deadline:
			d.t.Fatalf("%s waited in vain until %s: %+v", d.name, what, d.Snapshot())
		}
	}
}

func (d *tab) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatalf("%s: %v", d.name, err)
	}
}

// register makes an account up to the main page.
func (d *tab) register(name string) core.ID {
	d.t.Helper()
	d.until("Welcome", phase(client.Welcome))
	d.must(d.Register(name))
	d.until("the words", phase(client.Words))
	d.must(d.ConfirmWords())
	d.must(d.ConfirmKey())
	return d.until("Main", phase(client.Main)).Account
}

func phase(p client.Phase) func(*client.Snapshot) bool {
	return func(s *client.Snapshot) bool { return s.Phase == p }
}

// link joins a second device to the first one's account.
func link(p, s *tab) {
	p.t.Helper()
	account := p.until("Main", phase(client.Main)).Account
	s.until("Welcome", phase(client.Welcome))
	s.must(s.Join(account.Hex()))
	p.must(p.OpenDialog())
	words := p.until("words", func(v *client.Snapshot) bool { return v.Dialog.Stage == client.DialogWords })
	other := s.until("words", func(v *client.Snapshot) bool { return v.Join.Stage == client.JoinWords })
	if a, b := strings.Join(words.Dialog.Words, " "), strings.Join(other.Join.Words, " "); a != b || a == "" {
		p.t.Fatalf("words differ: %q and %q", a, b)
	}
	p.must(p.Authorise(words.Dialog.Attempt))
	s.until("the grant", func(v *client.Snapshot) bool { return v.Join.Stage == client.JoinHolding })
	s.must(s.Finish())
	done := func(v *client.Snapshot) bool {
		return v.Phase == client.Main && v.Success && len(v.Devices) == 2 && v.Account == account
	}
	s.until("the end", done)
	p.until("the end", done)
}

// texts are the bodies of Note to self.
func texts(s *client.Snapshot) string {
	var out []string
	for _, m := range s.Logs[s.Account] {
		out = append(out, m.Body)
	}
	return strings.Join(out, "|")
}

func shows(want string) func(*client.Snapshot) bool {
	return func(s *client.Snapshot) bool { return texts(s) == want }
}

func TestTwoDevicesOneAccount(t *testing.T) {
	world(t, func(t *testing.T, net *testnet.Network) {
		p, s := open(t, net, "phone"), open(t, net, "laptop")
		p.register("Ada")
		link(p, s)
		p.must(p.SendNote("from the phone"))
		s.until("the note", shows("from the phone"))
		s.must(s.SendNote("from the laptop"))
		p.until("the answer", shows("from the phone|from the laptop"))
		p.reload()
		s.reload()
		for _, d := range []*tab{p, s} {
			got := d.until("history", shows("from the phone|from the laptop"))
			for _, m := range got.Logs[got.Account] {
				if m.Direction != core.Out {
					t.Errorf("%s shows its own note as somebody else's", d.name)
				}
			}
		}
		p.must(p.SendNote("after the reload"))
		s.until("the third note", shows("from the phone|from the laptop|after the reload"))
	})
}
