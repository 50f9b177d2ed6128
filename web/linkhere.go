package web

import (
	"context"
	"errors"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// Intake is how a key or a code comes into its box other than by typing. What a
// browser lacks is not offered. Errors: those of web/view.
type Intake interface {
	// Ways says what this browser has. It may ask the browser and take a moment.
	Ways() view.Ways
	// Clipboard is the text that was copied.
	Clipboard(ctx context.Context) (string, error)
	// Picture reads the QR code in the file that was chosen in the file box with
	// this id.
	Picture(ctx context.Context, box string) (string, error)
	// Camera shows the camera in the video with this id until it sees a QR code,
	// or ctx ends.
	Camera(ctx context.Context, video string) (string, error)
}

// Ids of what Intake reads from.
const (
	pictureID = "qr-picture"
	cameraID  = "qr-camera"
	linkID    = "link-button"
)

// linkHere asks a fresh device whose account it is to join.
type linkHere struct {
	app.Compo

	doer
	engine client.Engine
	intake Intake
	trail  *trail
	typed  string
	ways   view.Ways
	said   string // how a code came into the box
	stop   context.CancelFunc
}

// OnMount asks what this browser can read.
func (p *linkHere) OnMount(ctx app.Context) {
	p.doer.OnMount(ctx)
	ctx.Async(func() {
		ways := p.intake.Ways()
		ctx.Dispatch(func(app.Context) { p.ways = ways })
	})
}

// OnDismount ends the camera.
func (p *linkHere) OnDismount() { p.stopCamera() }

func (p *linkHere) Render() app.UI {
	return wizard(
		stepBar(0, func(app.Context, app.Event) { p.trail.Back(view.AtStart) }),
		stepHead("", "Link this device", "On your primary device, copy your public key or the link code and paste it here."),
		tag.Form("form", p.submit,
			part.Box{
				ID: part.FirstID, Label: "Public key of your primary device", Lines: 3, Class: "input-key", Complete: "off",
				Hint:  "66 characters that start with 05, or a code that starts with tandem-link:",
				Error: view.TargetSentence(p.err, p.typed), Invalid: view.Mistyped(p.err),
				OnInput: p.input, OnEnter: p.submit,
			}.Draw(),
			p.waysIn(),
			p.film(),
			part.Say(p.said),
			part.Primary("Link").ID(linkID),
		),
	)
}

// waysIn are buttons that fill the box.
func (p *linkHere) waysIn() app.UI {
	if p.ways == (view.Ways{}) {
		return tag.Span()
	}
	return tag.In("div actions",
		tag.When(p.ways.Clipboard, part.IconNameButton("copy", "Paste", "btn-small", p.paste)),
		tag.When(p.ways.Picture, part.IconNameButton("browser", "Read a picture of the QR code", "btn-small", p.choosePicture)),
		tag.Input("file").ID(pictureID).Attr("accept", "image/*").Hidden(true).OnChange(p.picture),
		// Last: it goes while the camera is on, and nothing may move under the finger.
		tag.When(p.ways.Camera && p.stop == nil, part.IconNameButton("qr", "Scan QR code", "btn-small", p.scan)),
	)
}

// film is the camera's picture, while it looks for a code.
func (p *linkHere) film() app.UI {
	if p.stop == nil {
		return tag.Span()
	}
	return tag.Section().Class("field").Aria("label", "Camera").Body(
		tag.Video().ID(cameraID).Class("camera").Attr("muted", true).Attr("playsinline", "").Aria("label", "What the camera sees"),
		tag.In("div actions spread",
			tag.Told("p hint", "Hold the QR code of the other screen in front of the camera."),
			part.Button("Stop the camera", "btn-small", p.unscan),
		),
	)
}

func (p *linkHere) input(ctx app.Context, _ app.Event) {
	p.typed, p.err, p.said = part.Typed(ctx), nil, ""
}

func (p *linkHere) submit(_ app.Context, e app.Event) {
	e.PreventDefault()
	p.stopCamera()
	target, err := view.ReadTarget(p.typed)
	p.do(func() error {
		if err != nil {
			return err
		}
		return p.engine.Join(target)
	}, p.refused)
}

func (p *linkHere) paste(app.Context, app.Event) {
	p.take(func() (string, error) { return p.intake.Clipboard(context.Background()) }, "Pasted.")
}

func (p *linkHere) choosePicture(app.Context, app.Event) {
	part.Find(p.JSValue(), pictureID).Call("click")
}

func (p *linkHere) picture(app.Context, app.Event) {
	p.take(p.code(func() (string, error) { return p.intake.Picture(context.Background(), pictureID) }), "The QR code was read.")
}

func (p *linkHere) scan(app.Context, app.Event) {
	ctx, stop := context.WithCancel(context.Background())
	p.stop, p.err, p.said = stop, nil, ""
	// The video is in the page after the coming redraw.
	p.ctx.Defer(func(app.Context) {
		p.take(p.code(func() (string, error) { return p.intake.Camera(ctx, cameraID) }), "The QR code was read.")
	})
}

func (p *linkHere) unscan(app.Context, app.Event) {
	p.stopCamera()
	part.FocusOn(p.ctx, part.FirstID)
}

func (p *linkHere) stopCamera() {
	if p.stop != nil {
		p.stop()
		p.stop = nil
	}
}

// code refuses what a QR code may hold besides a key or a link code.
func (p *linkHere) code(read func() (string, error)) func() (string, error) {
	return func() (string, error) {
		text, err := read()
		if err != nil {
			return "", err
		}
		if _, err := view.ReadTarget(text); err != nil {
			return "", view.ErrOtherCode
		}
		return text, nil
	}
}

// take fills the box and leads to Link; a person presses that. The camera may
// take its time, and keeps nothing else from being pressed.
func (p *linkHere) take(read func() (string, error), said string) {
	ctx := p.ctx
	ctx.Async(func() {
		text, err := read()
		ctx.Dispatch(func(app.Context) {
			if errors.Is(err, context.Canceled) {
				return
			}
			p.stopCamera()
			if p.err = err; err != nil {
				return
			}
			p.typed, p.said = text, said
			part.Fill(p.JSValue(), part.FirstID, text)
			part.FocusOn(ctx, linkID)
		})
	})
}
