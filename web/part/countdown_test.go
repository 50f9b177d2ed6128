package part

import (
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
)

func TestCountdownShowsSecondsTwice(t *testing.T) {
	c := &Countdown{Deadline: 1000 * core.Second, Caption: "left", now: 1000*core.Second - 552*core.Second}
	got := app.HTMLString(c.Render())
	for _, want := range []string{">9:12<", `stroke-dasharray="552 600"`, `pathLength="600"`, `role="timer"`, ">left<"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
}
