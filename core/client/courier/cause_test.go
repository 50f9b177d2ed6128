package courier

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"tandem/core/snode"
	"tandem/core/swarm"
)

// Every failure has one sentence, without names, addresses and jargon.
func TestSentences(t *testing.T) {
	direct := &Courier{}
	bridged := &Courier{cfg: Config{Net: NetworkFile{Gateways: []string{"/gateway"}}}}
	seen := map[string]bool{}
	for _, err := range []error{
		context.Canceled, context.DeadlineExceeded, ErrTooLarge, ErrNoAnswer, errGuard, errPath,
		snode.ErrClock, snode.ErrAuth, snode.ErrRateLimit, snode.ErrNotStored, snode.ErrTTL, snode.ErrRequest, snode.ErrServer,
		snode.ErrGarbage, snode.ErrTimeout, snode.ErrUnreadable, ErrServerDown, ErrServerKey, ErrServerReply, snode.ErrFirstRefused, &snode.WrongSwarm{}, &snode.NodeUnknown{}, &snode.NotReady{},
		swarm.ErrNoPath, swarm.ErrNoMember, errors.Join(errUnsettled, ErrNoAnswer), errors.New("something new"),
	} {
		for _, c := range []*Courier{direct, bridged} {
			wrapped := c.fail("store", fmt.Errorf("attempt: %w", err))
			var e *Error
			if !errors.As(wrapped, &e) || !errors.Is(wrapped, err) {
				t.Fatalf("%v is lost", err)
			}
			s := e.Cause
			seen[s] = true
			if !strings.HasSuffix(s, ".") || strings.Count(s, ".") != 1 || strings.ContainsAny(s, ":_/0123456789") || len(s) > 70 {
				t.Errorf("%v: %q is no sentence for people", err, s)
			}
		}
	}
	if len(seen) < 12 {
		t.Errorf("only %d different sentences", len(seen))
	}
	if direct.fail("store", nil) != nil {
		t.Error("no error became one")
	}
}
