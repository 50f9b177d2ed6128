//go:build js && wasm

// Command wasm is the client: what runs in the tab. It only wires.
package main

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// opening is all there is to see until the pages are wired in.
type opening struct{ app.Compo }

func (*opening) Render() app.UI {
	return app.Main().Body(app.H1().Text("Tandem"), app.P().Text("The client runs."))
}

func main() {
	app.Route("/", func() app.Composer { return &opening{} })
	app.RunWhenOnBrowser()
}
