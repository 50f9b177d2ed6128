package testnet

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"tandem/core"
	"tandem/core/snode"
)

// Times and sizes that a store and a retrieve must keep (request_handler.h of
// the servers).
const (
	minTTL         = 10 * core.Second
	maxTTLPublic   = 14 * core.Day
	maxTTLPrivate  = 30 * core.Day
	storeTolerance = 10 * core.Second
	maxRetrieve    = 7_800_000 // bytes of one answer
	defaultShare   = 5         // of maxRetrieve, when a retrieve has no limit of its own
)

// message makes what all members will keep.
func (r *request) message(data []byte) *message {
	text := snode.MessageHash(r.owner, r.space.id, data)
	hash, _ := parseDigest(text)
	return &message{owner: r.owner, namespace: r.space.id, hash: hash, text: text, timestamp: r.timestamp, data: data}
}

// refuseStore checks in the recorded order: swarm, TTL, clock, signature.
func refuseStore(n *Node, r *request, now core.Millis, _ bool) (answer, bool) {
	if a, no := n.elsewhere(r.owner); no {
		return a, true
	}
	ns, expiry := r.space.id, r.expiry[0]
	longest := maxTTLPrivate
	if publicInbox(ns) {
		longest = maxTTLPublic
	}
	if ttl := expiry - r.timestamp; ttl < minTTL || ttl > longest {
		return say(403, "Provided expiry/TTL is not valid."), true
	}
	if r.timestamp > now+storeTolerance || expiry < now-storeTolerance {
		return say(406, "Timestamp error: check your clock"), true
	}
	if publicInbox(ns) {
		return answer{}, false
	}
	if r.sig == nil {
		return say(401, "store: signature required to store to namespace "+strconv.Itoa(int(ns))), true
	}
	if !near(r.sigTime, now, signatureTolerance) {
		return say(406, "store signature timestamp too far from current time"), true
	}
	rights := mayWrite
	if publicOutbox(ns) {
		rights |= mayDelete // a store there deletes what it replaces
	}
	if !n.authentic(r, snode.SignedStore(ns, r.sigTime), rights, false) {
		return say(401, "store signature verification failed"), true
	}
	return answer{}, false
}

// applyStore keeps the message here.
func applyStore(n *Node, r *request) (object, error) {
	m := r.stored
	var kept stored
	var err error
	if n.lies(LieForget) {
		kept = stored{fresh: true, expiry: r.expiry[0]}
	} else {
		kept, err = n.shelf.store(n.now(), m, r.expiry[0])
	}
	if err != nil {
		return object{"failed": true, "query_failure": true, "reason": err.Error()}, nil
	}
	o := object{"hash": m.text, "signature": n.signs(snode.ProofStore(m.text)), "expiry": kept.expiry}
	if !kept.fresh {
		o["already"] = true
	}
	return o, nil
}

// finishStore adds what the servers once put in the wrong place, and leave there:
// the hash outside, the time inside.
func finishStore(_ *request, own, result object) int {
	own["t"] = result["t"]
	if h, ok := own["hash"]; ok {
		result["hash"] = h
	}
	return 200
}

// runRetrieve reads a mailbox of this node.
func runRetrieve(n *Node, r *request) answer {
	if a, no := n.elsewhere(r.owner); no {
		return a
	}
	now := n.now()
	if r.sig == nil && !openRead(r.space.id) {
		return say(401, "retrieve: request signature required")
	}
	if r.sig != nil {
		if !near(r.timestamp, now, signatureTolerance) {
			return say(406, "retrieve timestamp too far from current time")
		}
		text := snode.SignedRetrieve(r.space.id, r.timestamp)
		if !n.authentic(r, text, mayRead, unrevocable(r.space.id)) {
			return say(401, "retrieve signature verification failed")
		}
	}
	var slots []slot
	var more bool
	if r.page.count != nothing && !n.lies(LieEmpty) {
		slots, more = n.shelf.retrieve(now, r.owner, r.space.id, r.limits())
	}
	messages := make([]object, len(slots))
	for i, s := range slots {
		messages[i] = object{
			"hash":       s.text,
			"timestamp":  s.timestamp,
			"expiration": s.expiry,
			"data":       base64.StdEncoding.EncodeToString(n.twist(s.data)),
		}
	}
	o := object{"messages": messages, "more": more}
	n.stamp(o, now)
	return show(200, o)
}

// nothing is the max_count that the servers' database takes for zero messages;
// it takes every other negative number for no limit.
const nothing = -1

// limits is how much of the mailbox is to be read.
func (r *request) limits() page {
	p := r.page
	switch {
	case p.size == 0 && p.count == 0:
		p.size = maxRetrieve / defaultShare
	case p.size < 0:
		p.size = max(maxRetrieve/-p.size, 1)
	case p.size == 0 || p.size > maxRetrieve:
		p.size = maxRetrieve
	}
	p.count = max(p.count, 0)
	return p
}

// runGetExpiries tells when messages expire. Its answer carries no time.
func runGetExpiries(n *Node, r *request) answer {
	if a, no := n.elsewhere(r.owner); no {
		return a
	}
	now := n.now()
	if !near(r.timestamp, now, signatureTolerance) {
		return say(406, "get_expiries timestamp too far from current time")
	}
	if !n.authentic(r, snode.SignedGetExpiries(r.timestamp, r.messages), mayRead, false) {
		return say(401, "get_expiries signature verification failed")
	}
	return show(200, object{"expiries": n.shelf.expiries(now, r.owner, r.messages)})
}

// signs is the node's signature in base64.
func (n *Node) signs(text []byte) string {
	return base64.StdEncoding.EncodeToString(n.key.sign(text))
}

// record is this member's part of the answer to a command on many messages: the
// hashes under key, by namespace if all were meant, and a signature over the
// account, a time, and all hashes sorted.
func (n *Node) record(r *request, key string, at core.Millis, hit []affected) object {
	slices.SortFunc(hit, func(a, b affected) int { return strings.Compare(a.hash, b.hash) })
	hashes := make([]string, len(hit))
	for i, h := range hit {
		hashes[i] = h.hash
	}
	o := object{key: hashes, "signature": n.signs(snode.ProofTimed(r.owner, at, hashes))}
	if r.space.all {
		spaces := make(map[string][]string)
		for _, h := range hit {
			ns := strconv.Itoa(int(h.namespace))
			spaces[ns] = append(spaces[ns], h.hash)
		}
		o[key] = spaces
	}
	return o
}
