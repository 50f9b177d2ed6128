//go:build !js

package story

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client/courier"
	"tandem/core/devices"
	"tandem/core/identity"
)

// leaveOut signs a list of an account that names its primary alone, as one with
// the words can, and puts it into the account's outbox.
func (p *place) leaveOut(t *testing.T, who member) {
	t.Helper()
	root, err := identity.RootFromWords(strings.Join(who.seed, " "))
	if err != nil {
		t.Fatal(err)
	}
	file, err := courier.ParseNetworkFile(p.network.NetworkFile("local", "/gateway"))
	if err != nil {
		t.Fatal(err)
	}
	now := func() core.Millis { return core.Millis(time.Now().UnixMilli()) }
	net, err := courier.New(courier.Config{Transport: p.network.Transport(), Net: file, LocalNow: now})
	if err != nil {
		t.Fatal(err)
	}
	ctx, account := context.Background(), root.Account()
	box := core.Mailbox{Owner: account.ID(), Namespace: core.Outbox}
	batch, err := net.Retrieve(ctx, courier.RetrieveOrder{Mailbox: box})
	if err != nil || len(batch.Messages) == 0 {
		t.Fatalf("the outbox holds %d messages: %v", len(batch.Messages), err)
	}
	signed, err := root.ReadingKey().Open(batch.Messages[len(batch.Messages)-1].Data)
	if err != nil {
		t.Fatal(err)
	}
	list, err := devices.Parse(signed, account.ID())
	if err != nil {
		t.Fatal(err)
	}
	list.Devices = slices.DeleteFunc(slices.Clone(list.Devices), func(e devices.Entry) bool { return e.Role == core.Secondary })
	list.Epoch = max(list.Epoch+1, uint64(now()))
	if signed, err = devices.Sign(now(), list, root.ListKey(), account); err != nil {
		t.Fatal(err)
	}
	if _, err := net.Store(ctx, courier.StoreOrder{
		Mailbox: box, Data: root.ReadingKey().Seal(signed), TTL: core.Day, Auth: account,
	}); err != nil {
		t.Fatal(err)
	}
}

// absent: a device that the list does not name any more says so, keeps what it
// has, and is added again when it asks.
func absent(t *testing.T, place *place, primary, secondary *page, who member, notes ...string) {
	t.Helper()
	place.leaveOut(t, who)
	primary.reload()
	primary.lists(1)
	secondary.reload()
	secondary.until(`says('does not name this one')`)
	shows(secondary, notes...)
	secondary.look("absent")
	secondary.press("Ask to be added")
	secondary.until(`says(` + quote(waiting) + `)`)
	primary.press("Link Device")
	primary.until(`document.querySelector('dialog[open] [role=timer]')`)
	compare(primary, secondary)
	primary.press("Authorise")
	secondary.press("Finish")
	secondary.until(`news().includes(` + quote(success) + `)`)
	primary.until(`!document.querySelector('dialog[open]')`)
	primary.lists(2)
	shows(secondary, notes...)
	write(secondary, "added again")
	shows(primary, append(notes, "added again")...)
}
