package client

import (
	"errors"

	"tandem/core/client/courier"
	"tandem/core/linking"
)

// joinView is the secondary's side of linking.
func (c *Client) joinView() Join {
	if c.join.machine == nil {
		return Join{}
	}
	v := c.join.machine.View()
	j := Join{
		Target: v.Account, Words: v.Words, Sent: true,
		Stored: c.join.stored != 0 && c.join.stored == sends(v.Stage),
		Cause:  Cause(v.Reason), Trouble: c.joinTrouble(v),
	}
	if c.net != nil { // until then nobody knows how wrong the local clock is
		j.Deadline = c.toLocal(v.Deadline)
	}
	switch v.Stage {
	case linking.Idle:
		j.Target, _, _ = parseTarget(c.join.target)
		j.Stage, j.Sent = JoinAsking, c.net != nil && c.net.Status().LastSuccess != 0
	case linking.Asking:
		j.Stage = JoinAsking
	case linking.Revealed:
		j.Stage, j.Stored = JoinWords, true
	case linking.Holding:
		j.Stage, j.Stored = JoinHolding, true
	case linking.Cancelling, linking.Ending:
		j.Stage = JoinEnding
	case linking.Gone:
		j.Stage = JoinGone
	case linking.Confirming, linking.Confirmed, linking.Wiped:
	}
	return j
}

// sends is the kind of letter that a stage repeats.
func sends(s linking.Stage) linking.Kind {
	switch s {
	case linking.Asking:
		return linking.KindRequest
	case linking.Cancelling:
		return linking.KindCancel
	case linking.Revealed:
		return linking.KindReveal
	case linking.Ending:
		return linking.KindReject
	case linking.Idle, linking.Holding, linking.Confirming, linking.Confirmed, linking.Gone, linking.Wiped:
	}
	return 0
}

// Sentences of trouble that only linking has.
const (
	troubleNoTime = "The network has not said what time it is, and without that nothing can be signed."
	troubleCode   = "Your primary device answered, but not with this link code: a code works once, and only while its dialog is open. Cancel, then use the code that the dialog shows now."
	troubleUnsure = "Your primary device may not have heard of this. Check Devices on your primary device."
)

// joinTrouble is why an attempt does not get on, from the nearest cause to the
// farthest; empty if it does.
func (c *Client) joinTrouble(v linking.Join) string {
	switch {
	case v.Stage == linking.Gone && v.CheckPrimary:
		return troubleUnsure
	case v.Stage == linking.Gone:
		return ""
	case c.fault != "":
		return c.fault
	case c.net == nil:
		return c.link.cause
	}
	status := c.net.Status()
	switch {
	case status.Cause != "":
		return status.Cause
	case !status.Synced && c.link.untimed:
		return troubleNoTime
	case v.CodeRefused:
		return troubleCode
	case c.join.failure != "":
		return c.join.failure
	case c.mail.fails > 1:
		return c.mail.cause
	}
	return ""
}

// networkSentence says why a call to the network failed.
func networkSentence(err error) string {
	var failed *courier.Error
	if errors.As(err, &failed) {
		return failed.Cause
	}
	return "The network does not answer."
}
