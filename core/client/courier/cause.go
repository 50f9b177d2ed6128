package courier

import (
	"context"
	"errors"

	"tandem/core/snode"
	"tandem/core/swarm"
)

// Error is a call that failed after all its attempts. Cause is one sentence for
// people, without names and addresses. Err is what the last attempt failed
// with: a kind of snode or swarm, ErrNoAnswer, ErrTooLarge, or the context's.
type Error struct {
	Op    string // "store", "retrieve", "delete", "sync", "server"
	Cause string
	Err   error
}

// Error is for logs.
func (e *Error) Error() string { return "courier: " + e.Op + ": " + e.Err.Error() }

// Unwrap is the last attempt's error.
func (e *Error) Unwrap() error { return e.Err }

// Errors of a call beside those of snode and swarm.
var (
	// ErrNoAnswer: the first node, or what stands before it, gave no answer.
	ErrNoAnswer = errors.New("courier: no answer")
	// ErrTooLarge: more than a node accepts; it was not sent.
	ErrTooLarge = errors.New("courier: the message is too large")
	// errPath: the path gave an answer that is not the destination's.
	errPath = errors.New("courier: the path failed")
	// errGuard: the guard did not pass its test.
	errGuard = errors.New("courier: the first node does not answer")
)

// fail makes an Error; nil stays nil.
func (c *Courier) fail(op string, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Op: op, Cause: c.sentence(err), Err: err}
}

// sentence says what is wrong in words for people.
func (c *Courier) sentence(err error) string {
	switch {
	case errors.Is(err, context.Canceled):
		return "The request was cancelled."
	case errors.Is(err, ErrTooLarge):
		return "The message is too large for the network."
	case errors.Is(err, ErrServerDown):
		return "The group's server does not answer."
	case errors.Is(err, ErrServerKey):
		return "The group's server has another key than its address says."
	case errors.Is(err, ErrServerReply):
		return "The group's server gave no usable answer."
	case errors.Is(err, ErrNoAnswer) && len(c.cfg.Net.Gateways) > 0:
		return "The gateway to the network cannot be reached."
	case errors.Is(err, ErrNoAnswer), errors.Is(err, errGuard):
		return "No node of the network can be reached."
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, snode.ErrTimeout):
		return "The network does not answer in time."
	case errors.Is(err, snode.ErrClock):
		return "The network does not accept this device's time."
	case errors.Is(err, snode.ErrAuth):
		return "The network does not accept this device's signature."
	case errors.Is(err, snode.ErrRateLimit), errors.Is(err, snode.ErrFirstRefused):
		return "The network is busy."
	case errors.Is(err, snode.ErrNotStored):
		return "The network did not keep the message."
	case errors.Is(err, snode.ErrWrongSwarm), errors.Is(err, swarm.ErrNoMember):
		return "No node was found that keeps this mailbox."
	case errors.Is(err, swarm.ErrNoPath):
		return "Too few nodes of the network are known."
	case errors.Is(err, snode.ErrTTL), errors.Is(err, snode.ErrRequest):
		return "The network refused the request."
	}
	return "The network gave no usable answer."
}
