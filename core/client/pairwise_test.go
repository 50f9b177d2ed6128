package client

import (
	"bytes"
	"errors"
	"testing"

	"tandem/core/ratchet"
)

// A session that was read before stands for the record that the store holds, and
// for nothing else: not for what was not saved, nor for one of a device that is gone.
func TestSessionsThatAreKept(t *testing.T) {
	t.Parallel()
	m := newMember(t)
	_, bob := m.friend()
	load := func(tx *tx) *ratchet.Session {
		s, err := m.loadSession(tx, bob)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	encrypt := func(s *ratchet.Session) {
		if _, _, err := s.Encrypt([]byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	stored := load(m.begin()).Marshal()
	clear(m.kin.read)
	same := func(after string) {
		if !bytes.Equal(load(m.begin()).Marshal(), stored) {
			t.Errorf("after %s the session is not the stored one", after)
		}
	}
	for range 2 { // read from the store, and kept from then on
		encrypt(load(m.begin()))
		same("a message that was not saved")
	}
	failed := errors.New("failed")
	if err := m.update(func(tx *tx) error {
		s := load(tx)
		encrypt(s)
		m.saveSession(tx, s)
		if bytes.Equal(load(tx).Marshal(), stored) {
			t.Error("a transaction does not see its own session")
		}
		return failed
	}); !errors.Is(err, failed) {
		t.Fatal(err)
	}
	same("a transaction that failed")

	m.tells(func(tx *tx) error { return m.forgetDevice(tx, bob) })
	if _, kept := m.kin.read[bob]; kept || load(m.begin()) != nil {
		t.Error("the session of a device that is gone is kept")
	}
	for range maxRead + 2 {
		m.friend()
	}
	if len(m.kin.read) != maxRead {
		t.Errorf("%d sessions are kept", len(m.kin.read))
	}
	clear(m.kin.read)
	if m.kin.remember(bob, make([]byte, maxRecord+1), &ratchet.Session{}); len(m.kin.read) > 0 {
		t.Error("a huge one is kept")
	}
}
