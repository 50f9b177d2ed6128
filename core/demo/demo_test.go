package demo

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/store"
)

// inWorld is inWorldOf in the world that most stories need.
func inWorld(t *testing.T, story func(t *testing.T, w *World)) {
	t.Helper()
	inWorldOf(t, Options{Seed: [32]byte{1}}, story)
}

// inWorldOf runs a story in a world of its own, on simulated time.
func inWorldOf(t *testing.T, o Options, story func(t *testing.T, w *World)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			w.Run(ctx)
			close(ended)
		}()
		defer func() {
			cancel()
			<-ended
		}()
		story(t, w)
	})
}

// long leaves a test out of the short run, which is the one under the race
// detector: TestPlay goes the same ways. make test runs all of them without it.
func long(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("not in the short run: it makes many requests")
	}
}

// inPlayed is a world in which the script was played to its end, as fast as it
// goes.
func inPlayed(t *testing.T, story func(t *testing.T, w *World)) {
	t.Helper()
	long(t)
	inWorld(t, func(t *testing.T, w *World) {
		w.SetSpeed(Unthrottled)
		w.Play()
		until(t, w, "the end", played)
		story(t, w)
	})
}

// until waits until the state is as wanted.
func until(t *testing.T, w *World, what string, want func(s *State) bool) *State {
	t.Helper()
	for range 3 * 3600 {
		if s := w.State(); want(s) {
			return s
		}
		pass(time.Second)
	}
	t.Fatalf("in vain until %s: %s", what, told(w))
	return nil
}

// pass lets time pass.
func pass(d time.Duration) { <-time.After(d) }

// told is the world in some lines.
func told(w *World) string {
	s := w.State()
	text := fmt.Sprintf("play %+v, counts %+v", s.Play, s.Counts)
	for _, seat := range Seats() {
		v := w.Engine(seat).Snapshot()
		text += fmt.Sprintf("\n%v: %+v phase %d join %d dialog %d devices %d queue %d network %v %s",
			seat, s.Devices[seat], v.Phase, v.Join.Stage, v.Dialog.Stage, len(v.Devices), v.Network.Queue, v.Network.State, v.Network.Cause)
	}
	return text
}

func played(s *State) bool { return s.Play.Done }

// counted: so many, all shown, none lost, none twice.
func counted(sent int) func(s *State) bool {
	return func(s *State) bool { return s.Counts == Counts{Sent: sent, Shown: sent} }
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// bodies are the texts of a conversation as a device shows it.
func bodies(w *World, seat Seat, conversation core.ID) (all []string) {
	for _, m := range w.Engine(seat).Snapshot().Logs[conversation] {
		all = append(all, m.Body)
	}
	return all
}

// The script goes through the setup guide to its end by itself, step by step: two
// devices are linked, a friend is answered on the second, and everything that was
// typed lies wherever it belongs, once. Each request that is shown on the way goes
// from node to node, and the last of them carries it out.
func TestPlay(t *testing.T) {
	inWorld(t, func(t *testing.T, w *World) {
		var mu sync.Mutex // guards what follows
		var steps []int
		asked := map[string]int{}
		asking := false    // the friend's request is to be seen where it will be answered
		answering := false // and is answered there: the phone follows
		stop := w.Watch(func() {
			mu.Lock()
			defer mu.Unlock()
			s := w.State()
			if n := len(steps); n == 0 || steps[n-1] != s.Play.Step {
				steps = append(steps, s.Play.Step)
			}
			asking = asking || s.Play.Step == 9 && s.Play.Seat == Laptop && len(w.see(Laptop).Requests) > 0
			i := w.see(Friend).Account
			answering = answering || w.friendship(Laptop, i) == client.Friends && w.friendship(Phone, i) != client.Friends
			for _, trip := range s.Trips {
				checkTrip(t, s, trip)
				asked[trip.What]++
			}
		})
		defer stop()
		pass(time.Minute)
		if s := w.State(); s.Play.Step != 0 || w.see(Phone).Phase != client.Welcome {
			t.Errorf("it began by itself: %s", told(w))
		}
		w.Play()
		began := time.Now()
		s := until(t, w, "the end", played)
		if took := time.Since(began); took < 30*time.Second || took > 3*time.Minute {
			t.Errorf("it took %v: a person reads it", took)
		}
		if !counted(7)(s) || s.Play.Running || s.Play.Stuck {
			t.Error(told(w))
		}
		mu.Lock()
		defer mu.Unlock()
		if !slices.Equal(steps, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}) || s.Play.Steps != 9 {
			t.Errorf("steps %v", steps)
		}
		a, i := w.see(Phone).Account, w.see(Friend).Account
		notes, talk := []string{firstNote, secondNote, thirdNote}, []string{hello, greeting, reply, last}
		for _, seat := range []Seat{Phone, Laptop} {
			if got := bodies(w, seat, a); w.see(seat).Account != a || !slices.Equal(got, notes) {
				t.Errorf("%v shows %q", seat, got)
			}
			if got := bodies(w, seat, i); !slices.Equal(got, talk) {
				t.Errorf("%v shows %q", seat, got)
			}
		}
		if got := bodies(w, Friend, a); !slices.Equal(got, talk) {
			t.Errorf("Ines sees %q", got)
		}
		if !asking {
			t.Error("the request was answered before anybody could see it")
		}
		if !answering {
			t.Error("the laptop did not answer the request")
		}
		if asked["store"] == 0 || asked["retrieve"] == 0 {
			t.Errorf("shown were %v", asked)
		}
	})
}

// checkTrip looks at a trip as it is shown.
func checkTrip(t *testing.T, s *State, trip Trip) {
	t.Helper()
	names := map[core.EdKey]int{}
	for _, n := range s.Nodes {
		names[n.Ed] = n.Swarm
	}
	last := trip.Began
	for _, h := range trip.Hops {
		if _, known := names[h.Node]; !known || h.At < last || h.Back != 0 && h.Back < h.At {
			t.Errorf("%+v goes astray", trip)
		}
		last = h.At
	}
	if trip.Fate == Answered && (len(trip.Hops) < 3 || trip.What == "" || trip.Ended == 0 || trip.Next != core.EdKey{}) {
		t.Errorf("%+v was answered by nobody", trip)
	}
	for _, m := range trip.Members {
		if names[m] != names[trip.Hops[len(trip.Hops)-1].Node] {
			t.Errorf("%+v was passed on to another swarm", trip)
		}
	}
}

// So it does when three of ten requests are lost, one of five arrives twice, and
// one of twenty is damaged; and when the laptop dies on the way and comes back.
func TestPlayThroughFaults(t *testing.T) {
	long(t)
	inWorld(t, func(t *testing.T, w *World) {
		w.SetFaults(Faults{Loss: 30, Duplicate: 20, Corrupt: 5, Delay: 700})
		w.SetSpeed(Unthrottled)
		w.Play()
		until(t, w, "the words", func(s *State) bool { return s.Play.Step >= 6 })
		w.Kill(Laptop)
		pass(20 * time.Second)
		if s := w.State(); s.Devices[Laptop].Alive || w.Engine(Laptop).Finish() != client.ErrClosed {
			t.Errorf("it lives: %s", told(w))
		}
		w.Revive(Laptop)
		var mu sync.Mutex // guards what follows
		fates := map[Fate]int{}
		again, bent := 0, 0
		stop := w.Watch(func() {
			mu.Lock()
			defer mu.Unlock()
			for _, trip := range w.State().Trips {
				fates[trip.Fate]++
				if trip.Again {
					again++
				}
				if trip.Bent {
					bent++
				}
			}
		})
		defer stop()
		s := until(t, w, "the end", played)
		if !counted(7)(s) || s.Speed != Normal {
			t.Errorf("at speed %v: %s", s.Speed, told(w))
		}
		mu.Lock()
		defer mu.Unlock()
		if fates[LostThere] == 0 || fates[LostBack] == 0 || fates[Answered] == 0 || again == 0 || bent == 0 {
			t.Errorf("shown were %v, %d duplicates, %d damaged", fates, again, bent)
		}
	})
}

// The counters are counted out of the stores: what is removed from one behind the
// back of its client is lost, and stays so; what lies there under two names is
// there twice; what somebody deletes is not lost.
func TestCountersSeeWhatIsInTheStores(t *testing.T) {
	inPlayed(t, func(t *testing.T, w *World) {
		must(t, w.Engine(Phone).SendNote("twice the same"))
		must(t, w.Engine(Phone).SendNote("twice the same"))
		until(t, w, "two messages of one text", counted(9))
		a := w.see(Phone).Account
		log := w.see(Phone).Logs[a]
		must(t, w.Engine(Phone).Delete(log[0].ID, false))
		until(t, w, "one less", counted(8))

		must(t, w.Remove(Laptop))
		lost := func(s *State) bool { return s.Counts == Counts{Sent: 8, Shown: 7, Lost: 1} }
		until(t, w, "one lost", lost)
		w.jump(core.Hour)
		pass(time.Minute)
		if !lost(w.State()) {
			t.Errorf("it came back: %s", told(w))
		}

		s, done := w.devices[Friend].peek()
		defer done()
		m, err := s.Page(t.Context(), a, store.Position{}, 1)
		must(t, err)
		m[0].ID.Counter += 1000
		change := s.Change()
		change.PutMessage(m[0])
		must(t, change.Commit(t.Context()))
		w.changed()
		until(t, w, "one twice", func(s *State) bool { return s.Counts.Twice == 1 && s.Counts.Lost == 1 })
	})
}

// A message that no device carries any more and that does not arrive is lost, but
// only after everything had its time.
func TestWhatNeverArrivesIsLost(t *testing.T) {
	inPlayed(t, func(t *testing.T, w *World) {
		must(t, w.Engine(Phone).SendNote("nobody carries it"))
		until(t, w, "it is there", counted(8))
		began := time.Now()
		n := w.typed.notes[len(w.typed.notes)-1]
		must(t, w.Remove(Laptop))
		n.places[Laptop].seen = false // as if it had never been there
		pass(time.Minute)
		if s := w.State(); s.Counts != (Counts{Sent: 8, Shown: 7}) {
			t.Errorf("too early: %s", told(w))
		}
		until(t, w, "it is lost", func(s *State) bool { return s.Counts == Counts{Sent: 8, Shown: 7, Lost: 1} })
		if took := time.Since(began); took < time.Duration(patience)*time.Millisecond {
			t.Errorf("too early, after %v: %s", took, told(w))
		}
	})
}

// Whatever happens to a device or to nodes, in the end nothing is lost: a clock
// that is a day ahead, a network without nodes, 20 days offline.
func TestHardships(t *testing.T) {
	inPlayed(t, func(t *testing.T, w *World) {
		phone, laptop, friend := w.Engine(Phone), w.Engine(Laptop), w.Engine(Friend)
		ines := w.see(Friend).Account
		ada := w.see(Phone).Account
		w.Skew(Laptop, true)
		must(t, laptop.Send(ines, "from tomorrow"))
		s := until(t, w, "it arrives", counted(8))
		if s.Devices[Laptop].Skewed != SkewAhead {
			t.Error("its clock is right")
		}
		w.Skew(Laptop, false)

		w.KillNodes(3)
		must(t, friend.Send(ada, "past three dead nodes"))
		s = until(t, w, "it arrives", counted(9))
		if n := dead(s); n != 3 {
			t.Errorf("%d nodes are dead", n)
		}
		w.KillNodes(100)
		until(t, w, "no node is left", func(s *State) bool { return dead(s) == len(s.Nodes) })
		must(t, phone.Send(ines, "into nothing"))
		pass(2 * time.Minute)
		w.jump(core.Hour)
		pass(time.Minute)
		if s := w.State(); s.Counts != (Counts{Sent: 10, Shown: 9}) {
			t.Errorf("nobody has it: %s", told(w))
		}
		w.ReviveNodes()
		until(t, w, "it arrives", counted(10))

		before := w.State().Now
		w.Away(Laptop)
		w.Away(Phone) // one at a time
		must(t, laptop.SendNote("written far away"))
		must(t, phone.Send(ines, "where is the laptop?"))
		s = until(t, w, "the first days", func(s *State) bool { return s.Days > 5 })
		if !s.Devices[Laptop].Away || s.Devices[Phone].Away || s.Counts.Lost != 0 {
			t.Error(told(w))
		}
		must(t, friend.Send(ada, "it is away"))
		s = until(t, w, "everything is everywhere", counted(13))
		if s.Devices[Laptop].Away || s.Days != 0 || s.Now-before < DaysAway*core.Day {
			t.Errorf("%d ms have passed: %s", s.Now-before, told(w))
		}
	})
}

func dead(s *State) (n int) {
	for _, node := range s.Nodes {
		if node.Dead {
			n++
		}
	}
	return n
}

// pausedAt plays as fast as it can, and pauses where that is so.
func pausedAt(t *testing.T, w *World, here func(*State) bool) {
	t.Helper()
	w.SetSpeed(Unthrottled)
	w.Play()
	defer w.Watch(func() {
		if here(w.State()) {
			w.Pause()
		}
	})()
	until(t, w, "the pause", func(s *State) bool { return here(s) && !s.Play.Running })
}

// Paused, the script does nothing, and the devices do what they are told; where
// somebody was there before it, it goes on from there. Anew, everything is new.
func TestPauseAndRestart(t *testing.T) {
	long(t)
	inWorld(t, func(t *testing.T, w *World) {
		pausedAt(t, w, func(s *State) bool { return s.Play.Step == 2 })
		must(t, w.Engine(Phone).SendNote("typed in between"))
		must(t, w.Engine(Phone).OpenDialog()) // what the script would do
		pass(time.Minute)
		if s := w.State(); s.Play.Running || s.Play.Step != 2 || s.Counts.Sent != 1 || w.see(Laptop).Phase != client.Welcome {
			t.Errorf("it goes on: %s", told(w))
		}
		w.Play()
		until(t, w, "the end", played)
		account, nodes := w.see(Phone).Account, w.State().Nodes

		w.SetFaults(Faults{Loss: 5, Delay: 1 << 40})
		w.Kill(Friend)
		w.Restart()
		w.Play()
		s := until(t, w, "another account", func(s *State) bool {
			v := w.see(Phone)
			return v.Phase == client.Main && v.Account != account
		})
		if s.Faults != (Faults{}) || !s.Devices[Friend].Alive || !slices.Equal(s.Nodes, nodes) {
			t.Errorf("not all is new: %+v", s)
		}
		until(t, w, "the end again", func(s *State) bool { return played(s) && counted(7)(s) })

		// A laptop with an account of its own is not led back.
		w.Restart()
		until(t, w, "the beginning", func(*State) bool { return w.see(Laptop).Phase == client.Welcome })
		must(t, w.Engine(Laptop).Register("Somebody else"))
		w.Play()
		s = until(t, w, "it is stuck", func(s *State) bool { return s.Play.Stuck && !s.Play.Running })

		// Played again, it is another life, in which the one before has no say.
		old := w.life()
		if w.Restart(); old.Err() == nil {
			t.Error("the life before goes on")
		}
		w.Play()
		_ = w.caption(old, 4, steps()[4]) // as if it was just about to
		if p := w.script.state(); p.Step > 1 || p.Life != s.Play.Life+1 {
			t.Errorf("it begins with %+v", p)
		}
		until(t, w, "the beginning again", func(now *State) bool { return now.Play.Life == s.Play.Life+1 && now.Play.Step > 1 })
	})
}

// Nobody can see what was typed where there is a passphrase: the script types
// nothing there for ever, and waits for nothing.
func TestAPassphraseEndsTheScript(t *testing.T) {
	long(t)
	inWorld(t, func(t *testing.T, w *World) {
		pausedAt(t, w, func(s *State) bool { return s.Counts.Sent == 1 })
		until(t, w, "the first note", func(s *State) bool { return s.Counts.Shown == 1 })
		must(t, w.Engine(Laptop).SetPassphrase("", "between the two of us"))
		w.Play()
		pass(time.Minute)
		if s := w.State(); !s.Play.Stuck || s.Play.Running {
			t.Errorf("it goes on: %s", told(w))
		}
		if said := bodies(w, Laptop, w.see(Laptop).Account); len(said) != 1 {
			t.Errorf("the laptop shows the notes %q", said)
		}
	})
}

// What was said with somebody stays in the stores when that one's account is gone,
// and none of it is lost.
func TestAGoneAccountLosesNothing(t *testing.T) {
	inPlayed(t, func(t *testing.T, w *World) {
		must(t, w.Engine(Friend).ClearData())
		until(t, w, "she is gone", func(*State) bool { return w.see(Friend).Phase != client.Main })
		must(t, w.Engine(Phone).SendNote("after her"))
		until(t, w, "all is there", counted(8))
	})
}

// jumper is a clock that looks whether somebody could count while it jumps.
type jumper struct {
	w     *World
	days  []int // that were shown when it did
	speed Speed
	open  bool // somebody could
}

func (j *jumper) SetSpeed(s Speed) { j.speed = s }

// now is the speed that it has. World.mu is the clock's, too.
func (j *jumper) now() Speed {
	j.w.mu.Lock()
	defer j.w.mu.Unlock()
	return j.speed
}

func (j *jumper) Jump(core.Millis) {
	j.days = append(j.days, j.w.State().Days)
	if j.w.typed.mu.TryLock() {
		j.open = true
		j.w.typed.mu.Unlock()
	}
}

// A day passes in one piece: nothing that just went missing was missing for a day.
func TestNobodyCountsWithinAJump(t *testing.T) {
	c := &jumper{}
	inWorldOf(t, Options{Clock: c}, func(t *testing.T, w *World) {
		c.w = w
		w.Away(Phone)
		until(t, w, "it is away", func(s *State) bool { return s.Devices[Phone].Away })
		until(t, w, "it is back", func(s *State) bool { return !s.Devices[Phone].Away })
		if c.open {
			t.Error("somebody could count in between")
		}
		for i, day := range c.days {
			if day != i+1 {
				t.Errorf("day %d is said to be day %d", i+1, day)
			}
		}
		if len(c.days) != DaysAway {
			t.Errorf("%d days passed", len(c.days))
		}
	})
}

// A life of the world has ended whole before another one begins: nothing of it
// slows that one down, or happens in it.
func TestALifeEndsWhole(t *testing.T) {
	c := &jumper{speed: Fast}
	inWorldOf(t, Options{Clock: c}, func(t *testing.T, w *World) {
		c.w = w
		until(t, w, "it runs", func(*State) bool { return w.see(Phone).Phase == client.Welcome })
		w.Away(Laptop)
		s := until(t, w, "some days", func(s *State) bool { return s.Days > 2 })
		if !s.Devices[Laptop].Away || c.now() != Unthrottled {
			t.Errorf("days pass at speed %v: %s", c.now(), told(w))
		}
		old, late, sent := w.life(), false, false
		w.errand(func(era context.Context) {
			<-era.Done()
			pass(time.Hour)
			number := w.trips.begin(Trip{})
			w.duplicate(line{w.devices[Phone]}, luck{}, "", nil) // too late
			pass(time.Second)
			late, sent = true, w.trips.begin(Trip{}) != number+1
		})
		w.Restart()
		for w.life() == old {
			pass(time.Second)
		}
		if !late || c.now() != Normal {
			t.Errorf("it lives on: %v, at speed %v", !late, c.now())
		}
		if sent {
			t.Error("a duplicate was sent when its life was over")
		}
		if s := until(t, w, "another life", func(s *State) bool { return s.Days == 0 }); s.Devices[Laptop].Away {
			t.Error("the laptop is away in another life")
		}
	})
}
