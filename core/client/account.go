package client

import (
	"errors"
	"strings"
	"unicode/utf8"

	"tandem/core"
	"tandem/core/devices"
	"tandem/core/identity"
	"tandem/core/ratchet"
	"tandem/core/snapshot"
	"tandem/core/store"
	"tandem/core/wire"
)

// maxText bounds a message, in characters (network.md §1).
const maxText = 2000

// account is who this device is.
type account struct {
	keys  *identity.Keyring // nil without an account
	name  string
	book  *devices.Book // own list, and those of contacts
	facts map[core.ID]facts
	state *snapshot.State  // what the account's devices agree on
	left  map[core.ID]bool // devices that left, as long as the list names them
	// restore is set from Restore until what was chosen then is settled.
	restore *restoring
}

func (a *account) id() core.ID { return a.keys.Shared.Account.ID() }

// device is this device.
func (a *account) device() core.ID { return a.keys.Device.ID() }

func (a *account) role() core.Role {
	if a.signs() || a.restore.pending() {
		return core.Primary
	}
	return core.Secondary
}

// signs reports whether this device may sign device lists: it has the words, is
// the primary in the newest list, or there is none, and has not been restored
// just now. A former primary that sees itself secondary has stopped by that.
func (a *account) signs() bool {
	if a.keys.Root == nil || a.restore.pending() {
		return false
	}
	l, ok := a.book.List(a.id())
	return !ok || l.Primary().ID == a.device()
}

// list is the account's newest device list. A primary that never linked a
// device has signed none: it is alone on it.
func (a *account) list() devices.List {
	if l, ok := a.book.List(a.id()); ok {
		return l
	}
	return devices.List{
		Account: a.id(), SnapshotEpoch: a.keys.Shared.Snapshot.Epoch, Devices: []devices.Entry{a.self()},
	}
}

// self is the primary's own entry in a first list.
func (a *account) self() devices.Entry {
	key := a.keys.Device
	return devices.Entry{
		ID: key.ID(), Ed: key.Ed(), Role: core.Primary,
		Consent: devices.Consent(key, a.id(), key.ID()),
	}
}

// siblings are the other devices of the account.
func (a *account) siblings() []core.ID {
	var out []core.ID
	for _, d := range a.list().Devices {
		if d.ID != a.device() && !a.left[d.ID] {
			out = append(out, d.ID)
		}
	}
	return out
}

// sibling reports whether a device is another one of the account.
func (a *account) sibling(id core.ID) bool {
	_, listed := a.list().Find(id)
	return listed && id != a.device() && !a.left[id]
}

// unlisted: the newest list does not name this device, and it is not about to
// sign one that does.
func (a *account) unlisted() bool {
	return a.book.Standing() > devices.Listed && !a.restore.pending()
}

// Register makes an account: Welcome → Words.
func (c *Client) Register(name string) error {
	name, err := checkName(name)
	if err != nil {
		return err
	}
	return c.do(func() error {
		if c.phase != Welcome {
			return ErrNotNow
		}
		return c.adopt(identity.NewKeyring(identity.NewRoot(), 0), name, Words, nil)
	})
}

// CheckSeed reads the words without any effect. Errors: those of
// mnemonic.Decode.
func (c *Client) CheckSeed(seed string) error {
	_, err := identity.RootFromWords(seed)
	return err
}

// ConfirmWords says that the words are written down: Words → Key.
func (c *Client) ConfirmWords() error { return c.move(Words, Key) }

// ConfirmKey goes on to the main page: Key → Main. After Restore the other
// devices are kept.
func (c *Client) ConfirmKey() error {
	return c.do(func() error {
		if c.account.restore != nil {
			return c.choose(false, core.ID{})
		}
		return c.moveOn(Key, Main)
	})
}

func (c *Client) move(from, to Phase) error {
	return c.do(func() error { return c.moveOn(from, to) })
}

func (c *Client) moveOn(from, to Phase) error {
	if c.phase != from {
		return ErrNotNow
	}
	return c.update(func(t *tx) error {
		c.setPhase(t, to)
		return nil
	})
}

// adopt saves a new keyring and makes it this device's. restore: of an account
// that may have other devices; nil = a new account.
func (c *Client) adopt(keys *identity.Keyring, name string, phase Phase, restore *restoring) error {
	return c.update(func(t *tx) error {
		c.saveKeys(t, keys, ratchet.NewPreKeys(c.now(), keys.Device).Marshal(), name)
		c.setPhase(t, phase)
		if restore != nil {
			c.saveRestore(t, restore)
		} else {
			t.Put(store.Profile, nameMerged, []byte{1})
		}
		t.then(func() {
			c.account = newAccount(keys, name)
			c.account.facts[keys.Device.ID()] = facts{Facts: c.cfg.Facts}
			c.account.restore = restore
			c.people = newPeople()
			c.people.merged = restore == nil
			if restore == nil {
				c.linker = newLinker(keys)
			}
			c.mail.open(c)
		})
		return nil
	})
}

func newAccount(keys *identity.Keyring, name string) account {
	a := account{keys: keys, name: name, facts: map[core.ID]facts{}, state: snapshot.New()}
	a.book = devices.NewBook(a.id(), a.device())
	return a
}

func (c *Client) saveKeys(t *tx, keys *identity.Keyring, prekeys []byte, name string) {
	t.Put(store.Keyring, "", keys.MarshalSecret())
	t.Put(store.PreKeys, "", prekeys)
	t.Put(store.Profile, "", []byte(name))
	t.Put(store.Facts, string(deviceName(keys)), facts{Facts: c.cfg.Facts}.marshal())
}

func deviceName(keys *identity.Keyring) []byte {
	id := keys.Device.ID()
	return id[:]
}

func (c *Client) setPhase(t *tx, p Phase) {
	t.Put(store.Phase, "", []byte{byte(p)})
	t.then(func() { c.phase = p })
}

// checkName trims a display name and bounds it.
func checkName(name string) (string, error) {
	name = strings.TrimSpace(name)
	switch {
	case name == "":
		return "", ErrNameEmpty
	case len(name) > wire.MaxName:
		return "", ErrNameLong
	}
	return strings.ToValidUTF8(name, "\uFFFD"), nil
}

// checkText bounds a message; white space alone says nothing.
func checkText(text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return ErrTextEmpty
	case utf8.RuneCountInString(text) > maxText:
		return ErrTextLong
	}
	return nil
}

// load reads what a reload must know.
func (c *Client) load() error {
	phase, err := c.db.Get(c.ctx, store.Phase, "")
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if len(phase) != 1 || Phase(phase[0]) > Erased {
		return store.ErrDamaged
	}
	c.phase = Phase(phase[0])
	if err := c.loadAbandoned(); err != nil {
		return err
	}
	switch c.phase {
	case Joining:
		return c.loadJoin()
	case Words, Key, Main:
		return c.loadMember()
	case Starting, Elsewhere, Broken, Welcome, Erased, Locked:
	}
	return nil
}

// loadMember reads everything of a device that has an account.
func (c *Client) loadMember() error {
	for _, step := range []func() error{c.loadAccount, c.loadKin, c.loadLinking, c.loadPost, c.loadLines, c.loadPasts} {
		if err := step(); err != nil {
			return err
		}
	}
	c.mail.open(c)
	if err := c.loadDeparture(); err != nil {
		return err
	}
	if err := c.loadTalks(); err != nil {
		return err
	}
	return c.loadGroups()
}

func (c *Client) loadAccount() error {
	secret, err := c.db.Get(c.ctx, store.Keyring, "")
	if err != nil {
		return err
	}
	keys, err := identity.ParseKeyring(secret)
	if err != nil {
		return store.ErrDamaged
	}
	name, err := c.db.Get(c.ctx, store.Profile, "")
	if err != nil {
		return err
	}
	c.account = newAccount(keys, string(name))
	if c.account.facts, err = c.loadFacts(); err != nil {
		return err
	}
	for _, step := range []func() error{c.loadRestore, c.loadRegisters, c.loadBook, c.loadPeople} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// loadBook reads the device lists.
func (c *Client) loadBook() error {
	records, err := c.blobs(store.DeviceList)
	if err != nil {
		return err
	}
	c.account.book, err = devices.LoadBook(c.account.id(), c.account.device(), records)
	if err != nil {
		return store.ErrDamaged
	}
	return nil
}

// saveBook adds a step of the book to the transaction.
func saveBook(t *tx, out devices.Outcome) {
	for _, r := range out.Save {
		if r.Bytes == nil {
			t.Delete(store.DeviceList, string(r.Account[:]))
		} else {
			t.Put(store.DeviceList, string(r.Account[:]), r.Bytes)
		}
	}
}

// blobs lists the values of a kind.
func (c *Client) blobs(kind store.Kind) ([][]byte, error) {
	all, err := c.db.All(c.ctx, kind)
	if err != nil {
		return nil, err
	}
	out := make([][]byte, len(all))
	for i, b := range all {
		out[i] = b.Value
	}
	return out, nil
}

// loadLinking reads the attempts: of the primary all that asked, of a
// secondary its own.
func (c *Client) loadLinking() error {
	switch {
	case c.account.keys == nil || c.account.keys.Root == nil:
		return c.loadJoin()
	case c.account.signs():
		return c.loadLinker()
	}
	c.linker, c.join = linker{}, joiner{} // restored, or asked whether another one was
	return nil
}
