package view

import (
	"strings"

	"tandem/core"
	"tandem/core/client"
)

// LinkWord is the status chip's word.
func LinkWord(l client.Link) string {
	switch l {
	case client.Online:
		return "Online"
	case client.Offline:
		return "Offline"
	}
	return "Connecting"
}

// networkName is what people call a profile. The three are never blurred.
func networkName(profile string) string {
	switch profile {
	case "demo":
		return "demo network inside this tab"
	case "local":
		return "local network"
	case "session":
		return "Session network"
	}
	return ""
}

// NetworkLine is the line in Settings: state, which network, last check, queue.
func NetworkLine(n client.NetworkView, now core.Millis) string {
	parts := []string{LinkWord(n.State)}
	if name := networkName(n.Profile); name != "" {
		parts[0] += ", " + name
	}
	if n.LastPoll != 0 {
		parts = append(parts, "last checked "+AgoSeconds(n.LastPoll, now))
	}
	if n.Queue > 0 {
		parts = append(parts, plural(n.Queue, "message waits here", "messages wait here"))
	}
	return strings.Join(parts, " · ")
}

// OfflineSentences is the banner while offline; empty otherwise.
func OfflineSentences(n client.NetworkView, now core.Millis) string {
	if n.State != client.Offline {
		return ""
	}
	parts := []string{"You are offline."}
	if n.Cause != "" {
		parts[0] = n.Cause
	}
	switch {
	case n.Queue == 1:
		parts = append(parts, "1 message waits here and goes out by itself.")
	case n.Queue > 1:
		parts = append(parts, grouped(n.Queue)+" messages wait here and go out by themselves.")
	}
	if n.LastPoll != 0 {
		parts = append(parts, "Last checked "+AgoSeconds(n.LastPoll, now)+".")
	}
	return strings.Join(parts, " ")
}
