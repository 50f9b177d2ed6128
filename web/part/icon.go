// Package part holds the pieces that several pages are made of: icons, boxes
// with their errors, the countdown, the three words, the log of a conversation.
// A part knows how something looks and behaves, never what it means for an
// account: it takes plain values and handlers, and what to say comes from
// web/view. Classes and markup follow the design sheet (static/app.css).
//
// # Rules that go-app asks for
//
// Children are compared by index, so a part that may be absent stands in a
// container of its own or last. Styles are classes, because the site's policy
// refuses style attributes. Boxes are never given a value while drawing: what
// a person typed is read from events, and cleared in the document.
package part

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

const (
	svg = "http://www.w3.org/2000/svg"
	// symbols is the file that holds all drawings; the browser keeps it.
	symbols = "/web/icons.svg"
)

// Icon is a drawing beside words that say the same.
func Icon(name string) app.UI { return icon(name, "icon") }

// IconOf is an Icon of another class.
func IconOf(class, name string) app.UI { return icon(name, class) }

// Pointer is an Icon that points to where reading goes, or comes from.
func Pointer(name string) app.UI { return icon(name, "icon icon-flip") }

// Sign is an icon that stands alone and says its word to those who cannot see.
func Sign(name, word string) app.UI {
	return drawing("icon", "i-"+name).Attr("role", "img").Attr("aria-label", word)
}

// Mark is the product's mark; size is a class of app.css.
func Mark(size string) app.UI {
	return drawing("mark "+size, "mark").Attr("aria-hidden", "true")
}

func icon(name, class string) app.UI {
	return drawing(class, "i-"+name).Attr("aria-hidden", "true")
}

func drawing(class, symbol string) app.HTMLElem {
	return app.Elem("svg").XMLNS(svg).Class(class).Body(
		app.Elem("use").XMLNS(svg).Attr("href", symbols+"#"+symbol),
	)
}
