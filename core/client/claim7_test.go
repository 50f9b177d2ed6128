package client_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/testnet"
)

// once: on each device the first message is there once, by the same device.
func (q *quad) once(t *testing.T, text string) {
	t.Helper()
	var id core.MessageID
	for _, d := range q.all() {
		v := d.until("the first message", func(v *client.Snapshot) bool { return len(v.Logs[q.other(d)]) > 0 })
		log := v.Logs[q.other(d)]
		if len(log) != 1 || log[0].Body != text || !id.Device.IsZero() && log[0].ID != id {
			t.Errorf("%s shows %q", d.name, said(v, q.other(d)))
		}
		id = log[0].ID
	}
}

// Any device of the one asks, any of the other answers, and the request is one
// row on each until then; also when both answer at once, and when one device of
// each side sleeps meanwhile.
func TestClaim7_AnyDeviceAsksAnyAnswers(t *testing.T) {
	t.Parallel()
	unacquainted(t, func(t *testing.T, net *testnet.Network, q *quad) {
		q.a2.must(q.a2.Befriend(q.bob.Hex(), "Hello"))
		for _, d := range []*tab{q.b1, q.b2} {
			d.until("one row", asks(q.ada))
		}
		q.a1.until("it is asked", stands(q.bob, client.Asked, 0))
		if err := q.a1.Befriend(q.bob.Hex(), "again"); !errors.Is(err, client.ErrAlready) {
			t.Errorf("asked twice: %v", err)
		}
		wait(2 * time.Minute) // other nodes bring it again
		q.b2.reload()
		q.b2.until("one row", func(v *client.Snapshot) bool { return asks(q.ada)(v) && v.Network.LastPoll > 0 })
		q.b2.must(q.b2.Accept(q.ada))
		q.settled()
		q.once(t, "Hello")
		if err := q.b1.Accept(q.ada); !errors.Is(err, client.ErrNotNow) {
			t.Errorf("accepted again: %v", err)
		}
	})
}

func TestClaim7_BothAcceptAtOnce(t *testing.T) {
	t.Parallel()
	unacquainted(t, func(t *testing.T, net *testnet.Network, q *quad) {
		q.a1.must(q.a1.Befriend(q.bob.Hex(), "Hello"))
		for _, d := range []*tab{q.b1, q.b2} {
			d.until("one row", asks(q.ada))
		}
		// A hop takes time, so that neither hears of the other's press before its own.
		net.Faults().Everywhere(testnet.Trouble{Delay: 40})
		done := make(chan error, 2)
		for _, d := range []*tab{q.b1, q.b2} {
			go func() { done <- d.Accept(q.ada) }()
		}
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		q.settled()
		q.once(t, "Hello")
	})
}

func TestClaim7_OneOfEachSideSleeps(t *testing.T) {
	long(t)
	t.Parallel()
	for n := range 4 {
		offStrangers(t, func(t *testing.T, net *testnet.Network, q *quad) {
			asleep, awake := []*tab{q.a1, q.a2}[n%2], []*tab{q.a2, q.a1}[n%2]
			answers := []*tab{q.b2, q.b1}[n/2]
			// Who asks sleeps from then on; the other one was asleep before.
			asleep.start()
			asleep.until("main page", linked(2))
			asleep.listed()
			asleep.must(asleep.Befriend(q.bob.Hex(), "Hello"))
			asleep.until("all is out", func(v *client.Snapshot) bool {
				said := v.Logs[q.bob]
				return len(said) == 1 && said[0].Status == core.Stored && v.Network.Queue == 0
			})
			asleep.stop()
			answers.start()
			answers.until("the request", asks(q.ada))
			answers.must(answers.Accept(q.ada))
			awake.start()
			awake.until("friends", stands(q.bob, client.Friends, 2))
			answers.until("friends", stands(q.ada, client.Friends, 2))
			wait(time.Minute)
			if a, b := awake.sessions(), answers.sessions(); a != 2 || b != 3 { // it has the bundle of who asked
				t.Errorf("case %d: %d and %d sessions", n, a, b)
			}
			awake.stop()
			answers.stop()
			q.pass(3 * core.Day)
			q.on()
			q.settled()
			q.once(t, "Hello")
		})
	}
}

// Two people who ask each other are friends, without any answer.
func TestClaim7_TheyAskEachOther(t *testing.T) {
	t.Parallel()
	unacquainted(t, func(t *testing.T, net *testnet.Network, q *quad) {
		q.a1.must(q.a1.Befriend(q.bob.Hex(), "Hello Bob"))
		q.b2.must(q.b2.Befriend(q.ada.Hex(), "Hello Ada"))
		q.settled()
		for _, d := range q.all() {
			v := d.until("both texts", func(v *client.Snapshot) bool { return len(v.Logs[q.other(d)]) > 1 })
			got := said(v, q.other(d))
			slices.Sort(got)
			if fmt.Sprint(got) != "[Hello Ada Hello Bob]" {
				t.Errorf("%s shows %q", d.name, got)
			}
		}
	})
}

// Decline is silent, and told to the siblings; the same person may ask again,
// and who is blocked may not. Nothing is left of an unanswered request after 14
// days.
func TestClaim7_DeclineBlockAndExpiry(t *testing.T) {
	long(t)
	t.Parallel()
	unacquainted(t, func(t *testing.T, net *testnet.Network, q *quad) {
		nobody := func(v *client.Snapshot) bool { return len(v.Requests) == 0 }
		q.a1.must(q.a1.Befriend(q.bob.Hex(), "first"))
		for _, d := range []*tab{q.b1, q.b2} {
			d.until("the request", asks(q.ada))
		}
		q.b1.must(q.b1.Decline(q.ada))
		q.b2.until("it is told", nobody)
		q.sleep(13 * core.Day)
		for _, d := range []*tab{q.b1, q.b2} {
			if v := d.Snapshot(); len(v.Requests) > 0 || len(v.Logs[q.ada]) > 0 {
				t.Errorf("%s shows %+v", d.name, v.Requests)
			}
		}
		q.a2.until("still asked", stands(q.bob, client.Asked, 0))
		q.sleep(2 * core.Day)
		q.a2.until("too old", stands(q.bob, client.AskedTooOld, 0))
		q.a2.must(q.a2.Befriend(q.bob.Hex(), "second"))
		for _, d := range []*tab{q.b1, q.b2} {
			d.until("the request", asks(q.ada))
		}
		q.sleep(15 * core.Day)
		for _, d := range []*tab{q.b1, q.b2} {
			d.until("it is too old", nobody)
		}

		q.b2.must(q.b2.Block(q.ada))
		q.b1.until("blocked", func(v *client.Snapshot) bool { return slices.Contains(v.Blocked, q.ada) })
		if err := q.b1.Befriend(q.ada.Hex(), "x"); !errors.Is(err, client.ErrBlocked) {
			t.Errorf("asking who is blocked: %v", err)
		}
		q.a1.until("too old", stands(q.bob, client.AskedTooOld, 0))
		q.a1.must(q.a1.Befriend(q.bob.Hex(), "third"))
		wait(10 * time.Minute)
		for _, d := range []*tab{q.b1, q.b2} {
			if v := d.Snapshot(); len(v.Requests) > 0 {
				t.Errorf("%s shows %+v", d.name, v.Requests)
			}
		}
		q.b1.must(q.b1.Unblock(q.ada))
		q.b2.until("not blocked", func(v *client.Snapshot) bool { return len(v.Blocked) == 0 })
		// Who asks whom is asked answers.
		q.sleep(core.Minute)
		q.a2.until("too old", stands(q.bob, client.Asked, 0))
		q.b2.must(q.b2.Befriend(q.ada.Hex(), "after all"))
		q.settled()
	})
}

// Asking and accepting survive the death of either device before and after each
// time that something about people is stored: nothing is lost, or twice.
func TestClaim7_DyingWhileAskingAndAccepting(t *testing.T) {
	t.Parallel()
	offStrangers(t, func(t *testing.T, net *testnet.Network, q *quad) {
		asking, accepting := q.a1.dies(), q.b1.dies()
		q.a1.start()
		q.b1.start()
		q.a1.insist("it is asked", stands(q.bob, client.Asked, 0), func(v *client.Snapshot) error {
			if v.Phase != client.Main || v.Network.LastPoll == 0 || rowOf(v, q.bob).Friendship != client.NotAsked {
				return nil
			}
			return q.a1.Befriend(q.bob.Hex(), "Hello")
		})
		q.b1.insist("it is accepted", friendly(q.ada, 2), func(v *client.Snapshot) error {
			if len(v.Requests) == 0 {
				return nil
			}
			return q.b1.Accept(q.ada)
		}, q.a1)
		q.a1.insist("friends", friendly(q.bob, 2), func(*client.Snapshot) error { return nil }, q.b1)
		if *asking < 2 || *accepting < 2 {
			t.Errorf("only %d and %d deaths", *asking, *accepting)
		}
		for _, d := range []*tab{q.a1, q.b1} {
			d.survives()
			d.stop()
		}
		q.on()
		q.settled()
		q.once(t, "Hello")
	})
}

// Over a network that loses a third of all requests, both accept, and nothing is
// left undone.
func TestClaim7_OverABadNetwork(t *testing.T) {
	t.Parallel()
	offStrangers(t, func(t *testing.T, net *testnet.Network, q *quad) {
		lossy(net)
		q.on()
		q.a2.must(q.a2.Befriend(q.bob.Hex(), "Hello"))
		for _, d := range []*tab{q.b1, q.b2} {
			d.until("one row", asks(q.ada))
		}
		q.b1.must(q.b1.Accept(q.ada))
		if err := q.b2.Accept(q.ada); err != nil && !errors.Is(err, client.ErrNotNow) {
			t.Error(err)
		}
		q.settled()
		q.once(t, "Hello")
	})
}
