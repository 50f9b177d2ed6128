package linking

import (
	"bytes"
	"errors"
	"testing"

	"tandem/core"
	"tandem/core/identity"
)

// secondaryStages makes a device in each stage of the table of S
// (multi-device.md §12). The primary is as far as it can be.
var secondaryStages = map[Stage]func(s *story){
	Idle: func(s *story) {
		s.ask()
		s.j.must(s.now, Cancel{NeverSent: true})
		s.j.must(s.now, Acknowledge{})
	},
	Asking:     func(s *story) { s.ask() },
	Cancelling: func(s *story) { s.ask(); s.j.must(s.now, Cancel{}) },
	Revealed:   func(s *story) { s.authorised() },
	Holding:    func(s *story) { s.holding() },
	Confirming: func(s *story) { s.confirming() },
	Confirmed:  func(s *story) { s.confirmed() },
	Ending:     func(s *story) { s.authorised(); s.j.must(s.now, Differ{}) },
	Gone:       func(s *story) { s.ask(); s.j.must(s.now, Cancel{NeverSent: true}) },
	Wiped:      func(s *story) { s.confirmed(); s.j.must(s.now, Removed{}) },
}

// secondaryInputs are all inputs of the table, and those that must do nothing.
var secondaryInputs = map[string]func(s *story) (core.Millis, SecondaryInput){
	"Link":                     func(s *story) (core.Millis, SecondaryInput) { return s.now, s.j.link(s.h.id(), nil) },
	"Cancel":                   func(s *story) (core.Millis, SecondaryInput) { return s.now, Cancel{} },
	"Cancel, never sent":       func(s *story) (core.Millis, SecondaryInput) { return s.now, Cancel{NeverSent: true} },
	"They differ":              func(s *story) (core.Millis, SecondaryInput) { return s.now, Differ{} },
	"Acknowledge":              func(s *story) (core.Millis, SecondaryInput) { return s.now, Acknowledge{} },
	"Finish":                   func(s *story) (core.Millis, SecondaryInput) { return s.now, s.finish() },
	"Finish, the list is bad":  func(s *story) (core.Millis, SecondaryInput) { return s.now, s.badFinish() },
	"Finish, removed meantime": func(s *story) (core.Millis, SecondaryInput) { return s.now, s.removedFinish() },
	"challenge": func(s *story) (core.Millis, SecondaryInput) {
		if s.challenge.Bytes == nil {
			return s.now, s.forgeChallenge(nil)
		}
		return s.now, heard(s.t, s.challenge)
	},
	"other challenge": func(s *story) (core.Millis, SecondaryInput) {
		if s.challenge.Bytes == nil {
			return s.now, Tick{} // there is no first one that it could differ from
		}
		return s.now, s.forgeChallenge(nil)
	},
	"challenge of another id": func(s *story) (core.Millis, SecondaryInput) {
		return s.now, s.forgeChallenge(func(c *challenge) { c.attempt[0] ^= 1 })
	},
	"challenge for another device": func(s *story) (core.Millis, SecondaryInput) {
		return s.now, s.forgeChallenge(func(c *challenge) { c.device = identity.NewDevice().ID() })
	},
	"challenge with a list key that was not signed": func(s *story) (core.Millis, SecondaryInput) {
		return s.now, s.forgeChallenge(func(c *challenge) { c.listKey = identity.NewDevice().Ed() })
	},
	"challenge by somebody without the account key": func(s *story) (core.Millis, SecondaryInput) {
		return s.now, s.forgeChallengeBy(identity.NewDevice(), nil)
	},
	"challenge with an ephemeral of small order": func(s *story) (core.Millis, SecondaryInput) {
		if s.challenge.Bytes != nil {
			return s.now, Tick{} // other bytes
		}
		return s.now, s.forgeChallenge(func(c *challenge) { c.ephemeral = [32]byte{} })
	},
	"end answer by the primary's device": func(s *story) (core.Millis, SecondaryInput) {
		return s.now, s.forgeEnd(KindReject, s.h.keys.Device, s.j.device.ID())
	},
	"end answer by the account key": func(s *story) (core.Millis, SecondaryInput) {
		return s.now, s.forgeEnd(KindReject, s.h.keys.Shared.Account, s.j.device.ID())
	},
	"end answer for another device": func(s *story) (core.Millis, SecondaryInput) {
		return s.now, s.forgeEnd(KindReject, s.h.keys.Device, identity.NewDevice().ID())
	},
	"own LinkReject come back": func(s *story) (core.Millis, SecondaryInput) {
		return s.now, s.forgeEnd(KindReject, s.j.device, s.j.device.ID())
	},
	"LinkCancel by the primary's device": func(s *story) (core.Millis, SecondaryInput) {
		return s.now, s.forgeEnd(KindCancel, s.h.keys.Device, s.j.device.ID())
	},
	"LinkDone": func(s *story) (core.Millis, SecondaryInput) {
		return s.now, s.forgeEnd(KindDone, s.j.device, s.j.device.ID())
	},
	"LinkRequest": func(s *story) (core.Millis, SecondaryInput) { return s.now, s.forgeRequest(s.j.device, nil) },
	"LinkReveal":  func(s *story) (core.Millis, SecondaryInput) { return s.now, s.forgeReveal(s.j.device, nil) },
	"LinkGrant, not in a session": func(s *story) (core.Millis, SecondaryInput) {
		return s.now, Heard{Kind: KindGrant, Signed: s.granted().Signed}
	},
	"LinkGrant":                   func(s *story) (core.Millis, SecondaryInput) { return s.now, s.granted() },
	"LinkGrant under another key": func(s *story) (core.Millis, SecondaryInput) { return s.now, s.forgeGrant() },
	"LinkGrant by another device": func(s *story) (core.Millis, SecondaryInput) {
		g := s.granted()
		g.From = s.j.device.ID()
		return s.now, g
	},
	"the primary speaks":           func(s *story) (core.Millis, SecondaryInput) { return s.now, Spoke{s.h.keys.Device.ID()} },
	"another device speaks":        func(s *story) (core.Millis, SecondaryInput) { return s.now, Spoke{identity.NewDevice().ID()} },
	"Unlinked by the primary":      func(s *story) (core.Millis, SecondaryInput) { return s.now, Unlinked{s.h.keys.Device.ID()} },
	"Unlinked by another device":   func(s *story) (core.Millis, SecondaryInput) { return s.now, Unlinked{identity.NewDevice().ID()} },
	"a list removes this device":   func(s *story) (core.Millis, SecondaryInput) { return s.now, Removed{} },
	"Tick":                         func(s *story) (core.Millis, SecondaryInput) { return s.now, Tick{} },
	"Retry":                        func(s *story) (core.Millis, SecondaryInput) { return s.now, Retry{} },
	"Tick after almost 10 minutes": func(s *story) (core.Millis, SecondaryInput) { return s.now + Lifetime - 1, Tick{} },
	"Tick after 10 minutes":        func(s *story) (core.Millis, SecondaryInput) { return s.now + Lifetime, Tick{} },
	"Tick after 14 days":           func(s *story) (core.Millis, SecondaryInput) { return s.now + EndingTime, Tick{} },
}

func (s *story) badFinish() Finish {
	return Finish{Read: func([]byte) (ListView, error) { return ListView{}, errFake }}
}

// removedFinish: the outbox has a higher list that removes the device.
func (s *story) removedFinish() Finish {
	v := s.h.list
	v.Epoch++
	v.Secondaries = nil
	v.Removed = []core.ID{s.j.device.ID()}
	return Finish{Read: readList, Outbox: [][]byte{s.h.signed, signList(s.h.root.ListKey(), v)}}
}

// move is what an input does. The zero Kind: nothing is sent.
type move struct {
	to     Stage
	sends  Kind
	reason Reason
}

// secondaryTable is the table of S. What is not in it changes nothing and
// sends nothing.
var secondaryTable = map[Stage]map[string]move{
	Idle: {"Link": {to: Asking, sends: KindRequest}},
	Asking: {
		"challenge":                          {to: Revealed, sends: KindReveal},
		"Cancel":                             {to: Cancelling, sends: KindCancel, reason: ReasonCancelled},
		"Cancel, never sent":                 {to: Gone, reason: ReasonCancelled},
		"end answer by the primary's device": {to: Gone, reason: ReasonRejected},
		"end answer by the account key":      {to: Gone, reason: ReasonRejected},
		"Tick after 10 minutes":              {to: Gone, reason: ReasonExpired},
		"Tick after 14 days":                 {to: Gone, reason: ReasonExpired},
		"Tick":                               {to: Asking, sends: KindRequest},
		"Retry":                              {to: Asking, sends: KindRequest},
		"other challenge":                    {to: Asking, sends: KindRequest}, // a Tick
		"Tick after almost 10 minutes":       {to: Asking, sends: KindRequest},
	},
	Cancelling: {
		"end answer by the primary's device": {to: Gone, reason: ReasonCancelled},
		"end answer by the account key":      {to: Gone, reason: ReasonCancelled},
		"Tick after 10 minutes":              {to: Gone, reason: ReasonCancelled},
		"Tick after 14 days":                 {to: Gone, reason: ReasonCancelled},
		"Tick":                               {to: Cancelling, sends: KindCancel, reason: ReasonCancelled},
		"Retry":                              {to: Cancelling, sends: KindCancel, reason: ReasonCancelled},
		"other challenge":                    {to: Cancelling, sends: KindCancel, reason: ReasonCancelled}, // a Tick
		"Tick after almost 10 minutes":       {to: Cancelling, sends: KindCancel, reason: ReasonCancelled},
	},
	Revealed: {
		"LinkGrant":                          {to: Holding},
		"other challenge":                    {to: Ending, sends: KindReject, reason: ReasonInvalid},
		"They differ":                        {to: Ending, sends: KindReject, reason: ReasonDiffer},
		"Cancel":                             {to: Ending, sends: KindReject, reason: ReasonCancelled},
		"Cancel, never sent":                 {to: Ending, sends: KindReject, reason: ReasonCancelled},
		"Tick after 10 minutes":              {to: Ending, sends: KindReject, reason: ReasonExpired},
		"Tick after 14 days":                 {to: Ending, sends: KindReject, reason: ReasonExpired},
		"end answer by the primary's device": {to: Gone, reason: ReasonRejected},
		"Unlinked by the primary":            {to: Gone, reason: ReasonUnlinked},
		"Tick":                               {to: Revealed, sends: KindReveal},
		"Retry":                              {to: Revealed, sends: KindReveal},
		"challenge with an ephemeral of small order": {to: Revealed, sends: KindReveal}, // a Tick
		"Tick after almost 10 minutes":               {to: Revealed, sends: KindReveal},
	},
	Holding: {
		"Finish":                             {to: Confirming, sends: KindDone},
		"Finish, the list is bad":            {to: Ending, sends: KindReject, reason: ReasonInvalid},
		"Finish, removed meantime":           {to: Ending, sends: KindReject, reason: ReasonUnlinked},
		"They differ":                        {to: Ending, sends: KindReject, reason: ReasonDiffer},
		"Cancel":                             {to: Ending, sends: KindReject, reason: ReasonCancelled},
		"Cancel, never sent":                 {to: Ending, sends: KindReject, reason: ReasonCancelled},
		"other challenge":                    {to: Ending, sends: KindReject, reason: ReasonInvalid},
		"Tick after 10 minutes":              {to: Ending, sends: KindReject, reason: ReasonExpired},
		"Tick after 14 days":                 {to: Ending, sends: KindReject, reason: ReasonExpired},
		"end answer by the primary's device": {to: Gone, reason: ReasonRejected},
		"Unlinked by the primary":            {to: Gone, reason: ReasonUnlinked},
	},
	Confirming: {
		"the primary speaks":                         {to: Confirmed},
		"Unlinked by the primary":                    {to: Wiped},
		"Unlinked by another device":                 {to: Wiped}, // whoever is primary now; the list in it was checked
		"a list removes this device":                 {to: Wiped},
		"Tick":                                       {to: Confirming, sends: KindDone},
		"Retry":                                      {to: Confirming, sends: KindDone},
		"Tick after almost 10 minutes":               {to: Confirming, sends: KindDone},
		"Tick after 10 minutes":                      {to: Confirming, sends: KindDone},
		"Tick after 14 days":                         {to: Confirming, sends: KindDone},
		"challenge with an ephemeral of small order": {to: Confirming, sends: KindDone}, // a Tick
	},
	Confirmed: {
		"Unlinked by the primary":    {to: Wiped},
		"Unlinked by another device": {to: Wiped},
		"a list removes this device": {to: Wiped},
	},
	Ending: {
		"end answer by the primary's device": {to: Gone, reason: ReasonDiffer},
		"Unlinked by the primary":            {to: Gone, reason: ReasonDiffer},
		"Tick after 14 days":                 {to: Gone, reason: ReasonDiffer},
		"Tick":                               {to: Ending, sends: KindReject, reason: ReasonDiffer},
		"Retry":                              {to: Ending, sends: KindReject, reason: ReasonDiffer},
		"challenge with an ephemeral of small order": {to: Ending, sends: KindReject, reason: ReasonDiffer}, // a Tick
		"Tick after almost 10 minutes":               {to: Ending, sends: KindReject, reason: ReasonDiffer},
		"Tick after 10 minutes":                      {to: Ending, sends: KindReject, reason: ReasonDiffer},
	},
	Gone: {
		"Link":        {to: Asking, sends: KindRequest},
		"Acknowledge": {to: Idle},
	},
	Wiped: {},
}

// commands are the inputs that a state may refuse to its user.
func isCommand(in any) bool {
	switch in.(type) {
	case Link, Cancel, Differ, Finish, Acknowledge, OpenDialog, CloseDialog, Authorise, Reject:
		return true
	}
	return false
}

// TestSecondaryTable walks every stage with every input.
func TestSecondaryTable(t *testing.T) {
	for stage, build := range secondaryStages {
		s := newStory(t)
		build(s)
		if s.j.s.View().Stage != stage {
			t.Fatalf("the story of stage %d ends in %d", stage, s.j.s.View().Stage)
		}
		before, reason := s.j.record(), s.j.s.View().Reason
		device, secrets := s.j.device, s.j.secrets
		for name, input := range secondaryInputs {
			want, listed := secondaryTable[stage][name]
			if !listed {
				want = move{to: stage, reason: reason}
			}
			// Each input meets the stage as it was, and as a reload finds it.
			if stage != Wiped {
				s.j.saved = map[Attempt][]byte{}
				if before != nil {
					s.j.saved[s.attempt] = before
				}
				s.j.reload()
			}
			now, in := input(s)
			out, err := s.j.do(now, in)
			s.j.device, s.j.secrets = device, secrets

			got := s.j.s.View()
			if got.Stage != want.to || got.Reason != want.reason {
				t.Errorf("stage %d, %s: stage %d for reason %d, want %d, %d", stage, name, got.Stage, got.Reason, want.to, want.reason)
			}
			if k := kinds(out); len(k) > 1 || want.sends == 0 && len(k) != 0 || want.sends != 0 && (len(k) != 1 || k[0] != want.sends) {
				t.Errorf("stage %d, %s: sent %v, want %d", stage, name, k, want.sends)
			}
			if refused := errors.Is(err, ErrNotNow); refused != (!listed && isCommand(in)) {
				t.Errorf("stage %d, %s: %v", stage, name, err)
			}
			if want.to == stage && (len(out.Save) != 0 || len(out.Tell) != 0 || !bytes.Equal(s.j.record(), before)) {
				t.Errorf("stage %d, %s: something was stored or told", stage, name)
			}
			if want.to != stage && len(out.Save) == 0 {
				t.Errorf("stage %d, %s: not stored", stage, name)
			}
		}
	}
}
