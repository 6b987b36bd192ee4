package machine

// LevelPS is the delay of a gate level in picoseconds: a gate with a fan-out of four and its wire,
// at 65 nm.
const LevelPS = 50

// MarginLevels is what a stage needs besides its gates: its register and the uncertainty of the
// clock, in gate levels.
const MarginLevels = 10

// Levels is the number of gate levels in a cycle.
func (c *Config) Levels() int { return int(1e6 / (LevelPS * c.ClockMHz)) }
