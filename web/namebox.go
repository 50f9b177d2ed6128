package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/web/part"
	"tandem/web/view"
)

// nameBox asks for the display name, for a new account and a restored one.
func nameBox(err error, input app.EventHandler) app.UI {
	return part.Box{
		ID: part.FirstID, Label: "Display name", Hint: "Any name, in any script.",
		Error: view.Sentence(err), Invalid: view.Mistyped(err),
		Complete: "nickname", OnInput: input,
	}.Draw()
}
