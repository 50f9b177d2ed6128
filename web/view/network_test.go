package view

import (
	"slices"
	"strings"
	"testing"

	"tandem/core"
	"tandem/core/client"
)

func TestNetworkInWords(t *testing.T) {
	now := core.Millis(1000) * core.Minute
	n := client.NetworkView{State: client.Offline, Profile: "local", LastPoll: now - 3*core.Minute, Queue: 2}
	if got := OfflineSentences(n, now); got != "You are offline. 2 messages wait here and go out by themselves. Last checked 3 minutes ago." {
		t.Error(got)
	}
	n.Cause, n.Queue = "The gateway does not answer.", 1
	if got := OfflineSentences(n, now); got != "The gateway does not answer. 1 message waits here and goes out by itself. Last checked 3 minutes ago." {
		t.Error(got)
	}
	if got := NetworkLine(n, now); got != "Offline, Local network · last checked 3 minutes ago · 1 message waits here" {
		t.Error(got)
	}
	n.State = client.Online
	if OfflineSentences(n, now) != "" {
		t.Error("online, and still a banner")
	}
}

func TestProfilesAreNeverBlurred(t *testing.T) {
	for profile, want := range map[string]string{
		"demo": "Demo network", "local": "Local network", "session": "Session network", "": "No network yet", "else": "No network yet",
	} {
		if got := ProfileName(profile); got != want {
			t.Errorf("%q: %q, want %q", profile, got, want)
		}
	}
}

func TestPathInWords(t *testing.T) {
	now := core.Millis(1000) * core.Day
	n := client.NetworkView{Path: []client.Hop{
		{IP: "198.51.100.23", Since: now - 3*core.Hour, Worked: now - 20*core.Second},
		{IP: "203.0.113.140", Since: now - 6*core.Minute, Worked: now - 20*core.Second},
		{IP: "192.0.2.77", Since: now - core.Second, Worked: now - 20*core.Second},
	}}
	want := []HopRow{
		{"You", "this device"},
		{"198.51.100.23", "hop 1, your guard · for 3 hours"},
		{"203.0.113.140", "hop 2 · for 6 minutes"},
		{"192.0.2.77", "hop 3 · new"},
		{"Mailbox", "nodes of your swarm"},
	}
	if got := HopRows(n, now); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if got := PathLine(n, now); got != "Last answer 20 s ago" {
		t.Error(got)
	}
	n.Path = nil
	if got := HopRows(n, now); len(got) != 2 || PathLine(n, now) != "The next request builds a path" {
		t.Errorf("before the first answer: %q, %q", got, PathLine(n, now))
	}
}

func TestNetworkFacts(t *testing.T) {
	now := core.Millis(1000) * core.Day
	values := func(n client.NetworkView) string {
		var all []string
		for _, f := range NetworkFacts(n, now) {
			all = append(all, f.Value)
		}
		return strings.Join(all, "|")
	}
	if got := values(client.NetworkView{}); got != "not yet|0 messages|not compared yet|none yet|nobody yet" {
		t.Error(got)
	}
	n := client.NetworkView{LastPoll: now - 4*core.Second, Queue: 1, Synced: true, Offset: -120, Nodes: 2114, Gateway: "https://gateway.example.org/x"}
	if got := values(n); got != "just now|1 message|120 ms ahead of the network|2,114|gateway.example.org" {
		t.Error(got)
	}
	for gateway, want := range map[string]string{
		"/gateway": "the gateway of this site", "": "nobody: your guard is called directly", "http://localhost:8080": "localhost:8080",
	} {
		n.Gateway = gateway
		if got := gatewayLine(n); got != want {
			t.Errorf("%q: %q, want %q", gateway, got, want)
		}
		if says := strings.Contains(WhatNodesKnow(n), "gateway"); says == (gateway == "") {
			t.Errorf("%q: %q", gateway, WhatNodesKnow(n))
		}
	}
	for off, want := range map[core.Millis]string{
		0: "the same as the network’s", 999: "999 ms behind the network", -12 * core.Second: "12 s ahead of the network",
		core.Minute: "1 minute behind the network", -90 * core.Minute: "1 hour ahead of the network", 49 * core.Hour: "2 days behind the network",
	} {
		if got := clockLine(client.NetworkView{Synced: true, Offset: off}); got != want {
			t.Errorf("%d: %q, want %q", off, got, want)
		}
	}
}
