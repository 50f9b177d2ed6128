package courier

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/onion"
	"tandem/core/snode"
	"tandem/core/swarm"
)

// An answer of a member of the swarm, sealed as it should be or not, that no
// honest member gives: it is refused, another member is asked in the same call,
// and the liar is left alone from then on. None of it costs much memory.
func TestHostileMember(t *testing.T) {
	owner, other := identity.NewDevice(), identity.NewDevice()
	ok := func(body string) answer {
		return func(_ context.Context, l, _ onion.Layer) []byte { return l.SealReply(200, []byte(body)) }
	}
	for name, a := range map[string]answer{
		"truncated":      ok(`{"messages":[{"hash":"`),
		"no list":        ok(`{"hf":[19,4]}`),
		"forged":         ok(strings.Replace(mail(owner, "hello"), b64("hello"), b64("HELLO"), 1)),
		"foreign":        ok(mail(other, "hello")),
		"twice":          ok(mail(owner, "hello", "hello")),
		"too long":       ok(mail(owner, strings.Repeat("x", snode.MaxData+1))),
		"two MiB":        ok(`{"messages":[` + strings.Repeat(" ", 2<<20) + `]`),
		"deep":           ok(strings.Repeat(`{"messages":[`, 100_000)),
		"many":           ok(`{"messages":[` + strings.Repeat(`{},`, 100_000) + `{}]}`),
		"a swarm of one": func(_ context.Context, l, _ onion.Layer) []byte { return l.SealReply(421, []byte(`{"snodes":[]}`)) },
		"for another hop": func(_ context.Context, _, exit onion.Layer) []byte {
			return exit.SealReply(200, []byte(mail(owner, "hello")))
		},
		"cut": func(_ context.Context, l, _ onion.Layer) []byte {
			return l.SealReply(200, []byte(mail(owner, "hello")))[:40]
		},
		"longer than ever": func(context.Context, onion.Layer, onion.Layer) []byte { return make([]byte, 50<<20) },
		"slow":             func(ctx context.Context, _, _ onion.Layer) []byte { <-ctx.Done(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVillage(t, owner, a)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				began := time.Now()
				for i := range 12 {
					b, err := v.c.Retrieve(context.Background(), RetrieveOrder{Mailbox: inbox(owner), Auth: owner})
					if err != nil || b.Node == v.liar || len(b.Messages) != 1 || string(b.Messages[0].Data) != "hello" {
						t.Fatalf("poll %d: %v, of the liar %v, %d messages", i, err, b.Node == v.liar, len(b.Messages))
					}
				}
				runtime.ReadMemStats(&after)
				if v.asked == 0 || v.asked > 2*attempts {
					t.Errorf("the liar was asked %d times", v.asked)
				}
				if took := time.Since(began); took > 2*time.Minute {
					t.Errorf("it took %v", took)
				}
				if used := after.TotalAlloc - before.TotalAlloc; used > 1<<30 {
					t.Errorf("%d MiB were allocated", used>>20)
				}
			})
		})
	}
}

// answer is the HTTP body of a member, which has its own layer, and for once
// that of the exit before it.
type answer func(ctx context.Context, l, exit onion.Layer) []byte

// village is a network whose keys the test holds: twelve nodes, three of which
// keep the mailbox, one of them a liar.
type village struct {
	owner *identity.Device
	nodes map[core.EdKey]*identity.Device
	liar  core.EdKey
	lies  answer
	asked int // how often the liar was
	c     *Courier
}

func newVillage(t *testing.T, owner *identity.Device, lies answer) *village {
	t.Helper()
	v := &village{owner: owner, nodes: map[core.EdKey]*identity.Device{}, lies: lies}
	file := NetworkFile{Profile: "local", Gateways: []string{"/gateway"}}
	for i := range 12 {
		d := identity.NewDevice()
		v.nodes[d.Ed()] = d
		file.Nodes = append(file.Nodes, snode.Node{Ed: d.Ed(), IP: fmt.Sprintf("10.0.%d.1", i), Port: 22021})
	}
	now := func() core.Millis { return core.Millis(time.Now().UnixMilli()) }
	var err error
	if v.c, err = New(Config{Transport: v, Net: file, LocalNow: now}); err != nil {
		t.Fatal(err)
	}
	if err = v.c.net.LearnSwarm(now(), owner.ID(), file.Nodes[:3]); err != nil {
		t.Fatal(err)
	}
	home, err := v.c.net.Member(owner.ID(), swarm.Home) // whoever is polled first
	if err != nil {
		t.Fatal(err)
	}
	v.liar = home.Ed
	return v
}

// Post is the whole network: each node takes off its layer.
func (v *village) Post(ctx context.Context, url string, body []byte) (int, []byte, error) {
	key, err := hex.DecodeString(strings.Split(url, "/")[2])
	if err != nil {
		return 0, nil, err
	}
	sealed, err := onion.ParseBody(body)
	if err != nil {
		return 0, nil, err
	}
	at, exit := core.EdKey(key), onion.Layer{}
	for {
		l, err := onion.Peel(v.nodes[at], sealed)
		if err != nil {
			return 0, nil, err
		}
		if l.Kind != onion.ToNode {
			return v.serve(ctx, at, l, exit)
		}
		at, sealed, exit = l.To, l.Next, l
	}
}

func (v *village) serve(ctx context.Context, at core.EdKey, l, exit onion.Layer) (int, []byte, error) {
	if !strings.Contains(string(l.Payload), `"retrieve"`) {
		return 200, l.SealReply(200, []byte(fmt.Sprintf(`{"timestamp":%d}`, time.Now().UnixMilli()))), nil
	}
	if at == v.liar {
		v.asked++
		return 200, v.lies(ctx, l, exit), ctx.Err()
	}
	return 200, l.SealReply(200, []byte(mail(v.owner, "hello"))), nil
}

func b64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// mail is the answer of a member that keeps these texts for somebody.
func mail(to *identity.Device, texts ...string) string {
	var all []string
	for _, text := range texts {
		all = append(all, fmt.Sprintf(`{"hash":%q,"timestamp":1,"expiration":2,"data":%q}`, snode.MessageHash(to.ID(), 0, []byte(text)), b64(text)))
	}
	return `{"messages":[` + strings.Join(all, ",") + `],"more":false}`
}
