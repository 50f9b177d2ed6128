package testnet

import (
	"encoding/hex"

	"tandem/core"
)

// Limits of requests (network.md §4; rpc/request_handler.h of the servers).
const (
	maxData   = 76_800 // bytes of a message
	maxBatch  = 20     // requests in batch and sequence
	hashChars = 43
)

// request is a parsed storage request of any method but the four that hold
// others (see meta). Fields that the method does not have are zero.
type request struct {
	method *method
	auth

	space     space
	timestamp core.Millis   // store: of the message; others: of the request
	sigTime   core.Millis   // store
	expiry    []core.Millis // expire: one, or one per message; others: one
	before    core.Millis
	page      page // retrieve
	messages  []string
	tokens    []tokenBytes
	required  bool
	shorten   bool
	extend    bool
	endpoint  string // oxend_request
	params    any    // oxend_request

	stored *message // store: made once, shared by all members
}

// auth is the part of a request that says who asks.
type auth struct {
	owner core.ID
	ed    *core.EdKey // the owner's signing key, where the owner is an X25519 key
	sig   []byte      // 64 bytes; nil if unsigned
	sub   *subaccount
	said  *verdict // the signature's verdict, once it was checked
}

// subaccount is a token and the owner's signature on it.
type subaccount struct {
	token tokenBytes
	sig   []byte
}

// parseAccount reads an ID of any prefix: 66 hex digits, or 33 bytes that are text by chance, as the
// servers do.
func parseAccount(s string) (core.ID, bool) {
	if len(s) == len(core.ID{}) {
		return core.ID([]byte(s)), true
	}
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(core.ID{}) {
		return core.ID{}, false
	}
	return core.ID(b), true
}

func (r *request) loadOwner(f *fields, pk string, has bool) {
	f.need("pubkey", has)
	var ok bool
	if r.owner, ok = parseAccount(pk); !ok {
		f.fail("Pubkey must be 66 hex digits (33 bytes) long")
	}
}

// loadSigned reads the signature and the subaccount, and then checks all that
// says who asks: the order for a method without fields behind them.
func (r *request) loadSigned(f *fields, pk string, hasPk bool, ed string, hasEd bool) {
	r.readSigned(f)(pk, hasPk, ed, hasEd)
}

// readSigned reads the signature and the subaccount; the function that it
// returns checks them.
func (r *request) readSigned(f *fields) func(pk string, hasPk bool, ed string, hasEd bool) {
	sig, hasSig := f.text("signature")
	sub, _ := f.text("subaccount")
	subSig, hasSubSig := f.text("subaccount_sig")
	return func(pk string, hasPk bool, ed string, hasEd bool) {
		r.loadOwner(f, pk, hasPk)
		r.loadSignature(f, ed, hasEd, sig, hasSig)
		r.loadSubaccount(f, sub, subSig, hasSubSig)
	}
}

func (r *request) loadSignature(f *fields, ed string, hasEd bool, sig string, hasSig bool) {
	f.need("signature", hasSig)
	if hasEd {
		r.loadEd(f, ed)
	}
	if !isSignature(sig) {
		f.fail("invalid signature: expected base64 encoded Ed25519 signature")
		return
	}
	r.sig = fromBase64(sig)
}

func (r *request) loadEd(f *fields, ed string) {
	if r.owner[0] != 0x05 {
		f.fail("pubkey_ed25519 is only permitted for 05[...] pubkeys")
		return
	}
	switch len(ed) {
	case 64:
		b, err := hex.DecodeString(ed)
		if err != nil {
			f.fail("invalid pubkey_ed25519: value is not hex")
			return
		}
		key := core.EdKey(b)
		r.ed = &key
	case 32:
		key := core.EdKey([]byte(ed))
		r.ed = &key
	default:
		f.fail("Invalid pubkey_ed25519: expected 64 hex char or 32 byte pubkey")
	}
}

// isSignature: 64 bytes in base64, with its two padding characters or without.
func isSignature(s string) bool {
	return isBase64(s) && (len(s) == 86 || len(s) == 88 && s[86:] == "==")
}

func (r *request) loadSubaccount(f *fields, sub, sig string, hasSig bool) {
	if sub == "" {
		return
	}
	if !hasSig {
		f.fail("invalid subaccount: subaccount_sig is required when using subaccount")
	}
	token, ok := parseToken(sub)
	if !ok {
		f.fail("invalid subaccount: expected base64 or hex-encoded subaccount token")
	}
	if !isSignature(sig) {
		f.fail("invalid subaccount signature: expected base64 encoded Ed25519 signature")
		return
	}
	r.sub = &subaccount{token: token, sig: fromBase64(sig)}
}

// parseToken reads 36 bytes in base64 or hex.
func parseToken(s string) (tokenBytes, bool) {
	if len(s) == len(tokenBytes{})*4/3 && isBase64(s) {
		if b := fromBase64(s); len(b) == len(tokenBytes{}) {
			return tokenBytes(b), true
		}
	}
	if len(s) == len(tokenBytes{})*2 && isHex(s) {
		b, _ := hex.DecodeString(s)
		return tokenBytes(b), true
	}
	return tokenBytes{}, false
}

func (r *request) loadTokens(f *fields, name string, texts []string) {
	for _, s := range texts {
		token, ok := parseToken(s)
		if !ok {
			f.fail("invalid %s: expected base64 or hex-encoded subaccount tag", name)
			return
		}
		r.tokens = append(r.tokens, token)
	}
}

func (r *request) loadMessages(f *fields, messages []string, has bool) {
	f.need("messages", has)
	if len(messages) == 0 {
		f.fail("messages does not contain any message hashes")
	}
	r.messages = messages
}

func (r *request) checkHashes(f *fields) {
	for _, m := range r.messages {
		if len(m) != hashChars || !isBase64(m) {
			f.fail("invalid message hash: %s", m)
			return
		}
	}
}
