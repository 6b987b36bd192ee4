package asm

// What a source may ask for. Each limit is far above what programs have, and keeps a small source
// from taking more than some hundred MB or some seconds.
const (
	maxNameBytes   = 255
	maxLineBytes   = 1 << 16
	maxDepth       = 64      // of macros, includes and repetitions within one another
	maxNesting     = 200     // of parentheses and unary operators
	maxChain       = 1000    // of constants defined by one another
	maxErrors      = 50      // collected before assembly stops
	maxSymbols     = 1 << 19 // local labels included; each takes some 300 bytes
	maxNodes       = 1 << 20 // of expressions that wait for a symbol; each takes some 300 bytes
	maxMacroBytes  = 4 << 20 // of one use of a macro, with 64 for each line; uses nest up to maxDepth
	maxSourceBytes = 1 << 30 // of a file: a disassembled image of 256 MB of data has 700 MB
	maxStreamBytes = 1 << 27 // of what is no regular file, and may never end
	lineUnit       = 64      // bytes of a long line that count as a line of Options.Lines
)
