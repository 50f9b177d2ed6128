package view

// Where the static files are served. The site shell links the stylesheets in
// this order; the pages take icons from Icons by <use>.
const (
	Tokens          = "/web/tokens.css" // colours, type, space; before Style
	Style           = "/web/app.css"
	Icons           = "/web/icons.svg"
	Icon            = "/web/icon.svg"
	Icon192         = "/web/icon-192.png"
	Icon512         = "/web/icon-512.png"
	MaskableIcon192 = "/web/icon-maskable-192.png"
	MaskableIcon512 = "/web/icon-maskable-512.png"
)

// What the browser's frame shows around the page: the colours of --bg.
const (
	ThemeLight = "#ffffff"
	ThemeDark  = "#101416"
)
