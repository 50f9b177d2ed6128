package part

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/web/tag"
)

// Seed is the list of 13 words.
func Seed(words []string) app.UI {
	return list(tag.Ol().Class("seed").Aria("label", "Your 13 words").DataSet("testid", "seed-words"), words)
}

// Words are the three words of linking, larger than anything else.
func Words(words []string) app.UI {
	return list(tag.Ol().Class("words").Aria("label", "The 3 words").DataSet("testid", "link-words"), words)
}

// list holds the words and nothing else; the numbers are drawn by counters.
func list(ol app.HTMLElem, words []string) app.UI {
	body := make([]app.UI, 0, 2*len(words))
	for i, w := range words {
		if i > 0 {
			body = append(body, app.Text(" "))
		}
		body = append(body, tag.Say("li", w))
	}
	// The role stays a list where a browser takes it from unmarked lists.
	return ol.Role("list").Body(body...)
}
