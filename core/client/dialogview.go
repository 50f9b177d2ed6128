package client

import (
	"slices"

	"tandem/core/linking"
)

// dialogView is the primary's side of linking.
func (c *Client) dialogView() Dialog {
	v := c.linker.machine.View(c.now())
	d := Dialog{Open: v.Open, Notice: v.Notice, Code: v.Code, More: v.More}
	d.Month, d.All = c.pasts.month, c.pasts.all
	if c.linker.ended {
		d.Stage, d.Cause = DialogEnded, Cause(c.linker.cause)
	}
	if c.linker.flooded {
		d.Stage, d.Cause = DialogEnded, CauseFlood
	}
	if c.linker.over && !v.Open {
		d.Open, d.Over = true, true
		return d
	}
	d.Askers = c.askers(v.Askers)
	if len(d.Askers) == 0 {
		d.Deadline = c.linker.until
		return d
	}
	d.Stage = d.Askers[0].Stage
	return d
}

// askers are those whom the dialog lists: who knows the link code, then the
// others as the machine orders them, then those who have just been authorised.
// The last are few, and none of them loses its place to one who asks.
func (c *Client) askers(all []linking.Asker) []Asker {
	var proved, others, sending []Asker
	for _, a := range all {
		row := Asker{
			Attempt: a.Attempt, Words: a.Words, Facts: a.Facts, Proved: a.Proved,
			Asked: c.toLocal(a.Asked), Deadline: c.toLocal(a.Deadline),
		}
		switch a.State {
		case linking.Pending, linking.Challenged:
			row.Stage = DialogChallenge
		case linking.Words:
			row.Stage = DialogWords
		case linking.Authorised:
			row.Stage, row.Facts = DialogSending, c.account.facts[a.Device].Facts
			sending = append(sending, row)
			continue
		case linking.None, linking.Done, linking.Over, linking.Departed:
			continue
		}
		if row.Proved {
			proved = append(proved, row)
		} else {
			others = append(others, row)
		}
	}
	out := slices.Concat(proved, others)
	return append(out[:min(len(out), linking.MaxPending-len(sending))], sending...)
}

// Limits of end answers, so that a flood of requests does not become a flood of
// stores. Who gets none asks again.
const (
	maxAnswering = 8   // at a time
	maxAnswers   = 128 // that wait
)

// answers are end answers on their way.
type answers struct {
	waiting []linking.Letter
	flying  int
}

// endAnswer stores an end answer as soon as there is room for it.
func (c *Client) endAnswer(l linking.Letter) {
	if len(c.answers.waiting) < maxAnswers {
		c.answers.waiting = append(c.answers.waiting, l)
	}
	c.sendAnswers()
}

func (c *Client) sendAnswers() {
	for c.answers.flying < maxAnswering && len(c.answers.waiting) > 0 && c.account.keys != nil {
		l := c.answers.waiting[0]
		c.answers.waiting = c.answers.waiting[1:]
		data, err := c.sealLetter(l, c.account.keys.Device, c.account.id())
		if err != nil {
			continue // to a key that is none
		}
		c.answers.flying++
		c.storeLetter(l, data, func(error) {
			c.answers.flying--
			c.sendAnswers()
		})
	}
}
