package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit statuses. Scripts and CI jobs rely on them.
const (
	statusOK        = 0
	statusFailed    = 1   // the run is fine, but an expectation is not met
	statusUsage     = 2   // bad usage or bad input; nothing was written
	statusInternal  = 3   // the program could not do its work
	statusInterrupt = 130 // as shells report a death by SIGINT
)

// status is an error that says with which status the program ends.
type status struct {
	code int
	err  error // nil if all has been said already
}

// Error returns the text of the error underneath.
func (s *status) Error() string {
	if s.err == nil {
		return fmt.Sprintf("exit status %d", s.code)
	}
	return s.err.Error()
}

// Unwrap returns the error underneath.
func (s *status) Unwrap() error { return s.err }

// usage is an error of the user's input.
func usage(err error) error { return &status{code: statusUsage, err: err} }

func usagef(format string, args ...any) error { return usage(fmt.Errorf(format, args...)) }

// run is the whole program: it returns the exit status instead of exiting.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	return runContext(ctx, args, stdin, stdout, stderr)
}

// runContext is run without the signals. The context ends when the user interrupts.
func runContext(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(stderr, "dsmipsim: internal error: %v\n", p)
			code = statusInternal
		}
	}()
	root := newRoot(append([]string{"dsmipsim"}, args...))
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return report(root.ExecuteContext(ctx), stderr)
}

// report prints what went wrong and returns the exit status.
func report(err error, stderr io.Writer) int {
	var s *status
	paint, _ := colours("auto", stderr) // a choice that there is
	switch {
	case err == nil:
		return statusOK
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "dsmipsim: interrupted, nothing was written")
		return statusInterrupt
	case errors.As(err, &s):
		if s.err != nil {
			fmt.Fprintf(stderr, "%s %s\n", paint.paint(red, "dsmipsim:"), paint.problems(strings.TrimRight(err.Error(), "\n")))
		}
		return s.code
	}
	fmt.Fprintf(stderr, "dsmipsim: %s\n", strings.TrimRight(err.Error(), "\n"))
	return statusInternal
}

func newRoot(command []string) *cobra.Command {
	root := &cobra.Command{
		Use:   "dsmipsim",
		Short: "Simulate Dual Stack Mobile IPv6, packet by packet",
		Long: `dsmipsim simulates Dual Stack Mobile IPv6 (draft-soliman-v4v6-mipv6-00) with real packets.
A scenario in TOML goes in; tables of handovers, flows and signalling, a plot, and a capture
that Wireshark reads come out.

Exit status: 0 success; 1 an expectation of the scenario is not met; 2 bad usage or bad input,
nothing written; 3 the program could not do its work; 130 interrupted.`,
		Example:           "  dsmipsim list\n  dsmipsim run roaming -o out",
		SilenceUsage:      true,
		SilenceErrors:     true,
		DisableAutoGenTag: true,
		Args:              knownCommand,
		RunE:              func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetFlagErrorFunc(wrongFlag)
	root.AddCommand(
		newRun(command),
		newRerun(command),
		newSweep(command),
		newMerge(command),
		newLint(),
		newList(),
		newShow(),
		newCheck(),
		newExplain(),
		newReference(),
		newDecode(),
		newTable(),
		newTrace(),
		newReport(),
		newPlot(),
		newCompare(),
		newSchema(),
		newInit(),
		newMan(),
		newConformance(),
		newVersion(),
	)
	addTopics(root)
	complete(root)
	return root
}

// knownCommand refuses a first argument that is no command, and names the nearest one.
func knownCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return usagef("unknown command %q%s\nSee `dsmipsim --help` for the commands.", args[0], didYouMean(args[0], names))
}

// exactly wants n arguments, called so.
func exactly(n int, names string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == n {
			return nil
		}
		return wanted(c, args, names)
	}
}

// atLeastOne wants one argument or more, called so.
func atLeastOne(names string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return nil
		}
		return wanted(c, args, names)
	}
}

func wanted(c *cobra.Command, args []string, names string) error {
	found := "nothing"
	if len(args) > 0 {
		found = fmt.Sprintf("%q", args)
	}
	if names == "" {
		names = "no argument"
	}
	return usagef("%s: wanted %s, found %s\nSee `%s --help`.", c.CommandPath(), names, found, c.CommandPath())
}
