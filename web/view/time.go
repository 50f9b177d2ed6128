package view

import (
	"fmt"
	"time"

	"tandem/core"
)

// Time is a moment as a page shows it.
type Time struct {
	Short string // "5 min", "14:31", "Wed"
	Full  string // "Wednesday, 18 November 2026, 14:31", for the title
	Stamp string // for <time datetime>
}

// At writes a moment for a person whose clock says now. Moments in the near
// future are clocks that differ, and count as now.
func At(at, now core.Millis, loc *time.Location) Time {
	t, n := moment(at, loc), moment(now, loc)
	return Time{Short: short(t, n), Full: t.Format("Monday, 2 January 2006, 15:04"), Stamp: t.Format(time.RFC3339)}
}

func moment(ms core.Millis, loc *time.Location) time.Time {
	return time.UnixMilli(int64(ms)).In(loc)
}

// short is relative under an hour, then the clock, then the day.
func short(t, now time.Time) string {
	switch age := now.Sub(t); {
	case age < time.Minute:
		return "now"
	case age < time.Hour:
		return fmt.Sprintf("%d min", int(age/time.Minute))
	case days(t, now) == 0:
		return t.Format("15:04")
	case days(t, now) < 7:
		return t.Format("Mon")
	case t.Year() == now.Year():
		return t.Format("2 Jan")
	}
	return t.Format("2 Jan 2006")
}

// days counts the midnights between two moments of one location.
func days(t, now time.Time) int {
	midnight := func(t time.Time) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	}
	return int(midnight(now).Sub(midnight(t)) / (24 * time.Hour))
}

// dayOf heads the messages of one day.
func dayOf(t, now time.Time) string {
	switch n := days(t, now); {
	case n <= 0:
		return "Today"
	case n == 1:
		return "Yesterday"
	case t.Year() == now.Year():
		return t.Format("Monday, 2 January")
	}
	return t.Format("2 January 2006")
}

// Ago is a moment in the past in words: "just now", "5 minutes ago".
func Ago(at, now core.Millis) string {
	switch age := now - at; {
	case age < core.Minute:
		return "just now"
	case age < core.Hour:
		return plural(int(age/core.Minute), "minute", "minutes") + " ago"
	case age < core.Day:
		return plural(int(age/core.Hour), "hour", "hours") + " ago"
	default:
		return plural(int(age/core.Day), "day", "days") + " ago"
	}
}

// AgoSeconds is Ago for what happens every few seconds.
func AgoSeconds(at, now core.Millis) string {
	if age := now - at; age >= 10*core.Second && age < core.Minute {
		return fmt.Sprintf("%d s ago", age/core.Second/10*10)
	}
	return Ago(at, now)
}

// date is a day in a sentence: "today", "2 Sep 2026".
func date(at, now core.Millis, loc *time.Location) string {
	t, n := moment(at, loc), moment(now, loc)
	if days(t, n) == 0 {
		return "today"
	}
	return t.Format("2 Jan 2006")
}

// Left is what a countdown shows.
type Left struct {
	Clock   string // "9:12"
	Seconds int
	Say     string // to be announced at this moment; empty at most moments
}

// Until counts down to a deadline. Both are local milliseconds.
func Until(deadline, now core.Millis) Left {
	// To the nearest second: a deadline of ten minutes begins at 10:00, however
	// the clocks that made it were rounded.
	s := int(max(0, deadline-now+core.Second/2) / core.Second)
	left := Left{Clock: fmt.Sprintf("%d:%02d", s/60, s%60), Seconds: s}
	// Three announcements in ten minutes: enough to act, too few to chatter.
	// Each stands for five seconds, so that a late tick does not swallow it.
	for _, say := range [...]struct {
		at   int
		text string
	}{{300, "5 minutes left"}, {60, "1 minute left"}, {30, "30 seconds left"}} {
		if s <= say.at && s > say.at-5 {
			left.Say = say.text
		}
	}
	return left
}
