package scenarios

import (
	"slices"

	"dsmipsim/nodes"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/vtime"
	"dsmipsim/topology/motion"
)

// addMobile makes a mobile node and sets it going.
func (w *world) addMobile(m *spec.MobileNode, cfg nodes.MobileConfig, home string) error {
	if len(m.Interfaces) > 0 {
		cfg.AtHome = slices.IndexFunc(m.Interfaces, func(f spec.Interface) bool { return f.Network == home })
		for i := range m.Interfaces {
			cfg.Ports = append(cfg.Ports, m.Interfaces[i].Name)
		}
	}
	n, err := nodes.NewMobile(w.net, cfg)
	if err != nil {
		return err
	}
	w.mobiles[m.Name] = n
	w.all = append(w.all, n.Host)
	w.setup.MobileNodes = append(w.setup.MobileNodes, m.Name)
	if len(m.Interfaces) > 0 {
		for i := range m.Interfaces {
			w.setOut(n, i, &m.Interfaces[i])
		}
		return nil
	}
	it := w.plan.Itinerary(m)
	if it.Random {
		it = w.plan.Roam(m, w.loop.Rand(m.Name+"/motion"))
	}
	motion.Start(w.net, n.Ports[0], w.access[it.Start], w.visits(it))
	motion.Follow(w.loop, w.net.Sink, m.Name, it.Track)
	return nil
}

// setOut starts the itinerary of one of several interfaces.
func (w *world) setOut(n *nodes.Mobile, i int, f *spec.Interface) {
	visits := make([]motion.Visit, len(f.Visits))
	for k, v := range f.Visits {
		visits[k] = motion.Visit{At: vtime.Time(v.At), Network: w.access[v.Network]}
	}
	motion.Start(w.net, n.Ports[i], w.access[f.Network], visits)
}
