package client

import "sync"

// Watchers are functions that are called after each change of something. The zero
// value has none. It is safe for concurrent use.
type Watchers struct {
	mu   sync.Mutex // guards the fields below
	all  map[int]func()
	last int
}

// Watch has f called by each Tell from now on, until stop. f must not block.
func (w *Watchers) Watch(f func()) (stop func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.all == nil {
		w.all = map[int]func(){}
	}
	w.last++
	id := w.last
	w.all[id] = f
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.all, id)
	}
}

// Tell calls all, in no order. They may Watch and stop meanwhile.
func (w *Watchers) Tell() {
	w.mu.Lock()
	all := make([]func(), 0, len(w.all))
	for _, f := range w.all {
		all = append(all, f)
	}
	w.mu.Unlock()
	for _, f := range all {
		f()
	}
}
