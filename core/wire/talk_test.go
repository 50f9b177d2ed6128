package wire

import (
	"slices"
	"testing"

	"tandem/core"
)

// What devices say about messages is refused whole when it names too many, none,
// or what it does not cover.
func TestContentAboutMessagesIsBounded(t *testing.T) {
	author, message := core.ID{5, 4}, core.MessageID{Device: core.ID{5, 1}, Counter: 3}
	item := func(counters ...uint64) (items []Item) {
		for _, n := range counters {
			items = append(items, Item{Counter: n, Conversation: core.ID{5, 3}})
		}
		return items
	}
	for name, c := range map[string]*Content{
		"many receipts":          {Receipt: &Receipt{Messages: slices.Repeat([]core.MessageID{message}, MaxReceipts+1)}},
		"no such message":        {Receipt: &Receipt{Messages: []core.MessageID{{Device: core.ID{5, 1}}}}},
		"no such device":         {Receipt: &Receipt{Messages: []core.MessageID{{Counter: 1}}}},
		"high counter":           {Receipt: &Receipt{Messages: []core.MessageID{{Device: core.ID{5, 1}, Counter: 1<<62 + 1}}}},
		"deletion of nothing":    {Deletion: &Deletion{}},
		"no conversation":        {Deletion: &Deletion{Message: message, Conversation: core.ID{4}}},
		"ask for none":           {Ask: &Ask{Author: author, Low: 3, High: 3}},
		"ask for too many":       {Ask: &Ask{Author: author, High: MaxAsked + 1}},
		"ask backwards":          {Ask: &Ask{Author: author, Low: 1 << 62, High: 1}},
		"history of nobody":      {History: &History{High: 1}},
		"history of too many":    {History: &History{Author: author, High: MaxAsked + 1}},
		"item below":             {History: &History{Author: author, Low: 3, High: 5, Items: item(3)}},
		"item above":             {History: &History{Author: author, Low: 3, High: 5, Items: item(6)}},
		"item twice":             {History: &History{Author: author, Low: 3, High: 9, Items: item(5, 5)}},
		"past of nobody":         {Past: &Past{Number: 1, Items: item(3)}},
		"past nowhere":           {Past: &Past{Number: 1, Items: []Item{{Counter: 1, Author: author}}}},
		"past without a number":  {Past: &Past{Number: 1, Items: []Item{{Conversation: author, Author: author}}}},
		"past of too many":       {Past: &Past{Number: 1, Items: slices.Repeat([]Item{{Counter: 1, Conversation: author, Author: author}}, maxPastItems+1)}},
		"item of a conversation": {History: &History{Author: author, High: 9, Items: []Item{{Counter: 1}}}},
	} {
		if got, err := ParseContent(c.Marshal()); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got, err := ParseContent([]byte{0xc2, 0x08, 0x02, 0x18, 0x30}); err == nil {
		t.Errorf("an ask for nobody's numbers: %+v", got)
	}
	probe := &Content{Ask: &Ask{Low: 9}}
	if got, err := ParseContent(probe.Marshal()); err != nil || got.Ask == nil {
		t.Errorf("an ask without an author: %+v, %v", got, err)
	}
}
