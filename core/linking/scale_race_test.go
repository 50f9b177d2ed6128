//go:build race

package linking

// With the race detector, 500 simulated attempts take 100 s. So there are fewer
// of them; make test runs all of them without it.
const defaultRuns = 60
