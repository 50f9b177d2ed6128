package demo

import (
	"tandem/core/client"
	world "tandem/core/demo"
	"tandem/web/view"
)

// The steps of the script, in its order: it commands the devices, and the pages
// that belong to a command are opened here.
const (
	copyKey = 1 + iota
	pasteKey
	linkDevice
	waiting
	threeWords
	authorise
	finish
	oneAccount
	aFriend

	scenes = aFriend
)

// scene is the place that a device shows during a step; ok is false where the step
// leaves it alone.
func scene(step int, seat world.Seat, s *client.Snapshot) (place string, ok bool) {
	switch {
	case step == copyKey && seat == world.Phone:
		if s.Phase == client.Welcome {
			return view.AtRegister, true
		}
		return view.AtSettings, true
	case step == pasteKey && seat == world.Phone:
		return view.AtSettings, true
	case step == pasteKey && seat == world.Laptop:
		return view.AtLink, true
	case step >= linkDevice && step <= finish && seat == world.Phone:
		return view.AtDevices, true
	case step == finish && seat == world.Laptop:
		return view.AtStart, s.Phase == client.Main
	case step == oneAccount && seat != world.Friend:
		return view.AtNote, s.Phase == client.Main
	case step == aFriend:
		return friendScene(seat, s)
	}
	return "", false
}

// friendScene leads from the request to the chat.
func friendScene(seat world.Seat, s *client.Snapshot) (place string, ok bool) {
	switch {
	case s.Phase == client.Welcome && seat == world.Friend:
		return view.AtRegister, true
	case s.Phase != client.Main:
		return "", false
	}
	for _, row := range view.ChatRows(s) {
		if !row.Note {
			return row.Place, true
		}
	}
	switch {
	case seat == world.Friend:
		return view.AtNew, true
	case seat == world.Laptop && len(s.Requests) > 0:
		return view.AtRequests, true
	}
	return "", false
}

// typed is what stands in the first box of a page, as somebody would have typed
// it: the script gives the command that the page's button would.
func typed(step int, seat world.Seat, phone, here *client.Snapshot) string {
	if here.Phase != client.Welcome {
		return ""
	}
	switch {
	case step == copyKey && seat == world.Phone:
		return world.Ada
	case step == pasteKey && seat == world.Laptop && !phone.Account.IsZero():
		return phone.Account.Hex()
	case step == aFriend && seat == world.Friend:
		return world.Ines
	}
	return ""
}
