package demo

// Seat is a place in the demo where a device stands.
type Seat uint8

// The seats. Phone and Laptop become the two devices of one account, Ada's;
// Friend is the device of another person, Ines.
const (
	Phone Seat = iota
	Laptop
	Friend
	seats = 3
)

// Seats are all of them.
func Seats() []Seat { return []Seat{Phone, Laptop, Friend} }

// String is the word used in data-seat.
func (s Seat) String() string {
	switch s {
	case Phone:
		return "phone"
	case Laptop:
		return "laptop"
	case Friend:
		return "friend"
	}
	return "unknown"
}

// title is what its frame is called.
func (s Seat) title() string {
	switch s {
	case Phone:
		return "Ada’s phone"
	case Laptop:
		return "Ada’s laptop"
	case Friend:
		return "Ines, a friend"
	}
	return ""
}
