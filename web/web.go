// Package web is the interface: one file per page, and a root that picks the
// page for the newest snapshot of a client.Engine.
//
// What a page shows is decided by pure functions in web/view; the pieces that
// several pages share are in web/part. Pages hold no account state: they send
// commands to the engine and draw what its next snapshot says.
//
// Places are fragments of the one address "/" (#settings, #devices …), so the
// whole app is one static file and the phone's Back works. The look and the
// markup follow the project's design sheet, in static/tokens.css and app.css.
//
// The package draws with go-app only; it knows neither syscall/js nor the
// network.
package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core/client"
)

// Routes registers the app under "/". Call it before app.RunWhenOnBrowser.
func Routes(e client.Engine, in Intake, host Host) {
	app.Route("/", func() app.Composer { return &root{engine: e, intake: in, host: host} })
}
