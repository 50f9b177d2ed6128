//go:build !js

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"

	"tandem/core/gateway"
)

// staticFiles is the folder static with the programs in it. Where this one was
// built without them, as go run does in a fresh clone, they are built here and read
// from the disk. Error: gateway.ErrNoClient, also where there is no source.
func staticFiles() (fs.FS, error) {
	static, err := fs.Sub(assets, "static")
	if err != nil {
		return nil, err
	}
	if _, err := fs.Stat(static, "app.wasm"); !errors.Is(err, fs.ErrNotExist) {
		return static, err
	}
	if _, err := os.Stat("wasm/slim/slim.go"); err != nil {
		return nil, gateway.ErrNoClient
	}
	clients := exec.Command("make", "--no-print-directory", "client")
	clients.Stdout, clients.Stderr = os.Stderr, os.Stderr
	if err := clients.Run(); err != nil {
		return nil, fmt.Errorf("%w: make client: %w", gateway.ErrNoClient, err)
	}
	return os.DirFS("static"), nil
}
