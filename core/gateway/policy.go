//go:build !js

package gateway

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxOrigins bounds the Content-Security-Policy. Nodes behind a gateway need
// no entry; a list that names more hosts than this is a mistake.
const maxOrigins = 32

// Refusals of Policy.
var (
	ErrNetworkFile = errors.New("gateway: network.json is not valid")
	ErrOrigins     = errors.New("gateway: network.json names more than 32 hosts")
)

// Policy is the Content-Security-Policy under which the app runs: its own
// files, WebAssembly, and the servers that network.json names. No inline
// script or style, no eval, no frames, no forms, nothing from elsewhere
// (platform.md §1: tested with go-app; trusted types break its loader).
func Policy(network []byte) (string, error) {
	origins, err := connectOrigins(network)
	if err != nil {
		return "", err
	}
	return strings.Join([]string{
		"default-src 'self'",
		"script-src 'self' 'wasm-unsafe-eval'",
		"style-src 'self'",
		"img-src 'self' blob: data:",
		strings.Join(append([]string{"connect-src 'self'"}, origins...), " "),
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors 'none'",
	}, "; "), nil
}

// connectOrigins are the absolute URLs of network.json, as origins, sorted.
// Relative ones are 'self' already.
func connectOrigins(network []byte) ([]string, error) {
	var file struct {
		Gateways []string `json:"gateways"`
		Nodes    []struct {
			URL string `json:"url"`
		} `json:"nodes"`
	}
	if err := json.Unmarshal(network, &file); err != nil {
		return nil, ErrNetworkFile
	}
	urls := file.Gateways
	for _, n := range file.Nodes {
		urls = append(urls, n.URL)
	}
	var origins []string
	for _, text := range urls {
		u, err := url.Parse(text)
		if err != nil {
			return nil, ErrNetworkFile
		}
		if u.Scheme == "" && u.Host == "" {
			continue
		}
		origin, ok := origin(u)
		if !ok {
			return nil, ErrNetworkFile
		}
		origins = append(origins, origin)
	}
	slices.Sort(origins)
	origins = slices.Compact(origins)
	if len(origins) > maxOrigins {
		return nil, ErrOrigins
	}
	return origins, nil
}

// origin is scheme and host of u, when both are plain enough to stand in a
// header: a ';' or a space in a host would write further directives.
func origin(u *url.URL) (string, bool) {
	if u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return "", false
	}
	for _, c := range u.Host {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789.-:[]", c) {
			return "", false
		}
	}
	return u.Scheme + "://" + u.Host, true
}

// pageHeaders are on each answer of the site.
func pageHeaders(h http.Header, policy string) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(self), microphone=(), geolocation=(), payment=(), usb=()")
}

// inertHeaders are on each answer of the bridge. What a node says is on the
// app's own origin here; whatever it is, it must never become a page.
func inertHeaders(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}
