//go:build js && wasm

// Command wasm is the client: what runs in the tab. It only wires: the loop of
// core/client to this browser's storage, locks and fetch, and to the pages.
package main

import (
	"context"
	"errors"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core/client"
	"tandem/core/store"
	"tandem/wasm/fetch"
	"tandem/wasm/idb"
	"tandem/wasm/scan"
	"tandem/wasm/tabs"
	"tandem/web"
)

// database is the name of the one database, and of the writer's lock: there is
// one account per origin.
const database = "tandem"

// attention is how often the loop is told that somebody uses the page; it locks
// itself after minutes.
const attention = 2 * time.Second

func main() {
	c := client.New(client.Config{
		Lock:        lock,
		Open:        open,
		Wipe:        wipe,
		NetworkFile: func(ctx context.Context) ([]byte, error) { return file(ctx, "network.json") },
		NodesFile:   file,
		Transport:   fetch.Transport{},
		Hidden:      tabs.Hidden,
		Facts:       tabs.Facts(),
		Idle:        tabs.Idle,
	})
	go c.Run(context.Background())
	tabs.OnActivity(attention, c.Active)
	web.Routes(c, scan.Reader{})
	app.RunWhenOnBrowser()
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

// Wrap is store.Keeper's.
func (k keeper) Wrap(ctx context.Context, secret []byte) ([]byte, error) {
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
