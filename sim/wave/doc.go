// Package wave draws what signals do over time, as text for documentation and tests (Diagram) and as a Value Change Dump
// for waveform viewers (VCD, IEEE 1364-2001 section 18), wires and, beside them, reals. It knows nothing of the chip: signals
// are named values, or the fields of any struct.
package wave
