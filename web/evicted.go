package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// evicted is the first page of a browser that has thrown an account away: never a
// silent new account.
type evicted struct {
	app.Compo

	trail  *trail
	forget func()
}

func (p *evicted) Render() app.UI {
	ways := view.WaysBack()
	return quiet("This browser removed your data", view.Evicted,
		tag.In("div choices",
			part.Choice("devices", "Link device to an existing account", p.link),
			tag.Say("p hint", ways[0]),
			part.Choice("key", "Restore using seed", p.restore),
			tag.Say("p hint", ways[1]),
			part.Choice("import", "Import a file", p.take),
			tag.Say("p hint", ways[2]),
			part.Button("Begin anew", "btn-quiet btn-wide", p.anew),
		))
}

func (p *evicted) link(ctx app.Context, _ app.Event)    { p.trail.Enter(ctx, view.AtLink) }
func (p *evicted) restore(ctx app.Context, _ app.Event) { p.trail.Enter(ctx, view.AtRestore) }
func (p *evicted) take(ctx app.Context, _ app.Event)    { p.trail.Enter(ctx, view.AtImport) }

func (p *evicted) anew(ctx app.Context, _ app.Event) {
	p.forget()
	part.FocusPage(ctx)
}

// mark lets the browser remember, apart from its database, that it holds an
// account, and says whether it held one that is not there any more. It follows
// the snapshots of a root.
type mark struct {
	host    Host
	last    client.Phase
	set     bool
	evicted bool
}

// follow takes the phase of the next snapshot.
func (m *mark) follow(after client.Phase) {
	if m.host == nil {
		return
	}
	starts := m.last == client.Starting || m.last == client.Elsewhere
	m.last = after
	switch after {
	case client.Words, client.Key, client.Main:
		if !m.set {
			m.host.Mark(true)
		}
		m.set, m.evicted = true, false
	case client.Welcome:
		// Whoever cleared the data was at another page before.
		m.evicted = m.evicted || starts && m.host.Marked()
		m.set = false
	}
}

func (m *mark) forget() {
	m.host.Mark(false)
	m.evicted = false
}
