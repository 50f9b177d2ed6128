package testnet

import (
	"slices"

	"tandem/core"
)

// loader reads one method's params.
type loader func(f *fields, r *request)

func loadStore(f *fields, r *request) {
	data, hasData := f.text("data")
	expiry, hasExpiry := f.time("expiry")
	r.space.id, _ = f.namespace("namespace")
	pkAlias, hasAlias := f.text("pubKey")
	pk, hasPk := f.text("pubkey")
	ed, hasEd := f.text("pubkey_ed25519")
	sigTime, hasSigTime := f.time("sig_timestamp")
	sig, hasSig := f.text("signature")
	sub, _ := f.text("subaccount")
	subSig, hasSubSig := f.text("subaccount_sig")
	timestamp, hasTimestamp := f.timeOrText("timestamp")
	ttl, hasTTL := f.countOrText("ttl")

	f.need("timestamp", hasTimestamp)
	f.either("expiry", hasExpiry, "ttl", hasTTL)
	if !hasExpiry && !hasTTL {
		f.fail("Required field 'expiry' or 'ttl' missing")
	}
	if !hasExpiry {
		expiry = timestamp + core.Millis(ttl)
	}
	r.timestamp, r.expiry = timestamp, []core.Millis{expiry}
	f.either("pubkey", hasPk, "pubKey", hasAlias)
	if !hasPk {
		pk, hasPk = pkAlias, hasAlias
	}
	r.loadOwner(f, pk, hasPk)
	if hasSig {
		r.loadSignature(f, ed, hasEd, sig, true)
		r.loadSubaccount(f, sub, subSig, hasSubSig)
		r.sigTime = timestamp
		if hasSigTime {
			r.sigTime = sigTime
		}
	}
	f.need("data", hasData)
	if !isBase64(data) {
		f.fail("Invalid 'data' value: not base64 encoded")
	}
	if len(data) > maxData/3*4 {
		f.fail("Message body exceeds maximum allowed length of %d bytes", maxData)
	}
	if f.err == nil {
		r.stored = r.message(fromBase64(data))
	}
}

func loadRetrieve(f *fields, r *request) {
	lastAlias, hasLastAlias := f.text("lastHash")
	last, hasLast := f.text("last_hash")
	r.page.count, _ = f.int("max_count")
	r.page.size, _ = f.int("max_size")
	namespace, hasNamespace := f.namespace("namespace")
	pkAlias, hasAlias := f.text("pubKey")
	pk, hasPk := f.text("pubkey")
	ed, hasEd := f.text("pubkey_ed25519")
	sig, hasSig := f.text("signature")
	sub, _ := f.text("subaccount")
	subSig, hasSubSig := f.text("subaccount_sig")
	var hasTimestamp bool
	r.timestamp, hasTimestamp = f.time("timestamp")

	f.either("pubkey", hasPk, "pubKey", hasAlias)
	if !hasPk {
		pk, hasPk = pkAlias, hasAlias
	}
	r.loadOwner(f, pk, hasPk)
	if hasEd || hasSig || hasTimestamp || hasNamespace && !openRead(namespace) {
		r.loadSignature(f, ed, hasEd, sig, hasSig)
		r.loadSubaccount(f, sub, subSig, hasSubSig)
	}
	r.space.id = namespace
	f.either("last_hash", hasLast, "lastHash", hasLastAlias)
	if hasLastAlias {
		last = lastAlias
	}
	switch {
	case last == "":
	case len(last) != hashChars:
		f.fail("Invalid last_hash: expected base64 (43 chars)")
	case !isBase64(last):
		f.fail("Invalid last_hash: not base64")
	}
	r.page.after = last
}

func loadDelete(f *fields, r *request) {
	messages, hasMessages := f.texts("messages")
	pk, hasPk := f.text("pubkey")
	ed, hasEd := f.text("pubkey_ed25519")
	r.required = f.flag("required")
	r.loadSigned(f, pk, hasPk, ed, hasEd)
	r.loadMessages(f, messages, hasMessages)
	r.checkHashes(f)
}

func loadDeleteAll(f *fields, r *request) {
	r.space = f.spaces("namespace")
	pk, hasPk := f.text("pubkey")
	ed, hasEd := f.text("pubkey_ed25519")
	load := r.readSigned(f)
	timestamp, hasTimestamp := f.time("timestamp")
	load(pk, hasPk, ed, hasEd)
	f.need("timestamp", hasTimestamp)
	r.timestamp = timestamp
}

func loadDeleteBefore(f *fields, r *request) {
	before, hasBefore := f.time("before")
	r.space = f.spaces("namespace")
	pk, hasPk := f.text("pubkey")
	ed, hasEd := f.text("pubkey_ed25519")
	r.loadSigned(f, pk, hasPk, ed, hasEd)
	f.need("before", hasBefore)
	r.before = before
}

func loadExpireAll(f *fields, r *request) {
	expiry, hasExpiry := f.time("expiry")
	r.space = f.spaces("namespace")
	pk, hasPk := f.text("pubkey")
	ed, hasEd := f.text("pubkey_ed25519")
	r.loadSigned(f, pk, hasPk, ed, hasEd)
	f.need("expiry", hasExpiry)
	r.expiry = []core.Millis{expiry}
}

func loadExpire(f *fields, r *request) {
	expiry, hasExpiry := f.times("expiry")
	r.extend = f.flag("extend")
	messages, hasMessages := f.texts("messages")
	pk, hasPk := f.text("pubkey")
	ed, hasEd := f.text("pubkey_ed25519")
	r.shorten = f.flag("shorten")
	r.loadSigned(f, pk, hasPk, ed, hasEd)
	f.need("expiry", hasExpiry)
	if len(expiry) == 0 {
		f.fail("'expiry' does not contain any expiration timestamps")
	}
	if r.shorten && r.extend {
		f.fail("cannot specify both 'shorten' and 'extend'")
	}
	r.loadMessages(f, messages, hasMessages)
	if len(expiry) > 1 && len(expiry) != len(messages) {
		f.fail("'expiry' must be a single expiry, or the same length as 'messages'")
	}
	r.checkHashes(f)
	r.expiry = expiry
}

func loadGetExpiries(f *fields, r *request) {
	messages, hasMessages := f.texts("messages")
	pk, hasPk := f.text("pubkey")
	ed, hasEd := f.text("pubkey_ed25519")
	load := r.readSigned(f)
	timestamp, hasTimestamp := f.time("timestamp")
	load(pk, hasPk, ed, hasEd)
	f.need("timestamp", hasTimestamp)
	r.timestamp = timestamp
	r.loadMessages(f, messages, hasMessages)
}

func loadRevoke(f *fields, r *request) {
	pk, hasPk := f.text("pubkey")
	ed, hasEd := f.text("pubkey_ed25519")
	revoke, hasRevoke := f.texts("revoke")
	sig, hasSig := f.text("signature")
	timestamp, hasTimestamp := f.time("timestamp")
	r.loadOwner(f, pk, hasPk)
	r.loadSignature(f, ed, hasEd, sig, hasSig)
	f.need("revoke", hasRevoke)
	if len(revoke) > maxRevocations {
		f.fail("invalid revoke: cannot revoke more than %d subaccounts at once", maxRevocations)
	}
	r.loadTokens(f, "revoke", revoke)
	f.need("timestamp", hasTimestamp)
	r.timestamp = timestamp
}

func loadUnrevoke(f *fields, r *request) {
	pk, hasPk := f.text("pubkey")
	ed, hasEd := f.text("pubkey_ed25519")
	sig, hasSig := f.text("signature")
	timestamp, hasTimestamp := f.time("timestamp")
	unrevoke, hasUnrevoke := f.texts("unrevoke")
	r.loadOwner(f, pk, hasPk)
	r.loadSignature(f, ed, hasEd, sig, hasSig)
	f.need("timestamp", hasTimestamp)
	r.timestamp = timestamp
	f.need("unrevoke", hasUnrevoke)
	r.loadTokens(f, "unrevoke", unrevoke)
}

func loadGetSwarm(f *fields, r *request) {
	alias, hasAlias := f.text("pubKey")
	pk, hasPk := f.text("pubkey")
	f.either("pubkey", hasPk, "pubKey", hasAlias)
	if !hasPk {
		pk, hasPk = alias, hasAlias
	}
	f.need("pubkey", hasPk)
	var ok bool
	if r.owner, ok = parseAccount(pk); !ok {
		f.fail("Pubkey must be 66 hex digits/33 bytes long")
	}
}

func loadOxend(f *fields, r *request) {
	endpoint, has := f.text("endpoint")
	f.need("endpoint", has)
	if !slices.Contains([]string{"get_service_nodes", "ons_resolve"}, endpoint) {
		f.fail("Invalid oxend endpoint '%s'", endpoint)
	}
	r.endpoint, r.params = endpoint, f.m["params"]
}

func loadNothing(*fields, *request) {}
