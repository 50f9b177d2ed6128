//go:build !js

package gateway

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// sumsSlot is where the worker's template wants the table of its files' sums.
const sumsSlot = "{{.Sums}}"

// ErrWorker: the worker does not ask for the sums of its files.
var ErrWorker = errors.New("gateway: the service worker has no place for the sums of its files")

// writeSums tells the worker in dir the SHA-256 of each file of the site, in the
// form in which a browser checks it, so that it never keeps a file of another
// version. It comes last, when all files are as they stay. free are paths that
// whoever hosts the site may write anew.
func writeSums(dir string, free []string) error {
	name := filepath.Join(dir, WorkerTemplate)
	worker, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if bytes.Count(worker, []byte(sumsSlot)) != 1 {
		return ErrWorker
	}
	sums, err := sumFiles(os.DirFS(dir), append(free, "/"+WorkerTemplate))
	if err != nil {
		return err
	}
	table, err := json.Marshal(sums) // keys in order: the same site is the same worker
	if err != nil {
		return err
	}
	return os.WriteFile(name, bytes.Replace(worker, []byte(sumsSlot), table, 1), 0o644)
}

// sumFiles are the sums of all files by the path that a browser asks for, but for
// those in free.
func sumFiles(dir fs.FS, free []string) (map[string]string, error) {
	sums := map[string]string{}
	err := fs.WalkDir(dir, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || slices.Contains(free, "/"+name) {
			return err
		}
		content, err := fs.ReadFile(dir, name)
		if err != nil {
			return err
		}
		path := strings.TrimSuffix("/"+name, "index.html")
		sum := sha256.Sum256(content)
		sums[path] = "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("gateway: sums: %w", err)
	}
	return sums, nil
}
