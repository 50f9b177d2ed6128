package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// confirm is a dialog that asks before something that cannot be taken back. The
// focus is on Cancel.
type confirm struct {
	ID    string
	Title string
	Lead  string
	List  []string // what it means, one sentence each
	After string
	Verb  string // on the button
	Err   error

	Cancel app.EventHandler
	Closed app.EventHandler // the browser's own closing
	Do     app.EventHandler
}

// confirmModal is the Modal for the dialog of this id.
func confirmModal(id, opener string) part.Modal {
	return part.Modal{ID: id, First: id + "-cancel", Opener: opener}
}

// Draw is the dialog; closed, only its place.
func (c confirm) Draw(open bool) app.UI {
	dialog := tag.Dialog().ID(c.ID).Class("dialog").Aria("labelledby", c.ID+"-title").
		On("cancel", c.Cancel).On("close", c.Closed)
	if !open {
		return dialog
	}
	return dialog.Body(
		tag.In("div dialog-in",
			tag.In("div dialog-head", tag.H2().ID(c.ID+"-title").Dir("auto").Text(c.Title)),
			tag.When(c.Lead != "", tag.Say("p lead", c.Lead)),
			app.If(len(c.List) > 0, func() app.UI {
				return tag.Ul().Class("truths").Role("list").Body(app.Range(c.List).Slice(func(i int) app.UI {
					return tag.Say("li", c.List[i])
				}))
			}),
			tag.When(c.After != "", tag.Say("p lead", c.After)),
			part.AlertIf(view.Sentence(c.Err)),
			tag.In("div actions actions-end",
				part.Button("Cancel", "", c.Cancel).ID(c.ID+"-cancel"),
				part.Button(c.Verb, "btn-danger", c.Do),
			),
		),
	)
}
