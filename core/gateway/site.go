//go:build !js

package gateway

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// NetworkPath is where the app finds its network, on its own origin.
const NetworkPath = "/network.json"

// ErrNoShell: a directory without index.html is not a site.
var ErrNoShell = errors.New("gateway: the site has no index.html")

// Site serves a directory as `build` writes it, the same way in which any
// static host can.
//
// All files are read once, at the start: afterwards a request is a look-up in
// a table, so no path can reach anything else. An answer is packed by the
// .br or .gz file beside it where the client takes that. A file asked for by
// its content (?v=, see Mark) may be kept for ever; everything else, the shell
// and the worker first of all, is asked for again each time, and costs a 304
// while it is the same. A navigation to an unknown page gets the shell, which
// knows the pages.
func Site(dir fs.FS) (http.Handler, error) { return newSite(dir, nil) }

// newSite is Site with another network.json, unless network is nil.
func newSite(dir fs.FS, network []byte) (*site, error) {
	files, err := readFiles(dir)
	if err != nil {
		return nil, err
	}
	shell := files["/index.html"]
	if shell == nil {
		return nil, ErrNoShell
	}
	pages := map[string]*file{} // by their folder, with and without its slash
	for name, f := range files {
		if folder, ok := strings.CutSuffix(name, "index.html"); ok {
			pages[folder] = f
			if folder != "/" {
				pages[strings.TrimSuffix(folder, "/")] = f
			}
		}
	}
	maps.Copy(files, pages)
	if network != nil {
		files[NetworkPath] = &file{kind: mediaType(NetworkPath), mark: Mark(network), plain: network}
	}
	// A site without the file is one whose app will say that it is missing.
	policy, err := Policy([]byte("{}"))
	if f := files[NetworkPath]; f != nil {
		policy, err = Policy(f.plain)
	}
	if err != nil {
		return nil, err
	}
	return &site{files: files, policy: policy}, nil
}

// Mark names a file's content: the first 64 bits of its SHA-256, in hex. The
// shell asks for /web/x?v=<mark>.
func Mark(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8])
}

type site struct {
	files  map[string]*file
	policy string
}

// file is one file of the site in all its encodings.
type file struct {
	kind   string // media type
	mark   string
	plain  []byte
	packed map[string][]byte // by content coding
	ahead  string            // of a page: what it asks for ahead
}

// codings, the smaller first, and how their files end.
var codings = []struct{ name, suffix string }{{"br", ".br"}, {"gzip", ".gz"}}

// readFiles reads the whole directory into a table by URL path.
func readFiles(dir fs.FS) (map[string]*file, error) {
	contents := map[string][]byte{}
	err := fs.WalkDir(dir, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || name == headersFile {
			return err
		}
		contents["/"+name], err = fs.ReadFile(dir, name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("gateway: read the site: %w", err)
	}
	files := map[string]*file{}
	for name, content := range contents {
		if packedName(name, contents) {
			continue
		}
		f := &file{kind: mediaType(name), mark: Mark(content), plain: content, packed: map[string][]byte{}}
		if path.Ext(name) == ".html" {
			f.ahead = ahead(content)
		}
		for _, c := range codings {
			if packed, ok := contents[name+c.suffix]; ok {
				f.packed[c.name] = packed
			}
		}
		files[name] = f
	}
	return files, nil
}

// packedName reports whether name is the packed form of another file.
func packedName(name string, contents map[string][]byte) bool {
	for _, c := range codings {
		if plain, ok := strings.CutSuffix(name, c.suffix); ok && contents[plain] != nil {
			return true
		}
	}
	return false
}

// mediaType is fixed here and not asked of the system: a machine without a
// table of types would serve wasm that no browser compiles while streaming.
func mediaType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".json":
		return "application/json"
	case ".webmanifest":
		return "application/manifest+json"
	case ".wasm":
		return "application/wasm"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	}
	return "application/octet-stream"
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	pageHeaders(w.Header(), s.policy)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET is allowed", http.StatusMethodNotAllowed)
		return
	}
	f := s.files[r.URL.Path]
	if f == nil && navigation(r) {
		f = s.files["/"]
	}
	if f == nil {
		w.Header().Set("Cache-Control", "no-cache")
		http.Error(w, "there is nothing at this address", http.StatusNotFound)
		return
	}
	f.serve(w, r)
}

// navigation reports whether a person opens a page, rather than a page a file:
// the names of files have a dot.
func navigation(r *http.Request) bool {
	return !strings.Contains(path.Base(r.URL.Path), ".") &&
		strings.Contains(r.Header.Get("Accept"), "text/html")
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	coding, body := f.choose(r.Header.Get("Accept-Encoding"))
	tag := `"` + f.mark + coding + `"`
	h := w.Header()
	h.Set("ETag", tag)
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache")
	if f.ahead != "" {
		h.Set("Link", f.ahead)
	}
	if r.URL.RawQuery == "v="+f.mark {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", f.kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if coding != "" {
		h.Set("Content-Encoding", coding)
	}
	if r.Method == http.MethodHead {
		return
	}
	// A client that has gone away is no error of ours.
	_, _ = bytes.NewReader(body).WriteTo(w)
}

// choose picks the smallest form that the client takes. coding "" is plain.
func (f *file) choose(accept string) (coding string, body []byte) {
	for _, c := range codings {
		if packed, ok := f.packed[c.name]; ok && accepts(accept, c.name) {
			return c.name, packed
		}
	}
	return "", f.plain
}

// accepts reads one Accept-Encoding header. Only "q=0" refuses: which of two
// accepted codings is better is our choice, the smaller one.
func accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			continue
		}
		q, found := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
		weight, err := strconv.ParseFloat(q, 64)
		return !found || err == nil && weight > 0
	}
	return false
}
