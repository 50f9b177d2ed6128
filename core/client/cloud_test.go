package client_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/client/courier"
	"tandem/core/snode"
)

// cloud is a model of the network for tests of very many messages: mailboxes on
// two nodes each, without onions, signatures and sockets, which have tests of
// their own. What devices store in each other's inboxes meets its weather.
type cloud struct {
	mu      sync.Mutex // guards the fields below
	dice    *rand.Rand
	weather weather
	boxes   map[core.Mailbox]*[2]rack
	sealed  func(to core.ID, data []byte) // is told what is stored in inboxes; nil: nobody is
}

// weather is what happens to messages that were stored, as probabilities.
type weather struct {
	lost     float64 // nobody ever sees it, though its sender was told that it is stored
	doubled  float64 // both nodes have it, each in its own place and at its own time
	bent     float64 // one bit of it is flipped
	late     float64 // it takes up to delay
	delay    core.Millis
	mixed    int           // it may be overtaken by so many others
	overtake core.Millis   // but not for longer
	latency  time.Duration // of each call, at most
}

// storm is the weather of issue 5.
var storm = weather{
	lost: 0.3, doubled: 0.2, bent: 0.05, late: 0.05, delay: 14 * core.Day,
	mixed: 500, overtake: 10 * core.Minute, latency: 100 * time.Millisecond,
}

// rack is what one node has of one mailbox, in the order in which it shows it.
type rack struct {
	shown  []snode.Message
	gone   int            // how many are not in shown any more
	places map[string]int // in shown with what is gone, by hash
	held   []parcel
	stored int
}

// parcel is a message that is not shown yet.
type parcel struct {
	snode.Message
	after int         // shown when so many were stored,
	until core.Millis // or then
}

func newCloud(seed uint64, w weather) *cloud {
	return &cloud{
		dice: rand.New(rand.NewPCG(seed, 5)), weather: w,
		boxes: map[core.Mailbox]*[2]rack{},
	}
}

func (c *cloud) box(at core.Mailbox) *[2]rack {
	b := c.boxes[at]
	if b == nil {
		b = &[2]rack{{places: map[string]int{}}, {places: map[string]int{}}}
		c.boxes[at] = b
	}
	return b
}

func (c *cloud) now() core.Millis { return core.Millis(time.Now().UnixMilli()) }

// store keeps a message as the weather will have it.
func (c *cloud) store(o courier.StoreOrder) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	b := c.box(o.Mailbox)
	if o.Mailbox.Namespace == core.Outbox { // holds one message
		*b = [2]rack{{places: map[string]int{}}, {places: map[string]int{}}}
	}
	hash := snode.MessageHash(o.Mailbox.Owner, o.Mailbox.Namespace, o.Data)
	if o.Mailbox.Namespace != core.Inbox {
		for i := range b {
			b[i].put(c.parcel(o, weather{}))
			b[i].show(c.now())
		}
		return hash
	}
	if c.sealed != nil {
		c.sealed(o.Mailbox.Owner, o.Data)
	}
	w := c.weather
	if c.dice.Float64() < w.lost {
		return hash
	}
	if c.dice.Float64() < w.bent {
		bit := c.dice.IntN(8 * len(o.Data))
		o.Data = slices.Clone(o.Data)
		o.Data[bit/8] ^= 1 << (bit % 8)
	}
	first := c.dice.IntN(2)
	b[first].put(c.parcel(o, w))
	if w.lost == 0 || c.dice.Float64() < w.doubled { // without loss both nodes have all
		b[1-first].put(c.parcel(o, w))
	}
	return hash
}

// parcel packs a message for one node.
func (c *cloud) parcel(o courier.StoreOrder, w weather) parcel {
	now := c.now()
	p := parcel{Message: snode.Message{
		Hash: snode.MessageHash(o.Mailbox.Owner, o.Mailbox.Namespace, o.Data), Data: o.Data, At: now, Expires: now + o.TTL,
	}}
	switch {
	case c.dice.Float64() < w.late:
		p.after, p.until = 1<<60, now+core.Millis(c.dice.Int64N(int64(w.delay)))
	case w.mixed > 0:
		p.after, p.until = c.dice.IntN(w.mixed), now+core.Millis(c.dice.Int64N(int64(w.overtake)))
	}
	return p
}

func (r *rack) put(p parcel) {
	r.stored++
	p.after += r.stored
	r.held = append(r.held, p)
}

// show brings into sight what is due, and forgets what is long over.
func (r *rack) show(now core.Millis) {
	for len(r.shown) > 0 && r.shown[0].Expires+core.Day < now {
		delete(r.places, r.shown[0].Hash)
		r.shown = r.shown[1:]
		r.gone++
	}
	var due []parcel
	r.held = slices.DeleteFunc(r.held, func(p parcel) bool {
		is := p.after <= r.stored || p.until <= now
		if is {
			due = append(due, p)
		}
		return is
	})
	slices.SortStableFunc(due, func(a, b parcel) int { return a.after - b.after })
	for _, p := range due {
		if _, there := r.places[p.Hash]; !there {
			r.places[p.Hash] = r.gone + len(r.shown)
			r.shown = append(r.shown, p.Message)
		}
	}
}

// retrieve gives what came behind the cursor, 200 messages at once.
func (c *cloud) retrieve(o courier.RetrieveOrder) courier.Batch {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := byte(0)
	if o.Second || o.From == (core.EdKey{2}) {
		i = 1
	}
	r, batch := &c.box(o.Mailbox)[i], courier.Batch{Node: core.EdKey{i + 1}}
	r.show(c.now())
	from := 0
	if o.Cursor != nil {
		if at, ok := r.places[o.Cursor(batch.Node)]; ok {
			from = at + 1 - r.gone
		}
	}
	to := min(len(r.shown), from+200)
	batch.Messages, batch.More = slices.Clone(r.shown[from:to]), to < len(r.shown)
	return batch
}

// forget deletes messages from both nodes.
func (c *cloud) forget(from core.Mailbox, hashes []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b := c.box(from)
	for i := range b {
		kept := rack{places: map[string]int{}, stored: b[i].stored}
		for _, m := range b[i].shown {
			if !slices.Contains(hashes, m.Hash) {
				kept.places[m.Hash] = len(kept.shown)
				kept.shown = append(kept.shown, m)
			}
		}
		b[i] = kept
	}
}

// cable is one device's way into a cloud.
type cable struct {
	cloud  *cloud
	mu     sync.Mutex // guards synced
	synced bool
}

var _ client.Carrier = (*cable)(nil)

// cabled lets devices that are switched off reach a cloud instead of the
// network of the test.
func (c *cloud) cabled(tabs ...*tab) {
	for _, d := range tabs {
		d.carrier = &cable{cloud: c}
	}
}

// travel is the way there and back. Error: it was given up.
func (x *cable) travel(ctx context.Context) error {
	x.cloud.mu.Lock()
	span := time.Millisecond
	if l := x.cloud.weather.latency; l > 0 {
		span += time.Duration(x.cloud.dice.Int64N(int64(l)))
	}
	x.cloud.mu.Unlock()
	select {
	case <-time.After(span):
		return nil
	case <-ctx.Done():
		return &courier.Error{Op: "test", Cause: "It was given up.", Err: ctx.Err()}
	}
}

func (x *cable) Store(ctx context.Context, o courier.StoreOrder) (string, error) {
	if err := x.travel(ctx); err != nil {
		return "", err
	}
	return x.cloud.store(o), nil
}

func (x *cable) Retrieve(ctx context.Context, o courier.RetrieveOrder) (courier.Batch, error) {
	if err := x.travel(ctx); err != nil {
		return courier.Batch{}, err
	}
	return x.cloud.retrieve(o), nil
}

func (x *cable) Delete(ctx context.Context, from core.Mailbox, _ courier.Signer, hashes []string) ([]string, error) {
	if err := x.travel(ctx); err != nil {
		return nil, err
	}
	x.cloud.forget(from, hashes)
	return hashes, nil
}

func (x *cable) Withheld(core.ID, core.EdKey) {}

func (x *cable) Sync(ctx context.Context) error {
	if err := x.travel(ctx); err != nil {
		return err
	}
	x.set(true)
	return nil
}

func (x *cable) set(synced bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.synced = synced
}

func (x *cable) Synced() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.synced
}

func (x *cable) Now() core.Millis { return x.cloud.now() }
func (x *cable) Doubt()           { x.set(false) }
func (x *cable) Rebuild()         {}

func (x *cable) Status() courier.Status {
	s := courier.Status{Link: courier.Online, Profile: "cloud", Nodes: 2, Synced: x.Synced()}
	if s.Synced {
		s.LastSuccess = x.cloud.now()
	}
	return s
}

// A cloud without weather keeps what is stored, in order, on both nodes; a
// storm loses, doubles, bends and mixes about as much as it says.
func TestTheCloud(t *testing.T) {
	t.Parallel()
	c, box := newCloud(1, weather{}), core.Mailbox{Owner: core.ID{5, 1}}
	put := func(n int) {
		for i := range n {
			c.store(courier.StoreOrder{Mailbox: box, Data: []byte{byte(i >> 8), byte(i), 0xff, 0xff, 0xff, 0xff}, TTL: core.Day})
		}
	}
	read := func(second bool) (all []snode.Message) {
		for more := true; more; {
			last := ""
			if len(all) > 0 {
				last = all[len(all)-1].Hash
			}
			b := c.retrieve(courier.RetrieveOrder{Mailbox: box, Second: second, Cursor: func(core.EdKey) string { return last }})
			all, more = append(all, b.Messages...), b.More
		}
		return all
	}
	put(500)
	for _, second := range []bool{false, true} {
		for i, m := range read(second) {
			if int(m.Data[0])<<8+int(m.Data[1]) != i {
				t.Fatalf("message %d in place %d", m.Data, i)
			}
		}
	}
	c, c.weather = newCloud(2, storm), storm
	put(10_000)
	whole, found, bent, late := map[string]int{}, 0, 0, 0
	for _, second := range []bool{false, true} {
		var last int
		for _, m := range read(second) {
			found++
			n := int(m.Data[0])<<8 + int(m.Data[1])
			if n+100 < last {
				late++
			}
			last = n
			if whole[string(m.Data)]++; string(m.Data[2:]) != "\xff\xff\xff\xff" || n >= 10_000 {
				bent++
			}
		}
	}
	if n := len(whole); n < 6_000 || n > 7_000 || found-n < 1_000 || bent < 150 || late < 1_000 {
		t.Errorf("%d of 10,000 came, %d of them twice, %d bent, %d late", n, found-n, bent, late)
	}
	if err := (&cable{cloud: c}).travel(expired()); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}

// expired is a context that is over.
func expired() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
