// Package view turns snapshots of the client into what a page shows: sentences,
// rows, times, the page itself. Its functions are pure: no engine, no browser, no
// clock of their own. Words that people read stand here and in the pages, nowhere
// else.
package view

// Where the static files are served. The site shell links the stylesheets in
// this order; the pages take icons from Icons by <use>.
const (
	Tokens       = "/web/tokens.css" // colours, type, space; before Style
	Style        = "/web/app.css"
	Icons        = "/web/icons.svg"
	Icon         = "/web/icon.svg"
	Icon192      = "/web/icon-192.png"
	Icon512      = "/web/icon-512.png"
	MaskableIcon = "/web/icon-maskable-192.png"
	Maskable512  = "/web/icon-maskable-512.png"
)

// What the browser's frame shows around the page: the colours of --bg.
const (
	ThemeLight = "#ffffff"
	ThemeDark  = "#101416"
)
