package testbench

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// mayImport says which packages of this project a package may import, besides the standard library and chosen modules.
// A pattern ends in /... for a whole subtree; what is absent is forbidden. So golden and rtl meet only where they are
// compared, a unit knows no other unit, and power has never heard of one.
var mayImport = map[string]string{
	"isa/machine":        "firmware/yamlfile",
	"isa":                "isa/machine",
	"isa/fixed":          "",
	"isa/image":          "isa",
	"isa/asm":            "isa isa/image",
	"isa/disasm":         "isa isa/image",
	"isa/interp":         "isa isa/image",
	"isa/gen":            "",
	"rtl/activity":       "",
	"rtl/port":           "isa isa/machine rtl/activity",
	"rtl/port/porttest":  "rtl/activity rtl/port",
	"rtl/seq":            unit,
	"rtl/dma":            unit,
	"rtl/wld":            unit,
	"rtl/omem":           unit,
	"rtl/dnnc":           unit + " rtl/dnnc/lanes rtl/toggle",
	"rtl/dnnc/lanes":     "",
	"rtl/drain":          unit,
	"rtl/loss":           unit,
	"rtl/lfsr":           unit,
	"rtl/depc":           unit + " rtl/depc/tree rtl/errors rtl/toggle",
	"rtl/depc/tree":      "",
	"rtl/momentum":       unit,
	"rtl/norm":           unit,
	"rtl/epc":            unit + " rtl/errors rtl/toggle",
	"rtl/toggle":         "",
	"rtl/xmem":           unit,
	"rtl":                "isa isa/machine rtl/...",
	"power":              "firmware/yamlfile power/table rtl/activity",
	"power/table":        "",
	"power/chart":        "sim/output",
	"firmware":           "isa/... firmware/net",
	"firmware/net":       "firmware/yamlfile",
	"firmware/yamlfile":  "",
	"firmware/net/onnx":  "firmware/net",
	"firmware/compile":   "firmware firmware/net isa/...",
	"firmware/predict":   "firmware firmware/compile isa isa/image isa/interp isa/machine rtl/port rtl/xmem",
	"golden":             "firmware/net golden/gemm",
	"golden/gemm":        "",
	"golden/data":        "",
	"golden/qmodel":      "golden/gemm golden/intgemm",
	"golden/experiment":  "golden golden/data firmware/net firmware/yamlfile power/chart power/table sim/output",
	"sim":                "isa/... rtl/... power/table",
	"sim/wave":           "",
	"sim/trace":          "isa isa/image rtl rtl/activity rtl/port sim",
	"sim/inspect":        "isa isa/image rtl rtl/omem",
	"testbench/models":   "firmware/... golden golden/qmodel isa/image",
	"testbench/lockstep": "firmware/... golden/qmodel isa isa/image rtl rtl/seq sim sim/inspect testbench/models",
	"sim/profile":        "isa rtl/... sim",
	"sim/profile/trial":  "firmware/... isa rtl sim sim/profile",
	"firmware/order":     "firmware/compile isa isa/image isa/interp isa/machine rtl/port",
	"sim/powertrace":     "power rtl/... sim/wave",
	"power/study":        "firmware/... golden/data golden/qmodel isa/... power/... rtl/... sim sim/output testbench/models",
	"sim/cmd/bdfasim":    "firmware/... golden/... isa/... power/... rtl/... sim/... testbench/...",
	"testbench":          "firmware/... golden/... isa/... power/... rtl/... sim/... testbench/...",
	"testbench/recipes":  "power/table",
	"rtl/errors":         unit + " rtl/toggle",

	"testbench/cosim":    "isa/machine rtl/activity testbench/cosim/sv",
	"testbench/cosim/sv": "isa isa/machine rtl rtl/...",
	"testbench/expect":   "",

	"sim/output":   "",
	"sim/snapshot": "sim/output",

	"sim/race": "firmware/order isa isa/image rtl rtl/port",

	"testbench/cosim/synth": "",

	"golden/intgemm": "golden/gemm",

	"sim/sample":         "firmware firmware/compile firmware/predict golden/qmodel isa isa/image power rtl rtl/... sim testbench/models",
	"sim/track":          "firmware/net golden golden/gemm power/chart sim/output sim/track/feature sim/track/sequence",
	"sim/track/feature":  "firmware/net firmware/net/onnx golden sim/track/sequence testbench/models",
	"sim/track/sequence": "sim/output",
}

// unit is what a unit of the chip may import.
const unit = "isa isa/fixed isa/machine rtl/activity rtl/port"

// allows reports whether a list of patterns covers a package.
func allows(patterns, pkg string) bool {
	for _, p := range strings.Fields(patterns) {
		tree := strings.TrimSuffix(p, "/...")
		if pkg == tree || p != tree && strings.HasPrefix(pkg, tree+"/") {
			return true
		}
	}
	return false
}

func TestWhoImportsWhom(t *testing.T) {
	list := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "bdfasim/...")
	out, err := list.Output()
	require.NoError(t, err)
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		words := strings.Fields(strings.ReplaceAll(line, "bdfasim/", "./"))
		pkg := strings.TrimPrefix(words[0], "./")
		patterns, known := mayImport[pkg]
		require.True(t, known, "package %s is not in the map: who may it import?", pkg)
		for _, imported := range words[1:] {
			if own := strings.TrimPrefix(imported, "./"); own != imported {
				require.True(t, allows(patterns, own), "%s must not import %s", pkg, own)
			}
		}
	}
}
