package sv

// Name is that of a Go field in the RTL.
func Name(field string) string { return snake(field) }
