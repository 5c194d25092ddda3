package spec

import (
	"reflect"
	"strconv"
	"strings"

	"dsmipsim/topology/access/technology"
)

// Origin says where the value of a key comes from.
type Origin string

// The origins.
const (
	FromFile    Origin = "file"
	FromSet     Origin = "--set"
	FromProfile Origin = "profile"
	// FromTechnology is a default that the access technology of the link gives.
	FromTechnology Origin = "technology"
	FromDefault    Origin = "default"
	FromOthers     Origin = "derived" // it follows from other keys
	FromNowhere    Origin = "absent"  // there is no value
)

// Explained is one key of a scenario with its value and where that comes from.
type Explained struct {
	Path   string // as --set takes it
	Key    string // as in KeyDoc
	Value  string // TOML; empty for none
	Origin Origin
	Where  string // the line of the file, the flag, or the name of the profile or technology
	Doc    string // what the key means
	Ref    string // where the key, or the profile's value, comes from
}

// Explain reads a scenario as LoadFiles does and returns every key of every element, in the
// order of the format, with its effective value.
func Explain(name string, src []byte, sets []string, files Files) ([]Explained, error) {
	l := load(name, src, sets, files)
	if err := l.report(); err != nil {
		return nil, err
	}
	e := explainer{loaded: l, profile: string(l.spec.Profile)}
	if b := l.binder; b.given != nil {
		e.table("topology", "topology", reflect.ValueOf(b.given).Elem(), b.givenAt)
	}
	e.table("", "", reflect.ValueOf(l.spec).Elem(), l.root)
	return e.all, nil
}

type explainer struct {
	*loaded
	profile string
	all     []Explained

	technology string                        // of the access link that is being explained
	settings   map[string]technology.Setting // its defaults by key
}

// table explains the keys of a table whose node may be missing.
func (e *explainer) table(path, key string, v reflect.Value, n *node) {
	if link, ok := v.Interface().(AccessLink); ok {
		e.technology, e.settings = link.Technology, map[string]technology.Setting{}
		for _, s := range technology.Named(link.Technology).Settings {
			e.settings[dot(key, s.Key)] = s
		}
	}
	for _, f := range fieldsOf(v.Type()) {
		if f.key == "count" && strings.HasSuffix(key, "[]") { // there is one explanation for each of the counted elements
			continue
		}
		at, kid := v.FieldByIndex(f.index), n.get(f.key)
		_, isList, isTable := f.tableType()
		switch {
		case isTable && !f.encode && kid != nil:
			at = e.again(dot(key, f.key), f, kid)
		case isTable:
		case !f.encode: // Load has used the value up
			f.encode, f.nonzero = true, kid == nil
			at = e.again(dot(key, f.key), f, kid)
		case f.of != nil && !f.belongs(sibling(v, f.of[0])): // there is no such key here
			f.nonzero, at = true, reflect.Zero(f.typ)
		}
		switch {
		case !isTable:
			e.scalar(dot(path, f.key), dot(key, f.key), f, at, kid)
		case isList:
			nodes := e.elements(f.key, n)
			for i := range at.Len() {
				var item *node
				if i < len(nodes) {
					item = nodes[i]
				}
				e.table(element(dot(path, f.key), at.Index(i), i), dot(key, f.key)+"[]", at.Index(i), item)
			}
		case at.Kind() == reflect.Pointer && at.IsNil():
		default:
			e.table(dot(path, f.key), dot(key, f.key), reflect.Indirect(at), kid)
		}
	}
}

// elements returns the nodes of a list in the order of the Spec, where counted elements stand
// as often as they count.
func (e *explainer) elements(key string, n *node) []*node {
	if n == e.root {
		switch key {
		case "mobile_node":
			return e.checker.mobiles
		case "correspondent":
			return e.checker.correspondents
		case "flow":
			return e.checker.flows
		}
	}
	return n.items(key)
}

// element is the path of an element: by its name, or by its number if it has none.
func element(path string, v reflect.Value, i int) string {
	if name := v.FieldByName("Name"); name.IsValid() && name.Kind() == reflect.String && name.String() != "" {
		return dot(path, name.String())
	}
	return path + "[" + strconv.Itoa(i) + "]"
}

func (e *explainer) scalar(path, key string, f field, v reflect.Value, n *node) {
	x := Explained{Path: path, Key: key, Doc: f.doc, Ref: f.ref, Value: formatField(f, v)}
	setting, profiled := e.binder.profile[key]
	figure, technical := e.settings[key]
	switch {
	case n != nil && n.flag != "":
		x.Origin, x.Where = FromSet, strings.TrimPrefix(n.flag, "--set ")
	case n != nil:
		x.Origin, x.Where = FromFile, n.where()
	case x.Value == "":
		x.Origin = FromNowhere
	case technical && x.Value == e.bound(key, f, figure.Value):
		x.Origin, x.Where, x.Ref = FromTechnology, e.technology, figure.Source
	case profiled && x.Value == e.absentValue(key, f):
		x.Origin, x.Where, x.Ref = FromProfile, e.profile, setting.Ref
	case x.Value == e.absentValue(key, f):
		x.Origin = FromDefault
	default:
		x.Origin, x.Where = FromOthers, f.derived
	}
	e.all = append(e.all, x)
}

// again binds a value once more.
func (e *explainer) again(key string, f field, n *node) reflect.Value {
	v := reflect.New(f.typ).Elem()
	b := &binder{reporter: newReporter("", ""), profile: e.binder.profile, trial: true}
	if n == nil {
		b.absent(key, f, v)
	} else {
		b.value(key, f, v, n)
	}
	return v
}

// bound is a value as the explanation shows it.
func (e *explainer) bound(key string, f field, text string) string {
	return formatField(f, e.again(key, f, newTree(parseLoose(text), nil, "technology")))
}

// absentValue is what the profile or the default makes of an absent key, before other keys
// have had their say.
func (e *explainer) absentValue(key string, f field) string {
	return formatField(f, e.again(key, f, nil))
}
