//go:build !js

package gateway

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestLoader(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, loaderFile)
	write := func(script string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(script), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const fetches, fails = "instantiateStreaming(\n fetchWithProgress(\"/web/app.wasm?v=1\", showProgress),\n go.importObject\n)", `console.error("loading wasm failed: ", err);`
	const looks, works = "goappSetupNotifyUpdate(registration);", "goappInitServiceWorker();"
	index := filepath.Join(dir, "index.html")
	const first, theirs, ours = `<head><meta charset="UTF-8">`, `<title>x</title><script src="/app.js" defer></script>`, `<meta content="policy">`
	if err := os.WriteFile(index, []byte(first+theirs+ours+"</head>"), 0o600); err != nil {
		t.Fatal(err)
	}
	write(works + fetches + looks + fails)
	if err := Loader(dir, []byte("around\n")); err != nil {
		t.Fatal(err)
	}
	const want = "around\n" + "tandem.calm.then(goappInitServiceWorker);" + `tandem.start(go.importObject)` + fails + " tandem.failed();"
	if got, _ := os.ReadFile(name); string(got) != want {
		t.Errorf("%s", got)
	}
	if got, _ := os.ReadFile(index); string(got) != first+ours+theirs+"</head>" {
		t.Errorf("%s", got)
	}
	for _, other := range []string{
		"", want, works + fetches + looks, works + looks + fails, works + fetches + fails, fetches + looks + fails, works + works + fetches + looks + fails,
		works + fetches + fetches + looks + fails, works + fetches + looks + fails + fails,
	} {
		write(other)
		if err := Loader(dir, nil); !errors.Is(err, ErrLoader) {
			t.Errorf("%q: %v", other, err)
		}
	}
}
