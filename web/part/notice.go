package part

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/web/tag"
)

// Notice is a remark in the page.
func Notice(icon, sentence string) app.UI {
	return tag.P().Class("notice").Body(Icon(icon), tag.Span().Text(sentence))
}

// Warning is a Notice that should be read.
func Warning(sentence string) app.UI {
	return tag.P().Class("notice warn").Body(Icon("alert"), tag.Span().Text(sentence))
}

// Say is for those who do not see the page change: a sentence that is read when
// it changes. It must stay in the page while it is empty.
func Say(sentence string) app.UI {
	return tag.P().Class("vh").Role("status").Text(sentence)
}

// Status is the chip that says how the network looks.
func Status(state, word string) app.UI {
	return tag.P().Class("status").Role("status").DataSet("testid", "status").DataSet("state", state).Text(word)
}
