//go:build !js

package gateway

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// loaderFile is the script of go-app that fetches and starts the client.
const loaderFile = "app.js"

// ErrLoader: go-app's loader has changed; Loader must learn how.
var ErrLoader = errors.New("gateway: the loader does not fetch the client as expected")

// chunked is how go-app's loader fetches the client: through a stream of its
// own, which counts per cent.
var chunked = regexp.MustCompile(`fetchWithProgress\(("[^"]+"), showProgress\)`)

// Two lines of go-app's loader: the last thing that it does when it cannot start
// the client, and the one by which it looks for newer versions itself, and takes
// the first for one.
var (
	unloaded = []byte(`console.error("loading wasm failed: ", err);`)
	notices  = []byte("goappSetupNotifyUpdate(registration);")
)

// Loader puts page, the script of what stands around the client, before the
// loader in dir, and makes the loader fetch the client by it.
//
// The client goes from the network straight to the compiler then. go-app's
// counting stream brings each chunk over the page's only thread, and a browser
// keeps compiled code only of what came from the network itself. Errors:
// ErrLoader, those of files.
func Loader(dir string, page []byte) error {
	name := filepath.Join(dir, loaderFile)
	script, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("gateway: loader: %w", err)
	}
	if len(chunked.FindAll(script, -1)) != 1 || bytes.Count(script, unloaded) != 1 || bytes.Count(script, notices) != 1 {
		return ErrLoader
	}
	script = chunked.ReplaceAll(script, []byte("tandem.load($1)"))
	script = bytes.Replace(script, unloaded, append(bytes.Clone(unloaded), " tandem.failed();"...), 1)
	script = bytes.Replace(script, notices, nil, 1)
	return os.WriteFile(name, append(bytes.Clone(page), script...), 0o644)
}
