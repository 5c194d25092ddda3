package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Choices of --annotations.
const (
	annotateAuto   = "auto"
	annotateGitHub = "github"
	annotateNone   = "none"
)

var annotationChoices = []string{annotateAuto, annotateGitHub, annotateNone}

// annotator reports whether annotations are wanted.
func annotator(choice string) (bool, error) {
	switch choice {
	case annotateAuto:
		return os.Getenv("GITHUB_ACTIONS") == "true", nil
	case annotateGitHub:
		return true, nil
	case annotateNone:
		return false, nil
	}
	return false, usagef("--annotations: found %q, wanted one of %s%s", choice, strings.Join(annotationChoices, ", "), didYouMean(choice, annotationChoices))
}

// Escapes of GitHub's workflow commands: in a message, and more in a property.
var (
	ofMessage  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	ofProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// annotation is the workflow command that marks the place in the file of the scenario.
func (t *telling) annotation() string {
	var properties []string
	if t.file != "" {
		properties = append(properties, "file="+ofProperty.Replace(inWorkspace(t.file)), "line="+strconv.Itoa(max(1, t.line)))
	}
	properties = append(properties, "title="+ofProperty.Replace(t.scenario+": "+t.title))
	return "::error " + strings.Join(properties, ",") + "::" + ofMessage.Replace(strings.Join(append([]string{t.text}, t.lines...), "\n"))
}

// inWorkspace is the path of a file from the root of the checkout, where GitHub tells that.
func inWorkspace(file string) string {
	if root := os.Getenv("GITHUB_WORKSPACE"); root != "" {
		if abs, err := filepath.Abs(file); err == nil {
			if rel, err := filepath.Rel(root, abs); err == nil && filepath.IsLocal(rel) {
				file = rel
			}
		}
	}
	return filepath.ToSlash(file)
}
