package demo

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// inWorld runs a story in a world of its own, on simulated time.
func inWorld(t *testing.T, story func(t *testing.T, w *World)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w, err := New(Options{Seed: [32]byte{1}})
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

// until waits until the state is as wanted.
func until(t *testing.T, w *World, what string, want func(s *State) bool) *State {
	t.Helper()
	for range 8 * 3600 {
		if s := w.State(); want(s) {
			return s
		}
		<-time.After(time.Second)
	}
	t.Fatalf("in vain until %s: %s", what, told(w))
	return nil
}

// told is the world in some lines.
func told(w *World) string {
	s := w.State()
	text := fmt.Sprintf("play %+v, counts %+v", s.Play, s.Counts)
	for _, seat := range Seats() {
		v := w.Engine(seat).Snapshot()
		text += fmt.Sprintf("\n%v: %+v phase %d join %d dialog %d devices %d queue %d network %v %s", seat, s.Devices[seat], v.Phase, v.Join.Stage, v.Dialog.Stage, len(v.Devices), v.Network.Queue, v.Network.State, v.Network.Cause)
	}
	return text
}

func played(s *State) bool { return s.Play.Done }

// The script goes to its end by itself: two devices linked, friends, and
// everything that was typed lies wherever it belongs, once.
func TestPlay(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *World) {
		w.Play()
		began := time.Now()
		s := until(t, w, "the end", played)
		t.Log(time.Since(began), told(w))
		if s.Counts != (Counts{Sent: 7, Shown: 7}) {
			t.Errorf("counted %+v", s.Counts)
		}
	})
}

// So it does when three of ten requests are lost, one of five arrives twice, and
// one of twenty is damaged.
func TestPlayThroughFaults(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *World) {
		w.SetFaults(Faults{Loss: 30, Duplicate: 20, Corrupt: 5, Delay: 700})
		w.Play()
		began := time.Now()
		s := until(t, w, "the end", played)
		t.Log(time.Since(began), told(w))
		if s.Counts != (Counts{Sent: 7, Shown: 7}) {
			t.Errorf("counted %+v", s.Counts)
		}
	})
}
