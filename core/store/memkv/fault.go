package memkv

import "tandem/core/store"

// fault is a failure that waits for its batch. The zero value is none.
type fault struct {
	armed bool
	left  int   // batches until it strikes
	err   error // what every batch from then on gets
	cut   bool  // the batch it strikes at is taken before the error
}

// next counts one batch: before is the error to give instead of taking it, after
// the one to give although it was taken.
func (f *fault) next() (before, after error) {
	if !f.armed {
		return nil, nil
	}
	if f.left > 0 {
		f.left--
		return nil, nil
	}
	if f.cut {
		f.cut = false
		return nil, f.err
	}
	return f.err, nil
}

// FailAfter lets n more batches through; later ones change nothing and give err
// (store.ErrFull, store.ErrRefused) until Heal. A device that stops at the first
// error has then died just before its commit number n+1.
func (d *Disk) FailAfter(n int, err error) { d.arm(fault{armed: true, left: n, err: err}) }

// CutAfter lets n more batches through, takes the next one too, and gives
// store.ErrRefused for it and all later ones, which change nothing, until Heal. A
// device that stops at the first error has then died just after its commit number
// n+1, before it could act on it.
func (d *Disk) CutAfter(n int) {
	d.arm(fault{armed: true, left: n, err: store.ErrRefused, cut: true})
}

// Heal ends FailAfter and CutAfter.
func (d *Disk) Heal() { d.arm(fault{}) }

func (d *Disk) arm(f fault) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault = f
}
