//go:build !amd64 || purego

package lanes

// implementations names every way to compute Accumulate in this build.
func implementations() map[string]func(*Row, *Tile, []Pair, int, int) {
	return map[string]func(*Row, *Tile, []Pair, int, int){"twin": AccumulateGo, "go": Accumulate}
}
