package client_test

import (
	"slices"
	"strings"
	"testing"

	"tandem/core"
	"tandem/core/testnet"
)

// No private key and nothing that a person typed is readable in any stored
// value or any sent byte (multi-device.md §11, claim 6).
func TestClaim6_NoSecretReadable(t *testing.T) {
	t.Parallel()
	e := gather(t)
	n := e.secrets(t)
	var plain [][]byte
	for _, tr := range []traces{e.phone, e.laptop} {
		for _, r := range tr.records {
			plain = append(plain, r.value)
		}
	}
	if got := n.in(slices.Concat(plain...)); len(n) < 100 || len(got) < len(n)/10 {
		t.Fatalf("the check knows %d secrets and finds %d of them where they are", len(n), len(got))
	}
	for name, tr := range map[string]traces{"phone": e.phone, "laptop": e.laptop} {
		var stored [][]byte
		for _, p := range tr.raw {
			stored = append(stored, p.Key, p.Value)
		}
		find(t, name+"'s disk", n, stored)
		find(t, name+"'s line", n, tr.sent)
	}
	find(t, "the nodes", n, e.kept)
}

// Nothing leaves a device but onion requests, and a body is readable at the
// node that carries it out and at no other.
func TestOnlyOnionsLeaveADevice(t *testing.T) {
	t.Parallel()
	e := gather(t)
	bodies, leaked := leaks(e.sights)
	if bodies < 20 || leaked > 0 {
		t.Errorf("%d of %d bodies could be read on the way", leaked, bodies)
	}
	for _, tr := range []traces{e.phone, e.laptop} {
		for _, b := range tr.sent {
			// Answers are base64 and may begin with a slash too; they are longer.
			if url := string(b); len(b) < 100 && strings.HasPrefix(url, "/") && !strings.HasSuffix(url, "/onion_req/v2") {
				t.Errorf("posted to %s", url)
			}
		}
	}

	// The check would notice if a node on the way had read one of them.
	for node, sights := range e.sights {
		for _, s := range sights {
			told := map[core.EdKey][]testnet.Sight{node: {s}, {1}: {{Act: testnet.Carried, Hash: s.Hash}}}
			if _, n := leaks(told); s.Act == testnet.Executed && n != 1 {
				t.Fatal("a leak was not noticed")
			}
		}
	}
}

// leaks counts the bodies that nodes carried out, and those among them that a
// node could read without carrying them out.
func leaks(sights map[core.EdKey][]testnet.Sight) (bodies, leaked int) {
	executed := map[[32]byte]map[core.EdKey]bool{}
	for node, all := range sights {
		for _, s := range all {
			if s.Act == testnet.Executed {
				if executed[s.Hash] == nil {
					executed[s.Hash] = map[core.EdKey]bool{}
				}
				executed[s.Hash][node] = true
			}
		}
	}
	for node, all := range sights {
		for _, s := range all {
			if by := executed[s.Hash]; by != nil && !by[node] {
				leaked++
			}
		}
	}
	return len(executed), leaked
}
