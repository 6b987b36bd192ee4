package main

import (
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func float(t *testing.T, s string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(s, 64)
	require.NoError(t, err)
	return x
}

// TestPrintedTechnologyIsRead: what --print-tech writes gives the same file and the same prices, for every change of a flag.
func TestPrintedTechnologyIsRead(t *testing.T) {
	for _, flags := range []string{"", "--tech gp65", "--volt 0.7", "--dram none", "--tech gp65 --volt 0.9 --dram lpddr3-1600"} {
		name := filepath.Join(t.TempDir(), "tech.yaml")
		args := strings.Fields(flags)
		printed := ok(t, append([]string{"power", "prices", "--print-tech"}, args...)...)
		require.NoError(t, os.WriteFile(name, []byte(printed), 0o666))
		require.Equal(t, printed, ok(t, "power", "prices", "--print-tech", "--tech", name), flags)
		require.Equal(t, ok(t, append([]string{"power", "prices", "--format", "csv"}, args...)...), ok(t, "power", "prices", "--format", "csv", "--tech", name), flags)
	}
}

// energies are the rows of the table of events in the output of power run as CSV: count, pJ each and uJ by event and unit,
// and the total in attojoules.
func energies(t *testing.T, out string) (events map[string][3]string, total int64) {
	t.Helper()
	events = map[string][3]string{}
	for _, part := range strings.Split(out, "\n\n") {
		if !strings.HasPrefix(part, "event,") {
			continue
		}
		for _, r := range rows(t, part)[1:] {
			if r[0] == "total" {
				total = int64(math.Round(float(t, r[4]) * 1e12))
				continue
			}
			events[r[0]+" "+r[1]] = [3]string{r[2], r[3], r[4]}
		}
	}
	require.NotEmpty(t, events)
	require.Positive(t, total)
	return events, total
}

// TestWindowsAddUp: power over time adds up to the energy of the run to the attojoule, whatever the window, and units to both sides.
func TestWindowsAddUp(t *testing.T) {
	img := layer(t)
	for _, model := range [][]string{nil, {"--toggles"}} {
		for _, window := range []string{"1", "7", "100", "100000"} {
			file := filepath.Join(t.TempDir(), "power.csv")
			_, total := energies(t, ok(t, append([]string{"power", "run", img, "--format", "csv", "--window", window, "--csv", file}, model...)...))
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			lines := rows(t, string(text))
			column := map[string]int{}
			for k, name := range lines[0] {
				column[name] = k
			}
			aj := func(line []string, name string) int64 {
				v, err := strconv.ParseInt(line[column[name]], 10, 64)
				require.NoError(t, err)
				return v
			}
			sum, end := int64(0), "0"
			for _, line := range lines[1:] {
				require.Equal(t, end, line[column["from"]], "no gap")
				end = line[column["to"]]
				units := int64(0)
				for name := range column {
					if strings.HasSuffix(name, "_aJ") && strings.ToUpper(name[:3]) == name[:3] {
						units += aj(line, name)
					}
				}
				require.Equal(t, aj(line, "total_aJ"), units)
				require.Equal(t, aj(line, "total_aJ"), aj(line, "on_die_aJ")+aj(line, "external_aJ"))
				sum += aj(line, "total_aJ")
			}
			require.Equal(t, total, sum, "window %s", window)
		}
	}
}

// TestTogglesChangeTheDatapathOnly: by operand toggles the MAC's price is split over bits; all else costs what it did.
func TestTogglesChangeTheDatapathOnly(t *testing.T) {
	img := layer(t)
	plain, _ := energies(t, ok(t, "power", "run", img, "--format", "csv"))
	require.Contains(t, ok(t, "power", "run", img), "Accounts beside the totals")
	toggled, _ := energies(t, ok(t, "power", "run", img, "--format", "csv", "--toggles"))
	datapath := map[string]bool{"mac DNNC": true, "toggle_operand DNNC": true, "toggle_weight DNNC": true, "toggle_accumulator DNNC": true}
	for name, v := range toggled {
		if datapath[name] {
			require.NotEqual(t, plain[name], v, name)
		} else {
			require.Equal(t, plain[name], v, name)
		}
	}
	for name := range plain {
		require.Contains(t, toggled, name)
	}
	require.Len(t, toggled, len(plain)+3)
	require.Equal(t, plain["mac DNNC"][0], toggled["mac DNNC"][0], "as many MACs")
	require.Less(t, float(t, toggled["mac DNNC"][1]), float(t, plain["mac DNNC"][1]))
}

// TestTechnologyIsRefused: with the place, the field, and what would do.
func TestTechnologyIsRefused(t *testing.T) {
	printed := ok(t, "power", "prices", "--print-tech")
	replaced := func(old, by string) string {
		require.Contains(t, printed, old)
		return strings.Replace(printed, old, by, 1)
	}
	at := strings.Index(printed, "  mul16:")
	require.Positive(t, at)
	line := 1 + strings.Count(printed[:at], "\n") // of mul16
	own := "extends: lp65\nname: mine\nconstants:\n  mul16: "
	for _, c := range []struct{ text, want string }{
		{replaced("value: 1.55", "value: -1"), "tech.yaml:" + strconv.Itoa(line+2) + ":12: constants.mul16.value: got -1, want 0 or more"},
		{replaced("unit: pJ", "unit: kg"), `constants.mul16.unit: got "kg", want pJ`},
		{own + "{value: 1.2}\n", "tech.yaml:4:3: constants.mul16.source: got nothing"},
		{own + "{value: 1.2, source: a chip, unit: nJ}\n", `constants.mul16.unit: got "nJ", want pJ`},
		{own + "{value: 9, high: 8, source: a chip}\n", "constants.mul16.high: got 8, want at least the value, 9"},
		{"extends: lp65\nname: mine\nconstants:\n  mull: {value: 1, source: x}\n", `tech.yaml:4:3: constants: got field "mull", want mul16`},
		{"extends: lp65\nname: mine\nunits: {}\n", `tech.yaml:3:1: `},
		{"extends: lp65\nname: mine\nvolt: 1.2\n", "tech.yaml:3:7: volt: got 1.2, want 0.7 to 1.1"},
		{"extends: lp65\nname: mine\ndram: hbm\n", "tech.yaml:3:7: dram"},
		{"extends: lp65\nname: mine\nmhz: 400\n", `tech.yaml:3:6: mhz: got "400", want no clock: it belongs to the machine, as in --set clock_mhz=400`},
		{"name: [", "tech.yaml:1"},
		{"", "tech.yaml:1:1:"},
	} {
		name := filepath.Join(t.TempDir(), "tech.yaml")
		require.NoError(t, os.WriteFile(name, []byte(c.text), 0o666))
		for _, command := range []string{"prices", "area", "study"} {
			r := bdfasim(t, "", "power", command, "--tech", name)
			require.Equal(t, exitFailure, r.code, c.want)
			require.Empty(t, r.out)
			require.Equal(t, 1, strings.Count(r.stderr, "\n"), r.stderr)
			require.Contains(t, r.stderr, c.want)
		}
	}
	r := bdfasim(t, "", "power", "run", layer(t), "--tech", "./none.yaml")
	require.Equal(t, exitFailure, r.code)
	require.Contains(t, r.stderr, "none.yaml")
}
