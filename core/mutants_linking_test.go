//go:build mutants && !js

package core_test

// The primary's side of multi-device.md §5 and §12, one check broken at a time.
var primaryMutants = []mutant{
	// Who may say what.
	{"primary_hear.go", `t.counts(&q.head) && q.byJoiner() {`, `t.counts(&q.head) {`, "the device that asks signs its request"},
	{"primary_hear.go", `t.counts(&v.head) && v.byJoiner() {`, `t.counts(&v.head) {`, "the device that asks signs its reveal"},
	{"primary_hear.go", `t.counts(&e.head) && e.byJoiner() {`, `t.counts(&e.head) {`, "the device that asks signs its end"},
	{"primary_hear.go", `if h.account != t.p.account.ID() {`, `if false {`, "a message for another account"},
	{"primary_hear.go", `return h.verify()`, `h.verify()
	return true`, "what does not verify never was a message"},
	{"primary_hear.go", `r != nil && r.live() && bytes.Equal(r.request, signed)`, `r != nil && r.live()`, "other request bytes are no repeat"},

	// Expiry, limit, conflict, own device, consent.
	{"primary_hear.go", `case q.device == t.p.device.ID() || q.device == q.account:`, `case q.device == q.account:`, "one's own device is not granted"},
	{"primary_hear.go", `case q.device == t.p.device.ID() || q.device == q.account:`, `case q.device == t.p.device.ID():`, "the account is not its own device"},
	{"primary_hear.go", `case !t.timely(q.created):`, `case false:`, "an expired request"},
	{"primary_hear.go", `return created > t.now-Lifetime && created <= t.now+Lifetime`, `return created <= t.now+Lifetime`, "a request of ten minutes ago"},
	{"primary_hear.go", `return created > t.now-Lifetime && created <= t.now+Lifetime`, `return created > t.now-Lifetime`, "a request of ten minutes ahead"},
	{"primary_hear.go", `case !q.consents():`, `case false:`, "a request without consent"},
	{"primary_hear.go", `slices.Contains(now.Secondaries, q.device) || slices.Contains(now.Removed, q.device):`, `slices.Contains(now.Removed, q.device):`, "a device that is linked already"},
	{"primary_hear.go", `slices.Contains(now.Secondaries, q.device) || slices.Contains(now.Removed, q.device):`, `slices.Contains(now.Secondaries, q.device):`, "a device that was removed"},
	{"primary_hear.go", `case len(now.Secondaries) >= MaxSecondaries:`, `case false:`, "a sixth secondary"},
	{"primary_hear.go", `if reason := t.refusal(q, in.Roster); reason != ReasonNone {`, `if reason := t.refusal(q, in.Roster); false {`, "refusals at the request"},
	{"primary_dialog.go", `if reason := t.refusal(r.q, in.Roster); reason != ReasonNone {`, `if reason := t.refusal(r.q, in.Roster); false {`, "refusals again at Authorise"},

	// One challenge, one reveal, one request per id.
	{"primary_hear.go", `if !bytes.Equal(r.q.signed.Body, q.signed.Body) {`, `if false {`, "other request bytes end the attempt"},
	{"primary_hear.go", `(err != nil || !bytes.Equal(stored.signed.Body, v.signed.Body)) {`, `(err != nil || stored == nil) {`, "a second reveal ends the attempt"},
	{"primary_hear.go", `if v.device == r.device {
			t.opened(r, v, raw)`, `if true {
			t.opened(r, v, raw)`, "the reveal of another device"},
	{"primary_hear.go", `v.device == r.device && (err`, `(err`, "the second reveal of another device"},
	{"primary_hear.go", `if err != nil || !v.answers(r.q, c) {`, `if err != nil || c == nil {`, "challenge hash and commitment"},
	{"primary_hear.go", `if _, ok := next.agreement(); !ok {`, `if _, ok := next.agreement(); !ok && false {`, "a reveal with an ephemeral of small order"},
	{"primary_dialog.go", `if r.state == Pending && t.now < r.ends() {`, `if t.now < r.ends() {`, "an id gets one challenge"},
	{"primary_dialog.go", `r.state == Pending && t.now < r.ends()`, `r.state == Pending`, "no challenge after the request's time"},
	{"primary_dialog.go", `if !d.has(r.proved) {`, `if false {`, "challenges of an opening are bounded"},
	{"primary.go", `return d.challenges < MaxChallenges && (`, `return (`, "sixteen challenges for an opening"},
	{"primary.go", `(proved || d.plain < MaxChallenges-ProvedChallenges)`, `(proved || d.plain < MaxChallenges)`, "four challenges are kept for who knows the code"},
	{"primary_dialog.go", `d.challenges++`, `_ = d.challenges`, "challenges are counted"},

	// Authorise.
	{"primary_dialog.go", `if r == nil || r.state != Words {`, `if r == nil {`, "only words can be authorised"},
	{"primary_dialog.go", `if err != nil || t.p.dialog == nil {`, `if err != nil {`, "Authorise needs the dialog"},
	{"primary_dialog.go", `shared.Account == nil || shared.Account.ID() != p.account.ID() {`, `shared.Account == nil {`, "only one's own account is granted"},
	{"primary_dialog.go", `if len(in.List) == 0 || len(in.List) > maxList ||`, `if len(in.List) > maxList ||`, "Authorise brings a list"},
	{"primary_dialog.go", `len(in.Pairwise) == 0 || len(in.Pairwise) > maxPairwise {`, `len(in.Pairwise) > maxPairwise {`, "Authorise brings a grant"},

	// Ends.
	{"primary_hear.go", `if e.device != r.device {`, `if false {`, "another device's end is none of this attempt"},
	{"primary_hear.go", `if t.timely(created) {
		r`, `if false {
		r`, "a refused id is remembered"},
	{"primary_hear.go", `if t.timely(created) {
		r`, `if true {
		r`, "an id with an absurd created takes no place"},
	{"primary_hear.go", `if t.p.attempts[h.attempt] == nil && t.p.ended >= MaxEnded {`, `if false {`, "4,096 ended ids"},
	{"primary_hear.go", `if r := t.p.linked(from); r != nil && r.state == Authorised {`, `if r := t.p.linked(from); r != nil {`, "a device is confirmed once"},
	{"primary_hear.go", `if r.device == device && (r.state`, `if (r.state`, "only the device itself confirms"},
	{"primary_record.go", `case Pending, Challenged, Words, Over:
		return r.created + Lifetime`, `case Over:
		return r.created + Lifetime`, "expiry"},
	{"primary.go", `if ends := r.ends(); ends != 0 && t.now >= ends {`, `if ends := r.ends(); ends != 0 && t.now >= ends && r.state != Words {`, "expiry of an attempt with words"},
	{"primary_record.go", `return []int{1, 2, 3, 5, 10}`, `return []int{1, 2, 3, 4, 5, 6, 10}`, "Authorised keeps list and grant only"},
	{"primary_record.go", `if m.Has(number) != slices.Contains(kept, number) {`, `if m.Has(number) != slices.Contains(kept, number) && false {`, "a stored attempt has the fields of its state"},
	{"primary_record.go", `!r.about(&r.q.head) || r.q.created != r.created {`, `r.q.created != r.created {`, "a stored request is of its attempt"},
	{"primary_record.go", `!r.about(&r.q.head) || r.q.created != r.created {`, `!r.about(&r.q.head) {`, "a stored request has its time"},
	{"primary_record.go", `if err != nil || !r.about(&c.head) {`, `if err != nil {`, "a stored challenge is of its attempt"},
	{"primary_record.go", `err2 != nil || !r.about(&v.head) {`, `err2 != nil {`, "a stored reveal is of its attempt"},

	// Places, flood, code.
	{"primary_order.go", `if len(places) < MaxPending {`, `if true {`, "eight places"},
	{"primary_order.go", `if other.state == Words {
				return false
			}`, `if false {
				return false
			}`, "words are not pushed out by the same device"},
	{"primary_order.go", `if !r.proved || last.proved || !t.p.dialog.has(true) {`, `if false {`, "words are not pushed out"},
	{"primary_order.go", `if !r.proved || last.proved ||`, `if last.proved ||`, "words are not pushed out without the code"},
	{"primary_order.go", `} else if compare(r, last, t.now) > 0 {`, `} else if false {`, "the last of the order makes room"},
	{"primary_order.go", `q.proves(d.code.Secret) || !t.timely`, `!t.timely`, "who knows the code is never hopeless"},
	{"primary_order.go", `if other.device == r.device {`, `if false {`, "one place per device"},
	{"primary_order.go", `if r.state != Pending {
		t.end(r, ReasonFlood)`, `if false {
		t.end(r, ReasonFlood)`, "a challenged id that is pushed out is ended, not unknown"},
	{"primary_order.go", `if last.state == Challenged && t.p.dialog != nil && !t.p.dialog.has(r.proved) {`, `if false {`, "a flood ends nobody's challenge for nothing"},
	{"primary_order.go", `t.p.dialog != nil && r.q.proves(t.p.dialog.code.Secret)`, `t.p.dialog != nil`, "proof_S puts a request first"},
	{"primary_dialog.go", `d.code = newCode(t.p.account.ID(), t.p.listKey) // single use`, `_ = newCode // single use`, "a code is used once"},
	{"primary_dialog.go", `r.proved = false`, `_ = r.proved`, "a proof is for the code of one opening"},
	{"primary_order.go", `t.p.noticed != 0 && t.now < t.p.noticed+NoticeEvery && t.p.noticed <= t.now {`, `false {`, "one notice in ten minutes"},
}

// The other side's.
var secondaryMutants = []mutant{
	// Challenges.
	{"secondary_hear.go", `!s.rec.about(&c.head) || !c.holds() {`, `!c.holds() {`, "a challenge of another attempt"},
	{"secondary_hear.go", `!s.rec.about(&c.head) || !c.holds() {`, `!s.rec.about(&c.head) {`, "all that a challenge says of itself"},
	{"secondary_hear.go", `s.rec.code != nil && !c.fits(*s.rec.code, q.hash()) {`, `false {`, "a challenge that does not fit the link code"},
	{"secondary_hear.go", `err == nil && bytes.Equal(stored.signed.Body, c.signed.Body) {`, `err == nil && (stored != nil || bytes.Equal(nil, nil)) {`, "a second challenge ends the attempt"},
	{"secondary_hear.go", `if _, ok := agree(s.rec.ephemeral, c.ephemeral, q.signed.Body, c.signed.Body, v.signed.Body); !ok {`, `if false {`, "a challenge with an ephemeral of small order"},
	{"secondary_record.go", `return h.attempt == r.attempt && h.account == r.account && h.device == r.device.ID()`, `return h.account == r.account && h.device == r.device.ID()`, "messages are about the attempt"},
	{"secondary_record.go", `h.account == r.account && h.device == r.device.ID()`, `h.device == r.device.ID()`, "messages are about the account"},
	{"secondary_record.go", `h.account == r.account && h.device == r.device.ID()`, `h.account == r.account`, "messages are about the device"},

	// Ends.
	{"secondary_hear.go", `!s.rec.about(&e.head) || !e.verify() || e.byJoiner() {`, `!e.verify() || e.byJoiner() {`, "the end of another attempt"},
	{"secondary_hear.go", `!e.verify() || e.byJoiner() {`, `!(e.verify() || true) || e.byJoiner() {`, "the signature of an end answer"},
	{"secondary_hear.go", `!e.verify() || e.byJoiner() {`, `!e.verify() {`, "its own LinkReject is no end answer"},
	{"secondary_hear.go", `case Revealed, Holding:
		if e.ed != s.rec.peerEd {`, `case Revealed, Holding:
		if false {`, "only the primary's device ends an attempt with a challenge"},
	{"secondary_hear.go", `case Ending:
		if e.ed != s.rec.peerEd {`, `case Ending:
		if false {`, "only the primary's device ends the repeats"},
	{"secondary_hear.go", `if in.From != s.rec.peer {`, `if false {`, "Unlinked before Finish comes from the primary"},
	{"secondary.go", `if s.stage() == Confirming && in.From == s.rec.peer {`, `if s.stage() == Confirming {`, "only the primary confirms"},
	{"secondary_hear.go", `if s.stage() != Confirming && s.stage() != Confirmed {`, `if s.rec == nil {`, "only a linked device is wiped"},

	// The grant.
	{"secondary_hear.go", `if s.stage() != Revealed || in.From != s.rec.peer {`, `if s.stage() != Revealed {`, "a grant in another device's session"},
	{"secondary_hear.go", `if s.stage() != Revealed || in.From != s.rec.peer {`, `if s.rec == nil || in.From != s.rec.peer {`, "a grant before words"},
	{"secondary_hear.go", `!s.rec.about(&g.head) || !g.verify() || !g.byAccount() {`, `!g.verify() || !g.byAccount() {`, "the grant of another attempt"},
	{"secondary_hear.go", `!g.verify() || !g.byAccount() {`, `!(g.verify() || true) || !g.byAccount() {`, "the signature of a grant"},
	{"secondary_hear.go", `!g.verify() || !g.byAccount() {`, `!g.verify() {`, "the account signs the grant"},
	{"secondary_hear.go", `if _, _, ok := g.open(a); !ok {`, `if _, _, ok := g.open(a); !ok && false {`, "a grant under another key"},

	// Finish.
	{"finish.go", `if now >= s.rec.ends() {`, `if false {`, "no Finish after the countdown"},
	// One of the two would do: the challenge was checked against what was typed.
	{"finish.go", `|| shared.Account.ID() != s.rec.account || shared.Account.Ed() != c.ed {`, `{`, "the account is the one that was typed and that made the challenge"},
	{"finish.go", `if err != nil || !view.lists(s.rec.device.ID(), c) {`, `if err != nil {`, "the granted list is that of the challenge"},
	{"finish.go", `if err != nil || !view.lists(s.rec.device.ID(), c) {`, `if !view.lists(s.rec.device.ID(), c) {`, "the granted list verifies"},
	{"finish.go", `if err != nil || newer.ListKey != view.ListKey ||`, `if err != nil && false || newer.ListKey != view.ListKey ||`, "a list of the outbox verifies"},
	{"finish.go", `newer.ListKey != view.ListKey || newer.Epoch`, `newer.Epoch`, "a list of the outbox is under the list key"},
	{"finish.go", `|| newer.Epoch <= view.Epoch {`, `{`, "a list of the outbox is higher"},
	{"finish.go", `if slices.Contains(newer.Removed, s.rec.device.ID()) {`, `if false {`, "a device that was removed meanwhile does not finish"},
	{"finish.go", `return v.ListKey == c.listKey && v.Primary`, `return v.Primary`, "list key"},
	{"finish.go", `v.Primary == c.peer && times`, `times`, "the challenge's device is the primary"},
	{"finish.go", `times == 1 &&`, `times <= 1 &&`, "this device is listed"},
	{"finish.go", `times == 1 &&`, `times >= 1 &&`, "this device is listed once"},
	{"finish.go", `&& !slices.Contains(v.Removed, device)`, ``, "this device is not removed"},

	// Time and records.
	{"secondary_record.go", `case Asking, Cancelling, Revealed:
		return r.created + Lifetime`, `case Asking, Cancelling:
		return r.created + Lifetime`, "expiry with words"},
	{"secondary_record.go", `return r.since + HoldTime`, `return 0`, "the grant's countdown"},
	{"secondary_record.go", `return []int{1, 2, 3, 4, 5, 15, 16, 17, 18, 19, 20}`, `return []int{1, 2, 3, 4, 5, 6, 7, 8, 15, 16, 17, 18, 19, 20}`, "Ending keeps the device key only"},
	{"secondary_record.go", `if err != nil || !r.about(&q.head) {`, `if err != nil || q == nil {`, "a stored request is of its attempt"},
	{"secondary_record.go", `return err == nil && r.about(&g.head)`, `return err == nil && g != nil`, "a stored grant is of its attempt"},
	{"secondary_record.go", `err3 != nil || !r.about(&c.head) || !r.about(&v.head) {`, `err3 != nil || !r.about(&v.head) {`, "a stored challenge is of its attempt"},
	{"secondary_record.go", `err3 != nil || !r.about(&c.head) || !r.about(&v.head) {`, `err3 != nil || !r.about(&c.head) {`, "a stored reveal is of its attempt"},
	{"secondary.go", `if !in.fits() || in.Device.ID() == next.account {`, `if !in.fits() {`, "a device does not join itself"},
	{"secondary.go", `if s.stage() != Idle && s.stage() != Gone {`, `if false {`, "one attempt at a time"},
}
