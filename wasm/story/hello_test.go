//go:build !js

package story

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core/gateway"
)

// helloSite is a bare program as go-app itself serves it, packed like ours. Only
// the icons are local: go-app's are on a foreign host.
func helloSite(tb testing.TB) string {
	tb.Helper()
	dir := filepath.Join(tb.TempDir(), "hello")
	if err := os.MkdirAll(filepath.Join(dir, "web"), 0o755); err != nil {
		tb.Fatal(err)
	}
	client := filepath.Join(dir, "web", "app.wasm")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", client, "./hello")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if said, err := build.CombinedOutput(); err != nil {
		tb.Fatalf("%v: %s", err, said)
	}
	icons := filepath.Join(site(tb), "web")
	for _, name := range []string{"icon-192.png", "icon-512.png"} {
		picture, err := os.ReadFile(filepath.Join(icons, name))
		if err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "web", name), picture, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	app.Route("/", func() app.Composer { return &greeting{} })
	err := app.GenerateStaticWebsite(dir, &app.Handler{
		Name: "Hello", Version: "1",
		Icon: app.Icon{
			Default: "/web/icon-192.png", Large: "/web/icon-512.png", Maskable: "/web/icon-512.png", SVG: "/web/icon-192.png",
		},
	})
	if err != nil {
		tb.Fatal(err)
	}
	if err := gateway.Pack(dir, gateway.Quick); err != nil {
		tb.Fatal(err)
	}
	return dir
}

// greeting is what the bare page shows until its program runs.
type greeting struct{ app.Compo }

// Render is app.Composer's.
func (*greeting) Render() app.UI { return app.P().Text("Hello") }
