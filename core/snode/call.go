package snode

import (
	"encoding/base64"
	"encoding/json"

	"tandem/core"
)

// Call is one method with its parameters, ready to be sent.
type Call struct {
	method string
	params map[string]any
}

// Method is the name of the method.
func (c Call) Method() string { return c.method }

// Body is the JSON-RPC body (network.md §4.1).
func (c Call) Body() []byte {
	return encode(map[string]any{"jsonrpc": "2.0", "method": c.method, "params": c.params})
}

func (c Call) entry() map[string]any {
	return map[string]any{"method": c.method, "params": c.params}
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings, numbers and maps of them always encode
	}
	return b
}

// call starts the parameters that every method of a mailbox has.
func call(method string, owner core.ID) Call {
	return Call{method, map[string]any{"pubkey": owner.Hex()}}
}

// signedBy adds who signs, and the signature.
func (c Call) signedBy(s Signer, text []byte) Call {
	ed := s.Ed()
	c.params["pubkey_ed25519"] = ed.Hex()
	c.params["signature"] = base64.StdEncoding.EncodeToString(s.Sign(text))
	return c
}

// Store leaves data in a mailbox until at+ttl. at is network time. auth is the
// owner, or nil for a namespace that anyone may write to.
func Store(to core.Mailbox, data []byte, at, ttl core.Millis, auth Signer) Call {
	c := call("store", to.Owner)
	c.params["namespace"] = to.Namespace
	c.params["timestamp"] = at
	c.params["ttl"] = ttl
	c.params["data"] = base64.StdEncoding.EncodeToString(data)
	if auth == nil {
		return c
	}
	return c.signedBy(auth, SignedStore(to.Namespace, at))
}

// Retrieve asks for the messages after lastHash, all when it is "" or unknown
// to the node. maxSize is in bytes, -k = the k-th part of 7.8 MB, 0 = the
// node's default (-5). at is network time. auth is the owner, or nil for a
// namespace that anyone may read; it is then sent without a time, as recorded.
func Retrieve(from core.Mailbox, lastHash string, maxSize int, at core.Millis, auth Signer) Call {
	c := call("retrieve", from.Owner)
	c.params["namespace"] = from.Namespace
	if lastHash != "" {
		c.params["last_hash"] = lastHash
	}
	if maxSize != 0 {
		c.params["max_size"] = maxSize
	}
	if auth == nil {
		return c
	}
	c.params["timestamp"] = at
	return c.signedBy(auth, SignedRetrieve(from.Namespace, at))
}

// GetSwarm asks any node for the members of an ID's swarm.
func GetSwarm(owner core.ID) Call { return call("get_swarm", owner) }

// Info asks for the node's clock and version.
func Info() Call { return Call{"info", map[string]any{}} }

// Delete asks to delete messages.
func Delete(owner core.ID, hashes []string, auth Signer) Call {
	c := call("delete", owner)
	c.params["messages"] = hashes
	return c.signedBy(auth, SignedDelete(hashes))
}

// DeleteAll asks to empty a range.
func DeleteAll(owner core.ID, r Range, at core.Millis, auth Signer) Call {
	c := call("delete_all", owner)
	c.params["namespace"] = r.param()
	c.params["timestamp"] = at
	return c.signedBy(auth, SignedDeleteAll(r, at))
}

// DeleteBefore asks to delete what is not newer than before. A real server
// deletes from All() but answers 500 (recordings, number 18).
func DeleteBefore(owner core.ID, r Range, before core.Millis, auth Signer) Call {
	c := call("delete_before", owner)
	c.params["namespace"] = r.param()
	c.params["before"] = before
	return c.signedBy(auth, SignedDeleteBefore(r, before))
}

// Expire asks to give messages a new expiry.
func Expire(owner core.ID, hashes []string, expiry core.Millis, change Change, auth Signer) Call {
	c := call("expire", owner)
	c.params["messages"] = hashes
	c.params["expiry"] = expiry
	if change != Set {
		c.params[string(change)] = true
	}
	return c.signedBy(auth, SignedExpire(change, []core.Millis{expiry}, hashes))
}

// ExpireAll asks to shorten the expiry of a range.
func ExpireAll(owner core.ID, r Range, expiry core.Millis, auth Signer) Call {
	c := call("expire_all", owner)
	c.params["namespace"] = r.param()
	c.params["expiry"] = expiry
	return c.signedBy(auth, SignedExpireAll(r, expiry))
}

// GetExpiries asks when messages expire.
func GetExpiries(owner core.ID, hashes []string, at core.Millis, auth Signer) Call {
	c := call("get_expiries", owner)
	c.params["messages"] = hashes
	c.params["timestamp"] = at
	return c.signedBy(auth, SignedGetExpiries(at, hashes))
}

// ServiceNodes asks for the list of all active service nodes (network.md
// §22.4).
func ServiceNodes() Call {
	return Call{"oxend_request", map[string]any{
		"endpoint": "get_service_nodes",
		"params": map[string]any{
			"active_only": true,
			"fields": map[string]bool{
				"public_ip": true, "storage_port": true, "pubkey_x25519": true, "pubkey_ed25519": true,
				"requested_unlock_height": true, "height": true,
			},
		},
	}}
}

// Batch carries out up to MaxCalls calls, each by itself. A call with malformed
// parameters fails them all (recordings, number 25). No nesting.
func Batch(calls ...Call) Call { return several("batch", calls) }

// Sequence is Batch that stops after the first failure.
func Sequence(calls ...Call) Call { return several("sequence", calls) }

func several(method string, calls []Call) Call {
	if len(calls) == 0 || len(calls) > MaxCalls {
		panic("snode: a batch has 1 to 20 calls")
	}
	entries := make([]map[string]any, len(calls))
	for i, c := range calls {
		entries[i] = c.entry()
	}
	return Call{method, map[string]any{"requests": entries}}
}
