package linking

import (
	"tandem/core"
	"tandem/core/wire"
)

// ending is LinkDone, LinkReject or LinkCancel.
//
//	LinkDone, by the device that joined:           nothing more
//	LinkCancel, by the device that wants to join:  6 created of the request, ms
//	LinkReject, by it or by the primary's device:  6 created, 7 reason
//
// S takes a LinkReject by the account key too, before it holds a challenge.
type ending struct {
	head
	created core.Millis
	reason  Reason
}

func (e *ending) fields() []byte {
	switch e.kind {
	case KindCancel:
		return wire.AppendUint(nil, 6, uint64(e.created))
	case KindReject:
		return wire.AppendUint(wire.AppendUint(nil, 6, uint64(e.created)), 7, uint64(e.reason))
	}
	return nil
}

// readEnding reads one of the three kinds. Reasons of later versions are read
// as Invalid: why an attempt ended never changes that it ended.
func readEnding(kind Kind, raw []byte) (*ending, error) {
	var (
		e        ending
		reason   uint64
		required int
		err      error
	)
	switch kind {
	case KindDone:
		required = 5
	case KindCancel:
		required, e.reason = 6, ReasonCancelled
	case KindReject:
		required = 7
	default:
		return nil, wire.ErrMalformed
	}
	e.head, err = read(kind, raw, required, func(m *wire.Message, f wire.Field) error {
		switch f.Number {
		case 6:
			if kind == KindDone {
				return nil
			}
			return readTime(m, f, &e.created)
		case 7:
			if kind != KindReject {
				return nil
			}
			return m.Uint(f, &reason, 1<<31)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if kind == KindReject {
		e.reason = reasonFrom(reason)
	}
	return &e, nil
}

func reasonFrom(number uint64) Reason {
	if number == uint64(ReasonNone) || number > uint64(ReasonOwn) {
		return ReasonInvalid
	}
	return Reason(number)
}
