package interop

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"go.mau.fi/libsignal/logger"

	"tandem/core/ratchet"
)

const (
	conversations = 1000
	steps         = 24
	// patience is how many letters may overtake the oldest. Both sides keep
	// five receiving chains, and each letter that is opened can begin one.
	patience = 3
)

// letter is a message on its way.
type letter struct {
	text string
	kind ratchet.Kind
	body []byte
}

// device is one of the two implementations.
type device interface {
	bundle(oneTime bool) ratchet.Bundle
	begin(ratchet.Bundle)
	ready() bool
	write(text string) letter
	opens(letter)
	drops(letter)
}

// tally says what happened, so that empty conversations are noticed.
type tally struct{ opened, early, lost, again, renewed int }

// TestConversations: two implementations talk on a bad network. Every letter
// that arrives opens once, whoever began.
func TestConversations(t *testing.T) {
	done := make(chan tally, conversations)
	t.Run("all", func(t *testing.T) {
		for seed := range uint64(conversations) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				done <- converse(t, rand.New(rand.NewPCG(seed, 1)), int(seed%2))
			})
		}
	})
	close(done)
	var sum tally
	for one := range done {
		sum.opened += one.opened
		sum.early += one.early
		sum.lost += one.lost
		sum.again += one.again
		sum.renewed += one.renewed
	}
	t.Logf("%+v", sum)
	if min(sum.opened, sum.early, sum.lost, sum.again, sum.renewed) < conversations/4 {
		t.Errorf("too little happened: %+v", sum)
	}
}

// TestMain takes the library's logger out: it is a variable that the first
// message sets, which parallel tests may not do.
func TestMain(m *testing.M) {
	var l logger.Loggable = silence{}
	logger.Setup(&l)
	m.Run()
}

type silence struct{}

func (silence) Debug(string, string)   {}
func (silence) Info(string, string)    {}
func (silence) Warning(string, string) {}
func (silence) Error(string, string)   {}
func (silence) Configure(string)       {}

// converse plays one conversation, which the device number first begins.
func converse(t *testing.T, r *rand.Rand, first int) tally {
	devices := [2]device{newOurs(t), newStranger(t)}
	var (
		sum   tally
		posts [2]post
	)
	devices[first].begin(devices[1-first].bundle(r.IntN(2) == 0))
	for step := range steps {
		me := r.IntN(2)
		self := devices[me]
		switch dice := r.IntN(20); {
		case dice == 0 && posts[0].empty() && posts[1].empty():
			// Settled at once: where the message of an archived session arrives,
			// go.mau.fi/libsignal spoils its newer one.
			self.begin(devices[1-me].bundle(r.IntN(2) == 0))
			exchange(devices[me], devices[1-me])
			sum.renewed++
		case dice == 1 && posts[me].last.body != nil:
			self.drops(posts[me].last)
			sum.again++
		case dice < 11 && self.ready():
			l := self.write(fmt.Sprintf("%d of %d %s", step, me, strings.Repeat("word ", r.IntN(60))))
			if r.IntN(5) == 0 {
				sum.lost++
				continue
			}
			posts[1-me].put(l)
		case !posts[me].empty():
			l, early := posts[me].take(r)
			self.opens(l)
			sum.opened++
			if early {
				sum.early++
			}
		}
	}
	// Whatever is still on its way arrives, in order.
	for me := range devices {
		for !posts[me].empty() {
			l, _ := posts[me].take(nil)
			devices[me].opens(l)
			sum.opened++
		}
	}
	exchange(devices[first], devices[1-first])
	return sum
}

// exchange is a letter and its answer, on a good day.
func exchange(a, b device) {
	b.opens(a.write("well?"))
	a.opens(b.write("well."))
}

// post is what is on its way to one device.
type post struct {
	letters []letter
	waited  int    // how many overtook the oldest
	last    letter // the last that was opened
}

func (p *post) empty() bool { return len(p.letters) == 0 }

func (p *post) put(l letter) { p.letters = append(p.letters, l) }

// take removes a letter, not always the oldest; in order where r is nil.
func (p *post) take(r *rand.Rand) (l letter, early bool) {
	at := 0
	if r != nil && p.waited < patience {
		at = r.IntN(min(3, len(p.letters)))
	}
	p.waited++
	if at == 0 {
		p.waited = 0
	}
	l = p.letters[at]
	p.letters = append(p.letters[:at], p.letters[at+1:]...)
	p.last = l
	return l, at > 0
}
