package testnet

import (
	"context"
	"errors"

	"tandem/core"
)

// errSilence: the sender gave up waiting.
var errSilence = errors.New("testnet: no answer")

// errRefused: nothing listens there.
var errRefused = errors.New("testnet: connection refused")

// way is how a message gets from one end to the other.
type way struct {
	net    *Network
	from   core.EdKey // Outside for clients
	to     *Node
	limit  core.Millis // how long the sender waits; 0 means until its context ends
	sealed bool        // damage is noticed on the way, and is loss
}

// carry brings a message over a way, has it handled there by do, and brings
// back what do returns. Without faults that is a call. do may run even after
// carry has returned, where a delay was longer than the sender's patience.
//
// Errors: errRefused (clients only), errSilence, the context's, errClosed.
func carry[T any](ctx context.Context, w way, do func(context.Context, trip) T) (T, error) {
	var none T
	f := w.net.faults
	if f.table.Load() == nil {
		return do(ctx, trip{}), nil
	}
	if w.limit == 0 {
		return try(ctx, w, do)
	}
	limited, cancel := w.net.within(ctx, w.limit)
	defer cancel()
	v, err := try(limited, w, do)
	if limited.Err() != nil && ctx.Err() == nil {
		return none, errSilence
	}
	return v, err
}

// try is carry with a context that ends when the sender gives up.
func try[T any](ctx context.Context, w way, do func(context.Context, trip) T) (T, error) {
	var none T
	t := w.net.faults.roll(w.from, w.to.info.Ed)
	if w.sealed && (t.bent != 0 || t.bentBack != 0) {
		t.lost, t.lostBack = t.lost || t.bent != 0, t.lostBack || t.bentBack != 0
		t.bent, t.bentBack = 0, 0
	}
	if t.lost {
		return none, w.net.silence(ctx)
	}
	if w.limit > 0 && t.delay >= w.limit {
		w.net.later(t.delay, func() {
			if health(w.to.health.Load()) == alive {
				do(context.WithoutCancel(ctx), t)
			}
		})
		return none, w.net.silence(ctx)
	}
	if err := w.net.wait(ctx, t.delay); err != nil {
		return none, err
	}
	switch health(w.to.health.Load()) {
	case dead:
		if w.from == Outside {
			return none, errRefused
		}
		return none, w.net.silence(ctx)
	case frozen:
		return none, w.net.silence(ctx)
	case alive:
	}
	v := do(ctx, t)
	if t.lostBack {
		return none, w.net.silence(ctx)
	}
	return v, nil
}

// silence waits until the context ends.
func (n *Network) silence(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-n.closed:
		return errClosed
	}
}

// within is a context that ends after d of the network's clock.
func (n *Network) within(ctx context.Context, d core.Millis) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := n.after(d, func() { cancel(context.DeadlineExceeded) })
	return ctx, func() {
		stop()
		cancel(nil)
	}
}

// later runs f after d, unless the network is closed by then.
func (n *Network) later(d core.Millis, f func()) {
	n.after(d, func() {
		select {
		case <-n.closed:
		default:
			f()
		}
	})
}
