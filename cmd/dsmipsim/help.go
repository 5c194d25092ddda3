package main

import (
	"embed"

	"github.com/spf13/cobra"
)

//go:embed help/*.md
var tutorials embed.FS

// topics are the tutorials that `dsmipsim help` shows, one for each kind of user.
var topics = []struct{ name, about string }{
	{"researcher", "Tutorial: from an idea to figures"},
	{"ci", "Tutorial: red when handovers change"},
	{"engineer", "Tutorial: packet by packet"},
	{"batch", "Tutorial: one sweep on many machines"},
}

// addTopics adds the tutorials as topics of help, which are commands that do nothing.
func addTopics(root *cobra.Command) {
	for _, t := range topics {
		text, err := tutorials.ReadFile("help/" + t.name + ".md")
		if err != nil {
			panic(err) // it is embedded
		}
		topic := &cobra.Command{Use: t.name, Short: t.about, Long: string(text)}
		topic.SetUsageTemplate("")
		root.AddCommand(topic)
	}
	root.InitDefaultHelpCmd()
	for _, c := range root.Commands() {
		if c.Name() == "help" {
			c.Run, c.RunE = nil, helpOn
		}
	}
}

// helpOn shows the help of a command or topic, and refuses what is neither.
func helpOn(c *cobra.Command, args []string) error {
	about, left, err := c.Root().Find(args)
	if err != nil || len(left) > 0 {
		var names []string
		for _, sub := range c.Root().Commands() {
			names = append(names, sub.Name())
		}
		word := args[len(args)-max(1, len(left))]
		return usagef("help: found %q, wanted a command or a topic%s\nSee `dsmipsim --help` for both.", word, didYouMean(word, names))
	}
	about.InitDefaultHelpFlag()
	return about.Help()
}
