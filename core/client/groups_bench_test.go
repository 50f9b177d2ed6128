package client_test

import (
	"fmt"
	"testing"
	"time"

	"tandem/core/client"
	"tandem/core/identity"
	"tandem/core/opengroup"
	"tandem/core/testnet"
)

// largeGroup puts a room of 10,000 messages behind a network, each signed by a
// member of its own key.
func largeGroup(b *testing.B, net *testnet.Network) opengroup.Room {
	b.Helper()
	g, err := net.NewGroups(testnet.GroupOptions{Seed: [32]byte{5}, Host: "groups.example"})
	if err != nil {
		b.Fatal(err)
	}
	g.Open("lobby", "Lobby", "")
	room, err := opengroup.ParseURL(g.URL("lobby"))
	if err != nil {
		b.Fatal(err)
	}
	author := identity.NewRoot().Account().Blind(room.Host.Key)
	for i := range 10_000 {
		words := opengroup.Words(fmt.Sprint("message ", i), "Somebody", net.Now())
		g.Plant("lobby", "15"+author.Ed().Hex(), words, author.Sign(words))
	}
	return room
}

// entersLargeGroup joins that room: ms-join is until its newest messages are in the
// snapshot, at most 2,000; ms-back is for the page before them. Never more than a
// window of them is in memory.
func entersLargeGroup(b *testing.B, d *tab, room opengroup.Room) {
	b.Helper()
	d.register("Ada")
	d.until("the network", func(s *client.Snapshot) bool { return s.Network.Synced })
	start := time.Now()
	d.must(d.Group(client.GroupOrder{Verb: client.JoinGroup, Text: room.URL()}))
	if n := len(d.Snapshot().Logs[room.ID()]); n < 50 {
		b.Fatalf("%d messages", n)
	}
	joined := time.Since(start)
	start = time.Now()
	d.must(d.Older(room.ID()))
	back := time.Since(start)
	for range 5 {
		d.must(d.Older(room.ID()))
	}
	if n := len(d.Snapshot().Logs[room.ID()]); n > opengroup.Window {
		b.Fatalf("%d messages are in memory", n)
	}
	if joined > 2*time.Second {
		b.Errorf("joining took %v", joined)
	}
	b.ReportMetric(float64(joined.Microseconds())/1e3, "ms-join")
	b.ReportMetric(float64(back.Microseconds())/1e3, "ms-back")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkLargeGroup joins a large room where nothing takes time but the work.
func BenchmarkLargeGroup(b *testing.B) {
	for b.Loop() {
		net, err := testnet.New(testnet.Options{Seed: [32]byte{1}})
		if err != nil {
			b.Fatal(err)
		}
		room := largeGroup(b, net)
		d := open(b, net, "A")
		entersLargeGroup(b, d, room)
		d.stop()
		if err := net.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
