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

// chunked is how go-app's loader fetches and compiles the client: through a stream
// of its own, which counts per cent.
var chunked = regexp.MustCompile(`instantiateStreaming\(\s*fetchWithProgress\("[^"]+", showProgress\),\s*go\.importObject\s*\)`)

// Three lines of go-app's loader: the last thing that it does when it cannot start
// the client; the one by which it looks for newer versions itself, and takes the
// first for one; and the first of all, by which a worker fetches all files while the
// client starts.
var (
	unloaded = []byte(`console.error("loading wasm failed: ", err);`)
	notices  = []byte("goappSetupNotifyUpdate(registration);")
	works    = []byte("goappInitServiceWorker();")
)

// Loader puts page, the script of what stands around the client, before the
// loader in dir, and makes the loader start the client by it. In the head of the
// page beside it, what we wrote comes before what go-app did.
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
	if len(chunked.FindAll(script, -1)) != 1 || bytes.Count(script, unloaded) != 1 || bytes.Count(script, notices) != 1 || bytes.Count(script, works) != 1 {
		return ErrLoader
	}
	script = chunked.ReplaceAll(script, []byte("tandem.start(go.importObject)"))
	script = bytes.Replace(script, unloaded, append(bytes.Clone(unloaded), " tandem.failed();"...), 1)
	script = bytes.Replace(script, notices, nil, 1)
	script = bytes.Replace(script, works, []byte("tandem.calm.then(goappInitServiceWorker);"), 1)
	if err := os.WriteFile(name, append(bytes.Clone(page), script...), 0o644); err != nil {
		return err
	}
	return foremost(filepath.Join(dir, "index.html"))
}

// head is the head of go-app's page: its first element, what it makes of its own,
// and what it was given.
var head = regexp.MustCompile(`(?s)(<meta charset="UTF-8">)(.*<script[^>]* src="/app\.js"[^>]*></script>)(.*)(\s*</head>)`)

// foremost puts what go-app was given for the head in front of its own: a policy
// holds for what comes after it, what is fetched ahead is so before all else, and a
// script after style sheets waits for them.
func foremost(name string) error {
	page, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("gateway: loader: %w", err)
	}
	if !head.Match(page) {
		return ErrLoader
	}
	return os.WriteFile(name, head.ReplaceAll(page, []byte("$1$3$2$4")), 0o644)
}
