package snode

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"tandem/core"
	"tandem/core/identity"
)

const now = core.Millis(1_763_750_000_000)

// params of a call, as the node decodes them, without the signature, which is
// checked here.
func params(t *testing.T, c Call, key *identity.Device, text []byte) map[string]any {
	t.Helper()
	var body struct {
		JSONRPC string
		Method  string
		Params  map[string]any
	}
	if err := json.Unmarshal(c.Body(), &body); err != nil || body.JSONRPC != "2.0" || body.Method != c.Method() {
		t.Fatalf("%v %s", err, c.Body())
	}
	if key == nil {
		return body.Params
	}
	sig, err := base64.StdEncoding.DecodeString(body.Params["signature"].(string))
	if err != nil || !identity.Verify(key.Ed(), text, sig) {
		t.Errorf("%s: signature does not verify", c.Method())
	}
	if body.Params["pubkey_ed25519"] != key.Ed().Hex() {
		t.Errorf("%s: signed by somebody else", c.Method())
	}
	delete(body.Params, "signature")
	delete(body.Params, "pubkey_ed25519")
	return body.Params
}

func TestCalls(t *testing.T) {
	key := identity.NewDevice()
	id, hashes := key.ID(), []string{"x", "y"}
	box := func(ns int16) core.Mailbox { return core.Mailbox{Owner: id, Namespace: ns} }
	base := map[string]any{"pubkey": id.Hex()}
	with := func(kv ...any) map[string]any {
		m := maps.Clone(base)
		for i := 0; i < len(kv); i += 2 {
			m[kv[i].(string)] = kv[i+1]
		}
		return m
	}
	at := float64(now)
	for _, c := range []struct {
		call Call
		key  *identity.Device
		text []byte
		want map[string]any
	}{
		{Store(box(0), []byte("hi"), now, core.Day, nil), nil, nil,
			with("namespace", 0.0, "timestamp", at, "ttl", 86_400_000.0, "data", "aGk=")},
		{Store(box(-421), []byte("hi"), now, core.Day, key), key, SignedStore(-421, now),
			with("namespace", -421.0, "timestamp", at, "ttl", 86_400_000.0, "data", "aGk=")},
		{Retrieve(box(0), "", 0, now, key), key, SignedRetrieve(0, now),
			with("namespace", 0.0, "timestamp", at)},
		{Retrieve(box(421), "abc", -2, now, key), key, SignedRetrieve(421, now),
			with("namespace", 421.0, "timestamp", at, "last_hash", "abc", "max_size", -2.0)},
		{Retrieve(box(-421), "", 0, now, nil), nil, nil, with("namespace", -421.0)},
		{GetSwarm(id), nil, nil, with()},
		{Info(), nil, nil, map[string]any{}},
		{Delete(id, hashes, key), key, SignedDelete(hashes), with("messages", []any{"x", "y"})},
		{DeleteAll(id, All(), now, key), key, SignedDeleteAll(All(), now), with("namespace", "all", "timestamp", at)},
		{DeleteBefore(id, Only(3), now, key), key, SignedDeleteBefore(Only(3), now), with("namespace", 3.0, "before", at)},
		{Expire(id, hashes, now, Set, key), key, SignedExpire(Set, []core.Millis{now}, hashes), with("messages", []any{"x", "y"}, "expiry", at)},
		{Expire(id, hashes, now, Extend, key), key, SignedExpire(Extend, []core.Millis{now}, hashes), with("messages", []any{"x", "y"}, "expiry", at, "extend", true)},
		{ExpireAll(id, Only(0), now, key), key, SignedExpireAll(Only(0), now), with("namespace", 0.0, "expiry", at)},
		{GetExpiries(id, hashes, now, key), key, SignedGetExpiries(now, hashes), with("messages", []any{"x", "y"}, "timestamp", at)},
	} {
		got := params(t, c.call, c.key, c.text)
		if a, b := encode(got), encode(c.want); string(a) != string(b) {
			t.Errorf("%s: %s, want %s", c.call.Method(), a, b)
		}
	}
}

func TestServiceNodesCall(t *testing.T) {
	p := params(t, ServiceNodes(), nil, nil)
	inner := p["params"].(map[string]any)
	fields := slices.Sorted(maps.Keys(inner["fields"].(map[string]any)))
	want := []string{"height", "pubkey_ed25519", "pubkey_x25519", "public_ip", "requested_unlock_height", "storage_port"}
	if p["endpoint"] != "get_service_nodes" || inner["active_only"] != true || !slices.Equal(fields, want) {
		t.Errorf("%v", p)
	}
}

func TestBatchCall(t *testing.T) {
	p := params(t, Sequence(Info(), GetSwarm(core.ID{5})), nil, nil)
	list := p["requests"].([]any)
	if len(list) != 2 || list[1].(map[string]any)["method"] != "get_swarm" {
		t.Errorf("%v", p)
	}
	if got := Batch(Info()).Method(); got != "batch" {
		t.Error(got)
	}
	for _, n := range []int{0, MaxCalls + 1} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a batch of %d was built", n)
				}
			}()
			Batch(make([]Call, n)...)
		}()
	}
}

// The texts that nodes sign, as the recordings describe them.
func TestProofs(t *testing.T) {
	owner := core.ID{5}
	for want, got := range map[string][]byte{
		"h":                            ProofStore("h"),
		owner.Hex() + "b" + "c" + "bc": ProofDelete(owner, []string{"b", "c"}, []string{"c", "b"}),
		owner.Hex() + "17" + "ab":      ProofTimed(owner, 17, []string{"b", "a"}),
		owner.Hex() + "17" + "18" + "cba" + "bc" + "a9d8": ProofExpire(owner, []core.Millis{17, 18},
			[]string{"c", "b", "a"}, []string{"c", "b"}, map[string]core.Millis{"d": 8, "a": 9}),
	} {
		if string(got) != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
