//go:build !js

package gateway

import (
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// hosts are the names that this server answers to. Empty means loopback.
//
// The check is what stops DNS rebinding: a foreign page whose name suddenly
// points to 127.0.0.1 reaches this server, but with its own name in Host.
type hosts []string

func (h hosts) allow(r *http.Request) bool {
	if len(h) == 0 {
		return loopback(r)
	}
	return slices.Contains(h, strings.ToLower(r.Host))
}

// loopback reports whether Host is a loopback name with the port of the socket
// that the request came in by.
func loopback(r *http.Request) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if !ok {
		return false
	}
	name, port, err := net.SplitHostPort(r.Host)
	if err != nil { // a browser leaves out the port that belongs to the scheme
		name, port = strings.Trim(r.Host, "[]"), "80"
		if r.TLS != nil {
			port = "443"
		}
	}
	if port != strconv.Itoa(local.Port) {
		return false
	}
	switch strings.ToLower(name) {
	case "localhost", "127.0.0.1", "::1":
		return true
	}
	return false
}

// sameOrigin reports whether a request can have come from a page of this
// origin. Browsers send Origin with every POST; a request without it comes
// from a program that no page can steer, unless Sec-Fetch-Site says otherwise.
func sameOrigin(r *http.Request) bool {
	switch site := r.Header.Get("Sec-Fetch-Site"); site {
	case "", "none", "same-origin":
	default:
		return false
	}
	origins := r.Header.Values("Origin")
	if len(origins) == 0 {
		return true
	}
	host := strings.ToLower(r.Host)
	origin := strings.ToLower(origins[0])
	// https too: TLS may end before us.
	return len(origins) == 1 && (origin == "http://"+host || origin == "https://"+host)
}

// origins are the pages that may use a public gateway. Which name it is reached
// by proves nothing there: it is public anyway, and knows no cookies.
type origins []string

// allow reports whether a request can have come from a page of the list, or
// from a program: browsers send Origin with every POST, and no page can leave
// it out.
func (o origins) allow(r *http.Request) bool {
	switch from := r.Header.Values("Origin"); len(from) {
	case 0:
		site := r.Header.Get("Sec-Fetch-Site")
		return site == "" || site == "none"
	case 1:
		return slices.Contains(o, from[0])
	}
	return false
}

// welcome lets a page of the list read the answer, whatever it will be: from a
// refusal a client learns that it is the gateway's, and asks another one.
func (o origins) welcome(h http.Header, r *http.Request) {
	h.Set("Vary", "Origin")
	if from := r.Header.Get("Origin"); from != "" && o.allow(r) {
		h.Set("Access-Control-Allow-Origin", from)
	}
}

// preflight answers a browser that asks before it posts. A body without a type
// needs no such question; one with a type does.
func preflight(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", http.MethodPost)
	h.Set("Access-Control-Allow-Headers", "Content-Type")
	h.Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusNoContent)
}
