//go:build !race

package linking

const defaultRuns = 500
