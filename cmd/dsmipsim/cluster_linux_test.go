package main

import (
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// slurmPrograms are what a cluster is made of, Debian's packages slurmctld, slurmd, slurm-client
// and munge. Their daemons are not on the PATH of every user.
var slurmPrograms = []string{"munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol", "sinfo"}

// startCluster makes a Slurm cluster of two nodes, n1 and n2, on this machine: daemons, key,
// socket, state and logs are its own and are gone after the test. From then on Slurm's commands
// mean this cluster. With DSMIPSIM_ORACLES=1 Slurm must be there, else the test is skipped.
func startCluster(t *testing.T) {
	t.Helper()
	t.Setenv("PATH", os.Getenv("PATH")+string(filepath.ListSeparator)+"/usr/sbin"+string(filepath.ListSeparator)+"/sbin")
	for _, p := range slurmPrograms {
		if _, err := exec.LookPath(p); err != nil {
			if os.Getenv("DSMIPSIM_ORACLES") != "" {
				t.Fatal("Slurm is required here: ", err)
			}
			t.Skip("no Slurm: ", err)
		}
	}
	dir, err := os.MkdirTemp("", "slurm") // short: the socket's name may have 107 octets
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	must(t, os.Chmod(dir, 0o755)) // munged wants its socket to be within reach
	for _, d := range []string{"state", "spool.n1", "spool.n2"} {
		must(t, os.Mkdir(filepath.Join(dir, d), 0o755))
	}
	key := make([]byte, 128)
	_, err = rand.Read(key)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "munge.key"), key, 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "cgroup.conf"), []byte("CgroupPlugin=cgroup/v1\n"), 0o644))
	conf := filepath.Join(dir, "slurm.conf")
	must(t, os.WriteFile(conf, []byte(slurmConf(t, dir)), 0o644))
	t.Setenv("SLURM_CONF", conf)

	at := func(name string) string { return filepath.Join(dir, name) }
	daemon(t, at("munged.log"), "munged", "--foreground", "--num-threads=2", "--key-file="+at("munge.key"), "--socket="+at("munge.socket"),
		"--pid-file="+at("munged.pid"), "--log-file="+at("munged.out"), "--seed-file="+at("munge.seed"))
	until(t, "munged's socket", func() bool { _, err := os.Stat(at("munge.socket")); return err == nil })
	daemon(t, at("slurmctld.log"), "slurmctld", "-D", "-c")
	for _, node := range []string{"n1", "n2"} {
		daemon(t, at("slurmd."+node+".log"), "slurmd", "-D", "-N", node)
	}
	// Jobs end before the daemons do: nothing else would end their processes.
	t.Cleanup(func() {
		_ = exec.Command("scancel", "--quiet", "--me", "--signal=KILL", "--full").Run()
		_ = exec.Command("scancel", "--quiet", "--me").Run()
		until(t, "the end of all jobs", func() bool { return slurmSays("squeue", "--noheader", "--format=%A") == "" })
	})
	until(t, "two idle nodes", func() bool { return slurmSays("sinfo", "--noheader", "--format=%D %t") == "2 idle" })
}

// slurmConf is the configuration: no accounting, no cgroups, no systemd, and the cheapest plugin
// for everything.
func slurmConf(t *testing.T, dir string) string {
	t.Helper()
	host, err := os.Hostname()
	must(t, err)
	host, _, _ = strings.Cut(host, ".") // slurmctld compares short names
	me, err := user.Current()
	must(t, err)
	port := freePorts(t, 3)
	return fmt.Sprintf(`ClusterName=test
SlurmctldHost=%[1]s(127.0.0.1)
SlurmctldPort=%[4]d
SlurmUser=%[2]s
SlurmdUser=%[2]s
AuthType=auth/munge
AuthInfo=socket=%[3]s/munge.socket
CryptoType=crypto/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
SwitchType=switch/none
MailProg=/bin/true
ReturnToService=2
KillWait=2
MaxArraySize=41
StateSaveLocation=%[3]s/state
SlurmdSpoolDir=%[3]s/spool.%%n
SlurmdPidFile=%[3]s/slurmd.%%n.pid
SlurmctldPidFile=%[3]s/slurmctld.pid
NodeName=n1 NodeHostname=%[1]s NodeAddr=127.0.0.1 Port=%[5]d CPUs=2 State=UNKNOWN
NodeName=n2 NodeHostname=%[1]s NodeAddr=127.0.0.1 Port=%[6]d CPUs=2 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`, host, me.Username, dir, port[0], port[1], port[2])
}

// freePorts are ports of TCP that nobody listens on.
func freePorts(t *testing.T, n int) []int {
	t.Helper()
	var all []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, err)
		defer l.Close() // only when all are chosen, so that they differ
		all = append(all, l.Addr().(*net.TCPAddr).Port)
	}
	return all
}

// daemon starts a program that runs until the end of the test, and shows its log if that fails.
func daemon(t *testing.T, log, name string, args ...string) {
	t.Helper()
	out, err := os.Create(log)
	must(t, err)
	c := exec.Command(name, args...)
	c.Stdout, c.Stderr = out, out
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM} // if the test itself is killed
	must(t, c.Start())
	t.Cleanup(func() {
		_ = c.Process.Signal(os.Interrupt)
		gone := make(chan struct{})
		go func() { _ = c.Wait(); close(gone) }()
		select {
		case <-gone:
		case <-time.After(5 * time.Second):
			_ = c.Process.Kill()
			<-gone
		}
		out.Close()
		if text, err := os.ReadFile(log); err == nil && t.Failed() {
			t.Logf("%s:\n%s", filepath.Base(log), text)
		}
	})
}

// until waits for something that a cluster does in the end.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited a minute for %s", what)
		}
	}
}

// slurmSays is what a command of Slurm prints, "?" if it fails.
func slurmSays(name string, args ...string) string {
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		return "?"
	}
	return strings.TrimSpace(string(out))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
