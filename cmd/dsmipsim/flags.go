package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagWants says in words what the types of flags take.
var flagWants = map[string]string{
	"int": "a whole number", "int64": "a whole number", "uint": "a whole number from 0 on", "uint64": "a whole number from 0 on",
	"float64": "a number", "bool": "true or false", "duration": `a duration such as "20ms"`,
}

// wrongFlag says what is wrong with a flag in the words of all other messages.
func wrongFlag(c *cobra.Command, err error) error {
	var value *pflag.InvalidValueError
	var unknown *pflag.NotExistError
	switch {
	case errors.As(err, &value) && flagWants[value.GetFlag().Value.Type()] != "":
		return usagef("--%s: found %q, wanted %s\nSee `%s --help`.", value.GetFlag().Name, value.GetValue(),
			flagWants[value.GetFlag().Value.Type()], c.CommandPath())
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "":
		var names []string
		c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
		return usagef("unknown flag: --%s%s\nSee `%s --help`.", unknown.GetSpecifiedName(),
			didYouMean("--"+unknown.GetSpecifiedName(), names), c.CommandPath())
	}
	return usagef("%s\nSee `%s --help`.", strings.TrimPrefix(err.Error(), "pflag: "), c.CommandPath())
}
