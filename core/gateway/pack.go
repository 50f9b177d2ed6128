//go:build !js

package gateway

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
)

// Effort is how long Pack may think about a file.
type Effort struct{ brotli, gzip int }

// Efforts: Best for a site that many will download (about a minute for the
// client), Quick for a site that lives until Ctrl-C.
var (
	Best  = Effort{brotli: brotli.BestCompression, gzip: gzip.BestCompression}
	Quick = Effort{brotli: 2, gzip: gzip.BestSpeed}
)

// minPacked: below it the headers weigh more than what packing saves, bytes.
const minPacked = 1024

// window of brotli, as a power of two: 16 MiB, the most that browsers take.
const window = 24

// Pack writes x.br and x.gz beside each file x of the site in dir that packs
// well. Static hosts send them instead of x, and so does Site.
func Pack(dir string, e Effort) error {
	var names []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && packable(name) {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("gateway: pack: %w", err)
	}
	// One goroutine a file: the client is larger than all others together.
	errs := make([]error, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() { errs[i] = packFile(name, e) })
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("gateway: pack: %w", err)
	}
	return nil
}

// packable reports whether the media type is one that packing makes smaller.
func packable(name string) bool {
	switch filepath.Ext(name) {
	case ".br", ".gz", ".png":
		return false
	}
	return !strings.HasPrefix(mediaType(name), "application/octet-stream")
}

func packFile(name string, e Effort) error {
	plain, err := os.ReadFile(name)
	if err != nil || len(plain) < minPacked {
		return err
	}
	var br, gz bytes.Buffer
	zip, err := gzip.NewWriterLevel(&gz, e.gzip)
	if err != nil {
		return err
	}
	rotli := brotli.NewWriterOptions(&br, brotli.WriterOptions{Quality: e.brotli, LGWin: window})
	for _, out := range []struct {
		to    io.WriteCloser
		buf   *bytes.Buffer
		final string
	}{{rotli, &br, name + ".br"}, {zip, &gz, name + ".gz"}} {
		if _, err := out.to.Write(plain); err != nil {
			return err
		}
		if err := out.to.Close(); err != nil {
			return err
		}
		if err := os.WriteFile(out.final, out.buf.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}
