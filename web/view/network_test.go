package view

import (
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
	if got := NetworkLine(n, now); got != "Offline, local network · last checked 3 minutes ago · 1 message waits here" {
		t.Error(got)
	}
	n.State = client.Online
	if OfflineSentences(n, now) != "" {
		t.Error("online, and still a banner")
	}
	names := map[string]bool{}
	for _, p := range []string{"demo", "local", "session", "else"} {
		names[networkName(p)] = true
	}
	if len(names) != 4 {
		t.Errorf("profiles are blurred: %v", names)
	}
}
