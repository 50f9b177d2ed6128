package store

import (
	"context"
	"slices"

	"tandem/core"
)

// Page lists up to limit messages of a conversation, newest first, that stand
// before a position; the zero Position starts at the newest. Damaged messages
// are left out and reported: the error is then a *DamagedError and the rest is
// returned beside it.
//
// Keys order messages by Sent and then by a tag, so messages of the same
// millisecond are read together and sorted here.
func (s *Store) Page(ctx context.Context, conversation core.ID, before Position, limit int) ([]core.Message, error) {
	p := page{before: before}
	prefix := recordKey(kindMessage, s.tag(kindMessage, conversation[:]))
	r := Range{From: prefix, To: after(prefix), Reverse: true, Limit: limit + 1}
	if before != (Position{}) {
		r.To = after(slices.Concat(prefix, moment(before.Sent)))
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for limit > 0 {
		pairs, err := s.list(ctx, r)
		if err != nil {
			return nil, err
		}
		for _, pair := range pairs {
			p.add(s.seal, pair)
		}
		if len(pairs) < r.Limit {
			break
		}
		r.To = pairs[len(pairs)-1].Key
		if p.newerThan(parseMoment(r.To[len(prefix):])) >= limit {
			break
		}
	}
	return p.newest(limit), p.damage.err()
}

// page gathers rows that come newest first, except within a millisecond.
type page struct {
	before Position
	rows   []core.Message
	damage damage
}

func (p *page) add(seal *sealer, pair Pair) {
	plain, err := seal.open(pair.Key, pair.Value)
	var m core.Message
	if err == nil {
		m, err = parseMessage(pair.Key, plain)
	}
	if p.damage.take(err) {
		return
	}
	if p.before == (Position{}) || PositionOf(m).Compare(p.before) < 0 {
		p.rows = append(p.rows, m)
	}
}

// newerThan counts the rows behind t: those whose millisecond was read whole.
func (p *page) newerThan(t core.Millis) int {
	n := 0
	for n < len(p.rows) && p.rows[n].Sent > t {
		n++
	}
	return n
}

// newest sorts and cuts.
func (p *page) newest(limit int) []core.Message {
	slices.SortFunc(p.rows, func(a, b core.Message) int {
		return PositionOf(b).Compare(PositionOf(a))
	})
	return p.rows[:min(limit, len(p.rows))]
}

// countAtOnce bounds what Count holds in memory.
const countAtOnce = 500

// Count says how many messages of a conversation there are since a time, and how
// many bytes they take. It may be called beside the loop.
func (s *Store) Count(ctx context.Context, conversation core.ID, since core.Millis) (messages int, size int64, err error) {
	prefix := recordKey(kindMessage, s.tag(kindMessage, conversation[:]))
	r := Range{From: slices.Concat(prefix, moment(max(since, 0))), To: after(prefix), Limit: countAtOnce}
	for {
		pairs, err := s.scan(ctx, r)
		if err != nil {
			return 0, 0, err
		}
		for _, pair := range pairs {
			messages, size = messages+1, size+int64(len(pair.Value))
		}
		if len(pairs) < r.Limit {
			return messages, size, nil
		}
		r.From = append(pairs[len(pairs)-1].Key, 0)
	}
}
