//go:build mutants && !js

package core_test

// What a linking message must be, and what it says of itself
// (multi-device.md §5).
var messageMutants = []mutant{
	// Form.
	{"message.go", `if kind != KindGrant && len(h.signed.Body) > maxBody {`, `if false {`, "the size of a body"},
	{"message.go", `if !m.Has(number) {`, `if false {`, "the fields that a message must have"},
	{"message.go", `err != nil || Kind(kind) != h.kind {`, `err != nil {`, "the type of the body"},
	{"message.go", `_, err := core.IDFromBytes(into[:])
	return err`, `return nil`, "an ID begins with 05"},
	{"message.go", `m.Uint(f, &v, maxTime)`, `m.Uint(f, &v, 1<<63-1)`, "the bound of a time"},
	{"message.go", `return min(max(now, 0), maxTime)`, `return now`, "a clock beyond all calendars"},
	{"request.go", `MaxDeviceName)
		case 7:`, `4096)
		case 7:`, "the length of a name"},
	{"request.go", `m.Text(f, &r.facts.Platform, MaxPlatform)`, `m.Text(f, &r.facts.Platform, 4096)`, "the length of a platform"},
	{"request.go", `m.Bytes(f, &r.bundle, 1, MaxBundle)`, `m.Bytes(f, &r.bundle, 0, MaxBundle)`, "a request has a bundle"},
	{"request.go", `m.Bytes(f, &r.bundle, 1, MaxBundle)`, `m.Bytes(f, &r.bundle, 1, 4096)`, "the size of a bundle"},
	{"ending.go", `if number == uint64(ReasonNone) || number > uint64(ReasonOwn) {`, `if number > uint64(ReasonOwn) {`, "an end has a reason"},
	{"ending.go", `if number == uint64(ReasonNone) || number > uint64(ReasonOwn) {`, `if number == uint64(ReasonNone) {`, "reasons of later versions are read as invalid"},
	{"grant.go", `if len(g.List) == 0 || len(g.List) > maxList || len(g.Profile)`, `if len(g.Profile)`, "a grant that cannot be read is not sealed"},
	{"grant.go", `if len(g.Known) == maxKnown {`, `if false {`, "six known devices"},
	{"grant.go", `m.Bytes(f, &g.List, 1, maxList)`, `m.Bytes(f, &g.List, 0, maxList)`, "a grant has a list"},
	{"grant.go", `identity.OpenGrant(a.key(), a.transcript, g.sealed)`, `identity.OpenGrant(a.key(), [32]byte{}, g.sealed)`, "a grant is bound to the transcript"},

	// Signature and signer.
	{"message.go", `return identity.Verify(h.ed,`, `return true || identity.Verify(h.ed,`, "the signature"},
	{"message.go", `wire.Domain(h.kind.domain(), h.signed.Body)`, `wire.Domain("tandem link v1", h.signed.Body)`, "the domain of a signature"},
	{"request.go", `return identity.Verify(r.ed,`, `return true || identity.Verify(r.ed,`, "the consent in a request"},
	{"request.go", `append(account[:], device[:]...)`, `device[:]`, "consent is to one account"},
	{"challenge.go", `return c.verify() && c.byAccount() &&`, `return (c.verify() || true) && c.byAccount() &&`, "the signature of a challenge"},
	{"challenge.go", `return c.verify() && c.byAccount() &&`, `return c.verify() &&`, "the account signs the challenge"},
	{"challenge.go", `identity.Matches(c.peer, c.peerEd) && c.peer != c.device`, `c.peer != c.device`, "the primary's key converts to its ID"},
	{"challenge.go", `identity.Matches(c.peer, c.peerEd) && c.peer != c.device`, `identity.Matches(c.peer, c.peerEd)`, "the primary is not the device that asks"},
	{"challenge.go", `c.peer != c.device &&
		identity.Verify(c.ed, wire.Domain(domainListKey, c.listKey[:]), c.listKeySig)`, `c.peer != c.device`, "the account's signature over the list key"},

	// Commitment, challenge hash, words, key.
	{"request.go", `h.Write(a[:])`, `_ = a`, "the commitment covers the id"},
	{"request.go", `h.Write(ephemeral[:])`, `_ = ephemeral`, "the commitment covers the ephemeral"},
	{"request.go", `h.Write(nonce[:])`, `_ = nonce`, "the commitment covers the nonce"},
	{"challenge.go", `r.challenge == c.hash() &&
		commit`, `commit`, "a reveal names the hash of its challenge"},
	{"challenge.go", `&&
		commit(r.attempt, r.ephemeral, r.nonce) == q.commitment`, ``, "a reveal opens the commitment"},
	{"agreement.go", `if err != nil {`, `if err != nil && false {`, "an ephemeral of small order"},
	{"agreement.go", `wire.LP(request, challenge, reveal)`, `wire.LP(nil, challenge, reveal)`, "the transcript covers the request"},
	{"agreement.go", `wire.LP(request, challenge, reveal)`, `wire.LP(request, nil, reveal)`, "the transcript covers the challenge"},
	{"agreement.go", `wire.LP(request, challenge, reveal)`, `wire.LP(request, challenge, nil)`, "the transcript covers the reveal"},
	{"agreement.go", `wire.HKDF(a.z[:], a.transcript[:], `, `wire.HKDF(a.z[:], nil, `, "the words cover the transcript"},
	{"agreement.go", `wire.HKDF(a.z[:], a.transcript[:], `, `wire.HKDF(a.transcript[:], a.transcript[:], `, "the words need the shared secret"},

	// The link code.
	{"request.go", `r.signed.Proof != nil && hmac.Equal(r.signed.Proof, proofS(secret, r.hash()))`, `r.signed.Proof != nil`, "proof_S"},
	{"request.go", `"tandem link code S v1", request[:])`, `"tandem link code S v1", nil)`, "proof_S is for one request"},
	{"request.go", `append(request[:], challenge[:]...)`, `challenge[:]`, "proof_P is for one request"},
	{"request.go", `append(request[:], challenge[:]...)`, `request[:]`, "proof_P is for one challenge"},
	{"request.go", `hmac.New(sha256.New, secret[:])`, `hmac.New(sha256.New, nil)`, "proofs need the secret"},
	{"challenge.go", `return [16]byte(list[:16]) == code.ListHash &&
		c.signed`, `_ = list
	return c.signed`, "the hash of the list key in a code"},
	{"challenge.go", `c.signed.Proof != nil && hmac.Equal(c.signed.Proof, proofP(code.Secret, request, c.hash()))`, `c.signed.Proof != nil && !hmac.Equal(c.signed.Proof, nil)`, "proof_P"},
	{"code.go", `|| b[0] != codeVersion {`, `{`, "the version of a code"},
	{"code.go", `c.Account, err = core.IDFromBytes(b[1:34]); err != nil {`, `c.Account, err = core.IDFromBytes(b[1:34]); false {`, "a code names an account"},
	{"code.go", `!ok || len(text) != base64.RawURLEncoding.EncodedLen(codeSize) {`, `!ok {`, "the length of a code"},
}
