// Package client is the loop: one goroutine that owns all state of a device,
// feeds what happens to the machines and carries out what they emit, always in
// the order save, then send, then show. It composes the machines; it holds no
// rule of its own that a machine could hold.
//
// # One loop
//
// Commands come in through the Engine methods, answers of the network through
// jobs; both run on the loop, one after another, so no field below needs a
// lock. Network calls run beside the loop and bring their result back as a
// job. After each job the loop does what has become due and publishes a new
// Snapshot if anything changed.
//
// # One transaction
//
// What belongs together is gathered in a tx (tx.go), applied to the store in
// one piece, and only then takes effect in memory and on the wire. When the
// store refuses, nothing has happened.
//
// # Time
//
// What time decides (expiry, repeats, what is too old) waits until the network
// has said what time it is, and again after the local clock has jumped or this
// machine has slept (clock.go).
//
// # Panics
//
// A panic would end the program in a tab without a word. Where Config.Panicked
// asks for it, the loop catches its own and those beside it, says on the page
// that it has stopped, and stops: memory is not to be trusted any more, the
// store is. A panic over one message of a mailbox costs that message only.
package client

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"tandem/core"
	"tandem/core/delivery"
	"tandem/core/store"
)

// Config is the outside world as a device sees it. Every field down to Facts is
// required.
type Config struct {
	// Lock returns once this tab is the only writer; waiting is called if that
	// takes more than a moment. release is called when the loop ends.
	Lock func(ctx context.Context, waiting func()) (release func(), err error)
	// Open opens the storage of this origin.
	Open func(ctx context.Context) (store.KV, store.Keeper, error)
	// Wipe deletes that storage and every other trace in the browser. The KV is
	// closed by then.
	Wipe func(ctx context.Context) error
	// NetworkFile brings network.json.
	NetworkFile func(ctx context.Context) ([]byte, error)
	// Transport is the only way out.
	Transport core.Transport
	// Hidden reports whether nobody looks at this device.
	Hidden func() bool
	// Facts is the default name of this device.
	Facts core.Facts

	// NodesFile brings the bundled list of nodes, a file beside network.json that
	// this names, in the profile session only. nil: there is none.
	NodesFile func(ctx context.Context, name string) ([]byte, error)
	// Clock is this machine's clock, right or wrong; nil: that of package time.
	Clock func() core.Millis
	// Idle returns when nothing is more urgent than the network, which costs the
	// one thread of a tab some time before its first page is drawn. nil: at once.
	Idle func(ctx context.Context)
	// Panicked is told of each panic that was caught. nil: none is caught.
	Panicked func(cause any)
}

// Client is one device. The zero value is not usable: New.
type Client struct {
	cfg  Config
	jobs chan func()
	gone chan struct{} // closed when the loop has ended
	snap atomic.Pointer[Snapshot]

	watchers Watchers

	testOnlyCarrier carrier // in the place of a courier

	attention attention                 // of whoever uses the page
	viewed    atomic.Pointer[[]core.ID] // ViewingAll

	// Everything below belongs to the loop.
	ctx     context.Context
	calls   context.Context // ends when every call must: Lock
	hangUp  func()          // ends it
	db      *store.Store
	net     carrier
	dirty   bool      // the snapshot is older than the state
	life    int       // counts Clear Data
	queue   []func()  // what soon was given
	rest    time.Time // the store refused: what is due waits until then
	turn    int       // which of business comes first then
	clock   clock
	chores  time.Time // when they are due
	phase   Phase
	fault   string
	account account
	join    joiner
	left    []*abandoned
	answers answers
	linker  linker
	vault   vault
	post    post
	mail    mail
	log     logbook
	link    linkState
	tender  tender
	kin     kin
	lines   map[core.ID]*delivery.Line // by device
	talks   talks
	pasts   pasts
	people  people
	groups  groups
	leaving leaving
	backups backups
}

var _ Engine = (*Client)(nil)

// New makes a device that does nothing until Run.
func New(cfg Config) *Client {
	c := &Client{cfg: cfg, jobs: make(chan func()), gone: make(chan struct{})}
	c.link.hurry = make(chan struct{}, 1)
	c.reset()
	c.snap.Store(&Snapshot{Phase: Starting})
	return c
}

// reset forgets the account, as on a fresh device.
func (c *Client) reset() {
	c.account, c.join, c.linker = account{}, joiner{}, linker{}
	c.left, c.answers = nil, answers{}
	c.post, c.mail, c.log = newPost(), mail{}, newLogbook()
	c.tender, c.kin, c.leaving = tender{}, newKin(), leaving{}
	c.people, c.pasts, c.groups = newPeople(), newPasts(), newGroups()
	c.lines, c.talks = map[core.ID]*delivery.Line{}, newTalks()
	c.link.success = false
	c.vault = vault{}
	c.discardBackup()
	c.phase, c.fault, c.dirty = Welcome, "", true
	c.queue, c.rest, c.turn, c.chores = nil, time.Time{}, 0, time.Time{}
	c.life++
}

// Run is the loop. It returns when ctx ends; every network call ends with it.
func (c *Client) Run(ctx context.Context) {
	defer close(c.gone)
	release, err := c.cfg.Lock(ctx, func() { c.publish(&Snapshot{Phase: Elsewhere}) })
	if err != nil {
		if ctx.Err() == nil {
			c.publish(&Snapshot{Phase: Broken, Fault: "This browser cannot keep two tabs of Tandem apart. Use a newer browser."})
		}
		return
	}
	defer release()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c.ctx = ctx
	c.answerCalls()
	defer c.close()
	c.guard(c.loop, c.crashed)
}

func (c *Client) loop() {
	c.boot()
	if c.phase != Locked {
		c.fetchNetworkFile()
	}
	for {
		c.tick()
		c.drain()
		c.show()
		wake := time.NewTimer(c.untilDue())
		select {
		case <-c.ctx.Done():
			wake.Stop()
			return
		case job := <-c.jobs:
			c.tickLock() // this machine may have slept since the last look
			job()
		case <-wake.C:
		}
		wake.Stop()
	}
}

// guard runs f and hands a panic to caught, if panics are to be caught.
func (c *Client) guard(f func(), caught func(cause any)) {
	if c.cfg.Panicked != nil {
		defer func() {
			if cause := recover(); cause != nil {
				caught(cause)
			}
		}()
	}
	f()
}

// crashed is the end of a loop that panicked.
func (c *Client) crashed(cause any) {
	c.publish(&Snapshot{Phase: Broken, Fault: "Tandem has stopped because of a fault of its own. Reload this page: nothing that was saved is lost."})
	c.cfg.Panicked(cause)
}

// boot reads what a reload must know. A device without any record stays
// without a store until it has something to keep.
func (c *Client) boot() {
	if err := c.wakeUp(); err != nil {
		c.broken(storeSentence(err))
	}
}

func (c *Client) wakeUp() error {
	kv, keeper, err := c.cfg.Open(c.ctx)
	if err != nil {
		return err
	}
	any, err := kv.Scan(c.ctx, store.Range{Limit: 1})
	if err != nil || len(any) == 0 {
		return errors.Join(err, kv.Close())
	}
	c.db, err = store.Open(c.ctx, kv, keeper)
	if errors.Is(err, store.ErrLocked) {
		return c.bootLocked(kv)
	}
	if err != nil {
		return errors.Join(err, kv.Close())
	}
	return c.load()
}

// openStore makes the store of a fresh device. Error: wraps ErrStore.
func (c *Client) openStore() error {
	kv, keeper, err := c.cfg.Open(c.ctx)
	if err == nil {
		if c.db, err = store.Open(c.ctx, kv, keeper); err != nil {
			err = errors.Join(err, kv.Close())
		}
	}
	if err != nil {
		c.fault, c.dirty = storeSentence(err), true
		return errors.Join(ErrStore, err)
	}
	return nil
}

// close lets go of the store. Whatever it says, there is nothing left to do
// with it.
func (c *Client) close() {
	if c.db != nil {
		_ = c.db.Close()
		c.db = nil
	}
}

// do runs f on the loop and waits for it. What f changed is in the snapshot
// before do returns.
func (c *Client) do(f func() error) error {
	result := make(chan error, 1)
	select {
	case c.jobs <- func() {
		err := f()
		c.show()
		result <- err
	}:
	case <-c.gone:
		return ErrClosed
	}
	select {
	case err := <-result:
		return err
	case <-c.gone: // f may have been the last that the loop did
	}
	select {
	case err := <-result:
		return err
	default:
		return ErrClosed
	}
}

// later runs f on the loop when it can; f is dropped when the loop has ended.
func (c *Client) later(f func()) {
	select {
	case c.jobs <- f:
	case <-c.gone:
	}
}

// soon runs f on the loop after what it is doing now, and before it sleeps: for
// what needs a transaction of its own. f is dropped if the account is.
func (c *Client) soon(f func()) { c.queue = append(c.queue, f) }

// drain does what soon was given, which may be given more.
func (c *Client) drain() {
	for len(c.queue) > 0 {
		f := c.queue[0]
		c.queue = c.queue[1:]
		f()
	}
}

// beside runs work off the loop and its result on it. A result that comes back
// after Clear Data belongs to nobody and is dropped.
func (c *Client) beside(work func(ctx context.Context) func()) {
	life := c.life
	c.always(func(ctx context.Context) func() {
		then := work(ctx)
		return func() {
			if life == c.life {
				then()
			}
		}
	})
}

// always is beside for what belongs to no account. Of either nothing comes back
// after Lock.
func (c *Client) always(work func(ctx context.Context) func()) {
	ctx := c.calls
	go func() {
		var then func()
		c.guard(func() { then = work(ctx) }, func(cause any) { then = func() { panic(cause) } })
		if ctx.Err() == nil {
			c.later(func() {
				if ctx.Err() == nil {
					then()
				}
			})
		}
	}()
}

// toLocal turns network time into local time, for what a page counts down.
func (c *Client) toLocal(at core.Millis) core.Millis {
	if at == 0 {
		return 0
	}
	return at - c.now() + c.local()
}

// Snapshot is the newest state.
func (c *Client) Snapshot() *Snapshot { return c.snap.Load() }

// Watch calls f after each change.
func (c *Client) Watch(f func()) (stop func()) { return c.watchers.Watch(f) }

// show publishes the state if it changed.
func (c *Client) show() {
	if !c.dirty {
		return
	}
	c.dirty = false
	c.publish(c.snapshot())
}

func (c *Client) publish(s *Snapshot) {
	c.snap.Store(s)
	c.watchers.Tell()
}
