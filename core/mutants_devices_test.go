//go:build mutants && !js

package core_test

// The rules of multi-device.md §6, one broken at a time.
var deviceMutants = []mutant{
	// Parse and holds.
	{"sign.go", `err != nil || len(s.Body) > MaxBody`, `err != nil`, "the size of a list"},
	{"sign.go", `if l.Account != account {`, `if false {`, "a list of another account is foreign"},
	{"sign.go", `if !identity.Verify(l.ListKey, wire.Domain(domainList, s.Body), s.Signature) || !l.holds() {`, `if !l.holds() {`, "the list key's signature"},
	{"sign.go", `s.Signature) || !l.holds() {`, `s.Signature) {`, "every rule about the content"},
	{"sign.go", `wire.Domain(domainList, s.Body)`, `wire.Domain("tandem link request v1", s.Body)`, "the domain of the signature"},
	{"sign.go", `if !identity.Matches(l.Account, l.AccountEd) {`, `if false {`, "the account's key converts to its ID"},
	{"sign.go", `if _, err := identity.IDFromEd(l.ListKey); err != nil {`, `if false {`, "a list key of small order"},
	{"sign.go", `if !identity.Verify(l.AccountEd, wire.Domain(domainListKey, l.ListKey[:]), l.AccountSig) {`, `if false {`, "the account's signature over the list key"},
	{"sign.go", `l.counts() && l.unique()`, `l.unique()`, "how many devices, and of which role"},
	{"sign.go", `return primaries == 1 &&`, `return primaries >= 1 &&`, "not more than one primary"},
	{"sign.go", `return primaries == 1 &&`, `return primaries <= 1 &&`, "not less than one primary"},
	{"sign.go", `l.unique() && l.consented()`, `l.consented()`, "no ID twice"},
	{"sign.go", `seen[e.ID] = true`, `seen[core.ID{byte(len(seen) + 1)}] = e.Role != 0`, "no device twice"},
	{"sign.go", `seen[r.ID] = true`, `seen[core.ID{byte(len(seen) + 1)}] = r.At != 0`, "no removed device twice, none listed"},
	{"sign.go", `l.unique() && l.consented()`, `l.unique()`, "consents and keys of the devices"},
	{"sign.go", `if !identity.Matches(e.ID, e.Ed) || !e.Consents`, `if !e.Consents`, "a device's key converts to its ID"},
	{"sign.go", `|| !e.Consents(l.Account) {`, `{`, "the consent of each device"},
	{"sign.go", `append(account[:], device[:]...)`, `device[:]`, "consent is to one account"},
	{"sign.go", `if err := l.CheckAhead(now); err != nil {`, `if false {
		var err error`, "what is ahead is not signed"},
	{"sign.go", `if _, err := Parse(signed, l.Account); err != nil {`, `if false {
		var err error`, "what others would refuse is not signed"},

	// The form.
	{"devices.go", `MaxDevices = 6`, `MaxDevices = 7`, "six devices"},
	{"devices.go", `MaxRemoved = 32`, `MaxRemoved = 33`, "32 removed"},
	{"devices.go", `MaxBody = 8 << 10`, `MaxBody = 8<<10 + 1`, "8 KiB"},
	{"devices.go", `MaxAhead = core.Day`, `MaxAhead = 2 * core.Day`, "a day ahead"},
	{"encoding.go", `if !m.Has(number) {
			return List{}, wire.ErrMalformed`, `if false {
			return List{}, wire.ErrMalformed`, "the fields that a list must have"},
	{"encoding.go", `if !m.Has(number) {
			return wire.ErrMalformed`, `if false {
			return wire.ErrMalformed`, "the fields that a device must have"},
	{"encoding.go", `err != nil || got != want {`, `err != nil {`, "the type of the body"},
	{"encoding.go", `err != nil || role == 0 {`, `err != nil {`, "a device without a role"},
	{"encoding.go", `m.Uint(f, &role, uint64(core.Secondary))`, `m.Uint(f, &role, 9)`, "a role that nobody knows"},
	{"encoding.go", `m.Uint(f, &l.Epoch, maxEpoch)`, `m.Uint(f, &l.Epoch, 1<<64-1)`, "the bound of an epoch"},
	{"encoding.go", `m.Uint(f, &v, maxTime)`, `m.Uint(f, &v, 1<<63-1)`, "the bound of a time"},
	{"encoding.go", `_, err := core.IDFromBytes(into[:])
	return err`, `return nil`, "an ID begins with 05"},

	// Lists that this device makes.
	{"list.go", `if l.Epoch > uint64(max(now, 0)+MaxAhead) {`, `if false {`, "an epoch too far ahead"},
	{"list.go", `next = max(next, e+1)`, `next = max(next, e)`, "the next epoch is higher than all that were seen"},
	{"list.go", `next := uint64(max(now, 0))`, `next := uint64(0)`, "the next epoch is at least now"},
	{"list.go", `return next, List{Epoch: next}.CheckAhead(now)`, `return next, nil`, "no epoch too far ahead is made"},
	{"list.go", `listed || l.Removes(e.ID) {`, `listed {`, "a removed device is never listed again"},
	{"list.go", `listed || l.Removes(e.ID) {`, `l.Removes(e.ID) && !listed {`, "a listed device is not listed again"},
	{"list.go", `if len(l.Devices) >= MaxDevices {`, `if false {`, "a sixth secondary"},
	{"list.go", `!listed || e.Role == core.Primary {`, `!listed || e.Role == 9 {`, "the primary is not removed"},
	{"list.go", `!listed || e.Role == core.Primary {`, `listed && e.Role == core.Primary {`, "who is not listed is not removed"},
	{"list.go", `next.SnapshotEpoch = epoch
	next.Devices`, `next.Devices`, "a removal changes the snapshot key"},
	{"list.go", `next.SnapshotEpoch = epoch
		default`, `default`, "devices that a restore removes lose the snapshot key"},
	{"list.go", `if l.Removes(by.ID) {`, `if false {`, "a removed device takes nothing over"},
	{"list.go", `by.Role = core.Primary`, `_ = core.Primary`, "who takes over is the primary"},
	{"list.go", `e.Role = core.Secondary
			next`, `next`, "the former primary is a secondary"},
	{"list.go", `case out(e.ID):`, `case false && out(e.ID):`, "who is to go goes"},
	{"list.go", `if len(next.Devices) > MaxDevices {`, `if false {`, "no seventh device by taking over"},
	{"list.go", `for len(l.Removed) > MaxRemoved {`, `for false {`, "the oldest removed make room"},
	{"list.go", `next.Removed = append(next.Removed, Removed{ID: device, At: now})`, `_ = now`, "a removed device is named"},

	{"again.go", `slices.DeleteFunc(next.Devices, func(e Entry) bool { return won.Removes(e.ID) })`, `slices.Clone(next.Devices)`, "whom the winner removed stays removed"},
	{"again.go", `!listed && !l.Removes(e.ID) && len`, `!listed && len`, "whom the loser removed stays removed"},
	{"again.go", `&& len(next.Devices) < MaxDevices {`, `{`, "a list that is said again has six places"},
	{"again.go", `max(l.SnapshotEpoch, won.SnapshotEpoch)`, `l.SnapshotEpoch`, "the snapshot key of the last removal"},

	// The farewell of a device.
	{"farewell.go", `err != nil || len(s.Body) > maxFarewell {`, `err != nil {`, "the size of a farewell"},
	{"farewell.go", `if !m.Has(number) {`, `if false {`, "the fields that a farewell must have"},
	{"farewell.go", `f.Account != account || f.Reason`, `f.Reason`, "a farewell is to one account"},
	{"farewell.go", `|| f.Reason == 0 ||`, `||`, "a farewell has a reason"},
	{"farewell.go", `!identity.Matches(f.Device, f.Ed) ||
		!identity`, `!identity`, "who says farewell is the device"},
	{"farewell.go", `||
		!identity.Verify(f.Ed, wire.Domain(domainFarewell, s.Body), s.Signature) {`, `{`, "the signature of a farewell"},
	{"farewell.go", `m.Uint(w, &reason, uint64(Obeys))`, `m.Uint(w, &reason, 99)`, "a reason that nobody knows"},

	// Pin, epoch, second key, consequences.
	{"book.go", `if in.Account == b.account && b.pages[b.account] == nil {`, `if false {`, "one's own list key is not pinned by what anybody offers"},
	{"book.go", `err = l.CheckAhead(now)`, `_ = now`, "a list that is ahead is not taken"},
	{"book.go", `if held != nil && held.listKey != l.ListKey {`, `if false {`, "the pin"},
	{"book.go", `return b.second(held, l, signed), nil`, `return b.adopt(held, l, signed), nil`, "a second list key does not replace the first"},
	{"book.go", `l.Epoch > held.list.Epoch {`, `l.Epoch != held.list.Epoch {`, "a lower epoch is older"},
	{"book.go", `held.signed == nil || l.Epoch > held.list.Epoch {`, `held.signed == nil {`, "a higher epoch is newer"},
	{"book.go", `mine, theirs := Hash(held.signed), Hash(signed)`, `theirs, mine := Hash(held.signed), Hash(signed)`, "of equal epochs the greater hash wins"},
	{"book.go", `was.Role == core.Primary && is.Role == core.Secondary`, `false && is.Role == core.Secondary`, "a former primary learns it"},
	{"book.go", `was.Role == core.Primary && is.Role == core.Secondary`, `was.Role == core.Primary && is.Role != core.Primary`, "who is not listed was not demoted"},
	{"book.go", `was.Role == core.Primary && before.Epoch == l.Epoch`, `before.Epoch == l.Epoch`, "only a primary signs again"},
	{"book.go", `was.Role == core.Primary && before.Epoch == l.Epoch`, `was.Role == core.Primary`, "who lost nothing signs nothing again"},
	{"book.go", `out.Expelled = l.Removes(b.device)`, `_, listed := l.Find(b.device)
		out.Expelled = !listed`, "a device that is merely absent is not expelled"},
	{"book.go", `out.Expelled = l.Removes(b.device)`, `out.Expelled = false`, "a removed device is expelled"},
	{"book.go", `if l.Removes(b.device) {
		return Expelled
	}
	if _, ok := l.Find(b.device); ok {
		return Listed
	}
	return Absent`, `if _, ok := l.Find(b.device); ok {
		return Listed
	}
	return Expelled`, "absent is not removed"},
	{"book.go", `if l.Account == b.account {`, `if true {`, "a contact's list says nothing about this device"},
	{"book.go", `next.second, next.secondKey = held.list, held.second, held.secondKey`, `next.second, next.secondKey = held.list, nil, core.EdKey{}`, "that an account answers as two is not forgotten"},
	{"book.go", `if held.account == b.account || bytes.Equal`, `if bytes.Equal`, "one's own account has nothing to decide"},
	{"book.go", `if held.listKey != listKey {`, `if false {`, "the own list key is not pinned twice"},
	{"book.go", `if held == nil || held.second == nil {`, `if held == nil {`, "nothing is re-pinned without a second key"},
	{"book.go", "first := *held\n\tfirst.second, first.secondKey = nil, core.EdKey{}", "first := *held", "re-pinned, the first key is forgotten"},
	{"book.go", "if in.ByUser {\n\t\tfirst.second, first.secondKey = nil, core.EdKey{}", "if in.ByUser {", "trusted, the second key is no second one any more"},
	{"book.go", `err != nil || b.pages[p.account] != nil {`, `err != nil {`, "one record per account"},

	// What was stored is verified again.
	{"page.go", `err != nil || p.list.ListKey != p.listKey {`, `err != nil {`, "a stored list is under the stored pin"},
	{"page.go", `if p.list, err = Parse(p.signed, p.account); err != nil ||`, `s, _ := wire.ParseSigned(p.signed)
		if p.list, err = unmarshal(s.Body); err != nil ||`, "a stored list is verified"},
	{"page.go", `err != nil || l.ListKey == p.listKey {`, `err != nil {`, "the second key is not the first"},

	// Farewells, and what is signed again.
	{"farewell.go", `err != nil || len(s.Body) > maxFarewell {`, `err != nil {`, "the size of a farewell"},
	{"farewell.go", `return exactly(&m, w, typeFarewell)`, `return m.Uint(w, new(uint64), 255)`, "the type of a farewell"},
	{"farewell.go", `m.Uint(w, &f.Epoch, maxEpoch)`, `m.Uint(w, &f.Epoch, 1<<64-1)`, "the bound of a farewell's epoch"},
	{"farewell.go", `m.Uint(w, &reason, uint64(Obeys))`, `m.Uint(w, &reason, 255)`, "a farewell's reason that nobody knows"},
	{"farewell.go", `if !m.Has(number) {`, `if false {`, "the fields that a farewell must have"},
	{"farewell.go", `f.Account != account ||`, `false ||`, "a farewell to another account"},
	{"farewell.go", `f.Reason == 0 ||`, `false ||`, "a farewell without a reason"},
	{"farewell.go", `!identity.Matches(f.Device, f.Ed) ||`, `false ||`, "a farewell's key is its device's"},
	{"farewell.go", `!identity.Verify(f.Ed, wire.Domain(domainFarewell, s.Body), s.Signature) {`, `false {`, "a farewell's signature"},
	{"farewell.go", `wire.Domain(domainFarewell, s.Body)`, `wire.Domain("tandem device list v1", s.Body)`, "the domain of a farewell"},
	{"again.go", `max(l.SnapshotEpoch, won.SnapshotEpoch)`, `l.SnapshotEpoch`, "signed again, e is the greater one"},
	{"again.go", `return won.Removes(e.ID) })`, `return false })`, "signed again, the winner's removed stay removed"},
	{"again.go", `if !l.Removes(r.ID) {`, `if true {`, "signed again, nobody is removed twice"},
	{"again.go", `!listed && !l.Removes(e.ID) &&`, `!listed &&`, "signed again, one's own removed stay removed"},
	{"again.go", `&& len(next.Devices) < MaxDevices {`, `{`, "signed again, there are six places"},
	{"again.go", `	next.trim()
	return next`, `	return next`, "signed again, removed has 32 places"},
}
