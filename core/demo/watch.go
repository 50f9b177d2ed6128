package demo

import (
	"sync/atomic"
	"time"
)

// State is the newest state. It never blocks.
func (w *World) State() *State { return w.state.Load() }

// Watch calls f after each change of State, at most once a Frame. f must not
// block. stop ends it.
func (w *World) Watch(f func()) (stop func()) { return w.watchers.Watch(f) }

// changed has the state published in the next Frame.
func (w *World) changed() { w.news.tell(w.frame, w.tell) }

// news is what somebody is told in the next Frame, once however often it is asked
// for until then.
type news struct{ asked atomic.Bool }

func (n *news) tell(frame func(f func()), tell func()) {
	if n.asked.CompareAndSwap(false, true) {
		frame(func() {
			n.asked.Store(false)
			tell()
		})
	}
}

// frame calls f in the next Frame.
func (w *World) frame(f func()) {
	if w.o.Frame != nil {
		w.o.Frame(f)
		return
	}
	time.AfterFunc(frameTime, f)
}

// tell publishes the state.
func (w *World) tell() {
	w.telling.Lock()
	w.publish()
	w.telling.Unlock()
	w.watchers.Tell()
}

// publish makes a new State.
func (w *World) publish() {
	s := &State{Now: w.now(), Counts: w.count(), Play: w.script.state()}
	for i, d := range w.devices {
		s.Devices[i] = d.state()
	}
	s.Trips = w.trips.list(s.Now)
	net := w.network()
	swarms := map[uint64]int{}
	for _, n := range net.Nodes() {
		swarm, known := swarms[n.Swarm]
		if !known {
			swarm = len(swarms)
			swarms[n.Swarm] = swarm
		}
		s.Nodes = append(s.Nodes, Node{Ed: n.Ed, IP: n.IP, Swarm: swarm, Dead: w.dead(n.Ed)})
	}
	s.Swarms = len(swarms)
	w.mu.Lock()
	s.Speed, s.Faults, s.Days = w.speed, w.faults, w.days
	fade := !w.fading && len(s.Trips) > 0
	w.fading = w.fading || fade
	w.mu.Unlock()
	w.state.Store(s)
	if fade { // so that the last trip is not shown for ever
		time.AfterFunc(time.Duration(linger)*time.Millisecond, w.fade)
	}
}

func (w *World) fade() {
	w.mu.Lock()
	w.fading = false
	w.mu.Unlock()
	w.changed()
}
