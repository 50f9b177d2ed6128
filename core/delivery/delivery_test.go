package delivery

import (
	"bytes"
	"reflect"
	"testing"

	"tandem/core"
	"tandem/core/wire"
)

func id(b byte) core.ID { return core.IDFromX25519([32]byte{b}) }

func entry(copies int) *Entry {
	e := &Entry{Number: 7, Message: core.MessageID{Device: id(1), Counter: 3}, Conversation: id(9), Created: 1000}
	for i := range copies {
		e.Copies = append(e.Copies, Copy{To: id(byte(10 + i)), State: Waiting, Data: []byte{1, 2, byte(i)}, Next: 1000})
	}
	return e
}

func TestEveryDeviceGetsOneCopyAndTheSenderNone(t *testing.T) {
	theirs, own := Recipients(id(1), []core.ID{id(2), id(3), id(2), id(1)}, []core.ID{id(1), id(4), id(3)})
	if !reflect.DeepEqual(theirs, []core.ID{id(2), id(3)}) || !reflect.DeepEqual(own, []core.ID{id(4)}) {
		t.Fatalf("theirs %v, own %v", theirs, own)
	}
}

func TestACopyIsRetriedByItselfAndLater(t *testing.T) {
	e := entry(2)
	if got := e.Due(1000); len(got) != 2 {
		t.Fatalf("due at first: %v", got)
	}
	e.Taken(0)
	if e.Status() != core.Stored || e.Done() {
		t.Fatalf("one of two stored: %v, done %v", e.Status(), e.Done())
	}
	now, last := core.Millis(1000), core.Millis(0)
	for range 10 {
		e.Refused(1, now)
		next, ok := e.Next()
		wait := next - now
		if !ok || wait < firstWait || wait > lastWait+lastWait/4 || wait < last/2 {
			t.Fatalf("waits %d ms after %d ms", wait, last)
		}
		if len(e.Due(next-1)) != 0 || len(e.Due(next)) != 1 {
			t.Fatal("due at the wrong time")
		}
		now, last = next, wait
	}
	e.Hurry(now)
	if len(e.Due(now)) != 1 {
		t.Fatal("hurry does not make it due")
	}
	e.Taken(1)
	if !e.Done() || e.Copies[1].Data != nil {
		t.Fatal("not done, or the sealed bytes are still kept")
	}
}

func TestAClockThatWasWrongDoesNotHoldACopyBack(t *testing.T) {
	e := entry(1)
	e.Refused(0, 1000+10*core.Day) // the clock was ten days ahead
	if len(e.Due(2000)) != 1 {
		t.Fatal("the copy waits for days")
	}
}

func TestACopyExpiresAfterFourteenDays(t *testing.T) {
	e := entry(1)
	e.Refused(0, 1000+Lifetime-1)
	if e.Status() != core.Queued {
		t.Fatal("gave up too early")
	}
	e.Refused(0, 1000+Lifetime)
	if e.Status() != core.Failed || !e.Done() {
		t.Fatalf("status %v", e.Status())
	}
}

func TestANoteWithoutSiblingsIsDone(t *testing.T) {
	if e := entry(0); e.Status() != core.Stored || !e.Done() {
		t.Fatal("a note that nobody else needs must not wait")
	}
}

// A copy for a device without a session waits with its content until there is
// one, and no longer than the network would keep it.
func TestACopyWaitsForASession(t *testing.T) {
	e := entry(2)
	e.Copies[1] = Copy{To: id(11), State: NoSession}
	e.Content = []byte("in clear")
	e.Taken(0)
	if e.Status() != core.Stored || e.Done() || len(e.Due(1<<40)) != 0 {
		t.Fatalf("status %v, done %v, due %v", e.Status(), e.Done(), e.Due(1<<40))
	}
	if len(e.Unsealed(id(10))) != 0 || !reflect.DeepEqual(e.Unsealed(id(11)), []int{1}) {
		t.Fatal("the wrong copy waits")
	}
	if at, ok := e.Next(); !ok || at != 1000+Lifetime || e.Overdue(at-1) || !e.Overdue(at) {
		t.Fatalf("looked at again at %d, %v", at, ok)
	}

	late := e.Clone()
	late.Expire(1000 + Lifetime - 1)
	if late.Done() {
		t.Fatal("given up too early")
	}
	late.Expire(1000 + Lifetime)
	if !late.Done() || late.Content != nil || e.Content == nil {
		t.Fatal("kept for too long, or a clone shares its copies")
	}

	back, err := Parse(e.Marshal())
	if err != nil || !bytes.Equal(back.Marshal(), e.Marshal()) {
		t.Fatalf("%+v became %+v, %v", e, back, err)
	}
	e.Sealed(1, []byte{9}, 5000)
	if e.Content != nil || len(e.Due(5000)) != 1 {
		t.Fatal("not due, or the content is still kept")
	}
	back.Content = nil
	if _, err := Parse(back.Marshal()); err == nil {
		t.Error("a copy that cannot be encrypted was accepted")
	}
}

func TestARemovedDeviceGetsNothingMore(t *testing.T) {
	e := entry(2)
	e.Copies = append(e.Copies, Copy{To: id(10), State: NoSession})
	e.Content = []byte("in clear")
	if !e.Withdraw(id(10)) || e.Withdraw(id(10)) || e.Withdraw(id(99)) {
		t.Fatal("does not know what it changed")
	}
	if got := e.Due(1000); !reflect.DeepEqual(got, []int{1}) || e.Content != nil || e.Copies[0].Data != nil {
		t.Fatalf("due %v, content %q", got, e.Content)
	}
	if e.Withdraw(id(11)); e.Status() != core.Stored || !e.Done() {
		t.Fatalf("a note that nobody else needs any more is %v", e.Status())
	}
}

func TestEntrySurvivesTheStore(t *testing.T) {
	e := entry(3)
	e.Taken(0)
	e.Refused(1, 5000)
	back, err := Parse(e.Marshal())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(back.Marshal(), e.Marshal()) || back.Copies[1].Tries != 1 {
		t.Fatalf("%+v became %+v", e, back)
	}
	if _, err := Parse(entry(MaxCopies + 1).Marshal()); err == nil {
		t.Error("too many copies were accepted")
	}
	if _, err := Parse(nil); err == nil {
		t.Error("nothing was accepted")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(entry(2).Marshal())
	waiting := entry(1)
	waiting.Copies[0] = Copy{To: id(10), State: NoSession}
	waiting.Content = []byte("in clear")
	f.Add(waiting.Marshal())
	bare := entry(1) // a copy that has no field of data, instead of an empty one
	bare.Copies[0] = Copy{}
	stored := wire.AppendUint(wire.AppendBytes(nil, 1, make([]byte, 33)), 2, uint64(Stored))
	f.Add(bytes.Replace(bare.Marshal(), wire.AppendBytes(nil, 6, Copy{}.marshal()), wire.AppendBytes(nil, 6, stored), 1))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := Parse(b)
		if err != nil {
			return
		}
		if again, err := Parse(e.Marshal()); err != nil || !reflect.DeepEqual(e, again) {
			t.Fatalf("%+v became %+v, %v", e, again, err)
		}
	})
}

// A transcript for one's own device does not make a message stored, and both wait
// for their sessions with what each will say.
func TestTranscriptsAreNoCopiesForTheOther(t *testing.T) {
	e := entry(1)
	e.Copies = append(e.Copies, Copy{To: id(20), State: Waiting, Data: []byte{1}, Own: true}, Copy{To: id(21), State: NoSession, Own: true})
	e.Transcript = []byte("transcript")
	e.Taken(1)
	if e.Status() != core.Queued {
		t.Errorf("with a transcript stored it is %v", e.Status())
	}
	back, err := Parse(e.Marshal())
	if err != nil || !bytes.Equal(back.Marshal(), e.Marshal()) || string(back.Says(2)) != "transcript" {
		t.Errorf("%+v became %+v, %v", e, back, err)
	}
	e.Refused(0, 1000+Lifetime)
	if e.Status() != core.Failed || e.Done() {
		t.Errorf("given up, it is %v", e.Status())
	}
	e.Expire(1000 + Lifetime)
	if !e.Done() || e.Transcript != nil {
		t.Error("the transcript is kept")
	}
	e = entry(1)
	e.Copies[0].Own = true
	if e.Taken(0); e.Status() != core.Stored {
		t.Errorf("a message to nobody else is %v", e.Status())
	}
}
