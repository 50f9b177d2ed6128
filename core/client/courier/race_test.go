//go:build race

package courier

// schedules: the race detector makes arithmetic twenty times slower, and finds
// in a few schedules what it would find in all.
const schedules = 30
