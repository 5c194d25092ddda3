// Package junit writes verdicts in the XML of JUnit, as continuous integration reads it: GitHub
// actions that report tests, GitLab and Jenkins.
//
// There is no standard. What is written keeps to the schema that the xUnit plugin of Jenkins
// checks with, junit-10.xsd, which is in testdata. No element has a time, so that equal verdicts
// give equal octets.
package junit

import (
	"encoding/xml"
	"io"
)

// Suite is a group of cases, such as a scenario.
type Suite struct {
	Name  string
	Cases []Case
}

// Case is one verdict.
type Case struct {
	Name    string
	Failure *Failure // nil if it is not failed
	Skipped string   // why it does not count; "" if it does
}

// Failure tells what is wrong.
type Failure struct {
	Message string // in one line
	Type    string // such as "expectation"
	Text    string // all that is known
}

// suites is the root element.
type suites struct {
	XMLName  xml.Name `xml:"testsuites"`
	Name     string   `xml:"name,attr"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Errors   int      `xml:"errors,attr"`
	Suites   []suite  `xml:"testsuite"`
}

type suite struct {
	Name     string     `xml:"name,attr"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Errors   int        `xml:"errors,attr"`
	Skipped  int        `xml:"skipped,attr"`
	Cases    []testcase `xml:"testcase"`
}

type testcase struct {
	Name      string   `xml:"name,attr"`
	Classname string   `xml:"classname,attr"`
	Failure   *failure `xml:"failure"`
	Skipped   *skipped `xml:"skipped"`
}

type failure struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

type skipped struct {
	Message string `xml:"message,attr"`
}

// Write writes the suites under a name. Characters that XML 1.0 does not have become U+FFFD.
func Write(w io.Writer, name string, all []Suite) error {
	root := suites{Name: name}
	for _, s := range all {
		one := suite{Name: s.Name, Tests: len(s.Cases)}
		for _, c := range s.Cases {
			x := testcase{Name: c.Name, Classname: s.Name}
			switch {
			case c.Failure != nil:
				x.Failure = &failure{Message: c.Failure.Message, Type: c.Failure.Type, Text: c.Failure.Text}
				one.Failures++
			case c.Skipped != "":
				x.Skipped = &skipped{Message: c.Skipped}
				one.Skipped++
			}
			one.Cases = append(one.Cases, x)
		}
		root.Tests += one.Tests
		root.Failures += one.Failures
		root.Suites = append(root.Suites, one)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(root); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
