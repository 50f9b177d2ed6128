package part

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/web/tag"
)

// Notice is a remark in the page.
func Notice(icon, sentence string) app.UI {
	return tag.In("p notice", Icon(icon), tag.Say("span", sentence))
}

// Warning is a Notice that should be read.
func Warning(sentence string) app.UI {
	return tag.In("p notice warn", Icon("alert"), tag.Say("span", sentence))
}

// Say is for those who do not see the page change: a sentence that is read when
// it changes. It must stay in the page while it is empty.
func Say(sentence string) app.UI {
	return tag.Told("p vh", sentence)
}

// Status is the chip that says how the network looks.
func Status(state, word string) app.UI {
	return tag.P().Class("status").Role("status").DataSet("testid", "status").DataSet("state", state).Text(word)
}
