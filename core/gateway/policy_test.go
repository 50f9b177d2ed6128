//go:build !js

package gateway

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

func TestPolicyNamesTheServersOfTheNetwork(t *testing.T) {
	for file, want := range map[string]string{
		`{}`: "connect-src 'self';",
		`{"gateways":["/gateway"],"nodes":[{"ed25519":"00"}]}`:                                 "connect-src 'self';",
		`{"gateways":["https://b.example/gateway","https://a.example:8443/g"]}`:                "connect-src 'self' https://a.example:8443 https://b.example;",
		`{"nodes":[{"url":"https://[2001:db8::1]:22021"},{"url":"http://127.0.0.1:1/x"},{}]}`:  "connect-src 'self' http://127.0.0.1:1 https://[2001:db8::1]:22021;",
		`{"gateways":["https://a.example/1"],"nodes":[{"url":"https://a.example/2"}],"new":1}`: "connect-src 'self' https://a.example;",
	} {
		policy, err := Policy([]byte(file))
		if err != nil || !strings.Contains(policy, want) {
			t.Errorf("%s: %q %v, want %q", file, policy, err, want)
		}
	}
}

func TestPolicyRefuses(t *testing.T) {
	var many []string
	for i := range maxOrigins + 1 {
		many = append(many, fmt.Sprintf(`"https://g%d.example"`, i))
	}
	for file, want := range map[string]error{
		``:   ErrNetworkFile,
		`[]`: ErrNetworkFile,
		`{"gateways":["https://a.example; script-src *"]}`:   ErrNetworkFile,
		`{"gateways":["https://a.example;script-src"]}`:      ErrNetworkFile,
		`{"gateways":["https://*"]}`:                         ErrNetworkFile,
		`{"gateways":["//a.example/gateway"]}`:               ErrNetworkFile,
		`{"gateways":["data:text/html,x"]}`:                  ErrNetworkFile,
		`{"gateways":["https://user:word@a.example"]}`:       ErrNetworkFile,
		`{"gateways":["https:///gateway"]}`:                  ErrNetworkFile,
		`{"gateways":["javascript:alert(1)"]}`:               ErrNetworkFile,
		`{"gateways":[` + strings.Join(many, ",") + `]}`:     ErrOrigins,
		`{"nodes":[{"url":"https://a.example\r\nX: y/"}]}`:   ErrNetworkFile,
		`{"nodes":[{"url":"https://a.example\u0000.evil"}]}`: ErrNetworkFile,
	} {
		if policy, err := Policy([]byte(file)); !errors.Is(err, want) {
			t.Errorf("%s: %q %v, want %v", file, policy, err, want)
		}
	}
}

// Whatever stands in network.json, it adds sources to connect-src and nothing
// to any other directive.
func FuzzPolicy(f *testing.F) {
	f.Add([]byte(`{"gateways":["https://a.example:1/x","/gateway"],"nodes":[{"url":"https://[::1]:2"}]}`))
	f.Add([]byte(`{"gateways":["https://a.example;x"]}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		policy, err := Policy(file)
		if err != nil {
			return
		}
		empty, _ := Policy([]byte(`{}`))
		before, after, _ := strings.Cut(empty, "connect-src 'self'")
		rest, ok := strings.CutPrefix(policy, before+"connect-src 'self'")
		sources, found := strings.CutSuffix(rest, after)
		if !ok || !found || strings.ContainsAny(sources, ";,*'\"\r\n") {
			t.Fatalf("policy %q", policy)
		}
	})
}

// Only one spelling of a path is taken, so what was checked is what is used.
func FuzzParsePath(f *testing.F) {
	f.Add("/gateway/" + strings.Repeat("0a", 32) + "/onion_req/v2")
	f.Add("/gateway/" + strings.Repeat("0A", 32) + "/onion_req/v2")
	f.Add("/gateway/%30" + strings.Repeat("0", 63) + "/onion_req/v2?")
	f.Add("/gateway//onion_req/v2#x")
	f.Fuzz(func(t *testing.T, path string) {
		u, err := url.ParseRequestURI(path)
		if err != nil {
			return
		}
		if ed, ok := parsePath(u); ok && path != pathPrefix+ed.Hex()+pathSuffix {
			t.Fatalf("%q was taken for %s", path, ed.Hex())
		}
	})
}
