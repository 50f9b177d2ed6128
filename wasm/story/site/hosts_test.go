//go:build !js && hosts

package site

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
)

// The README shows configurations for two servers. Each is taken from there, given
// this machine's folder and ports, and run.

// shown is a block of the README in one language.
func shown(t *testing.T, language string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "```"+language+"\n")
	block, _, closed := strings.Cut(rest, "```")
	if !ok || !closed {
		t.Fatalf("the README shows no %s", language)
	}
	return block
}

// replaced puts this machine's values into a configuration; each must be there.
func replaced(t *testing.T, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("the configuration has no %q", pairs[i])
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	return text
}

// freePort is a port that nobody listened on a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// start runs a server until stop, and waits until it answers.
func start(t *testing.T, url string, name string, args ...string) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v: make hosts installs it, or says how", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	over := false
	stop = func() {
		if !over {
			over = true
			cancel()
			<-ended
		}
	}
	t.Cleanup(stop)
	late := time.After(patience)
	for tick := time.NewTicker(50 * time.Millisecond); ; {
		if res, err := http.Get(url); err == nil {
			res.Body.Close()
			return stop
		}
		select {
		case <-tick.C:
		case err := <-ended:
			ended <- err
			t.Fatalf("%s ended: %v: %s", name, err, said.String())
		case <-late:
			t.Fatalf("%s does not answer: %s", name, said.String())
		}
	}
}

func TestHostsNginx(t *testing.T) {
	dir, gateway := hosted(t)
	port, work := freePort(t), t.TempDir()
	block := replaced(t, shown(t, "nginx"), "listen 80;", "listen 127.0.0.1:"+port+";", "/srv/tandem", dir, "http://127.0.0.1:8081", gateway)
	conf := "daemon off; pid " + work + "/pid; error_log " + work + "/errors;\n"
	if os.Geteuid() == 0 {
		conf += "user root;\n"
	}
	conf += "include /etc/nginx/modules-enabled/*.conf;\nevents {}\nhttp {\ninclude /etc/nginx/mime.types; access_log off;\n"
	for _, folder := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		conf += folder + "_temp_path " + work + "/" + folder + ";\n"
	}
	file := filepath.Join(work, "nginx.conf")
	if err := os.WriteFile(file, []byte(conf+block+"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	url := "http://localhost:" + port
	stop := start(t, "http://127.0.0.1:"+port, "nginx", "-c", file)
	checkHost(t, url, dir, stop)
}

func TestHostsCaddy(t *testing.T) {
	dir, gateway := hosted(t)
	port, work := freePort(t), t.TempDir()
	url := "http://localhost:" + port
	block := replaced(t, shown(t, "caddy"), "tandem.example {", url+" {", "/srv/tandem", dir, "127.0.0.1:8081", strings.TrimPrefix(gateway, "http://"))
	file := filepath.Join(work, "Caddyfile")
	if err := os.WriteFile(file, []byte("{\nadmin off\nauto_https off\n}\n"+block), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", work) // where it keeps what it was told
	stop := start(t, url, "caddy", "run", "--adapter", "caddyfile", "--config", file)
	checkHost(t, url, dir, stop)
}

// hosted is the site as the README builds it, and a gateway that says what it was
// sent.
func hosted(t *testing.T) (dir, gateway string) {
	t.Helper()
	dir, err := built()
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %d", r.Method, r.URL.Path, len(body))
	}))
	t.Cleanup(s.Close)
	return dir, s.URL
}

// fetched is one answer, unpacked.
func fetched(t *testing.T, url, accept string, more ...string) (*http.Response, []byte) {
	t.Helper()
	r, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", accept)
	for i := 0; i < len(more); i += 2 {
		r.Header.Set(more[i], more[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body := io.Reader(res.Body)
	switch res.Header.Get("Content-Encoding") {
	case "br":
		body = brotli.NewReader(body)
	case "gzip":
		if body, err = gzip.NewReader(body); err != nil {
			t.Fatal(err)
		}
	}
	content, err := io.ReadAll(body)
	if err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	return res, content
}

func checkHost(t *testing.T, url, dir string, stop func()) {
	t.Helper()
	want := map[string]string{}
	headers, err := os.ReadFile(filepath.Join(dir, "_headers"))
	if err != nil {
		t.Fatal(err)
	}
	all, _, _ := strings.Cut(string(headers), "\n\n") // what follows is of single pages
	for _, line := range strings.Split(all, "\n")[1:] {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
			want[name] = value
		}
	}
	err = fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || name == "_headers" || strings.HasSuffix(name, ".br") || strings.HasSuffix(name, ".gz") {
			return err
		}
		checkFile(t, url, dir, name, want)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	shell, err := os.ReadFile(filepath.Join(dir, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	for path, status := range map[string]int{"/": 200, "/settings/devices": 200, "/nothing.js": 404, "/web/nothing.css": 404} {
		res, body := fetched(t, url+path, "br", "Accept", "text/html")
		if res.StatusCode != status || bytes.Equal(body, shell) != (status == 200) {
			t.Errorf("%s: %d, %d bytes", path, res.StatusCode, len(body))
		}
	}
	const onion = "/gateway/00/onion_req/v2"
	res, err := http.Post(url+onion, "", bytes.NewReader(make([]byte, 5<<20)))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if said, _ := io.ReadAll(res.Body); string(said) != "POST "+onion+" 5242880" {
		t.Errorf("the gateway got %q", said)
	}

	// And it is the app that a browser starts, under its policy, also offline.
	p, _ := open(t, launch(t))
	p.visit(url)
	if state := ask[string](p, settled); state != "activated" {
		t.Errorf("the worker is %s", state)
	}
	if reports := p.take(); len(reports) > 0 {
		t.Errorf("the browser complains: %q", reports)
	}
	stop()
	p.visit(url + "/")
}

// checkFile looks at a file in every form.
func checkFile(t *testing.T, url, dir, name string, want map[string]string) {
	t.Helper()
	plain, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	path := "/" + strings.TrimSuffix(name, "index.html")
	for _, c := range []struct{ accept, suffix string }{{"br", ".br"}, {"gzip", ".gz"}, {"identity", ""}} {
		res, body := fetched(t, url+path, c.accept)
		if res.StatusCode != 200 || !bytes.Equal(body, plain) {
			t.Errorf("%s by %s: %d, %d bytes", path, c.accept, res.StatusCode, len(body))
		}
		_, err := os.Stat(filepath.Join(dir, name+c.suffix))
		if packed := c.suffix != "" && err == nil; packed != (res.Header.Get("Content-Encoding") == c.accept) {
			t.Errorf("%s by %s comes as %q", path, c.accept, res.Header.Get("Content-Encoding"))
		}
		for header, value := range want {
			if got := res.Header.Get(header); got != value {
				t.Errorf("%s: %s is %q, want %q", path, header, got, value)
			}
		}
		if strings.HasSuffix(name, ".wasm") && res.Header.Get("Content-Type") != "application/wasm" {
			t.Errorf("%s is %q", path, res.Header.Get("Content-Type"))
		}
		// What is the same is not sent again.
		tag := res.Header.Get("ETag")
		if again, _ := fetched(t, url+path, c.accept, "If-None-Match", tag); tag == "" || again.StatusCode != 304 {
			t.Errorf("%s by %s with its tag %q: %d", path, c.accept, tag, again.StatusCode)
		}
	}
}
