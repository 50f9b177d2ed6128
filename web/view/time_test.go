package view

import (
	"testing"
	"time"

	"tandem/core"
)

func at(s string) core.Millis {
	t, err := time.Parse("2006-01-02 15:04:05", s)
	if err != nil {
		panic(err)
	}
	return core.Millis(t.UnixMilli())
}

func TestAt(t *testing.T) {
	now := at("2026-11-18 14:31:00") // a Wednesday
	for moment, want := range map[string]string{
		"2026-11-18 14:31:20": "now", // a clock ahead of ours
		"2026-11-18 14:30:01": "now",
		"2026-11-18 14:30:00": "1 min",
		"2026-11-18 13:32:00": "59 min",
		"2026-11-18 13:31:00": "13:31",
		"2026-11-18 00:00:00": "00:00",
		"2026-11-17 23:59:00": "Tue",
		"2026-11-12 09:00:00": "Thu",
		"2026-11-11 09:00:00": "11 Nov",
		"2025-12-31 09:00:00": "31 Dec 2025",
	} {
		if got := At(at(moment), now, time.UTC).Short; got != want {
			t.Errorf("%s: %q, want %q", moment, got, want)
		}
	}
	got := At(at("2026-11-17 23:59:00"), now, time.FixedZone("", 2*3600))
	want := Time{Short: "01:59", Full: "Wednesday, 18 November 2026, 01:59", Stamp: "2026-11-18T01:59:00+02:00"}
	if got != want {
		t.Errorf("two hours east: %+v", got)
	}
}

func TestAgo(t *testing.T) {
	now := at("2026-11-18 14:31:00")
	for age, want := range map[core.Millis]string{
		-core.Hour:                     "just now",
		59 * core.Second:               "just now",
		core.Minute:                    "1 minute ago",
		12 * core.Minute:               "12 minutes ago",
		core.Hour:                      "1 hour ago",
		23 * core.Hour:                 "23 hours ago",
		core.Day:                       "1 day ago",
		12*core.Day + 23*core.Hour:     "12 days ago",
		1500*core.Day + 23*core.Second: "1,500 days ago",
	} {
		if got := Ago(now-age, now); got != want {
			t.Errorf("%d: %q, want %q", age, got, want)
		}
	}
	if got := AgoSeconds(now-47*core.Second, now); got != "40 s ago" {
		t.Errorf("%q", got)
	}
	if got := AgoSeconds(now-3*core.Second, now); got != "just now" {
		t.Errorf("%q", got)
	}
}

func TestUntil(t *testing.T) {
	for ms, want := range map[core.Millis]string{
		10*core.Minute + 3: "10:00", 9*core.Minute + 12*core.Second: "9:12", 500: "0:01", 0: "0:00", -5: "0:00",
	} {
		if got := Until(1000+ms, 1000); got.Clock != want {
			t.Errorf("%d: %q, want %q", ms, got.Clock, want)
		}
	}
	said := map[string]int{}
	for s := 600; s >= 0; s-- {
		if say := Until(core.Millis(s)*core.Second, 0).Say; say != "" {
			said[say]++
		}
	}
	if len(said) != 3 {
		t.Errorf("a countdown says %v", said)
	}
}
