//go:build !js

package main

import (
	"os"
	"path/filepath"
	"strings"

	"tandem/core/gateway"
)

// installDir holds what only a browser that installs the app asks for: it is
// published at the root of the site, and no worker keeps it.
const installDir = "static/install"

// manifestFile says what is installed. go-app's own has no shortcuts and no
// pictures, and this one takes its place.
const manifestFile = "manifest.webmanifest"

// writeManifest writes the files of installDir into the site. The manifest names
// icons by the marks of their content, as the page does.
func writeManifest(s gateway.Shell) error {
	entries, err := assets.ReadDir(installDir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		content, err := assets.ReadFile(installDir + "/" + e.Name())
		if err != nil {
			return err
		}
		if e.Name() == manifestFile {
			text := string(content)
			for _, path := range s.Files.Paths() {
				text = strings.ReplaceAll(text, `"`+path+`"`, `"`+s.Files.Resolve(path)+`"`)
			}
			content = []byte(text)
		}
		if err := os.WriteFile(filepath.Join(s.Dir, e.Name()), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
