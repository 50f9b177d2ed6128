package part

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// Outlines of the welcome picture: two devices, and where they overlap.
const (
	artOne = "M206 42A170 170 0 0 1 376 212A170 170 0 0 1 206 382H70A34 34 0 0 1 36 348V212A170 170 0 0 1 206 42Z"
	artTwo = "M314 160A170 170 0 0 1 484 330V466A34 34 0 0 1 450 500H314A170 170 0 0 1 144 330A170 170 0 0 1 314 160Z"
)

// Art is the product in one picture: where the two shapes overlap, both devices
// know the same three words.
func Art() app.UI {
	return shape("svg").Class("art").Attr("viewBox", "24 30 472 482").Attr("aria-hidden", "true").Body(
		shape("defs").Body(
			shape("clipPath").ID("art-lens").Body(shape("path").Attr("d", artOne)),
		),
		shape("path").Class("art-a").Attr("d", artOne),
		shape("path").Class("art-b").Attr("d", artTwo),
		shape("path").Class("art-ab").Attr("d", artTwo).Attr("clip-path", "url(#art-lens)"),
		artWord("248", "violin"), artWord("280", "lagoon"), artWord("312", "cedar"),
	)
}

func artWord(y, word string) app.UI {
	return shape("text").Attr("x", "260").Attr("y", y).Text(word)
}

func shape(tag string) app.HTMLElem { return app.Elem(tag).XMLNS(svg) }
