//go:build !js

package gateway

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// loaderFile is the script of go-app that fetches and starts the client.
const loaderFile = "app.js"

// ErrLoader: go-app's loader has changed; DirectLoader must learn how.
var ErrLoader = errors.New("gateway: the loader does not fetch the client as expected")

// chunked is how go-app's loader fetches the client: through a stream of its
// own, which counts per cent.
var chunked = regexp.MustCompile(`fetchWithProgress\(("[^"]+"), showProgress\)`)

// DirectLoader changes the loader in dir so that the client goes from the
// network straight to the compiler. The counting stream brings each chunk over
// the page's only thread, and a browser keeps compiled code only of what came
// from the network itself. Errors: ErrLoader, those of files.
func DirectLoader(dir string) error {
	name := filepath.Join(dir, loaderFile)
	script, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("gateway: loader: %w", err)
	}
	if len(chunked.FindAll(script, -1)) != 1 {
		return ErrLoader
	}
	return os.WriteFile(name, chunked.ReplaceAll(script, []byte("fetch($1)")), 0o644)
}
