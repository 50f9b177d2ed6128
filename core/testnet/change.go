package testnet

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"tandem/core"
	"tandem/core/snode"
)

// The methods here change what is stored already. Each has a refusal and an
// application; both run at every member of the swarm (see method).

// errColumn is the fault of the servers' delete_before over all namespaces: it
// deletes, and then fails.
var errColumn = errors.New("column index out of range")

// tolerance is how stale a request may be, here or at the next member.
func tolerance(forwarded bool) core.Millis {
	if forwarded {
		return forwardedTolerance
	}
	return signatureTolerance
}

func refuseDelete(n *Node, r *request, _ core.Millis, _ bool) (answer, bool) {
	if a, no := n.elsewhere(r.owner); no {
		return a, true
	}
	if !n.authentic(r, snode.SignedDelete(r.messages), mayDelete, false) {
		return say(401, "delete_msgs signature verification failed"), true
	}
	return answer{}, false
}

func applyDelete(n *Node, r *request) (object, error) {
	wanted := make(map[string]bool, len(r.messages))
	for _, h := range r.messages {
		wanted[h] = true
	}
	deleted := []string{}
	for _, h := range n.shelf.deleteIf(n.now(), r.owner, func(m *slot) bool { return wanted[m.text] }) {
		deleted = append(deleted, h.hash)
	}
	slices.Sort(deleted)
	sig := n.signs(snode.ProofDelete(r.owner, r.messages, deleted))
	return object{"deleted": deleted, "signature": sig}, nil
}

// finishDelete: a deletion that is required is a 404 if no member had anything.
func finishDelete(r *request, _, result object) int {
	if !r.required {
		return 200
	}
	for _, member := range result["swarm"].(object) {
		if deleted, ok := member.(object)["deleted"].([]string); ok && len(deleted) > 0 {
			return 200
		}
	}
	return 404
}

func refuseDeleteAll(n *Node, r *request, now core.Millis, forwarded bool) (answer, bool) {
	if a, no := n.elsewhere(r.owner); no {
		return a, true
	}
	if !near(r.timestamp, now, tolerance(forwarded)) {
		return say(406, "delete_all timestamp too far from current time"), true
	}
	if !n.authentic(r, snode.SignedDeleteAll(r.space.span(), r.timestamp), mayDelete, false) {
		return say(401, "delete_all signature verification failed"), true
	}
	return answer{}, false
}

func applyDeleteAll(n *Node, r *request) (object, error) {
	hit := n.shelf.deleteIf(n.now(), r.owner, r.inSpace)
	return n.record(r, "deleted", r.timestamp, hit), nil
}

// inSpace reports whether a message is in the namespaces that are meant.
func (r *request) inSpace(m *slot) bool { return r.space.all || m.namespace == r.space.id }

func refuseDeleteBefore(n *Node, r *request, now core.Millis, _ bool) (answer, bool) {
	if a, no := n.elsewhere(r.owner); no {
		return a, true
	}
	if r.before > now+core.Minute {
		return say(401, "delete_before timestamp too far in the future"), true
	}
	if !n.authentic(r, snode.SignedDeleteBefore(r.space.span(), r.before), mayDelete, false) {
		return say(401, "delete_before signature verification failed"), true
	}
	return answer{}, false
}

func applyDeleteBefore(n *Node, r *request) (object, error) {
	hit := n.shelf.deleteIf(n.now(), r.owner, func(m *slot) bool { return r.inSpace(m) && m.timestamp <= r.before })
	if r.space.all && len(hit) > 0 {
		return nil, errColumn
	}
	return n.record(r, "deleted", r.before, hit), nil
}

func refuseExpireAll(n *Node, r *request, now core.Millis, forwarded bool) (answer, bool) {
	if a, no := n.elsewhere(r.owner); no {
		return a, true
	}
	if r.expiry[0] < now-tolerance(forwarded) {
		return say(406, "expire_all timestamp should be >= current time"), true
	}
	if !n.authentic(r, snode.SignedExpireAll(r.space.span(), r.expiry[0]), mayDelete, false) {
		return say(401, "expire_all signature verification failed"), true
	}
	return answer{}, false
}

// applyExpireAll only ever shortens.
func applyExpireAll(n *Node, r *request) (object, error) {
	hit := n.shelf.expireIf(n.now(), r.owner, func(m *slot) (core.Millis, bool) {
		return r.expiry[0], r.inSpace(m) && m.expiry > r.expiry[0]
	})
	return n.record(r, "updated", r.expiry[0], hit), nil
}

func refuseExpire(n *Node, r *request, now core.Millis, _ bool) (answer, bool) {
	if a, no := n.elsewhere(r.owner); no {
		return a, true
	}
	for _, e := range r.expiry {
		if e < now-core.Minute {
			return say(401, "expire: timestamp should be >= current time"), true
		}
	}
	mode := snode.Set
	if r.shorten {
		mode = snode.Shorten
	} else if r.extend {
		mode = snode.Extend
	}
	if !n.authentic(r, snode.SignedExpire(mode, r.expiry, r.messages), mayWrite, false) {
		return say(401, "expire: signature verification failed"), true
	}
	if r.shorten && !r.maySnuff() {
		return say(400, "expire: shorten parameter cannot be used with this subaccount token (missing delete access)"), true
	}
	return answer{}, false
}

// maySnuff: without the right to delete a subaccount can only extend.
func (r *request) maySnuff() bool { return r.sub == nil || r.sub.token[1]&mayDelete != 0 }

// applyExpire sets expiries, at most maxTTLPrivate from now. The answer names
// the single time that was tried, or the times that took effect if there was
// one per message.
func applyExpire(n *Node, r *request) (object, error) {
	now := n.now()
	type change struct {
		hash   string
		expiry core.Millis
	}
	var updated []change
	seen := make(map[string]bool, len(r.messages))
	for i, h := range r.messages {
		e := r.wanted(i, now)
		if len(r.expiry) == 1 && seen[h] {
			continue
		}
		seen[h] = true
		if n.shelf.expire(now, r.owner, h, e, func(old core.Millis) bool { return r.allows(old, e) }) {
			updated = append(updated, change{h, e})
		}
	}
	slices.SortStableFunc(updated, func(a, b change) int { return strings.Compare(a.hash, b.hash) })
	hashes, times := []string{}, []core.Millis{}
	for _, c := range updated {
		hashes, times = append(hashes, c.hash), append(times, c.expiry)
	}
	o := object{"updated": hashes, "expiry": times}
	if len(r.expiry) == 1 {
		times = []core.Millis{r.wanted(0, now)}
		o["expiry"] = times[0]
	}
	var unchanged map[string]core.Millis
	if r.shorten || r.extend {
		unchanged = n.shelf.expiries(now, r.owner, slices.DeleteFunc(slices.Clone(r.messages), func(h string) bool { return slices.Contains(hashes, h) }))
		o["unchanged"] = unchanged
	}
	o["signature"] = n.signs(snode.ProofExpire(r.owner, times, r.messages, hashes, unchanged))
	return o, nil
}

// wanted is the expiry asked for the i-th message, clamped.
func (r *request) wanted(i int, now core.Millis) core.Millis {
	if len(r.expiry) == 1 {
		i = 0
	}
	return min(r.expiry[i], now+maxTTLPrivate)
}

// allows reports whether the mode of the request lets an expiry be replaced.
func (r *request) allows(old, expiry core.Millis) bool {
	switch {
	case r.extend || !r.shorten && !r.maySnuff():
		return old < expiry
	case r.shorten:
		return old > expiry
	}
	return true
}

// signedTokens is what the owner signs to revoke (behind the method's name), and
// each node in turn (behind the account).
func signedTokens(first string, at core.Millis, tokens []tokenBytes) []byte {
	b := strconv.AppendInt([]byte(first), int64(at), 10)
	for _, t := range tokens {
		b = append(b, t[:]...)
	}
	return b
}

// refuseRevoke serves both directions: only the owner's own key will do.
func refuseRevoke(n *Node, r *request, now core.Millis, _ bool) (answer, bool) {
	if a, no := n.elsewhere(r.owner); no {
		return a, true
	}
	if !near(r.timestamp, now, signatureTolerance) {
		return say(406, r.method.name+" timestamp too far from current time"), true
	}
	if !n.authentic(r, signedTokens(r.method.name, r.timestamp, r.tokens), 0, false) {
		return say(401, r.method.name+" signature verification failed"), true
	}
	return answer{}, false
}

func applyRevoke(n *Node, r *request) (object, error) {
	n.shelf.revoke(n.now(), r.owner, r.tokens)
	return object{"signature": n.signs(signedTokens(r.owner.Hex(), r.timestamp, r.tokens))}, nil
}

func applyUnrevoke(n *Node, r *request) (object, error) {
	count := n.shelf.unrevoke(n.now(), r.owner, r.tokens)
	return object{"count": count, "signature": n.signs(signedTokens(r.owner.Hex(), r.timestamp, r.tokens))}, nil
}
