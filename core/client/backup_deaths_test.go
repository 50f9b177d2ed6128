package client_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/core/client"
	"tandem/core/store"
	"tandem/core/testnet"
)

// A device that dies at a write of an import, before it or right after it, has all
// that is in the file once when the file is given to it again: at each write there
// is.
func TestImportDiesAtEachWrite(t *testing.T) {
	long(t)
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		var notes []string
		for n := range 80 {
			notes = append(notes, fmt.Sprint("note ", n, strings.Repeat(" long", 390)))
			p.must(p.SendNote(notes[n]))
			wait(time.Second)
		}
		s.until("the last note", func(v *client.Snapshot) bool {
			log := v.Logs[v.Account]
			return len(log) > 0 && log[len(log)-1].Body == notes[len(notes)-1]
		})
		s.until("no news", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
		file := s.export()
		s.stop()
		n := open(t, net, "n")
		linkWithoutPast(p, n)
		n.stop()
		p.stop()
		before := copyOf(n)

		deaths := 0
		for at, last := 0, false; !last; at++ {
			last = true
			for _, end := range []fate{diesBefore, diesAfter} {
				before.restore(n)
				n.start()
				n.until("main page", phase(client.Main))
				wait(time.Minute) // what a start writes is written
				n.disk.at(func(c int, _ store.Batch) fate {
					if c == at {
						return end
					}
					return lives
				})
				_, err := n.take(file, filePassphrase)
				n.disk.at(nil)
				if n.disk.died() {
					deaths, last = deaths+1, false
					if err == nil && end == diesBefore {
						t.Errorf("write %d: it died, and says that it has all", at)
					}
					n.reload()
					n.until("main page", phase(client.Main))
					_, err = n.take(file, filePassphrase)
				}
				n.must(err)
				if got := n.stored(); !slices.Equal(got, notes) {
					t.Errorf("write %d, fate %d: %d notes of %d are stored", at, end, len(got), len(notes))
				}
				n.stop()
			}
		}
		if deaths < 4 {
			t.Errorf("%d deaths: an import has more writes than that", deaths)
		}
	})
}
