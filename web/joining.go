package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// joining is a linking attempt, seen from the device that wants to join: the
// wait, the words, the end.
type joining struct {
	app.Compo

	Snap *client.Snapshot
	Now  core.Millis

	doer
	engine client.Engine
	trail  *trail
}

func (p *joining) Render() app.UI {
	j := p.Snap.Join
	return tag.In("main view",
		part.Say(view.JoinSay(j)),
		tag.In("div scroll",
			// Each part of the attempt is another element: no button turns into
			// another one under a finger.
			app.If(j.Stage == client.JoinWords || j.Stage == client.JoinHolding, func() app.UI {
				return tag.In("section wizard", p.words()...)
			}).ElseIf(j.Stage == client.JoinEnding || j.Stage == client.JoinGone, func() app.UI {
				return tag.In("article wizard", p.ended()...)
			}).Else(func() app.UI {
				return tag.In("div wizard", p.asking()...)
			}),
		),
		tag.In("div foot", part.Status(p.Snap.Network.State.String(), view.NetworkLine(p.Snap.Network, p.Now))),
	)
}

func (p *joining) asking() []app.UI {
	return []app.UI{
		tag.In("header",
			part.Heading("title", view.JoinTitle(p.Snap.Join.Stage)),
			tag.In("p lead",
				app.Text("Open Tandem there, go to Settings, Devices, and press "),
				tag.Say("b", "Link Device"),
				app.Text(". The order does not matter, and you may reload this page."),
			),
		),
		stageList(view.Stages(p.Snap)),
		p.exits(),
		part.AlertIf(view.Sentence(p.err)),
	}
}

func stageList(stages []view.Stage) app.UI {
	body := make([]app.UI, len(stages))
	for i, s := range stages {
		li := tag.Li().DataSet("state", s.State)
		if s.State == "now" || s.State == "failed" {
			li = li.Aria("current", "step")
		}
		body[i] = li.Body(
			tag.Say("span vh", s.Prefix()),
			app.Text(s.Name),
			tag.When(s.Detail != "", tag.Say("span small", s.Detail)),
		)
	}
	return tag.Ol().Class("stages").Role("list").Body(body...)
}

// exits is the countdown, the way on if there is trouble, and the way out that
// works in every stage.
func (p *joining) exits() app.UI {
	return tag.In("div actions spread",
		countdown(p.Snap.Join.Deadline, "left for this attempt"),
		tag.In("div actions",
			part.Button("Cancel", "", p.cancel),
			tag.When(view.InTrouble(p.Snap), part.IconNameButton("refresh", "Try again", "", p.retry)),
		),
	)
}

// countdown is a Countdown, or its place while there is no deadline.
func countdown(deadline core.Millis, caption string) app.UI {
	if deadline == 0 {
		return tag.Span()
	}
	return &part.Countdown{Deadline: deadline, Caption: caption}
}

// words keeps They differ where it is when Finish appears: whoever is about to
// press the one must not press the other.
func (p *joining) words() []app.UI {
	j := p.Snap.Join
	holding := j.Stage == client.JoinHolding
	return []app.UI{
		stepHead("", view.JoinTitle(j.Stage), view.JoinLead(j.Stage)),
		part.Words(j.Words),
		tag.In("div actions link-decide",
			tag.Either(holding, part.Button("Finish", "btn-primary grow", p.finish), tag.Say("p small grow", "Finish appears here as soon as you have pressed Authorise there.")),
			part.Button("They differ", "btn-danger", p.differ),
		),
		part.AlertIf(view.Sentence(p.err)),
		tag.Either(holding, part.Notice("check", "Authorised on your primary device."), part.Notice("clock", view.WaitingTitle+".")),
		p.exits(),
		stageList(view.Stages(p.Snap)),
	}
}

// ended says why, and leads on. While the primary is still being told, that
// goes on beside whatever comes next.
func (p *joining) ended() []app.UI {
	j := p.Snap.Join
	return []app.UI{
		stepHead("", view.JoinTitle(j.Stage), ""),
		part.Warning(view.CauseSentence(j.Cause, core.Secondary)),
		tag.In("div", tag.When(j.Trouble != "", part.Notice("alert", j.Trouble))),
		tag.In("div", tag.When(j.Stage == client.JoinEnding, part.Notice("clock", "Your primary device is still being told, in the background. You can go on."))),
		tag.In("div form",
			tag.Either(view.Again(j), tag.In("div actions link-decide",
				part.IconNameButton("refresh", "Try again", "btn-primary grow", p.retry),
				part.Button("Continue", "", p.acknowledge),
			), part.Button("Continue", "btn-primary btn-wide", p.acknowledge)),
		),
		part.AlertIf(view.Sentence(p.err)),
	}
}

func (p *joining) cancel(app.Context, app.Event) { p.do(p.engine.CancelJoin) }
func (p *joining) finish(app.Context, app.Event) { p.do(p.engine.Finish) }
func (p *joining) differ(app.Context, app.Event) { p.do(p.engine.Differ) }

// retry goes on from the present stage; after the end it asks the same account
// anew.
func (p *joining) retry(app.Context, app.Event) { p.do(p.engine.RetryJoin) }

func (p *joining) acknowledge(app.Context, app.Event) {
	p.trail.Enter(p.ctx, view.AtStart)
	p.do(p.engine.Acknowledge)
}
