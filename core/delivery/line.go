package delivery

import (
	"tandem/core"
	"tandem/core/wire"
)

// A Line is how the messages between this device and another one are numbered.
// Whatever a device says to another one shows how many messages it has sent to
// it and what the last one's counter is; so the other sees what it lacks, and
// asks for it by counters, since these are the same on all devices
// (multi-device.md §9). Of what is no message (a list, a register, a receipt) only
// its link_seq shows that it was lost (Arrived).
type Line struct {
	// Sent are the messages that went out to the device, Last the counter of the
	// newest. Told is Sent as it was when it was last told with nothing following.
	Sent, Last, Told uint64
	// Got and Seen are Sent and Last as the other device said them.
	Got, Seen uint64
	Holes     []Hole
	// Probed is when this device said last what it has, network time.
	Probed core.Millis
	// Starved copies in a row waited in vain for a session with the device.
	Starved uint64
	// Of all that the other device says, messages or not, link_seq tells the place.
	// Seq is the greatest that was heard, and Came copies have come with one above
	// Base. Gap is since when others among these have not; 0 = none.
	Seq, Base, Came uint64
	Gap             core.Millis // network time
	Mended          core.Millis // when Mend was last, network time
}

// Hole is messages that the other device has sent and that are not here.
type Hole struct {
	// Their counters lie above Low up to High.
	Low, High uint64
	Missing   uint64
	Since     core.Millis // network time
	Tries     uint64      // how often it was asked for
	Next      core.Millis // when it is asked for next
}

// Patience is how long a hole is not spoken of: what comes late is not lost.
const Patience = core.Minute

const (
	// maxHoles bounds a Line: more are joined. Only a hostile device, or one whose
	// messages get lost every other time, makes so many.
	maxHoles = 32
	// maxMissing bounds what a device can claim to have sent.
	maxMissing = 100_000
	// forgetAfter is when a hole is given up that nobody can fill.
	forgetAfter = 60 * core.Day
	// silentAfter so many copies in a row that found no session, a device gets
	// none until it is heard from.
	silentAfter = 3
)

// askAgain are the waits after the first questions, the last one for good: who opens
// the app twice a day for a moment asks each time.
var askAgain = [...]core.Millis{2 * core.Minute, 5 * core.Minute, 30 * core.Minute, 3 * core.Hour, 6 * core.Hour}

// Number counts a message that goes out. One that goes out again, later than
// others, is counted already.
func (l *Line) Number(counter uint64) {
	if counter > l.Last {
		l.Sent, l.Last = l.Sent+1, counter
	}
}

// Silent reports whether the device gets no copies until it is heard from.
func (l *Line) Silent() bool { return l.Starved >= silentAfter }

// Heard takes in what the other device says that it has sent. It reports
// whether that was news.
func (l *Line) Heard(now core.Millis, sent, last uint64) (news bool) {
	if sent <= l.Got || last <= l.Seen {
		return false
	}
	low := l.Seen
	if last > maxMissing {
		low = max(low, last-maxMissing)
	}
	l.Holes = append(l.Holes, Hole{
		Low: low, High: last, Missing: min(sent-l.Got, last-low), Since: now, Next: now + Patience,
	})
	l.Got, l.Seen = sent, last
	if len(l.Holes) > maxHoles {
		l.join()
	}
	return true
}

// join makes one hole of the two oldest.
func (l *Line) join() {
	a, b := l.Holes[0], l.Holes[1]
	a.High, a.Missing, a.Next = b.High, a.Missing+b.Missing, min(a.Next, b.Next)
	l.Holes = append([]Hole{a}, l.Holes[2:]...)
}

// Arrived takes in the link_seq of anything that the other device said. It reports
// whether that changed l.
func (l *Line) Arrived(now core.Millis, seq uint64) bool {
	switch {
	case l.Seq == 0 && seq > 0:
		l.Base = seq - 1 // what was before is before this line
	case seq <= l.Base:
		return false
	}
	l.Seq, l.Came = max(l.Seq, seq), l.Came+1
	if l.Came >= l.Seq-l.Base {
		l.Base, l.Came, l.Gap = l.Seq, 0, 0
	} else if l.Gap == 0 {
		l.Gap = now
	}
	return true
}

// Unheard takes in the link_seq of something that the other device said and that was
// not listened to: it has not come, also if it is the first that is known of.
func (l *Line) Unheard(now core.Millis, seq uint64) {
	if l.Seq == 0 && seq > 0 {
		l.Base = seq - 1
	}
	if l.Seq = max(l.Seq, seq); seq > l.Base && l.Gap == 0 {
		l.Gap = now
	}
}

// mendEvery is how often what is not numbered is asked for at most, where some of it
// gets lost.
const mendEvery = 10 * core.Minute

// Torn reports whether something that the other device said has not come for a
// while, and it is time to Mend that.
func (l *Line) Torn(now core.Millis) bool {
	return l.Gap != 0 && (now-l.Gap >= Patience || l.Gap > now) && (now-l.Mended >= mendEvery || l.Mended > now)
}

// Mend counts as come what has not, because it is asked for in other ways.
func (l *Line) Mend(now core.Millis) { l.Base, l.Came, l.Gap, l.Mended = l.Seq, 0, 0, now }

// Filled says that a message of the other device with this counter is here now.
// It reports whether it was missing.
func (l *Line) Filled(counter uint64) bool {
	for i := range l.Holes {
		h := &l.Holes[i]
		if counter <= h.Low || counter > h.High {
			continue
		}
		if h.Missing--; h.Missing == 0 {
			l.drop(i)
		}
		return true
	}
	return false
}

// Settled says that nothing is missing any more above low up to high, because
// the other device itself has said what it sent.
func (l *Line) Settled(now core.Millis, low, high uint64) {
	for i := len(l.Holes) - 1; i >= 0; i-- {
		h := &l.Holes[i]
		if low > h.Low || high <= h.Low {
			continue
		}
		if high >= h.High {
			l.drop(i)
			continue
		}
		h.Low, h.Missing = high, min(h.Missing, h.High-high)
		h.Tries, h.Next = 0, now
	}
}

func (l *Line) drop(i int) {
	l.Holes = append(append([]Hole{}, l.Holes[:i]...), l.Holes[i+1:]...)
}

// Hurry makes every hole due: it is known that these messages do not come by
// themselves.
func (l *Line) Hurry(now core.Millis) {
	for i := range l.Holes {
		if h := &l.Holes[i]; h.Tries == 0 {
			h.Next = now
		}
	}
}

// Due is the first hole that is to be asked for now, and forgets those that
// nobody could fill; false if there is none.
func (l *Line) Due(now core.Millis) (int, bool) {
	for i := len(l.Holes) - 1; i >= 0; i-- {
		if now-l.Holes[i].Since > forgetAfter {
			l.drop(i)
		}
	}
	for i, h := range l.Holes {
		if h.Next <= now {
			return i, true
		}
	}
	return 0, false
}

// Question is the numbers to ask for, and plans the next one. siblings: not the
// device that sent them is asked, but the others of one's own account.
func (l *Line) Question(i int, now core.Millis) (low, high uint64, siblings bool) {
	h := &l.Holes[i]
	wait := askAgain[min(h.Tries, uint64(len(askAgain)-1))]
	siblings = h.Tries%2 == 1
	h.Tries, h.Next = h.Tries+1, now+wait
	return h.Low, min(h.High, h.Low+wire.MaxAsked), siblings
}

// Waiting reports whether numbers above low are missing still, and up to where
// to ask for them.
func (l *Line) Waiting(low uint64) (high uint64, more bool) {
	for _, h := range l.Holes {
		if low >= h.Low && low < h.High {
			return min(h.High, low+wire.MaxAsked), true
		}
	}
	return 0, false
}

// Missing is how many messages people are told to be missing.
func (l *Line) Missing(now core.Millis) (n uint64) {
	for _, h := range l.Holes {
		if now-h.Since >= Patience {
			n += h.Missing
		}
	}
	return n
}

// Clone is a line that shares nothing with l.
func (l *Line) Clone() *Line {
	out := *l
	out.Holes = append([]Hole(nil), l.Holes...)
	return &out
}

// Marshal encodes a line for the store.
func (l *Line) Marshal() []byte {
	var out []byte
	for i, v := range [...]uint64{l.Sent, l.Last, l.Told, l.Got, l.Seen, uint64(l.Probed), l.Starved} {
		out = wire.AppendUint(out, 1+i, v)
	}
	for _, h := range l.Holes {
		var one []byte
		for i, v := range [...]uint64{h.Low, h.High, h.Missing, uint64(h.Since), h.Tries, uint64(h.Next)} {
			one = wire.AppendUint(one, 1+i, v)
		}
		out = wire.AppendBytes(out, 8, one)
	}
	for i, v := range [...]uint64{l.Seq, l.Base, l.Came, uint64(l.Gap), uint64(l.Mended)} {
		out = wire.AppendUint(out, 9+i, v)
	}
	return out
}

// ParseLine reads what Marshal wrote. Error: ErrDamaged.
func ParseLine(b []byte) (*Line, error) {
	l := &Line{}
	var m wire.Message
	var n [14]uint64
	err := wire.Fields(b, func(f wire.Field) error {
		switch {
		case f.Number >= 1 && f.Number <= 13 && f.Number != 8:
			return m.Uint(f, &n[f.Number], maxValue)
		case f.Number == 8:
			h, err := parseHole(f.Bytes)
			if err != nil || len(l.Holes) == maxHoles {
				return ErrDamaged
			}
			l.Holes = append(l.Holes, h)
		}
		return nil
	})
	if err != nil || n[9] < n[10] || n[11] > 0 && n[11] >= n[9]-n[10] {
		return nil, ErrDamaged
	}
	l.Sent, l.Last, l.Told, l.Got, l.Seen = n[1], n[2], n[3], n[4], n[5]
	l.Probed, l.Starved = core.Millis(n[6]), n[7]
	l.Seq, l.Base, l.Came, l.Gap, l.Mended = n[9], n[10], n[11], core.Millis(n[12]), core.Millis(n[13])
	return l, nil
}

func parseHole(b []byte) (Hole, error) {
	var m wire.Message
	var n [7]uint64
	err := wire.Fields(b, func(f wire.Field) error {
		if f.Number >= 1 && f.Number <= 6 {
			return m.Uint(f, &n[f.Number], maxValue)
		}
		return nil
	})
	h := Hole{Low: n[1], High: n[2], Missing: n[3], Since: core.Millis(n[4]), Tries: n[5], Next: core.Millis(n[6])}
	if h.Missing == 0 || h.High <= h.Low {
		return h, ErrDamaged
	}
	return h, err
}
