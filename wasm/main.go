//go:build js && wasm

// Command wasm is the client: what runs in the tab. It only wires: the loop of
// core/client to this browser's storage, locks and fetch, and to the pages.
package main

import (
	"context"
	"errors"
	"runtime"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core/client"
	"tandem/core/client/mirror"
	"tandem/core/store"
	"tandem/wasm/fetch"
	"tandem/wasm/host"
	"tandem/wasm/idb"
	"tandem/wasm/scan"
	"tandem/wasm/tabs"
	"tandem/web"
	"tandem/web/view"
)

// database is the name of the one database, and of the writer's lock: there is
// one account per origin.
const database = "tandem"

// attention is how often the loop is told that somebody uses the page; it locks
// itself after minutes.
const attention = 2 * time.Second

// firstWithin is how long a storage that does not answer keeps the page from
// being drawn.
const firstWithin = 500 * time.Millisecond

func main() {
	var tab *mirror.Tab
	unseen := func() bool { return tabs.Hidden() && !tab.Looked() }
	c := client.New(client.Config{
		Lock:        lock,
		Open:        open,
		Wipe:        wipe,
		NetworkFile: func(ctx context.Context) ([]byte, error) { return file(ctx, "network.json") },
		NodesFile:   file,
		Transport:   fetch.Transport{},
		Hidden:      unseen,
		Facts:       tabs.Facts(),
		Idle:        tabs.Idle,
	})
	browser := host.Host{Unseen: unseen}
	tab = join(c, browser.Fresh())
	go c.Run(context.Background())
	runtime.Gosched() // it asks for the lock first: the browser answers while the rest begins
	go tab.Run(context.Background())
	tabs.OnActivity(attention, tab.Active)
	tabs.OnVisibility(func(bool) { tab.Shown() })
	web.Routes(tab, scan.Reader{}, browser)
	awaitFirst(tab)
	app.RunWhenOnBrowser()
}

// awaitFirst waits until it is known what to draw. Until then the shell says that
// it loads; to draw the same once more would take longer than to find out.
func awaitFirst(tab *mirror.Tab) {
	told := make(chan struct{}, 1)
	stop := tab.Watch(func() {
		select {
		case told <- struct{}{}:
		default:
		}
	})
	defer stop()
	late := time.After(firstWithin)
	for tab.Snapshot().Phase == client.Starting {
		select {
		case <-told:
		case <-late:
			return
		}
	}
}

// join makes this tab one of the tabs of the origin that run the same version.
// Without a channel it is alone.
func join(c *client.Client, fresh bool) *mirror.Tab {
	var channel *tabs.Channel
	tab := mirror.New(mirror.Config{
		Device: c,
		Post: func(text string) {
			if channel != nil {
				channel.Post(text)
			}
		},
		Hidden:   tabs.Hidden,
		Fresh:    fresh,
		Refusals: view.Refusals(),
	})
	channel, _ = tabs.NewChannel(database+" "+app.Getenv("GOAPP_VERSION"), tab.Hear) // nil where there is none
	return tab
}

// lock makes this tab the only writer of the origin.
func lock(ctx context.Context, waiting func()) (func(), error) {
	release, err := tabs.TryAcquire(ctx, database)
	if err != nil || release != nil {
		return release, err
	}
	waiting()
	return tabs.Acquire(ctx, database)
}

func open(ctx context.Context) (store.KV, store.Keeper, error) {
	db, err := idb.Open(ctx, database)
	if err != nil {
		return nil, nil, err
	}
	return db, keeper{db}, nil
}

// keeper makes the wrapping key when it is first used, so that a device without
// an account keeps nothing at all.
type keeper struct{ db *idb.DB }

// Wrap is store.Keeper's. A store wraps its key before it keeps anything.
func (k keeper) Wrap(ctx context.Context, secret []byte) ([]byte, error) {
	host.Host{}.Kept()
	key, err := k.db.Keeper(ctx)
	if err != nil {
		return nil, err
	}
	return key.Wrap(ctx, secret)
}

// Unwrap is store.Keeper's.
func (k keeper) Unwrap(ctx context.Context, wrapped []byte) ([]byte, error) {
	key, err := k.db.Keeper(ctx)
	if err != nil {
		return nil, err
	}
	return key.Unwrap(ctx, wrapped)
}

func wipe(ctx context.Context) error {
	return errors.Join(idb.Destroy(ctx, database), tabs.Wipe())
}

// errNoFile: the server answered, but not with the file.
var errNoFile = errors.New("no such file on this site")

// file brings a file of the site's root.
func file(ctx context.Context, name string) ([]byte, error) {
	status, body, err := fetch.Get(ctx, "/"+name)
	if err != nil {
		return nil, err
	}
	if status != 200 {
		return nil, errNoFile
	}
	return body, nil
}
