package snode

import (
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"testing"

	"tandem/core"
	"tandem/core/identity"
)

var (
	//go:embed testdata/storage_rpc_signatures.json
	signaturesJSON []byte
	//go:embed testdata/published_message_hash.json
	hashJSON []byte
	//go:embed testdata/published_swarm.json
	swarmJSON []byte
	//go:embed testdata/swarm_space_extra.json
	extraJSON []byte
)

func load[T any](t testing.TB, b []byte) (v T) {
	t.Helper()
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// idOf takes an ID of any prefix: nodes keep mailboxes for all of them.
func idOf(t testing.TB, s string) core.ID { t.Helper(); return core.ID(unhex(t, s)) }

func TestVectorSignatures(t *testing.T) {
	raw := load[map[string]json.RawMessage](t, signaturesJSON)
	account := load[struct {
		Seed   string `json:"ed25519_seed_hex"`
		Pubkey string
		Ed     string `json:"pubkey_ed25519"`
	}](t, raw["account"])
	key, err := identity.ParseDevice(unhex(t, account.Seed))
	if err != nil || key.ID().Hex() != account.Pubkey || key.Ed().Hex() != account.Ed {
		t.Fatalf("account: %v", err)
	}
	at := load[core.Millis](t, raw["timestamp"])
	h1 := "4sMyAuaZlMwww3oFvfhazfw7ASx/7TDtO+TVc8aAjHs"
	hashes := []string{h1, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}
	one := []core.Millis{at}
	for name, text := range map[string][]byte{
		"store_ns2":           SignedStore(2, at),
		"retrieve_ns0":        SignedRetrieve(0, at),
		"retrieve_ns3":        SignedRetrieve(3, at),
		"retrieve_ns_minus11": SignedRetrieve(-11, at),
		"delete":              SignedDelete(hashes),
		"delete_all_ns0":      SignedDeleteAll(Only(0), at),
		"delete_all_all":      SignedDeleteAll(All(), at),
		"delete_before_ns0":   SignedDeleteBefore(Only(0), at),
		"expire":              SignedExpire(Set, one, hashes),
		"expire_extend":       SignedExpire(Extend, one, hashes[:1]),
		"expire_shorten":      SignedExpire(Shorten, one, hashes[:1]),
		"expire_all_all":      SignedExpireAll(All(), at),
		"get_expiries":        SignedGetExpiries(at, hashes),
	} {
		want := load[struct {
			Text string `json:"signed_string"`
			Sig  string `json:"signature_base64"`
		}](t, raw[name])
		if string(text) != want.Text {
			t.Errorf("%s: %s, want %s", name, text, want.Text)
		}
		if got := base64.StdEncoding.EncodeToString(key.Sign(text)); got != want.Sig {
			t.Errorf("%s: signature %s", name, got)
		}
		delete(raw, name)
	}
	example := load[map[string]struct {
		Data      string `json:"data_utf8"`
		Namespace int16
		Hash      string
	}](t, raw["hash_examples"])["ns2"]
	if got := MessageHash(key.ID(), example.Namespace, []byte(example.Data)); got != example.Hash {
		t.Errorf("hash in namespace 2: %s", got)
	}
	if len(raw) != 4 { // source, account, timestamp, hash_examples
		t.Errorf("%d entries of the vectors were not compared", len(raw)-4)
	}
}

func TestVectorHash(t *testing.T) {
	v := load[struct {
		Pubkey    string
		Namespace int16
		Data      []byte `json:"data_base64"`
		Hash      string
	}](t, hashJSON)
	if got := MessageHash(idOf(t, v.Pubkey), v.Namespace, v.Data); got != v.Hash || !validHash(got) {
		t.Errorf("got %s, want %s", got, v.Hash)
	}
}

func TestVectorSwarm(t *testing.T) {
	type place struct {
		Pubkey string
		Space  string `json:"swarm_space"`
	}
	v := load[struct {
		Places []place  `json:"pubkey_to_swarm_space"`
		IDs    []uint64 `json:"swarm_ids"`
		Choose []struct {
			Space string
			Swarm uint64 `json:"swarm_id"`
		} `json:"swarm_for_space"`
	}](t, swarmJSON)
	extra := load[struct{ Vectors []place }](t, extraJSON)
	for _, p := range append(v.Places, extra.Vectors...) {
		if got := strconv.FormatUint(Space(idOf(t, p.Pubkey)), 10); got != p.Space {
			t.Errorf("%s: %s, want %s", p.Pubkey, got, p.Space)
		}
	}
	for _, c := range v.Choose {
		space, err := strconv.ParseUint(c.Space, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := swarmAt(v.IDs, space); !ok || got != c.Swarm {
			t.Errorf("%s: %d, want %d", c.Space, got, c.Swarm)
		}
	}
}

func TestSwarmEdges(t *testing.T) {
	id := core.ID{0x05, 8: 1} // place 1
	if _, ok := SwarmFor(nil, id); ok {
		t.Error("a swarm out of none")
	}
	if _, ok := SwarmFor([]uint64{noSwarm}, id); ok {
		t.Error("the id that means no swarm was chosen")
	}
	if got, _ := SwarmFor([]uint64{77, noSwarm}, id); got != 77 {
		t.Errorf("one swarm: %d", got)
	}
	if got, _ := SwarmFor([]uint64{300, 100, 200}, id); got != 100 {
		t.Errorf("unsorted ids: %d", got)
	}
}
