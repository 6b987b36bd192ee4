package experiment

import "bdfasim/firmware/yamlfile"

// Parse reads an experiment file, fills in defaults and checks it. Errors are
// "name:line:column: field: got ..., want ...".
func Parse(src []byte, name string) (*Experiment, error) {
	e := &Experiment{}
	file, err := yamlfile.Parse(src, name, e)
	if err != nil {
		return nil, err
	}
	e.inherit()
	if err := e.check(file); err != nil {
		return nil, err
	}
	return e, nil
}

// inherit gives the rules what they do not say themselves.
func (e *Experiment) inherit() {
	for i := range e.Rules {
		r := &e.Rules[i]
		if r.Name == "" {
			r.Name = r.Rule
		}
		if len(r.Rates) == 0 {
			r.Rates = e.Rates
		}
		if r.Augment == nil {
			r.Augment = &e.Augment
		}
	}
}

// DecodeYAML reads a number of images or "all".
func (c *Count) DecodeYAML(n *yamlfile.Node) error {
	var word string
	if err := n.Decode(&word); err == nil && word == "all" {
		*c = 0
		return nil
	}
	if err := n.Decode((*int)(c)); err != nil || *c < 1 {
		return n.Errorf("", "got %s, want all or a number of 1 or more images", n)
	}
	return nil
}
