package courier

import (
	"slices"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/testnet"
)

// hopOf is a node of the path that is shown.
func (w *world) hopOf(ed core.EdKey) (Hop, bool) {
	path := w.c.Status().Path
	i := slices.IndexFunc(path, func(h Hop) bool { return h.Ed == ed })
	if i < 0 {
		return Hop{}, false
	}
	return path[i], true
}

func TestHopsHaveAnAge(t *testing.T) {
	story(t, testnet.Options{}, nil, func(w *world) {
		d := identity.NewDevice()
		w.works(d, "first")
		begun := core.Millis(time.Now().UnixMilli())
		guard := w.c.Status().Path[0]
		if guard.IP == "" || guard.Since > begun || guard.Worked != guard.Since {
			t.Errorf("after the first answer: %+v", guard)
		}
		kept := true // since the first request; a node may go, and come back as another hop
		for i := range 40 {
			w.passes(time.Minute)
			w.works(d, string(rune('a'+i)))
			s := w.c.Status()
			for _, h := range s.Path {
				if h.Worked != s.LastSuccess || h.Since > h.Worked {
					t.Fatalf("%+v, last answer %d", h, s.LastSuccess)
				}
			}
			if _, ok := w.hopOf(guard.Ed); !ok {
				kept = false
			}
		}
		if h, ok := w.hopOf(guard.Ed); ok && kept && h.Since != guard.Since {
			t.Errorf("a guard that was kept is of %d, was of %d", h.Since, guard.Since)
		}
		if n := len(w.c.walks); n > maxWalks {
			t.Errorf("%d nodes are remembered", n)
		}
		if s := w.c.Status(); s.Nodes != testnet.DefaultNodes || !s.Synced {
			t.Errorf("%d nodes, synced %v", s.Nodes, s.Synced)
		}
	})
}

func TestRebuild(t *testing.T) {
	story(t, testnet.Options{}, nil, func(w *world) {
		d := identity.NewDevice()
		w.works(d, "by the old path")
		old, saved := w.guards(), w.saved
		w.c.Rebuild()
		if w.c.Status().Path != nil {
			t.Error("a path that is gone is shown")
		}
		if slices.Equal(saved, w.saved) {
			t.Error("a restart would bring the old guards back")
		}
		w.works(d, "by a new path")
		s := w.c.Status()
		if s.Link != Online || len(s.Path) != 3 || slices.Contains(old, s.Path[0].Ed) {
			t.Errorf("after Rebuild: %+v", s)
		}
	})
}

// A request that was under way when the paths were dropped ends well, and its
// path is not shown.
func TestRebuildUnderWay(t *testing.T) {
	story(t, testnet.Options{}, nil, func(w *world) {
		d := identity.NewDevice()
		w.works(d, "before")
		w.bridge.rebuild = w.c.Rebuild
		if _, err := w.read(inbox(d), d, false); err != nil {
			t.Fatal(err)
		}
		if s := w.c.Status(); s.Path != nil || s.Link != Online {
			t.Errorf("%+v", s)
		}
	})
}
