package delivery

import (
	"tandem/core"
	"tandem/core/wire"
)

const (
	// pastAgain is after how long chunks that nobody said to have are given again,
	// and after how long a device asks again for what does not come; doubled each
	// time, up to pastRarely.
	pastAgain  = 2 * core.Minute
	pastRarely = core.Day
)

// Giving is how far the past was given to a new device (PROTOCOL.md §16).
// Chunks go out by their numbers, at most wire.PastWindow that the device has not
// said to have. Where those do not help, it begins again behind the last one that
// the device has, in another run: what a chunk holds may have changed, so
// numbers of one run say nothing in another.
type Giving struct {
	Since core.Millis // nothing before is given
	Total uint64      // messages that there were when it began
	Run   uint64      // 0 = the device has not asked yet
	Base  uint64      // Acked when the run began
	Acked uint64      // the device has all chunks up to this
	// Marks are where the chunks above Acked begin, and last where the next one
	// will: at least one once there is a run.
	Marks []Mark
	Whole bool        // the last mark is the end
	At    core.Millis // when a chunk went out last
	Tries uint64      // runs since the device got any further
}

// Mark is a place in the past: what comes next stands before it.
type Mark struct {
	Sent   core.Millis
	ID     core.MessageID
	Before uint64 // messages that were given up to here
}

// Begin starts with the messages that stand before a time.
func (g *Giving) Begin(before core.Millis, total uint64) {
	g.Run, g.Total, g.Marks = 1, total, []Mark{{Sent: before}}
}

// Room reports whether the next chunk can go out.
func (g *Giving) Room() bool { return g.Run > 0 && !g.Whole && len(g.Marks) <= wire.PastWindow }

// Next is where the next chunk begins.
func (g *Giving) Next() Mark { return g.Marks[len(g.Marks)-1] }

// Chunk is the next chunk, without its items. to is where it ends; last: there
// is nothing behind it.
func (g *Giving) Chunk(now core.Millis, to Mark, last bool) *wire.Past {
	p := &wire.Past{
		Run: g.Run, Base: g.Base, Number: g.Acked + uint64(len(g.Marks)), Before: to.Before, Total: max(g.Total, to.Before),
	}
	if last {
		p.State = wire.PastDone
	}
	g.Marks, g.Whole, g.At = append(g.Marks, to), last, now
	return p
}

// Heard takes what the device says that it has.
func (g *Giving) Heard(run, got uint64) {
	if run == g.Run && got > g.Acked && got-g.Acked < uint64(len(g.Marks)) {
		g.Marks = g.Marks[got-g.Acked:]
		g.Acked, g.Tries = got, 0
	}
}

// Late reports whether chunks were lost: the device was heard from long after
// they went out, and not about them.
func (g *Giving) Late(now, seen core.Millis) bool {
	return len(g.Marks) > 1 && seen > g.At && now >= g.At+patience(g.Tries)
}

// Again begins a run with the first chunk that the device does not have.
func (g *Giving) Again(now core.Millis) {
	g.Run, g.Base, g.Marks, g.Whole, g.At, g.Tries = g.Run+1, g.Acked, g.Marks[:1], false, now, g.Tries+1
}

// Done is how many messages the device has.
func (g *Giving) Done() uint64 {
	if len(g.Marks) == 0 {
		return 0
	}
	return g.Marks[0].Before
}

func patience(tries uint64) core.Millis {
	wait := pastAgain
	for ; tries > 0 && wait < pastRarely; tries-- {
		wait *= 2
	}
	return min(wait, pastRarely)
}

// Clone is a copy that shares nothing with g.
func (g *Giving) Clone() *Giving {
	out := *g
	out.Marks = append([]Mark(nil), g.Marks...)
	return &out
}

// Marshal encodes g for the store.
func (g *Giving) Marshal() []byte {
	out := appendNumbers(uint64(g.Since), g.Total, g.Run, g.Base, g.Acked, uint64(g.At), g.Tries, bit(g.Whole))
	for _, m := range g.Marks {
		one := appendNumbers(uint64(m.Sent), m.ID.Counter, m.Before)
		out = wire.AppendBytes(out, 16, wire.AppendBytes(one, 16, m.ID.Device[:]))
	}
	return out
}

// ParseGiving reads what Marshal wrote. Error: ErrDamaged.
func ParseGiving(b []byte) (*Giving, error) {
	g := &Giving{}
	n, err := readNumbers(b, func(_ *wire.Message, f wire.Field) error {
		var mark Mark
		n, err := readNumbers(f.Bytes, func(m *wire.Message, f wire.Field) error { return m.Fixed(f, mark.ID.Device[:]) })
		mark.Sent, mark.ID.Counter, mark.Before = core.Millis(n[1]), n[2], n[3]
		g.Marks = append(g.Marks, mark)
		return err
	})
	g.Since, g.Total, g.Run, g.Base, g.Acked = core.Millis(n[1]), n[2], n[3], n[4], n[5]
	g.At, g.Tries, g.Whole = core.Millis(n[6]), n[7], n[8] == 1
	if err != nil || g.Run > 0 && len(g.Marks) == 0 {
		return nil, ErrDamaged
	}
	return g, nil
}

// Taking is how much of the past this device got, from the one that took it into
// the account.
type Taking struct {
	From  core.ID
	Run   uint64
	Got   uint64 // all chunks up to this are here
	Mask  uint64 // bit i: so is chunk Got + 1 + i
	Last  uint64 // the number of the last one; 0 = not known
	Done  uint64 // messages that came
	Total uint64
	State uint64 // wire.PastDone, wire.PastStopped; 0 = it goes on
	Told  uint64 // State as the other device was told last
	Tries uint64 // how often it was asked for since anything came
	Next  core.Millis
}

// Over reports whether no more is expected.
func (k *Taking) Over() bool { return k.State != 0 }

// Take takes a chunk. It reports whether its items are to be filed.
func (k *Taking) Take(now core.Millis, p *wire.Past) bool {
	if k.Over() {
		return false
	}
	if p.Run > k.Run {
		k.Run, k.Got, k.Mask, k.Last = p.Run, min(k.Got, p.Base), 0, 0
	}
	if p.Run < k.Run || p.Number <= k.Got || p.Number > k.Got+wire.PastWindow {
		return false
	}
	k.Tries, k.Next = 0, now+patience(0)
	k.Done, k.Total = max(k.Done, p.Before), p.Total
	for k.Mask |= 1 << (p.Number - k.Got - 1); k.Mask&1 == 1; k.Mask >>= 1 {
		k.Got++
	}
	if p.State == wire.PastDone {
		k.Last = p.Number
	}
	if k.Last != 0 && k.Got >= k.Last {
		k.State = wire.PastDone
	}
	return true
}

// Due reports whether to say again what is here, because nothing comes.
func (k *Taking) Due(now core.Millis) bool { return !k.Over() && now >= k.Next }

// End ends it, without a word to the other device.
func (k *Taking) End() { k.State, k.Told = wire.PastStopped, wire.PastStopped }

// Untold reports whether the other device has not heard of the end. Before that
// it is told when something is Due, and not at each start: who starts again and
// again would have more to say than it ever sends.
func (k *Taking) Untold() bool { return k.Over() && k.Told != k.State }

// Answer says what is here.
func (k *Taking) Answer(now core.Millis) *wire.Past {
	k.Told = k.State
	if k.Due(now) {
		k.Next = now + patience(k.Tries)
		k.Tries++
	}
	return &wire.Past{Run: k.Run, Got: k.Got, State: k.State}
}

// Marshal encodes k for the store.
func (k *Taking) Marshal() []byte {
	out := appendNumbers(k.Run, k.Got, k.Mask, k.Last, k.Done, k.Total, k.State, k.Tries, uint64(k.Next), k.Told)
	return wire.AppendBytes(out, 16, k.From[:])
}

// ParseTaking reads what Marshal wrote. Error: ErrDamaged.
func ParseTaking(b []byte) (*Taking, error) {
	k := &Taking{}
	n, err := readNumbers(b, func(m *wire.Message, f wire.Field) error { return m.Fixed(f, k.From[:]) })
	k.Run, k.Got, k.Mask, k.Last, k.Done, k.Total, k.State = n[1], n[2], n[3], n[4], n[5], n[6], n[7]
	k.Tries, k.Next, k.Told = n[8], core.Millis(n[9]), n[10]
	if err != nil || k.From.IsZero() || k.Mask >= 1<<wire.PastWindow {
		return nil, ErrDamaged
	}
	return k, nil
}

// appendNumbers writes numbers as the fields from 1 on.
func appendNumbers(values ...uint64) []byte {
	var out []byte
	for i, v := range values {
		out = wire.AppendUint(out, 1+i, v)
	}
	return out
}

// readNumbers reads them, and hands field 16 to other.
func readNumbers(b []byte, other func(m *wire.Message, f wire.Field) error) (n [11]uint64, err error) {
	var m wire.Message
	err = wire.Fields(b, func(f wire.Field) error {
		switch {
		case f.Number >= 1 && f.Number < len(n):
			return m.Uint(f, &n[f.Number], maxValue)
		case f.Number == 16:
			return other(&m, f)
		}
		return nil
	})
	return n, err
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}
