package web

import (
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core/client"
	"tandem/web/view"
)

// The demo is not offered in the demo, and its devices have neither a disk of their
// own nor a bell.
func TestAFrameOffersWhatADeviceOfTheDemoHas(t *testing.T) {
	for _, tt := range []struct {
		snap  client.Snapshot
		place string
		lacks []string
	}{
		{client.Snapshot{Phase: client.Welcome}, view.AtStart, []string{"Try the demo (nothing leaves this tab)"}},
		{mainSnap(nil), view.AtSettings, []string{"Storage", "Notifications"}},
	} {
		names := func(r *root) string {
			r.OnInit()
			r.wide, r.place = false, tt.place
			return strings.Join(buttonNames(app.HTMLString(r.Render())), "|")
		}
		f := NewFrame(&twin{snap: tt.snap}, nil)
		f.root.trail.moved = func(string) {} // as once it is mounted
		tab, frame := names(&root{engine: &twin{snap: tt.snap}}), names(f.root)
		for _, l := range tt.lacks {
			if !strings.Contains(tab, l) || strings.Contains(frame, l) {
				t.Errorf("%q: in a tab %q, in a frame %q", l, tab, frame)
			}
			tab = strings.Replace(tab, "|"+l, "", 1)
		}
		if tab != frame || f.Place() != tt.place {
			t.Errorf("in a tab %q, in a frame %q", tab, frame)
		}
	}
}
