// Package vectors embeds the golden vectors of this folder (README.md lists
// every file and array) and reads them with types and shapes.
//
// The files come from PyTorch's autograd and share no code with the models
// they judge. Float files check package golden; the integer files
// (round_shift3, lfsr, bdfa_adder, fixed_step) check the fixed-point models.
package vectors
