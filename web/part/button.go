package part

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/web/tag"
)

// Primary is the one filled button of a page. It submits the form around it.
func Primary(name string) app.HTMLElem {
	return tag.Submit().Class("btn btn-primary btn-wide").Text(name)
}

// Button is a button with a verb; kind is a class of app.css.
func Button(name, kind string, press app.EventHandler) app.HTMLElem {
	return tag.Button().Class(class("btn", kind)).Text(name).OnClick(press)
}

// IconNameButton is a Button with an icon before its name.
func IconNameButton(icon, name, kind string, press app.EventHandler) app.HTMLElem {
	return tag.Button().Class(class("btn", kind)).OnClick(press).Body(Icon(icon), app.Text(name))
}

// IconButton is a button of which only the icon is seen.
func IconButton(icon, name, kind string, press app.EventHandler) app.HTMLElem {
	return tag.Button().Class(class("icon-btn", kind)).Aria("label", name).OnClick(press).Body(Icon(icon))
}

// Back leads to the page before; kind "back" shows it only where one pane fits.
func Back(name, kind string, press app.EventHandler) app.UI {
	return tag.Button().Class(class("icon-btn", kind)).Aria("label", name).OnClick(press).Body(Pointer("back"))
}

// Choice is one of the big buttons of the first page.
func Choice(icon, name string, press app.EventHandler) app.UI {
	return tag.Button().Class("choice").OnClick(press).Body(Icon(icon), app.Text(name), Pointer("next"))
}

// NoteRow is a Row with a word about where it leads.
func NoteRow(id, icon, name, note string, press app.EventHandler) app.UI {
	return tag.Button().ID(id).Class("row").Aria("label", name).Aria("describedby", id+"-note").OnClick(press).
		Body(Icon(icon), tag.In("span", app.Text(name), tag.Span().ID(id+"-note").Class("small").Text(note)), Pointer("next"))
}

// Row is a line of Settings that leads somewhere.
func Row(id, icon, name string, press app.EventHandler) app.UI {
	return tag.Button().ID(id).Class("row").OnClick(press).
		Body(Icon(icon), tag.Say("span", name), Pointer("next"))
}
