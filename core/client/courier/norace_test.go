//go:build !race

package courier

// schedules of faults in an ordinary test.
const schedules = 500
