package courier

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/testnet"
)

var oneSchedule = flag.Int64("schedule", -1, "run this schedule of faults only")

// What a schedule may ask of a courier, in simulated time.
const (
	longestCall = 4 * time.Minute // four attempts, each after asking for the swarm, and once for the time
	patience    = 30 * time.Second
	recovery    = 2 * time.Minute // until everything works after the faults have ended
)

// Whatever goes wrong in a network, and in whatever order: when it ends, what
// one client stored another one reads, both work as before, and on the way no
// call and no request took longer than it may.
func TestSchedules(t *testing.T) {
	count := int64(500)
	if testing.Short() { // under the race detector, which finds in a few what it finds in all
		count = 30
	}
	runSchedules(t, 0, count)
}

// runSchedules runs schedules by their seeds. go test -run Schedules -schedule N
// repeats number N.
func runSchedules(t *testing.T, first, count int64) {
	if *oneSchedule >= 0 {
		first, count = *oneSchedule, 1
	}
	for seed := first; seed < first+count; seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			runSchedule(t, uint64(seed))
		})
	}
}

func runSchedule(t *testing.T, seed uint64) {
	dice := rand.New(rand.NewPCG(seed, 3))
	o := testnet.Options{Nodes: 12 + dice.IntN(19), Seed: [32]byte{byte(seed), byte(seed >> 8), byte(seed >> 16)}}
	story(t, o, nil, func(w *world) {
		s := &schedule{dice: dice, net: w.net, nodes: w.net.Nodes(), owner: device(t, dice), writer: w, reader: twin(w)}
		s.watch(t)
		var all sync.WaitGroup
		ends := time.Now().Add(time.Duration(40+dice.IntN(80)) * time.Second)
		events := s.events(ends)
		writing, reading := rand.New(rand.NewPCG(seed, 1)), rand.New(rand.NewPCG(seed, 2))
		all.Go(func() { s.write(writing, ends) })
		all.Go(func() { s.poll(reading, ends) })
		for _, e := range events {
			w.passes(time.Until(e.at))
			e.happens()
		}
		all.Wait()
		s.calm()
		s.recovers(t)
		if t.Failed() {
			t.Logf("%d nodes, %d of %d stored", o.Nodes, len(s.stored), s.tried)
			for _, e := range events {
				t.Log(e.what)
			}
		}
	})
}

// device is one whose mailbox is in the same swarm whenever a schedule is
// repeated.
func device(t *testing.T, dice *rand.Rand) *identity.Device {
	t.Helper()
	var secret [32]byte
	for i := range secret {
		secret[i] = byte(dice.Uint32())
	}
	d, err := identity.ParseDevice(secret[:])
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// twin is another device of the same network.
func twin(w *world) *world {
	w.t.Helper()
	other := &world{t: w.t, net: w.net, bridge: &bridge{next: w.bridge.next, broken: map[string]fault{}}}
	other.restart()
	return other
}

// schedule is one run: a writer stores, a reader polls, things happen.
type schedule struct {
	dice           *rand.Rand
	net            *testnet.Network
	nodes          []testnet.NodeInfo // all of them, on the list or not
	owner          *identity.Device
	writer, reader *world
	ahead          [2]atomic.Int64 // of the clocks of writer and reader

	stored []string // that the writer was told are stored
	tried  int
}

// watch puts a clock that can be set and a stopwatch around both couriers.
func (s *schedule) watch(t *testing.T) {
	for i, w := range []*world{s.writer, s.reader} {
		w.bridge.next = stopwatch{t, w.bridge.next}
		w.c.cfg.LocalNow = func() core.Millis { return core.Millis(time.Now().UnixMilli() + s.ahead[i].Load()) }
	}
}

// stopwatch fails a test when a request has no deadline, or outlives it.
type stopwatch struct {
	t    *testing.T
	next core.Transport
}

func (w stopwatch) Post(ctx context.Context, url string, body []byte) (int, []byte, error) {
	at, ok := ctx.Deadline()
	if !ok || time.Until(at) > deadline {
		w.t.Errorf("a request may take %v, bounded %v", time.Until(at), ok)
	}
	status, answer, err := w.next.Post(ctx, url, body)
	if time.Now().After(at) {
		w.t.Errorf("a request came back %v after its deadline", time.Since(at))
	}
	return status, answer, err
}

// call runs one call of a courier with a deadline, or in every third case
// without, and checks that it ends.
func (s *schedule) call(w *world, dice *rand.Rand, f func(ctx context.Context) error) error {
	ctx, cancel, most := context.Background(), func() {}, longestCall
	if dice.IntN(3) > 0 {
		most = time.Duration(1+dice.IntN(30)) * time.Second
		ctx, cancel = context.WithTimeout(ctx, most)
	}
	defer cancel()
	began := time.Now()
	err := f(ctx)
	if took := time.Since(began); took > most {
		w.t.Errorf("a call took %v of %v: %v", took, most, err)
	}
	return err
}

func (s *schedule) write(dice *rand.Rand, ends time.Time) {
	for time.Now().Before(ends) {
		text := fmt.Sprint("message ", s.tried)
		s.tried++
		if s.call(s.writer, dice, func(ctx context.Context) error { return s.put(ctx, s.writer, text) }) == nil {
			s.stored = append(s.stored, text)
		}
		s.writer.passes(time.Duration(1000+dice.IntN(24_000)) * time.Millisecond)
	}
}

// put takes 14 days, so that a node whose clock is hours ahead keeps it.
func (s *schedule) put(ctx context.Context, w *world, text string) error {
	_, err := w.c.Store(ctx, StoreOrder{Mailbox: inbox(s.owner), Data: []byte(text), TTL: 14 * core.Day})
	return err
}

func (s *schedule) poll(dice *rand.Rand, ends time.Time) {
	for time.Now().Before(ends) {
		second := dice.IntN(4) == 0
		// What fails now is tried again once everything is over.
		_ = s.call(s.reader, dice, func(ctx context.Context) error {
			_, err := s.reader.c.Retrieve(ctx, RetrieveOrder{Mailbox: inbox(s.owner), Auth: s.owner, Second: second})
			return err
		})
		s.reader.passes(time.Duration(1000+dice.IntN(30_000)) * time.Millisecond)
	}
}

// event is something that goes wrong, or is mended.
type event struct {
	at      time.Time
	what    string
	happens func()
}

// events draws what will happen. No swarm loses all its members at once from the
// list: its mailboxes would move to another one.
func (s *schedule) events(ends time.Time) []event {
	var all []event
	for range 4 + s.dice.IntN(16) {
		e := s.event()
		e.at = time.Now().Add(time.Duration(s.dice.Int64N(int64(time.Until(ends)))))
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b event) int { return a.at.Compare(b.at) })
	start := time.Now()
	for i := range all {
		all[i].what = fmt.Sprintf("%8v %s", all[i].at.Sub(start).Round(time.Millisecond), all[i].what)
	}
	return all
}

func (s *schedule) event() event {
	f, nodes := s.net.Faults(), s.nodes
	node, peer := nodes[s.dice.IntN(len(nodes))], nodes[s.dice.IntN(len(nodes))]
	name := fmt.Sprintf("node %d", node.Index)
	trouble := s.trouble()
	switch s.dice.IntN(12) {
	case 0:
		return event{what: name + " is killed", happens: func() { f.Kill(node.Ed) }}
	case 1:
		return event{what: name + " freezes", happens: func() { f.Freeze(node.Ed) }}
	case 2:
		return event{what: name + " is revived", happens: func() { f.Revive(node.Ed) }}
	case 3:
		if !s.spare(node) {
			return event{what: name + " stays, being the last of its swarm", happens: func() {}}
		}
		return event{what: name + " leaves the list", happens: func() { f.Deregister(node.Ed) }}
	case 4:
		hours := core.Millis(s.dice.IntN(25) - 12)
		return event{what: fmt.Sprintf("%s: clock %d h ahead", name, hours), happens: func() { f.SkewClock(node.Ed, hours*core.Hour) }}
	case 5: // not LieForget: what only such a node has, nobody has
		lie := []testnet.Lies{testnet.LieEmpty, testnet.LieWrongSwarm, testnet.LieGarbage, testnet.LieList}[s.dice.IntN(4)]
		return event{what: fmt.Sprintf("%s lies: %d", name, lie), happens: func() { f.Lie(node.Ed, lie) }}
	case 6:
		var island []core.EdKey
		for _, i := range s.dice.Perm(len(nodes))[:1+s.dice.IntN(len(nodes)/2)] {
			island = append(island, nodes[i].Ed)
		}
		return event{what: fmt.Sprintf("%d of %d nodes are parted", len(island), len(nodes)), happens: func() { f.Partition(island) }}
	case 7:
		return event{what: "the partition heals", happens: f.Heal}
	case 8:
		return event{what: fmt.Sprintf("everywhere %+v", trouble), happens: func() { f.Everywhere(trouble) }}
	case 9:
		return event{what: fmt.Sprintf("to %s %+v", name, trouble), happens: func() { f.OnNode(node.Ed, trouble) }}
	case 10:
		from := peer.Ed
		if s.dice.IntN(2) == 0 {
			from = testnet.Outside
		}
		return event{what: fmt.Sprintf("%v to %s %+v", from, name, trouble), happens: func() { f.OnLink(from, node.Ed, trouble) }}
	}
	who, hours := s.dice.IntN(2), s.dice.Int64N(200_001)-100_000 // eleven years either way
	return event{what: fmt.Sprintf("client %d: clock %d h ahead", who, hours), happens: func() {
		s.ahead[who].Store(hours * int64(core.Hour))
	}}
}

// spare reports whether a swarm has a member that no event has taken: the first.
func (s *schedule) spare(n testnet.NodeInfo) bool {
	first := slices.IndexFunc(s.nodes, func(o testnet.NodeInfo) bool { return o.Swarm == n.Swarm })
	return s.nodes[first].Ed != n.Ed
}

// trouble is anything from a slow link to a cut one.
func (s *schedule) trouble() testnet.Trouble {
	var t testnet.Trouble
	chance := []float64{0.05, 0.2, 0.5, 1}[s.dice.IntN(4)]
	switch s.dice.IntN(5) {
	case 0:
		t.Drop = chance
	case 1:
		t.DropAnswer = chance
	case 2:
		t.Corrupt = chance
	case 3:
		t.CorruptAnswer = chance
	}
	if t == (testnet.Trouble{}) || s.dice.IntN(3) == 0 {
		t.Delay, t.Jitter = core.Millis(s.dice.IntN(3000)), core.Millis(s.dice.IntN(3000))
	}
	return t
}

// calm ends all faults.
func (s *schedule) calm() {
	f := s.net.Faults()
	f.Calm()
	for _, n := range s.nodes {
		f.Revive(n.Ed)
		f.Lie(n.Ed, 0)
		f.SkewClock(n.Ed, 0)
		f.Register(n.Ed)
	}
}

// recovers checks that both clients work again, and that what was stored is
// there.
func (s *schedule) recovers(t *testing.T) {
	t.Helper()
	until := time.Now().Add(recovery)
	for i, w := range []*world{s.writer, s.reader} {
		text := fmt.Sprint("after all, of client ", i)
		if err := s.retry(until, w, func(ctx context.Context) error { return s.put(ctx, w, text) }); err != nil {
			t.Errorf("client %d cannot store: %v, %+v", i, err, w.c.Status())
			continue
		}
		s.stored = append(s.stored, text)
	}
	missing := s.stored
	err := s.retry(until, s.reader, func(ctx context.Context) (err error) {
		missing, err = s.missing(ctx)
		return err
	})
	if err != nil || len(missing) > 0 {
		t.Errorf("the reader misses %d of %d: %q, %v", len(missing), len(s.stored), missing, err)
	}
}

// retry calls f as a client does, again and again.
func (s *schedule) retry(until time.Time, w *world, f func(ctx context.Context) error) error {
	for {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		err := f(ctx)
		cancel()
		if err == nil || time.Now().After(until) {
			return err
		}
		w.passes(2 * time.Second)
	}
}

// missing is what no member of the swarm has: a copy on its way from one to
// another may have been lost.
func (s *schedule) missing(ctx context.Context) ([]string, error) {
	missing := slices.Clone(s.stored)
	for _, n := range s.net.Swarm(s.owner.ID()) {
		b, err := s.reader.c.Retrieve(ctx, RetrieveOrder{Mailbox: inbox(s.owner), Auth: s.owner, From: n.Info().Ed})
		if err != nil {
			return missing, err
		}
		for _, m := range b.Messages {
			missing = slices.DeleteFunc(missing, func(text string) bool { return text == string(m.Data) })
		}
	}
	return missing, nil
}
