package demo

import "tandem/core"

// State is everything that the stage may show, at one moment. It is immutable.
// What the devices themselves show is in their Engines' snapshots.
type State struct {
	Now     core.Millis // simulated time
	Speed   Speed
	Devices [seats]Device // by Seat
	Nodes   []Node        // in the order of their birth, always the same
	Swarms  int           // Node.Swarm is below it
	Trips   []Trip        // under way, and what ended in the last moments, oldest first
	Faults  Faults
	Counts  Counts
	Play    Play
	Days    int // which of the days away it is, from 1; 0 when nobody is away
}

// Device is what happens to a device from outside.
type Device struct {
	Title  string      // "Ada’s phone"
	Alive  bool        // false: killed
	Away   bool        // offline for DaysAway
	Skewed core.Millis // how far its clock is ahead
}

// Node is a service node.
type Node struct {
	Ed    core.EdKey
	IP    string
	Swarm int // from 0
	Dead  bool
}

// Faults are what happens to each request of each device, in per cent of all,
// and how much longer its way to the network takes.
type Faults struct {
	Loss      int         // it, or its answer, does not arrive
	Duplicate int         // it arrives twice
	Corrupt   int         // a bit of it, or of its answer, is flipped
	Delay     core.Millis // and up to half of it more
}

// MaxDelay is the most that Faults.Delay may be, ms: more than that is loss.
const MaxDelay = 5 * core.Second

// DaysAway is how long Away takes a device offline.
const DaysAway = 20

// SkewAhead is how far Skew puts a clock ahead.
const SkewAhead = core.Day

// Counts say what became of what was typed, out of the devices' stores. Nobody can
// look into the store of a device with a passphrase: what is typed there is not
// counted at all, and what comes there later is never Shown.
type Counts struct {
	Sent  int // typed, and not deleted by whoever typed it
	Shown int // of these: in the store of every device that they are for
	Lost  int // of these: gone for good from a store, or never to arrive
	Twice int // of these: more than once in a store
}

// Speed is how fast simulated time passes.
type Speed uint8

// Speeds.
const (
	Normal      Speed = iota // as outside
	Fast                     // four times as fast
	Unthrottled              // whenever nothing is left to do, on to the next thing
)

// Play is how far the script has come.
type Play struct {
	Running bool
	Step    int    // from 1; 0: not begun
	Steps   int    // how many there are
	Title   string // the step's caption: what one sees
	Text    string // and why
	Seat    Seat   // where it happens: the pane to look at
	Done    bool   // played to its end
	Life    int    // how often all began anew
	Stuck   bool   // a device stands elsewhere than the script could bring it, or has a passphrase: Restart
}

// Trip is one request of a device through the network, as far as it has come.
type Trip struct {
	Number  uint64
	Seat    Seat
	Again   bool        // a duplicate of one that was sent
	Bent    bool        // a bit of it, or of its answer, was flipped
	Began   core.Millis // simulated time, as all times here
	Ended   core.Millis // 0: under way
	Hops    []Hop       // those that it reached, in order; the last of them carries it out
	Next    core.EdKey  // the node that it is on the way to; zero: it stands, or goes back
	What    string      // the storage request that was carried out: "store", "retrieve"; "" = none yet
	Members []core.EdKey
	Fate    Fate
}

// Hop is a node that a trip reached.
type Hop struct {
	Node core.EdKey
	At   core.Millis // it arrived
	Back core.Millis // its answer left; 0: not yet
}

// Fate is how a trip ended.
type Fate uint8

// Fates.
const (
	Travelling Fate = iota
	Answered        // the answer came back, whatever it says
	LostThere       // it was lost on the way there
	LostBack        // it was carried out, but the answer was lost
	Refused         // a node on the way is dead, or did not take it
)

// String is the word used in data-fate.
func (f Fate) String() string {
	switch f {
	case Travelling:
		return "travelling"
	case Answered:
		return "answered"
	case LostThere:
		return "lost-there"
	case LostBack:
		return "lost-back"
	case Refused:
		return "refused"
	}
	return "unknown"
}
