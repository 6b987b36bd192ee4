//go:build 386 || arm || mips || mipsle

package machine

var _ int = "bdfasim needs a 64-bit machine: it simulates memories of 2 GiB"
