package swarm

import (
	"errors"
	"testing"

	"tandem/core"
	"tandem/core/snode"
)

func ownerOf(i byte) core.ID { return core.ID{5, i, 1} }

func TestSwarmIsLearnedAndAges(t *testing.T) {
	now := core.Millis(1_763_750_000_000)
	list := nodes(30)
	m := New(Config{Known: list})
	id := ownerOf(1)
	if _, err := m.Member(id, Any); !errors.Is(err, ErrNoMember) || !m.NeedsSwarm(now, id) {
		t.Fatalf("unknown swarm: %v", err)
	}
	if err := m.LearnSwarm(now, id, list[:5]); err != nil || m.NeedsSwarm(now, id) {
		t.Fatalf("after learning: %v", err)
	}
	if m.NeedsSwarm(now+swarmAge, id) || !m.NeedsSwarm(now+swarmAge+1, id) || !m.NeedsSwarm(now-1, id) {
		t.Error("the age of a swarm")
	}
	// Less than three are left: ask again, but not all the time.
	for _, n := range list[:3] {
		for range strikeOut {
			m.Misbehaved(n.Ed)
		}
	}
	if m.NeedsSwarm(now+1, id) || !m.NeedsSwarm(now+swarmRetry+1, id) {
		t.Error("a swarm of two")
	}
}

// A node cannot send us to nodes of its own invention.
func TestSwarmOfStrangersIsRefused(t *testing.T) {
	now := core.Millis(1_763_750_000_000)
	list := nodes(30)
	m := New(Config{Known: list[:20]})
	id := ownerOf(1)
	if m.refreshed = now; m.NeedsList(now) {
		t.Fatal("the list is old already")
	}
	if err := m.LearnSwarm(now, id, list[20:]); !errors.Is(err, ErrNoMember) {
		t.Errorf("ten strangers: %v", err)
	}
	if !m.NeedsList(now) {
		t.Error("the list that does not know them is not asked for anew")
	}
	fake := list[1]
	fake.IP, fake.Port = "192.0.2.1", 1
	if err := m.LearnSwarm(now, id, []snode.Node{fake, list[25], fake}); err != nil {
		t.Fatal(err)
	}
	if n, err := m.Member(id, Any); err != nil || n != list[1] {
		t.Errorf("the member is not the one of the list: %v %v", n, err)
	}
	if err := m.LearnSwarm(now+1, id, nil); !errors.Is(err, ErrNoMember) || m.NeedsSwarm(now, id) {
		t.Errorf("an empty answer replaced what was known: %v", err)
	}
}

func TestMembers(t *testing.T) {
	now := core.Millis(1_763_750_000_000)
	list := nodes(30)
	m := New(Config{Known: list})
	id := ownerOf(1)
	if err := m.LearnSwarm(now, id, list[:4]); err != nil {
		t.Fatal(err)
	}
	member := func(w Want, avoid ...core.EdKey) snode.Node {
		t.Helper()
		n, err := m.Member(id, w, avoid...)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}

	home := member(Home)
	seen := map[core.EdKey]bool{}
	for range 100 {
		if member(Home) != home {
			t.Fatal("home changes without a reason")
		}
		if member(Other) == home {
			t.Fatal("the other member is the same")
		}
		seen[member(Any).Ed] = true
	}
	if len(seen) != 4 {
		t.Errorf("stores went to %d of 4 members", len(seen))
	}
	if member(Any, list[0].Ed, list[1].Ed, list[2].Ed) != list[3] {
		t.Error("a member that failed was taken although another is left")
	}
	member(Any, list[0].Ed, list[1].Ed, list[2].Ed, list[3].Ed) // all failed: one is tried again

	// Home fails once: another member becomes home.
	m.Misbehaved(home.Ed)
	if next := member(Home); next == home {
		t.Error("home stays although it fails")
	}
	// What is struck out is still a member: the mailbox is nowhere else.
	for _, n := range list[:4] {
		for range strikeOut {
			m.Misbehaved(n.Ed)
		}
	}
	member(Any)

	m.NotMember(id, list[0].Ed)
	m.NotMember(id, list[1].Ed)
	m.NotMember(id, list[2].Ed)
	if member(Home) != list[3] {
		t.Error("a node that is no member is home")
	}
	m.NotMember(id, list[3].Ed)
	if _, err := m.Member(id, Home); !errors.Is(err, ErrNoMember) || !m.NeedsSwarm(now, id) {
		t.Errorf("nobody is left: %v", err)
	}
	m.NotMember(ownerOf(9), list[0].Ed) // never heard of: nothing happens
}

// A member that hid messages is left, and asked by nobody as long as there are
// others, also when the swarm is learned anew.
func TestAMemberThatWithheld(t *testing.T) {
	list := nodes(30)
	m := New(Config{Known: list})
	id := ownerOf(1)
	m.Withheld(id, list[0].Ed) // never heard of: nothing happens
	for range 2 {
		if err := m.LearnSwarm(1, id, list[:4]); err != nil {
			t.Fatal(err)
		}
		home, err := m.Member(id, Home)
		if err != nil {
			t.Fatal(err)
		}
		m.Withheld(id, home.Ed)
		if err := m.LearnSwarm(2, id, list[:4]); err != nil {
			t.Fatal(err)
		}
		for range 50 {
			for _, want := range []Want{Any, Home, Other} {
				if n, err := m.Member(id, want); err != nil || n == home {
					t.Fatalf("want %d: it is asked again, %v", want, err)
				}
			}
		}
	}
	m.NotMember(id, list[1].Ed)
	m.NotMember(id, list[2].Ed)
	m.NotMember(id, list[3].Ed)
	m.Withheld(id, list[0].Ed)
	if n, err := m.Member(id, Home); err != nil || n != list[0] {
		t.Errorf("the only member is not asked: %v", err)
	}
}

func TestHomeSurvivesANewAnswer(t *testing.T) {
	list := nodes(30)
	m := New(Config{Known: list})
	id := ownerOf(1)
	if err := m.LearnSwarm(1, id, list[:5]); err != nil {
		t.Fatal(err)
	}
	home, err := m.Member(id, Home)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.LearnSwarm(2, id, list[:6]); err != nil {
		t.Fatal(err)
	}
	if again, err := m.Member(id, Home); err != nil || again != home {
		t.Errorf("home moved: %v", err)
	}
}

func TestSwarmsAreBounded(t *testing.T) {
	list := nodes(30)
	m := New(Config{Known: list})
	for i := range maxSwarms + 20 {
		id := core.ID{5, byte(i), byte(i >> 8)}
		if err := m.LearnSwarm(core.Millis(1000+i), id, list[:5]); err != nil {
			t.Fatal(err)
		}
	}
	if len(m.swarms) != maxSwarms {
		t.Errorf("%d swarms", len(m.swarms))
	}
	if !m.NeedsSwarm(2000, core.ID{5}) || m.NeedsSwarm(2000, core.ID{5, byte((maxSwarms + 19) & 255), byte((maxSwarms + 19) >> 8)}) {
		t.Error("not the oldest was forgotten")
	}
}
