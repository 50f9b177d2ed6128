//go:build js && wasm

// Command hello is the smallest go-app program with something to press. The
// cold start of the client is measured against it, in the same run.
package main

import "github.com/maxence-charriere/go-app/v10/pkg/app"

type hello struct{ app.Compo }

// Render is app.Composer's.
func (*hello) Render() app.UI { return app.Button().Text("Hello") }

func main() {
	app.Route("/", func() app.Composer { return &hello{} })
	app.RunWhenOnBrowser()
}
