package client_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/envelope"
	"tandem/core/identity"
	"tandem/core/store"
	"tandem/core/testnet"
	"tandem/core/wire"
)

// deed is something that a person does on a device, again if the device died
// over it, until it is done.
type deed struct {
	by   *tab
	what string
	done func(*client.Snapshot) bool
	do   func() error // nil: it comes by itself
}

// deeds are all that two people with two devices each do: a request, an answer,
// messages of all four, a deletion, a note, and what siblings tell each other.
func (q *quad) deeds() []deed {
	has := func(texts ...string) func(d *tab) func(*client.Snapshot) bool {
		return func(d *tab) func(*client.Snapshot) bool {
			return func(v *client.Snapshot) bool {
				for _, text := range texts {
					if !slices.Contains(said(v, q.other(d)), text) {
						return false
					}
				}
				return true
			}
		}
	}
	all := []deed{
		{q.a1, "asks", func(v *client.Snapshot) bool { return rowOf(v, q.bob).Friendship != client.NotAsked }, func() error { return q.a1.Befriend(q.bob.Hex(), "Hello") }},
		{q.b1, "accepts", friendly(q.ada, 2), func() error { return q.b1.Accept(q.ada) }},
	}
	for _, d := range q.all() {
		all = append(all, deed{d, "is a friend", stands(q.other(d), client.Friends, 2), nil})
	}
	for _, d := range q.all() {
		all = append(all, deed{d, "writes", has(d.name)(d), func() error { return d.Send(q.other(d), d.name) }})
	}
	for _, d := range q.all() {
		all = append(all, deed{d, "hears", has("Hello", "A1", "A2", "B1", "B2")(d), nil})
	}
	for _, d := range q.all() {
		all = append(all, deed{d, "says more", has(d.name + " again")(d), func() error { return d.Send(q.other(d), d.name+" again") }})
	}
	// B1 looks at the chat until it dies: what it hears after that is unread.
	for _, d := range q.all() {
		all = append(all, deed{d, "hears more", has("A1 again", "A2 again", "B1 again", "B2 again")(d), nil})
	}
	read := func(v *client.Snapshot) bool { return rowOf(v, q.ada).Unread == 0 }
	named := func(v *client.Snapshot) bool {
		return slices.ContainsFunc(v.Devices, func(r client.DeviceRow) bool { return r.Facts.Name == "Desk" })
	}
	noted := func(v *client.Snapshot) bool { return texts(v) == "milk" }
	set := func(v *client.Snapshot) bool { return v.Receipts }
	gone := func(d *tab) func(*client.Snapshot) bool {
		return func(v *client.Snapshot) bool {
			return !slices.Contains(said(v, q.other(d)), "A2") && slices.Contains(said(v, q.other(d)), "A2 again")
		}
	}
	takeBack := func() error {
		for _, m := range q.a2.Snapshot().Logs[q.bob] {
			if m.Body == "A2" {
				return q.a2.Delete(m.ID, true)
			}
		}
		return nil
	}
	all = append(all,
		deed{q.b1, "reads", read, func() error { q.b1.Viewing(q.ada); return nil }},
		deed{q.b2, "sees that it is read", read, nil},
		deed{q.a1, "is renamed", named, func() error { return q.a1.RenameDevice(q.a1.id(), "Desk") }},
		deed{q.a2, "sees the name", named, nil},
		deed{q.a2, "notes", noted, func() error { return q.a2.SendNote("milk") }},
		deed{q.a1, "sees the note", noted, nil},
		deed{q.b2, "wants receipts", set, func() error { return q.b2.SetReceipts(true) }},
		deed{q.b1, "sees receipts wanted", set, nil},
		deed{q.a2, "takes back", gone(q.a2), takeBack},
	)
	for _, d := range q.all() {
		all = append(all, deed{d, "sees it taken back", gone(d), nil})
	}
	return all
}

// crash is one run of all deeds on devices that die at the commits that fates
// names, of each of them. It says how many commits each made, and how many deaths
// there were.
func crash(t *testing.T, fates func(device, commit int) fate) (commits [4]int, deaths int) {
	t.Helper()
	offStrangers(t, func(t *testing.T, net *testnet.Network, q *quad) {
		c, seals := newCloud(1, weather{}), newSeals(t, q)
		c.sealed = seals.note
		c.cabled(q.all()...)
		for i, d := range q.all() {
			d.disk.at(func(n int, _ store.Batch) fate {
				commits[i] = n + 1
				return fates(i, n)
			})
			d.start()
		}
		revive := func() {
			for _, d := range q.all() {
				if d.disk.died() {
					deaths++
					d.reload()
				}
			}
		}
		home := func(d *tab) (*client.Snapshot, bool) {
			v := d.Snapshot()
			return v, v.Phase == client.Main && v.Network.LastPoll > 0
		}
		for _, k := range q.deeds() {
			for tries := 0; ; tries++ {
				revive()
				v, there := home(k.by)
				if there && k.done(v) && !k.by.disk.died() {
					break
				}
				if there && k.do != nil && tries%4 == 0 {
					_ = k.do() // it may die over it
				}
				if tries > 4_000 {
					t.Fatalf("%s never %s: %s; %s; %s; %s", k.by.name, k.what, q.a1.state(), q.a2.state(), q.b1.state(), q.b2.state())
				}
				wait(time.Second)
			}
		}
		quiet := func() bool {
			for _, d := range q.all() {
				if v, there := home(d); d.disk.died() || !there || v.Network.Queue > 0 || q.chat(d, v).Missing > 0 {
					return false
				}
			}
			return true
		}
		for tries := 0; !quiet(); tries++ {
			if tries > 4_000 {
				t.Fatalf("no end: %s; %s; %s; %s", q.a1.state(), q.a2.state(), q.b1.state(), q.b2.state())
			}
			revive()
			wait(time.Second)
		}
		for _, d := range q.all() {
			d.disk.at(nil)
			d.stop()
		}
		q.told(t)
		seals.check()
	})
	return commits, deaths
}

// told fails unless all four, switched off, have what was said and not taken
// back, once, in one order.
func (q *quad) told(t *testing.T) {
	t.Helper()
	q.alike(t, 8)
	for _, d := range q.all() {
		var bodies []string
		for _, m := range q.log(d) {
			bodies = append(bodies, m.Body)
		}
		slices.Sort(bodies)
		if got := strings.Join(bodies, "|"); got != "A1|A1 again|A2 again|B1|B1 again|B2|B2 again|Hello" {
			t.Errorf("%s has %s", d.name, got)
		}
	}
}

// seals looks at all that devices ever stored for each other: no key of the
// ratchet may have sealed two texts.
type seals struct {
	t      *testing.T
	keys   map[core.ID]*identity.Device
	stored map[core.ID][][]byte
}

// newSeals knows the keys of devices that are switched off.
func newSeals(t *testing.T, q *quad) *seals {
	s := &seals{t: t, keys: map[core.ID]*identity.Device{}, stored: map[core.ID][][]byte{}}
	for _, d := range q.all() {
		key := (&traces{records: d.disk.reveal(t)}).keyring(t).Device
		s.keys[key.ID()] = key
	}
	return s
}

func (s *seals) note(to core.ID, data []byte) { s.stored[to] = append(s.stored[to], data) }

// check opens all envelopes.
func (s *seals) check() {
	s.t.Helper()
	used, n := map[string][]byte{}, 0
	for to, all := range s.stored {
		key := s.keys[to]
		if key == nil {
			continue // an account's mailbox
		}
		for _, data := range all {
			sealed, err := envelope.OpenDevice(key, data, 0)
			if err != nil {
				s.t.Fatalf("what a device stored does not open: %v", err)
			}
			body := sealed.Body
			if sealed.Kind == envelope.PreKey {
				body = field(s.t, body[1:], 4)
			} else if sealed.Kind != envelope.Ratchet {
				continue
			}
			n++
			inside := body[1 : len(body)-8] // version in front, MAC behind
			name := fmt.Sprint(sealed.Sender.Hex(), to.Hex(), field(s.t, inside, 1), number(s.t, inside, 2))
			if old, again := used[name]; again && !bytes.Equal(old, body) {
				s.t.Error("a message key sealed two texts")
			}
			used[name] = body
		}
	}
	if n < 50 {
		s.t.Errorf("the check saw %d messages", n)
	}
}

// field is the bytes of a field of the ratchet's wire format.
func field(t *testing.T, b []byte, want int) (out []byte) {
	t.Helper()
	_ = wire.Fields(b, func(f wire.Field) error {
		if f.Number == want {
			out = f.Bytes
		}
		return nil
	})
	if out == nil {
		t.Fatalf("no field %d", want)
	}
	return out
}

func number(t *testing.T, b []byte, want int) (n uint64) {
	t.Helper()
	if err := wire.Fields(b, func(f wire.Field) error {
		if f.Number == want {
			n = f.Varint
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// All four devices die at their commits, right before or right after, while they
// ask, accept, write, hear, read, take back and tell their siblings: nothing is
// lost or doubled, and no message key seals two texts.
//
// In each run every seventh commit of each device is deadly; fourteen runs make
// all of them so, before and after. One death at a time, at each commit there is,
// is in make soak.
func TestCrashAtEveryWrite(t *testing.T) {
	long(t)
	t.Parallel()
	const stride = 7
	for run := range 2 * stride {
		end := diesBefore
		if run >= stride {
			end = diesAfter
		}
		t.Logf("run %d", run)
		_, deaths := crash(t, func(_, n int) fate {
			if n%stride == run%stride && n < livelock {
				return end
			}
			return lives
		})
		if deaths < 8 {
			t.Errorf("run %d: %d deaths", run, deaths)
		}
	}
}
