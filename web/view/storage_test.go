package view

import (
	"strings"
	"testing"

	"tandem/core"
	"tandem/core/client"
)

func TestClearWarningKnowsTheRole(t *testing.T) {
	p, s := ClearWarning(&client.Snapshot{Role: core.Primary}), ClearWarning(&client.Snapshot{Role: core.Secondary})
	if !strings.Contains(p, "13 words") || strings.Contains(s, "13 words") {
		t.Errorf("%q\n%q", p, s)
	}
}
