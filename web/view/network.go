package view

import (
	"strconv"
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

// NetworkLine is the network in one line: state, which network, last check, queue.
func NetworkLine(n client.NetworkView, now core.Millis) string {
	parts := []string{LinkWord(n.State)}
	if n.Profile != "" {
		parts[0] += ", " + ProfileName(n.Profile)
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

// ProfileName is what people call a network. The three are never blurred.
func ProfileName(profile string) string {
	switch profile {
	case "demo":
		return "Demo network"
	case "local":
		return "Local network"
	case "session":
		return "Session network"
	}
	return "No network yet"
}

// HopRow is a station of the path.
type HopRow struct {
	Name string
	Line string
}

// HopRows are the stations of the path, from this device to a mailbox. Before
// the first answer there is nothing between the two.
func HopRows(n client.NetworkView, now core.Millis) []HopRow {
	rows := []HopRow{{"You", "this device"}}
	for i, h := range n.Path {
		line := "hop " + strconv.Itoa(i+1)
		if i == 0 {
			line += ", your guard"
		}
		rows = append(rows, HopRow{h.IP, line + " · " + age(h.Since, now)})
	}
	return append(rows, HopRow{"Mailbox", "nodes of your swarm"})
}

// age is since when something is in use, in words.
func age(since, now core.Millis) string {
	if now-since < core.Minute {
		return "new"
	}
	return "for " + strings.TrimSuffix(Ago(since, now), " ago")
}

// PathLine is the line beside Rebuild path.
func PathLine(n client.NetworkView, now core.Millis) string {
	if len(n.Path) == 0 {
		return "The next request builds a path"
	}
	return "Last answer " + AgoSeconds(n.Path[0].Worked, now)
}

// Fact is a line of the page Network.
type Fact struct {
	Name  string
	Value string
}

// NetworkFacts are how the network looks from here.
func NetworkFacts(n client.NetworkView, now core.Millis) []Fact {
	polled, known := "not yet", "none yet"
	if n.LastPoll != 0 {
		polled = AgoSeconds(n.LastPoll, now)
	}
	if n.Nodes > 0 {
		known = grouped(n.Nodes)
	}
	return []Fact{
		{"Last checked", polled},
		{"Waiting to go out", plural(n.Queue, "message", "messages")},
		{"Clock", clockLine(n)},
		{"Nodes known", known},
		{"First hop through", gatewayLine(n)},
	}
}

// clockLine is how this device's clock stands to the network's.
func clockLine(n client.NetworkView) string {
	if !n.Synced {
		return "not compared yet"
	}
	side, off := "behind", n.Offset
	if off < 0 {
		side, off = "ahead of", -off
	}
	var amount string
	switch {
	case off == 0:
		return "the same as the network’s"
	case off < core.Second:
		amount = strconv.Itoa(int(off)) + " ms"
	case off < core.Minute:
		amount = strconv.Itoa(int(off/core.Second)) + " s"
	case off < core.Hour:
		amount = plural(int(off/core.Minute), "minute", "minutes")
	case off < core.Day:
		amount = plural(int(off/core.Hour), "hour", "hours")
	default:
		amount = plural(int(off/core.Day), "day", "days")
	}
	return amount + " " + side + " the network"
}

// gatewayLine is through whom the first node of a path is reached.
func gatewayLine(n client.NetworkView) string {
	switch {
	case n.Nodes == 0:
		return "nobody yet"
	case n.Gateway == "":
		return "nobody: your guard is called directly"
	case strings.HasPrefix(n.Gateway, "/"):
		return "the gateway of this site"
	}
	_, host, _ := strings.Cut(n.Gateway, "://")
	host, _, _ = strings.Cut(host, "/")
	return host
}

// WhatNodesKnow says which path is shown, and what each of those in it can see.
func WhatNodesKnow(n client.NetworkView) string {
	const nodes = "There are two paths, and this is the one of the last answer. " +
		"Each node knows only the one before it and the one after it. "
	if n.Gateway == "" {
		return nodes + "Your guard sees your address and the size of a sealed request, never what is in it."
	}
	return nodes + "The gateway sees your address and the size of a sealed request, never what is in it."
}
