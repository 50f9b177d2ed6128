package client_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/store"
	"tandem/core/store/memkv"
	"tandem/core/testnet"
)

// long leaves a test out of the short run, which is the one under the race
// detector: it makes many requests, and goes the ways that lighter tests show to
// the detector. make test runs all of them without it.
func long(t *testing.T) {
	t.Helper()
	inFull(t)
}

// waits is long for a test over sockets. make test begins these first and apart,
// because time does not pass faster for them than for people.
func waits(t *testing.T) {
	t.Helper()
	inFull(t)
}

func inFull(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("not in the short run: it makes many requests")
	}
}

// world starts a network inside a bubble of simulated time. Goroutines that
// outlive their device make the bubble, and the test, fail.
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

// tab is one device: a client on storage that outlives it.
type tab struct {
	*client.Client
	t     testing.TB
	name  string
	net   *testnet.Network
	disk  *disk
	line  *line
	skew  *skew
	locks *locks
	// hidden: nobody looks at it.
	hidden  atomic.Bool
	ended   chan struct{} // closed when Run has returned
	stop    func()
	carrier client.Carrier // in the place of the line; nil: the line
	// panicked is Config.Panicked; nil: a panic ends the test.
	panicked func(any)
}

// newTab is a device that is switched off.
func newTab(t testing.TB, net *testnet.Network, name string) *tab {
	t.Helper()
	return &tab{
		t: t, name: name, net: net,
		disk: &disk{Disk: &memkv.Disk{}, keeper: memkv.NewKeeper()},
		line: &line{next: net.Transport()}, skew: &skew{}, locks: newLocks(),
	}
}

// open starts a device.
func open(t testing.TB, net *testnet.Network, name string) *tab {
	t.Helper()
	d := newTab(t, net, name)
	d.start()
	return d
}

func (d *tab) start() {
	ctx, cancel := context.WithCancel(context.Background())
	d.disk.starts(cancel)
	d.Client = client.New(client.Config{
		Lock:        d.locks.acquire,
		Open:        func(context.Context) (store.KV, store.Keeper, error) { return d.disk.open() },
		Wipe:        func(context.Context) error { return d.disk.wipe() },
		NetworkFile: func(context.Context) ([]byte, error) { return d.net.NetworkFile("local", "/gateway"), nil },
		Transport:   d.line,
		Hidden:      d.hidden.Load,
		Facts:       core.Facts{Name: d.name, Platform: d.name},
		Clock:       d.skew.now,
		Panicked:    d.panicked,
	})
	if d.carrier != nil {
		d.Carry(d.carrier)
	}
	ended := make(chan struct{})
	d.ended = ended
	run := d.Client
	go func() {
		run.Run(ctx)
		close(ended)
	}()
	d.stop = func() {
		cancel()
		<-ended
	}
	d.t.Cleanup(d.stop)
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
	deadline := time.After(20 * time.Minute)
	for {
		if s := d.Snapshot(); want(s) {
			return s
		}
		select {
		case <-changed:
		case <-deadline:
			d.t.Fatalf("%s waited in vain until %s: %s", d.name, what, d.state())
		}
	}
}

// state is the snapshot in one line.
func (d *tab) state() string {
	s := d.Snapshot()
	return fmt.Sprintf("phase %d, fault %q, join %d (cause %d), dialog %d (open %v, cause %d), %d devices, %d notes (%s), absent %v, leaving %v, friends %v, %d requests, network %+v",
		s.Phase, s.Fault, s.Join.Stage, s.Join.Cause, s.Dialog.Stage, s.Dialog.Open, s.Dialog.Cause,
		len(s.Devices), len(s.Logs[s.Account]), texts(s), s.Absent, s.Leaving, friendships(s), len(s.Requests), s.Network)
}

// friendships are those of the chats.
func friendships(s *client.Snapshot) (out []client.Friendship) {
	for _, row := range s.Chats {
		out = append(out, row.Friendship)
	}
	return out
}

func (d *tab) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatalf("%s: %v: %s", d.name, err, d.state())
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

func dialog(stage client.DialogStage) func(*client.Snapshot) bool {
	return func(s *client.Snapshot) bool { return s.Dialog.Stage == stage }
}

func join(stage client.JoinStage) func(*client.Snapshot) bool {
	return func(s *client.Snapshot) bool { return s.Phase == client.Joining && s.Join.Stage == stage }
}

// linked: this is a device of an account with so many.
func linked(devices int) func(*client.Snapshot) bool {
	return func(s *client.Snapshot) bool {
		return s.Phase == client.Main && len(s.Devices) == devices &&
			!slices.ContainsFunc(s.Devices, func(d client.DeviceRow) bool { return d.Unconfirmed })
	}
}

// meet brings both to the words, and compares them.
func meet(p, s *tab) (attempt [16]byte) {
	p.t.Helper()
	account := p.until("Main", phase(client.Main)).Account
	s.until("Welcome", phase(client.Welcome))
	s.must(s.Join(account.Hex()))
	if !p.Snapshot().Dialog.Open {
		p.must(p.OpenDialog())
	}
	return words(p, s)
}

// words waits for the words on both sides and compares them.
func words(p, s *tab) (attempt [16]byte) {
	p.t.Helper()
	a := p.until("words", dialog(client.DialogWords)).Dialog.Askers[0]
	b := s.until("words", join(client.JoinWords)).Join
	if x, y := strings.Join(a.Words, " "), strings.Join(b.Words, " "); x != y || x == "" {
		p.t.Fatalf("words differ: %q and %q", x, y)
	}
	return a.Attempt
}

// link joins a second device to the first one's account.
func link(p, s *tab) {
	p.t.Helper()
	attempt := meet(p, s)
	p.must(p.Authorise(attempt, ""))
	s.until("the grant", join(client.JoinHolding))
	s.must(s.Finish())
	account := p.Snapshot().Account
	devices := len(p.Snapshot().Devices)
	done := func(v *client.Snapshot) bool {
		return v.Success && v.Account == account && linked(devices)(v)
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

// wait lets simulated time pass.
func wait(d time.Duration) { <-time.After(d) }

// skew is a local clock that may be wrong.
type skew struct {
	mu    sync.Mutex // guards ahead
	ahead core.Millis
}

func (s *skew) set(ahead core.Millis) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead = ahead
}

func (s *skew) now() core.Millis {
	s.mu.Lock()
	defer s.mu.Unlock()
	return core.Millis(time.Now().UnixMilli()) + s.ahead
}

// locks is the writer's lock of an origin: tabs that share it wait for each
// other.
type locks struct{ free chan struct{} }

func newLocks() *locks {
	l := &locks{free: make(chan struct{}, 1)}
	l.free <- struct{}{}
	return l
}

func (l *locks) acquire(ctx context.Context, waiting func()) (func(), error) {
	release := func() { l.free <- struct{}{} }
	select {
	case <-l.free:
		return release, nil
	default:
	}
	waiting()
	select {
	case <-l.free:
		return release, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// line is a device's way out: it can be cut, and remembers what went over it.
type line struct {
	next core.Transport

	mu   sync.Mutex // guards the fields below
	cut  bool
	n    int // requests
	glue int // how many of the next requests get stuck
	keep bool
	sent [][]byte // URLs, requests and answers, while keep
}

var errCut = errors.New("the line is cut")

func (w *line) set(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = cut
}

// stick lets the next n requests hang until they are given up.
func (w *line) stick(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.glue = n
}

// stuck is how many are still to get stuck.
func (w *line) stuck() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.glue
}

// count is how many requests there were.
func (w *line) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.n
}

func (w *line) Post(ctx context.Context, url string, body []byte) (int, []byte, error) {
	w.mu.Lock()
	cut, glued := w.cut, w.glue > 0
	if glued {
		w.glue--
	}
	w.n++
	w.remember([]byte(url), body)
	w.mu.Unlock()
	if cut {
		return 0, nil, errCut
	}
	if glued {
		<-ctx.Done()
		return 0, nil, ctx.Err()
	}
	status, answer, err := w.next.Post(ctx, url, body)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.remember(answer)
	return status, answer, err
}

// taken is what was remembered.
func (w *line) taken() [][]byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.sent)
}

func (w *line) remember(all ...[]byte) {
	if w.keep {
		w.sent = append(w.sent, all...)
	}
}
