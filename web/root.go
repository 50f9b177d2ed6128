package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core/client"
)

// root is the only component that listens to the engine.
type root struct {
	app.Compo

	engine client.Engine
}
