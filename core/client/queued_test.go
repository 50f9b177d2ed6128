package client_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/client/courier"
	"tandem/core/testnet"
)

// valve is a cable that can keep what goes to some mailboxes from being stored:
// so that its device knows it, or so that it does not.
type valve struct {
	*cable
	refuse, lose atomic.Pointer[[]core.ID]
}

var errValve = &courier.Error{Op: "test", Cause: "It was refused.", Err: errors.New("refused")}

func (v *valve) Store(ctx context.Context, o courier.StoreOrder) (string, error) {
	to := func(which *atomic.Pointer[[]core.ID]) bool {
		for _, id := range *which.Load() {
			if o.Mailbox == (core.Mailbox{Owner: id, Namespace: core.Inbox}) {
				return true
			}
		}
		return false
	}
	if to(&v.refuse) {
		return "", errValve
	}
	if to(&v.lose) {
		return "lost", v.travel(ctx)
	}
	return v.cable.Store(ctx, o)
}

// valved lets devices that are switched off reach a calm cloud, each by a valve.
func valved(tabs ...*tab) (valves []*valve) {
	c := newCloud(1, weather{})
	for _, d := range tabs {
		v := &valve{cable: &cable{cloud: c}}
		v.refuse.Store(&[]core.ID{})
		v.lose.Store(&[]core.ID{})
		d.carrier = v
		valves = append(valves, v)
	}
	return valves
}

// A message that waits on the device which wrote it is shown as waiting on the
// others of its account too, over reloads, until it lies in a swarm. Of one that
// does not wait they are told nothing but itself.
func TestAMessageThatWaitsElsewhereIsQueued(t *testing.T) {
	t.Parallel()
	offFriends(t, func(t *testing.T, net *testnet.Network, q *quad) {
		valves := valved(q.all()...)
		q.wake(q.all()...)
		wait(2 * time.Minute) // for what is said after a start
		bobs := []core.ID{q.b1.id(), q.b2.id()}
		q.b1.stop()
		q.b2.stop()
		before := q.a2.disk.Applied()
		q.a1.must(q.a1.Send(q.bob, "at once"))
		q.has(q.a2, "at once", core.Stored)
		wait(10 * time.Second)
		if n := q.a2.disk.Applied() - before; n != 1 {
			t.Errorf("a message that does not wait made %d transactions", n)
		}

		valves[0].refuse.Store(&bobs)
		q.a1.must(q.a1.Send(q.bob, "waits"))
		q.has(q.a1, "waits", core.Queued)
		q.has(q.a2, "waits", core.Queued)
		q.a1.reload()
		q.a2.reload()
		q.has(q.a1, "waits", core.Queued)
		q.has(q.a2, "waits", core.Queued)
		wait(time.Minute)
		q.has(q.a2, "waits", core.Queued)
		valves[0].refuse.Store(&[]core.ID{})
		q.has(q.a1, "waits", core.Stored)
		q.has(q.a2, "waits", core.Stored)

		valves[0].refuse.Store(&bobs)
		q.a1.must(q.a1.Send(q.bob, "is given up"))
		q.has(q.a2, "is given up", core.Queued)
		q.a1.must(q.a1.Delete(q.has(q.a1, "is given up", core.Queued).ID, false))
		q.without(q.a2, "is given up")

		// A device that is removed sends nothing any more.
		valves[0].refuse.Store(&[]core.ID{})
		valves[1].refuse.Store(&bobs)
		q.a2.must(q.a2.Send(q.bob, "waits for ever"))
		q.has(q.a1, "waits for ever", core.Queued)
		q.a1.must(q.a1.Unlink(q.a2.id()))
		if m := q.has(q.a1, "waits for ever", core.Failed); m.Cause == "" {
			t.Error("why is not said")
		}
		q.a1.reload()
		q.has(q.a1, "waits for ever", core.Failed)
	})
}

// That a message waits no more is heard of by who was away for so long that nobody
// tells it any more: it asks the friend.
func TestWhatWaitedLongAgoIsAskedAbout(t *testing.T) {
	t.Parallel()
	offFriends(t, func(t *testing.T, net *testnet.Network, q *quad) {
		valves := valved(q.all()...)
		q.wake(q.all()...)
		for _, d := range q.all() { // or there is nothing that could be missed
			d.must(d.Send(q.other(d), "here is "+d.name))
		}
		wait(13 * time.Minute)
		bobs, second := []core.ID{q.b1.id(), q.b2.id()}, []core.ID{q.a2.id()}
		valves[0].refuse.Store(&bobs)
		q.a1.must(q.a1.Send(q.bob, "waits"))
		q.has(q.a2, "waits", core.Queued)
		for _, v := range valves {
			v.lose.Store(&second)
		}
		valves[0].refuse.Store(&[]core.ID{})
		q.has(q.a1, "waits", core.Delivered)
		q.has(q.a2, "waits", core.Queued)
		q.rest(20*core.Day, q.all()...)
		for _, v := range valves {
			v.lose.Store(&[]core.ID{})
		}
		q.wake(q.all()...)
		q.b1.must(q.b1.Send(q.ada, "three weeks later"))
		q.has(q.a2, "waits", core.Delivered)
	})
}

// Whatever another device said and the network lost is asked for within minutes of
// its next word: a receipt again, a register in the snapshot. Numbers of messages
// do not tell of these.
func TestWhatIsNoMessageIsMissedToo(t *testing.T) {
	t.Parallel()
	offFriends(t, func(t *testing.T, net *testnet.Network, q *quad) {
		valves := valved(q.all()...)
		q.wake(q.all()...)
		bobs := []core.ID{q.b1.id(), q.b2.id()}
		q.b2.stop()
		// What the network of the template did not bring any more is missed first.
		for _, d := range []*tab{q.a1, q.a2, q.b1} {
			d.must(d.Send(q.other(d), "here is "+d.name))
		}
		wait(13 * time.Minute) // and no look at the snapshot is near
		adas := []core.ID{q.a1.id(), q.a2.id()}
		valves[2].lose.Store(&adas)
		second := adas[1:]
		valves[0].refuse.Store(&bobs)
		q.a1.must(q.a1.Send(q.bob, "one"))
		q.has(q.a2, "one", core.Queued)
		valves[0].lose.Store(&second) // that it waits no more
		valves[0].refuse.Store(&[]core.ID{})
		q.a2.must(q.a2.Send(q.bob, "two"))
		q.b1.until("one", says(q.ada, "one"))
		q.b1.until("two", says(q.ada, "two"))
		wait(10 * time.Second)
		valves[0].lose.Store(&[]core.ID{})
		valves[2].lose.Store(&[]core.ID{})
		q.b1.must(q.b1.Send(q.ada, "three"))
		for i, d := range []*tab{q.a1, q.a2} {
			d.until("the answer", says(q.bob, "three"))
			q.has(d, "one", []core.Status{core.Stored, core.Queued}[i])
		}
		start := time.Now()
		for _, d := range []*tab{q.a1, q.a2} {
			q.has(d, "one", core.Delivered)
			q.has(d, "two", core.Delivered)
		}
		if took := time.Since(start); took > 3*time.Minute {
			t.Errorf("the receipts are there after %v", took)
		}

		valves[1].lose.Store(&adas)
		q.a2.must(q.a2.SetName("Ada the Second"))
		wait(20 * time.Second)
		valves[1].lose.Store(&[]core.ID{})
		q.a2.must(q.a2.SendNote("what did I say?"))
		q.a1.until("the note", shows("what did I say?"))
		start = time.Now()
		q.a1.until("the name", func(v *client.Snapshot) bool { return v.Name == "Ada the Second" })
		if took := time.Since(start); took > 3*time.Minute {
			t.Errorf("the name is there after %v", took)
		}
	})
}
