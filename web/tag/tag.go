// Package tag names the elements that pages are made of. All are go-app's one
// generic element: each of go-app's own types, one for a tag, brings some sixty
// methods of its own into the client, and the thirty tags of these pages would
// weigh more than the pages. Attributes that only one tag has are set by Attr.
package tag

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// A is a link.
func A() app.HTMLElem { return app.Elem("a") }

// Article stands for itself.
func Article() app.HTMLElem { return app.Elem("article") }

// Aside is beside the matter.
func Aside() app.HTMLElem { return app.Elem("aside") }

// B stands out in a line.
func B() app.HTMLElem { return app.Elem("b") }

// Dd tells about a Dt.
func Dd() app.HTMLElem { return app.Elem("dd") }

// Details shows more when it is opened.
func Details() app.HTMLElem { return app.Elem("details") }

// Dialog is closed until showModal.
func Dialog() app.HTMLElem { return app.Elem("dialog") }

// Div groups what belongs together.
func Div() app.HTMLElem { return app.Elem("div") }

// Dl is a list of pairs.
func Dl() app.HTMLElem { return app.Elem("dl") }

// Dt is what a Dd tells.
func Dt() app.HTMLElem { return app.Elem("dt") }

// FieldSet is one question with several answers.
func FieldSet() app.HTMLElem { return app.Elem("fieldset") }

// Form is sent by Enter, which submit hears. It is like In: each page with a box has one.
func Form(class string, submit app.EventHandler, in ...app.UI) app.UI {
	return app.Elem("form").Class(class).OnSubmit(submit).Body(in...)
}

// H1 is the heading of the page.
func H1() app.HTMLElem { return app.Elem("h1") }

// H2 heads a part of it, or a dialog.
func H2() app.HTMLElem { return app.Elem("h2") }

// H3 heads a part of a dialog.
func H3() app.HTMLElem { return app.Elem("h3") }

// Header heads a part of a page.
func Header() app.HTMLElem { return app.Elem("header") }

// Label names the box whose id its "for" holds.
func Label() app.HTMLElem { return app.Elem("label") }

// Legend names a FieldSet.
func Legend() app.HTMLElem { return app.Elem("legend") }

// Li is an item of a list.
func Li() app.HTMLElem { return app.Elem("li") }

// Main is what the page is about; there is one.
func Main() app.HTMLElem { return app.Elem("main") }

// Nav leads to other pages.
func Nav() app.HTMLElem { return app.Elem("nav") }

// Ol is a list in order.
func Ol() app.HTMLElem { return app.Elem("ol") }

// Option is a line of a Select.
func Option() app.HTMLElem { return app.Elem("option") }

// P is a paragraph.
func P() app.HTMLElem { return app.Elem("p") }

// Progress is a bar.
func Progress() app.HTMLElem { return app.Elem("progress") }

// Section is a part of a page.
func Section() app.HTMLElem { return app.Elem("section") }

// Select is a list to choose from.
func Select() app.HTMLElem { return app.Elem("select") }

// Span is a part of a line.
func Span() app.HTMLElem { return app.Elem("span") }

// Summary opens its Details.
func Summary() app.HTMLElem { return app.Elem("summary") }

// Textarea is a box of several lines.
func Textarea() app.HTMLElem { return app.Elem("textarea") }

// Time is a moment; "datetime" holds it for machines.
func Time() app.HTMLElem { return app.Elem("time") }

// Ul is a list.
func Ul() app.HTMLElem { return app.Elem("ul") }

// Video shows the camera.
func Video() app.HTMLElem { return app.Elem("video") }

// Button is pressed, and does not send a form.
func Button() app.HTMLElem { return app.Elem("button").Attr("type", "button") }

// Submit is the button that sends the form around it.
func Submit() app.HTMLElem { return app.Elem("button").Attr("type", "submit") }

// Input is a box of one line, or what else kind makes of it.
func Input(kind string) app.HTMLElem { return app.Elem("input").Attr("type", kind) }
