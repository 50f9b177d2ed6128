package client_test

import (
	"slices"
	"testing"
)

// The entropy and the list key never leave the primary (multi-device.md §11,
// claim 5): they are in nothing that the secondary ever stored, and in nothing
// that the network carries, both decrypted with all keys there are.
func TestClaim5_EntropyAndListKeyStayOnThePrimary(t *testing.T) {
	t.Parallel()
	e := gather(t)
	n := e.onlyPhone(t)
	var phone, laptop [][]byte
	for _, r := range e.phone.records {
		phone = append(phone, r.value)
	}
	if !slices.Contains(n.in(slices.Concat(phone...)), "entropy") {
		t.Fatal("the check does not find the entropy where it is")
	}
	for _, r := range e.laptop.records {
		laptop = append(laptop, []byte(r.name), r.value)
	}
	find(t, "the secondary's disk", n, laptop)
	find(t, "the grant", n, [][]byte{e.laptopGrant})
	find(t, "the network", n, e.opened(t))
	find(t, "the primary's line", n, e.phone.sent)
	find(t, "the secondary's line", n, e.laptop.sent)

	// What is opened is really open: the grant is there, still sealed under K,
	// and the notes are.
	canaries := needles{canaryNote: "note", canaryAnswer: "answer", canaryLaptop: "device name"}
	if got := canaries.in(slices.Concat(e.opened(t)...)); len(got) != len(canaries) {
		t.Errorf("of the network's messages only %v could be read", got)
	}
	if got := (needles{canaryName: "name"}).in(e.laptopGrant); len(got) != 1 {
		t.Error("the grant could not be read")
	}
}
