package part

import (
	"fmt"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/web/tag"
	"tandem/web/view"
)

// QR draws a QR code, dark on light in every theme: readers take no other. Its
// text stands beside it, so it is one picture with a name.
func QR(qr view.QR, name string) app.UI {
	return tag.In("div qr",
		shape("svg").Attr("viewBox", fmt.Sprintf("0 0 %d %d", qr.Size, qr.Size)).Attr("role", "img").Attr("aria-label", name).
			Body(shape("path").Attr("d", qr.Path)),
	)
}
