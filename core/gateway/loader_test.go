//go:build !js

package gateway

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestDirectLoader(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, loaderFile)
	write := func(script string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(script), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`instantiateStreaming(fetchWithProgress("/web/app.wasm?v=1", showProgress), imports)`)
	if err := DirectLoader(dir); err != nil {
		t.Fatal(err)
	}
	const want = `instantiateStreaming(fetch("/web/app.wasm?v=1"), imports)`
	if got, _ := os.ReadFile(name); string(got) != want {
		t.Errorf("%s", got)
	}
	for _, other := range []string{"", want, `fetchWithProgress("a", showProgress) fetchWithProgress("b", showProgress)`} {
		write(other)
		if err := DirectLoader(dir); !errors.Is(err, ErrLoader) {
			t.Errorf("%q: %v", other, err)
		}
	}
}
